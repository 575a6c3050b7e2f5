//! Takes files that lie on the service's machine as the weights of models.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::jobs::Origin;
use crate::models::import::{self, Candidate, Way};
use crate::models::{Entry, Store};
use crate::service::Core;
use crate::service::fault::Answer;

use super::known;

/// Which file becomes which model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// An absolute path; of a folder, every file that the catalog knows is taken.
    pub path: String,
    /// The model that the file is taken for, though it is not one of the catalog's. Without it the
    /// file is recognized by its hash.
    #[serde(default)]
    pub id: Option<String>,
    /// The file stays where it is, and is linked to.
    #[serde(default)]
    pub link: bool,
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedView {
    /// The model.
    pub id: String,
    /// Where its file is now.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether it is the catalog's file; else it is used as it is, and what comes out may differ.
    pub pinned: bool,
}

/// Takes a file, or what is known of a folder. Takes as long as the disk takes.
///
/// # Errors
/// [`crate::service::FaultKind::NotFound`] for a model that there is not;
/// [`crate::service::FaultKind::Invalid`] when the file is none, nobody knows what it is, or it
/// cannot be used as the model; when the disk refuses, or the service is to stop.
pub fn import(core: &Core, body: &ImportBody) -> Answer<Vec<ImportedView>> {
    let path = core.admit(&Origin::Local, "file", &body.path)?;
    let store = Store::beneath(&core.directories)?;
    let go = &core.stopping;
    let found = match &body.id {
        Some(id) => vec![(known(&store, id)?, Candidate::of(&path, go)?)],
        None if path.is_dir() => in_folder(&store, &path, go)?,
        None => recognized(&store, &path, go)?,
    };
    let way = if body.link { Way::Link } else { Way::Copy };
    let take = |(entry, candidate): &(&Entry, Candidate)| -> Result<ImportedView> {
        let taken = import::import(&store, entry, candidate, way, go)?;
        tracing::info!("{} is now the file of the model {}", taken.path.display(), entry.id);
        Ok(ImportedView {
            id: entry.id.clone(),
            path: taken.path.display().to_string(),
            bytes: taken.bytes,
            sha256: taken.sha256,
            pinned: taken.pinned,
        })
    };
    Ok(found.iter().map(take).collect::<Result<_>>()?)
}

/// What the catalog knows of one file.
fn recognized<'a>(
    store: &'a Store,
    path: &Path,
    go: &Interrupt,
) -> Result<Vec<(&'a Entry, Candidate)>> {
    let candidate = Candidate::of(path, go)?;
    let entries = candidate.recognize(store);
    if entries.is_empty() {
        let hash = &candidate.sha256;
        return Err(Error::usage(format!("{} is no file that the catalog knows", path.display()))
            .hint(format!("say which model it is with id; its SHA-256 is {hash}")));
    }
    Ok(entries.into_iter().map(|entry| (entry, candidate.clone())).collect())
}

/// What the catalog knows of a folder.
fn in_folder<'a>(
    store: &'a Store,
    folder: &Path,
    go: &Interrupt,
) -> Result<Vec<(&'a Entry, Candidate)>> {
    let shown = folder.display();
    let listing = std::fs::read_dir(folder)
        .map_err(|e| Error::usage(format!("cannot read the folder {shown}")).because(e))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    let mut all = Vec::new();
    for path in paths.iter().filter(|path| Candidate::could_be_known(path, store)) {
        let candidate = Candidate::of(path, go)?;
        let entries = candidate.recognize(store).into_iter();
        all.extend(entries.map(|entry| (entry, candidate.clone())));
    }
    match all.is_empty() {
        true => Err(Error::usage(format!("no file of {shown} is known to the catalog"))),
        false => Ok(all),
    }
}
