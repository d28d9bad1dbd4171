//! Turns a compiled function into the module that the runtime loads: `index.js` with all JavaScript, and its Wasm.
//!
//! `worker-build` would do the same with other programs, whose compilation takes minutes.

use crate::cargo;
use anyhow::{Context, Result};
use millwright_harness::{Profile, Project};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// The module that the runtime starts with, before it is bundled.
pub(crate) const ENTRY: &str = include_str!("entry.mjs");

/// Replaces what is in `folder`. The names of functions, a tenth of a module, are only in those for development: a panic says
/// its file and line without them.
pub(crate) fn make(project: &Project, wasm: &Path, folder: &Path, profile: Profile) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let parts = folder.join("parts");
    glue(wasm, &parts, profile == Profile::Release).with_context(|| format!("reading {}", wasm.display()))?;
    // The bundle, which imports it, lies in this folder.
    fs::rename(parts.join("index_bg.wasm"), folder.join("index_bg.wasm"))?;
    fs::write(parts.join("entry.mjs"), ENTRY)?;
    bundle(project, folder)?;
    fs::remove_dir_all(parts)?;
    Ok(())
}

/// The JavaScript between the Wasm and the runtime. The entry calls the reset function after an abort.
fn glue(wasm: &Path, folder: &Path, nameless: bool) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.remove_name_section(nameless);
    bindgen.input_path(wasm).out_name("index").module(true)?.omit_default_module_path(false);
    bindgen.reset_state_function(true).force_enable_abort_handler(true);
    bindgen.generate(folder)
}

/// One file, because the runtime takes longer to load many.
fn bundle(project: &Project, folder: &Path) -> Result<()> {
    let index = folder.join("index.js");
    let mut esbuild = cargo::clean(project, project.esbuild()?);
    esbuild
        .current_dir(folder)
        .args(["parts/entry.mjs", "--bundle", "--minify", "--format=esm", "--log-level=warning"])
        .args(["--external:./index_bg.wasm", "--external:cloudflare:*"])
        .arg(format!("--outfile={}", index.display()));
    let done = esbuild.output().context("starting esbuild")?;
    anyhow::ensure!(done.status.success(), "esbuild: {}", String::from_utf8_lossy(&done.stderr));
    // The runtime does not know source phase imports. Its plain import of Wasm gives the same module.
    let text = fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    Ok(fs::write(&index, text.replace("import source ", "import "))?)
}
