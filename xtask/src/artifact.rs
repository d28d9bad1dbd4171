//! One built function: where it is, whether it is up to date, how large it is.

use crate::module::ENTRY;
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use millwright_harness::{Profile, Project};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

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
    pub(crate) fn of(project: &Project, function: &str, profile: Profile) -> Self {
        Self { folder: project.module(function, profile) }
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// True when it was made from this Wasm with the entry of today.
    pub(crate) fn is_from(&self, wasm: &Path) -> Result<bool> {
        let stamp = fs::read_to_string(self.stamp()).unwrap_or_default();
        Ok(stamp == origin(wasm)?)
    }

    /// Remembers what it was made from. To be called last, because it says that everything else is there.
    pub(crate) fn remember(&self, wasm: &Path) -> Result<()> {
        let stamp = self.stamp();
        fs::write(&stamp, origin(wasm)?).with_context(|| format!("writing {}", stamp.display()))
    }

    /// The size of its Wasm.
    pub(crate) fn size(&self) -> Result<Size> {
        let wasm = self.folder.join("index_bg.wasm");
        let bytes = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&bytes)?;
        Ok(Size { raw: bytes.len(), gzip: gzip.finish()?.len() })
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join(".made-from")
    }
}

/// cargo leaves a file alone that is fresh, so its time and length tell one compilation from another.
fn origin(wasm: &Path) -> Result<String> {
    let found = fs::metadata(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let time = found.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} bytes, {time}\n{ENTRY}", found.len()))
}
