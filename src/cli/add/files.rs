//! Files that a service on another machine has to have first.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::client::Blocking;
use crate::error::{Context, Result};
use crate::pipeline::Request;

use super::super::output::OutputMode;
use super::super::transfer::Transfer;
use super::request::each_input;

/// Sends every file that the request reads, each once, and names them as the service does.
///
/// # Errors
/// When a file cannot be read, or the service does not take it.
pub(super) fn send(service: &Blocking, request: &mut Request, mode: OutputMode) -> Result<()> {
    let mut sent: HashMap<PathBuf, PathBuf> = HashMap::new();
    each_input(request, &mut |path| {
        let id = match sent.get(path) {
            Some(id) => id.clone(),
            None => {
                let id = send_one(service, path, mode)?;
                sent.insert(path.clone(), id.clone());
                id
            }
        };
        *path = id;
        Ok(())
    })
}

fn send_one(service: &Blocking, path: &PathBuf, mode: OutputMode) -> Result<PathBuf> {
    let about = std::fs::metadata(path).context(|| format!("cannot read {}", path.display()))?;
    let shown = Transfer::new(mode, &path.display().to_string());
    shown.begin(Some(about.len()));
    let bar = shown.clone();
    let uploaded =
        service.run(async |client| client.upload(path, move |bytes| bar.moved(bytes)).await)?;
    shown.finish();
    Ok(PathBuf::from(uploaded.id))
}
