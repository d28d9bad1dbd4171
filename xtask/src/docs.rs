//! The files of the API's description, which are uploaded beside the module: the OpenAPI document, and those of its page
//! (`/api/docs`), our own and those of the pinned Swagger UI.

use crate::{cargo, progress};
use anyhow::{Context, Result, ensure};
use millwright_harness::Project;
use std::fs;
use std::path::Path;

/// The function that serves them.
const FUNCTION: &str = "request-api";
/// The test of it that writes the OpenAPI document.
const WRITES: &str = "endpoints::tests::the_document_is_written";
const PACKAGE: &str = "node_modules/swagger-ui-dist";
/// The files of it that the page names, and those that its licence asks for.
const OF_PACKAGE: [&str; 4] = ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"];

/// Fills the folder that `wrangler.toml` names for this function's assets; other functions have none. `is_stale` says that its
/// module is made anew.
pub(crate) fn fill(project: &Project, function: &str, is_stale: bool) -> Result<()> {
    if function != FUNCTION {
        return Ok(());
    }
    let folder = project.root().join("functions").join(FUNCTION);
    let filled = folder.join("build/docs");
    fs::create_dir_all(&filled).with_context(|| format!("making {}", filled.display()))?;
    let own = folder.join("docs");
    for entry in fs::read_dir(&own).with_context(|| format!("reading {}", own.display()))? {
        copy(&entry?.path(), &filled)?;
    }
    let package = project.root().join(PACKAGE);
    OF_PACKAGE.iter().try_for_each(|name| copy(&package.join(name), &filled))?;
    // Made of the same sources as the module, so it is written anew when that is.
    let document = filled.join("openapi.json");
    if is_stale || !document.is_file() { write_document(project, &document) } else { Ok(()) }
}

/// The OpenAPI document is made of the function's own declarations, by one of its tests.
fn write_document(project: &Project, file: &Path) -> Result<()> {
    if file.is_file() {
        // Were the test not there, the old one would pass for what it wrote.
        fs::remove_file(file).with_context(|| format!("removing {}", file.display()))?;
    }
    let mut write = cargo::cargo(project);
    write.args(["test", "--package", FUNCTION, "--lib", "--", "--ignored", WRITES, "--exact"]);
    write.env("MILLWRIGHT_OPENAPI", file);
    progress::run_if_needed("writing the API's description (about a minute the first time)", &mut write)?;
    ensure!(file.is_file(), "there is no test {WRITES} in {FUNCTION}");
    Ok(())
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("copying {}", file.display()))?;
    Ok(())
}
