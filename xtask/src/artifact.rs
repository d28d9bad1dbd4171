//! One built function: where it is, whether it is up to date, how large it is.

use crate::setup::Tools;
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use millwright_harness::Project;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The module that the runtime starts with.
const ENTRY: &str = include_str!("entry.mjs");

/// The folder that is uploaded.
pub(crate) struct Artifact {
    folder: PathBuf,
}

/// Bytes of a module.
pub(crate) struct Size {
    /// As it is.
    pub(crate) raw: usize,
    /// As the platform counts it.
    pub(crate) gzip: usize,
}

impl Artifact {
    /// The artifact of a function.
    pub(crate) fn of(project: &Project, function: &str) -> Self {
        let folder = project.root().join("functions").join(function);
        Self { folder: folder.join("build") }
    }

    /// Whether it was made from this Wasm by these tools.
    pub(crate) fn is_from(&self, wasm: &Path, tools: &Tools) -> Result<bool> {
        let entry = fs::read_to_string(self.entry()).unwrap_or_default();
        let complete = entry == ENTRY && self.module().exists();
        let stamp = fs::read_to_string(self.stamp()).unwrap_or_default();
        Ok(complete && stamp == origin(wasm, tools)?)
    }

    /// Puts our own entry before the generated one.
    pub(crate) fn enter_plainly(&self) -> Result<()> {
        let (entry, generated) = (self.entry(), self.folder.join("generated.mjs"));
        fs::rename(&entry, generated).with_context(|| format!("renaming {}", entry.display()))?;
        fs::write(&entry, ENTRY).with_context(|| format!("writing {}", entry.display()))
    }

    /// Remembers what it was made from.
    pub(crate) fn remember(&self, wasm: &Path, tools: &Tools) -> Result<()> {
        let stamp = self.stamp();
        fs::write(&stamp, origin(wasm, tools)?).with_context(|| format!("writing {}", stamp.display()))
    }

    /// The size of its module.
    pub(crate) fn size(&self) -> Result<Size> {
        let module = self.module();
        let bytes = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&bytes)?;
        Ok(Size { raw: bytes.len(), gzip: gzip.finish()?.len() })
    }

    fn entry(&self) -> PathBuf {
        self.folder.join("index.js")
    }

    fn module(&self) -> PathBuf {
        self.folder.join("index_bg.wasm")
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join(".made-from")
    }
}

/// cargo leaves a file alone that is fresh, so its time and length say whether it is another one.
fn origin(wasm: &Path, tools: &Tools) -> Result<String> {
    let found = fs::metadata(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let time = found.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} bytes, {time}, {}\n", found.len(), tools.versions))
}
