//! One upload while it comes in. Whatever happens to it, half of it never stays.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::AsyncWriteExt;
use ulid::Ulid;

use crate::error::Error;
use crate::service::fault::{Answer, Fault, FaultKind};

use super::{Known, erase, lock};

/// The name of the file until it is whole.
pub(super) const HIDDEN: &str = ".part";

/// An upload that is not whole yet; dropped, it was never there.
#[derive(Debug)]
pub struct Coming {
    known: Arc<Mutex<Known>>,
    id: Ulid,
    folder: PathBuf,
    name: String,
    largest: u64,
    bytes: u64,
    file: Option<tokio::fs::File>,
    whole: bool,
}

impl Coming {
    pub(super) fn begin(
        known: Arc<Mutex<Known>>,
        uploads: &Path,
        id: Ulid,
        name: String,
        bytes: Option<u64>,
        largest: u64,
    ) -> Answer<Self> {
        let folder = uploads.join(id.to_string());
        // From here on whatever fails is cleaned up by the drop.
        let mut coming =
            Coming { known, id, folder, name, largest, bytes: 0, file: None, whole: false };
        let file = coming.create(uploads, bytes)?;
        coming.file = Some(tokio::fs::File::from_std(file));
        Ok(coming)
    }

    fn create(&self, uploads: &Path, bytes: Option<u64>) -> Answer<std::fs::File> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(uploads).map_err(|error| self.cannot(error))?;
        if let (Some(bytes), Ok(disk)) = (bytes, rustix::fs::statvfs(uploads)) {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            if bytes > free {
                return Err(no_room(format!("{bytes} bytes, {free} are free")));
            }
        }
        builder.create(&self.folder).map_err(|error| self.cannot(error))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(self.folder.join(HIDDEN)).map_err(|error| self.cannot(error))
    }

    fn cannot(&self, error: std::io::Error) -> Fault {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            return no_room(error.to_string());
        }
        let message = format!("cannot write the upload {}", self.name);
        Fault::internal(Error::failed(message).because(error))
    }

    /// The next piece of it.
    ///
    /// # Errors
    /// [`FaultKind::TooLarge`] when it becomes larger than allowed or the disk is full;
    /// [`FaultKind::Internal`] when the disk cannot be written.
    pub async fn write(&mut self, piece: &[u8]) -> Answer<()> {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        check_size(self.bytes, self.largest)?;
        let written = match &mut self.file {
            Some(file) => file.write_all(piece).await,
            None => Ok(()),
        };
        written.map_err(|error| self.cannot(error))
    }

    /// It is whole: synced to the disk under its name. Returns its id and its size in bytes.
    ///
    /// # Errors
    /// [`FaultKind::Invalid`] when it is empty; [`FaultKind::TooLarge`] when the disk is full;
    /// [`FaultKind::Internal`] when the disk cannot be written.
    pub async fn finish(mut self) -> Answer<(String, u64)> {
        if self.bytes == 0 {
            let error = Error::usage(format!("the upload {} is empty", self.name))
                .hint("send the bytes of the file as the body of the request");
            return Err(Fault::new(FaultKind::Invalid, error));
        }
        if let Some(mut file) = self.file.take() {
            file.flush().await.map_err(|error| self.cannot(error))?;
            let file = file.into_std().await;
            let folder = self.folder.clone();
            let name = folder.join(&self.name);
            let publish = move || {
                file.sync_all()?;
                std::fs::rename(folder.join(HIDDEN), name)?;
                std::fs::File::open(folder)?.sync_all()
            };
            let published = tokio::task::spawn_blocking(publish).await;
            let published = published.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            published.map_err(|error| self.cannot(error))?;
        }
        self.whole = true;
        Ok((self.id.to_string(), self.bytes))
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        let mut known = lock(&self.known);
        known.coming = known.coming.saturating_sub(1);
        if self.whole {
            if let Some(entry) = known.entries.get_mut(&self.id) {
                entry.coming = false;
                entry.named = Instant::now();
            }
            return;
        }
        drop(known);
        self.file = None;
        let (known, id, folder) = (Arc::clone(&self.known), self.id, self.folder.clone());
        let clean = move || {
            erase(&folder);
            // Only now: until then a sweep leaves it alone.
            lock(&known).entries.remove(&id);
        };
        // Removing a large file can take a while.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(clean)),
            Err(_) => clean(),
        }
    }
}

pub(super) fn check_size(bytes: u64, largest: u64) -> Answer<()> {
    if bytes <= largest {
        return Ok(());
    }
    let most = largest as f64 / 1e9;
    let error = Error::usage(format!("the upload is larger than the {most} GB that are taken"))
        .hint("raise max_upload under [service] in config.toml");
    Err(Fault::new(FaultKind::TooLarge, error))
}

fn no_room(why: String) -> Fault {
    let error = Error::failed("there is no room for the upload on the service's disk")
        .because(why)
        .hint("make room, or move facedeck's home to a larger disk");
    Fault::new(FaultKind::TooLarge, error)
}
