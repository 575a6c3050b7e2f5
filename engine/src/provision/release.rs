//! Microsoft's release archive as a source of the runtime.

use std::path::{Path, PathBuf};

use crate::error::Result;

use super::download::download;
use super::fetch::{Archive, Source};
use super::pins::Pin;

/// A release archive.
pub(super) struct Release(pub(super) Pin);

impl Source for Release {
    fn pin(&self) -> &Pin {
        &self.0
    }

    fn archive(&self) -> Archive {
        Archive::TarGz
    }

    fn origin(&self) -> String {
        "github.com".into()
    }

    fn get(&self, folder: &Path) -> Result<PathBuf> {
        let Pin { version, file, .. } = self.0;
        let url =
            format!("https://github.com/microsoft/onnxruntime/releases/download/v{version}/{file}");
        let to = folder.join(file);
        download(&url, &self.0, &to)?;
        Ok(to)
    }
}
