//! Files on their way to a service that does not see ours, and results on their way back.

use std::path::Path;

use reqwest::Method;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio_stream::StreamExt;
use tokio_util::io::ReaderStream;

use crate::error::{Context, Error, Result};

use super::Client;
use super::jobs::path;

/// Read and sent at a time.
const CHUNK: usize = 256 << 10;

/// A file that the service has taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Uploaded {
    /// How it is named in place of a path.
    pub id: String,
    /// Its size.
    pub bytes: u64,
}

impl Client {
    /// Sends a file. `sent` hears how many bytes went with each part.
    ///
    /// # Errors
    /// When the file cannot be read; what the service says; when it cannot be reached.
    pub async fn upload(
        &self,
        file: &Path,
        sent: impl Fn(u64) + Send + 'static,
    ) -> Result<Uploaded> {
        let cannot = || format!("cannot read {}", file.display());
        let open = tokio::fs::File::open(file).await.context(cannot)?;
        let size = open.metadata().await.context(cannot)?.len();
        let parts = ReaderStream::with_capacity(open, CHUNK).map(move |part| {
            if let Ok(part) = &part {
                sent(part.len() as u64);
            }
            part
        });
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let request = self
            .open(Method::POST, "/v1/uploads")
            .query(&[("name", name)])
            .header(reqwest::header::CONTENT_TYPE, "application/octet-stream")
            .header(reqwest::header::CONTENT_LENGTH, size)
            .body(reqwest::Body::wrap_stream(parts));
        self.json(request).await
    }

    /// Fetches the result of a job. It is written beside its place and moved there when it is
    /// whole. `begin` hears its size, `got` how many bytes came with each part.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached, or the file cannot be written.
    pub async fn download(
        &self,
        id: &str,
        to: &Path,
        begin: impl FnOnce(Option<u64>),
        got: impl Fn(u64),
    ) -> Result<u64> {
        let request = self.open(Method::GET, &path("jobs", id, "/output"));
        let mut answer = self.send(request).await?;
        let size = answer.content_length();
        begin(size);
        let cannot = || format!("cannot write {}", to.display());
        let folder = match to.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let beside = tempfile::Builder::new()
            .prefix(".facedeck-")
            // The umask takes off what others may not do.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
            .tempfile_in(folder)
            .context(cannot)?;
        let mut file = tokio::fs::File::from_std(beside.reopen().context(cannot)?);
        let mut bytes = 0;
        while let Some(part) = answer.chunk().await.map_err(|e| self.unreachable(e))? {
            file.write_all(&part).await.context(cannot)?;
            bytes += part.len() as u64;
            got(part.len() as u64);
        }
        if size.is_some_and(|size| size != bytes) {
            return Err(Error::failed(format!("only {bytes} bytes of the result came over")));
        }
        file.sync_all().await.context(cannot)?;
        beside.persist(to).context(cannot)?;
        Ok(bytes)
    }
}
