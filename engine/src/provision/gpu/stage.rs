//! The half-built GPU runtime: a hidden folder that survives being killed, in which every wheel
//! that is done stays done.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::provision::download::{unwritable, verify};
use crate::provision::fetch::Archive;
use crate::provision::unpack::{put_in_place, unpack_members};

use super::pins::{Part, UNUSED};

/// Beginning of the name of such a folder; [`super::super::places`] never looks into it.
const PREFIX: &str = ".gpu-";

/// The folder.
pub(super) struct Stage {
    folder: PathBuf,
}

impl Stage {
    /// Goes on where the last attempt at the same set ended; what is left of attempts at other
    /// sets goes.
    pub(super) fn open(runtime: &Path, version: &str) -> Result<Self> {
        let name = format!("{PREFIX}{version}.part");
        for entry in fs::read_dir(runtime).into_iter().flatten().flatten() {
            let other = entry.file_name();
            if other.to_string_lossy().starts_with(PREFIX) && *other != *name {
                // It only takes up room.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let stage = Stage { folder: runtime.join(name) };
        let refuse = |e| unwritable(&stage.folder).because(e);
        fs::create_dir_all(stage.libraries()).map_err(refuse)?;
        stage.clear().map_err(refuse)?;
        Ok(stage)
    }

    /// Where a wheel is fetched to.
    pub(super) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    fn libraries(&self) -> PathBuf {
        self.folder.join("libraries")
    }

    fn mark(&self, part: &Part) -> PathBuf {
        self.folder.join(format!("{}.done", part.pin.sha256))
    }

    /// Whether this wheel's libraries are here.
    pub(super) fn has(&self, part: &Part) -> bool {
        self.mark(part).is_file()
    }

    /// Empties the folder for wheels.
    fn clear(&self) -> std::io::Result<()> {
        match fs::remove_dir_all(self.work()) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        fs::create_dir(self.work())
    }

    /// Checks a wheel, keeps its libraries and throws the rest away.
    pub(super) fn take(&self, part: &Part, wheel: &Path) -> Result<()> {
        let refuse = |e| unwritable(&self.folder).because(e);
        verify(wheel, &part.pin)?;
        let fresh = self.work().join("unpacked");
        fs::create_dir(&fresh).map_err(refuse)?;
        unpack_members(wheel, Archive::Zip, &fresh, &is_used)?;
        for entry in fs::read_dir(&fresh).map_err(refuse)?.flatten() {
            let to = self.libraries().join(entry.file_name());
            fs::rename(entry.path(), to).map_err(refuse)?;
        }
        File::open(self.libraries()).and_then(|f| f.sync_all()).map_err(refuse)?;
        // From here on this wheel is done, whatever happens.
        File::create(self.mark(part)).and_then(|f| f.sync_all()).map_err(refuse)?;
        self.clear().map_err(refuse)
    }

    /// Gives the whole its final name.
    pub(super) fn finish(self, target: &Path) -> Result<()> {
        put_in_place(&self.libraries(), target)?;
        // Only marks are left in it.
        let _ = fs::remove_dir_all(&self.folder);
        Ok(())
    }
}

fn is_used(name: &str) -> bool {
    name.starts_with("lib")
        && name.contains(".so")
        && !UNUSED.iter().any(|unused| name.starts_with(unused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libraries_that_are_used_are_kept() {
        for name in ["libcudnn.so.9", "libnvrtc-builtins.so.13.5", "libonnxruntime.so.1.31.0"] {
            assert!(is_used(name), "{name}");
        }
        let others =
            ["libnvblas.so.13", "libcufftw.so.12", "cudnn.h", "onnxruntime_pybind11_state.so"];
        assert!(!others.into_iter().any(is_used));
    }
}
