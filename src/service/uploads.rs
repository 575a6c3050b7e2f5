//! Files that clients sent: streamed to the disk, bounded in size and number, and removed when
//! nothing needs them any more.
//!
//! An upload is a folder with its id as name that holds one file under the name that the client
//! gave. While it comes in the file is hidden. Which jobs need it is known in memory alone: whoever
//! opens the store claims again what its jobs need, before the first [`Uploads::sweep`].

mod coming;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ulid::Ulid;

use crate::error::Error;
use crate::jobs::JobId;

use super::fault::{Answer, Fault, FaultKind};
use super::wire::UPLOAD;

pub use coming::Coming;

/// So long an upload lies here without a job that needs it.
pub const KEPT_FOR: Duration = Duration::from_secs(3600);

/// The uploads of a service.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    known: Arc<Mutex<Known>>,
}

/// What is known about the uploads of this run of the service, and of earlier ones that a job needs.
#[derive(Debug, Default)]
struct Known {
    entries: HashMap<Ulid, Entry>,
    coming: usize,
}

#[derive(Debug)]
struct Entry {
    /// When it came or was last named. Not by the clock of the wall, which may jump.
    named: Instant,
    /// It is not whole yet.
    coming: bool,
    jobs: HashSet<JobId>,
}

impl Uploads {
    /// The uploads in this folder, which is made when the first one comes.
    pub fn at(folder: PathBuf) -> Self {
        Uploads { folder, known: Arc::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    /// Begins to take a file that a client calls `name`; `bytes` is its size, where the client says
    /// it; no more than `largest` bytes are taken, and no more than `most` files at a time.
    ///
    /// # Errors
    /// [`FaultKind::TooLarge`] when it is larger than allowed or than what is free on the disk;
    /// [`FaultKind::Busy`] when as many come already; [`FaultKind::Invalid`] when the name is none;
    /// [`FaultKind::Internal`] when the disk cannot be written.
    pub fn begin(
        &self,
        name: &str,
        bytes: Option<u64>,
        largest: u64,
        most: usize,
    ) -> Answer<Coming> {
        let name = clean(name)?;
        if let Some(bytes) = bytes {
            coming::check_size(bytes, largest)?;
        }
        let id = Ulid::generate();
        {
            let mut known = self.known();
            if known.coming >= most {
                let error = Error::failed(format!("{most} uploads are coming in already"))
                    .hint("try again when one of them is done");
                return Err(Fault::new(FaultKind::Busy, error));
            }
            known.coming += 1;
            let entry = Entry { named: Instant::now(), coming: true, jobs: HashSet::new() };
            known.entries.insert(id, entry);
        }
        Coming::begin(Arc::clone(&self.known), &self.folder, id, name, bytes, largest)
    }

    /// The file of an upload; `id` with or without `upload:` before it. It stays for another while.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is none with this id.
    pub fn path(&self, id: &str) -> Answer<PathBuf> {
        let (ulid, file) = self.find(id)?;
        let mut known = self.known();
        let entry = known.entries.entry(ulid).or_insert_with(Entry::whole);
        if entry.coming {
            return Err(none(id));
        }
        entry.named = Instant::now();
        Ok(file)
    }

    fn find(&self, id: &str) -> Answer<(Ulid, PathBuf)> {
        let text = id.strip_prefix(UPLOAD).unwrap_or(id).to_ascii_uppercase();
        let ulid = Ulid::from_string(&text).map_err(|_| none(id))?;
        let folder = self.folder.join(ulid.to_string());
        let mut files = std::fs::read_dir(folder).map_err(|_| none(id))?.flatten();
        let whole = files.find(|file| file.file_name() != coming::HIDDEN);
        Ok((ulid, whole.ok_or_else(|| none(id))?.path()))
    }

    fn id_of(&self, file: &Path) -> Option<Ulid> {
        let first = file.strip_prefix(&self.folder).ok()?.components().next()?;
        Ulid::from_string(first.as_os_str().to_str()?).ok()
    }

    /// A job needs those of these files that are uploads.
    pub fn claim(&self, job: JobId, files: &[&Path]) {
        let ids: Vec<Ulid> = files.iter().filter_map(|file| self.id_of(file)).collect();
        let mut known = self.known();
        for id in ids {
            known.entries.entry(id).or_insert_with(Entry::whole).jobs.insert(job);
        }
    }

    /// A job needs none of its uploads any more: what no other job needs is removed.
    pub fn release(&self, job: JobId) {
        let mut known = self.known();
        let mine = known.entries.iter_mut().filter_map(|(id, entry)| {
            (entry.jobs.remove(&job) && entry.jobs.is_empty()).then_some(*id)
        });
        let mine: Vec<Ulid> = mine.collect();
        for id in mine {
            known.entries.remove(&id);
            self.erase(id);
        }
    }

    /// Removes an upload that no job needs.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is none with this id; [`FaultKind::Conflict`] when a job
    /// needs it.
    pub fn remove(&self, id: &str) -> Answer<()> {
        let (ulid, _) = self.find(id)?;
        let mut known = self.known();
        match known.entries.get(&ulid) {
            Some(entry) if entry.coming => return Err(none(id)),
            Some(entry) if !entry.jobs.is_empty() => {
                let mut jobs: Vec<String> = entry.jobs.iter().map(JobId::to_string).collect();
                jobs.sort_unstable();
                return Err(Fault::conflict(format!("a job needs it: {}", jobs.join(", "))));
            }
            _ => {}
        }
        known.entries.remove(&ulid);
        self.erase(ulid);
        Ok(())
    }

    /// Removes what came more than an hour ago and no job needs, and what a crash left of files
    /// that were coming; to be called when the service begins, after every job has claimed what it
    /// needs, and every hour. `now` is the time by the clock, for files of earlier runs.
    pub fn sweep(&self, now: SystemTime) {
        let Ok(folders) = std::fs::read_dir(&self.folder) else { return };
        for folder in folders.flatten() {
            let name = folder.file_name();
            let Some(id) = name.to_str().and_then(|name| Ulid::from_string(name).ok()) else {
                continue;
            };
            let mut known = self.known();
            let is_old = match known.entries.get(&id) {
                Some(entry) => {
                    !entry.coming && entry.jobs.is_empty() && entry.named.elapsed() >= KEPT_FOR
                }
                // A clock that was set back makes a file younger, never older.
                None => folder
                    .metadata()
                    .and_then(|about| about.modified())
                    .is_ok_and(|came| now.duration_since(came).is_ok_and(|age| age >= KEPT_FOR)),
            };
            if is_old {
                known.entries.remove(&id);
                self.erase(id);
            }
        }
    }

    fn erase(&self, id: Ulid) {
        erase(&self.folder.join(id.to_string()));
    }
}

impl Entry {
    fn whole() -> Self {
        Entry { named: Instant::now(), coming: false, jobs: HashSet::new() }
    }
}

fn erase(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!("cannot remove the upload {}: {error}", folder.display());
        }
        _ => {}
    }
}

fn none(id: &str) -> Fault {
    let shown: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
    Fault::not_found(format!("there is no upload {shown}"))
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Longest name of a file, in bytes; file systems take 255.
const LONGEST_NAME: usize = 200;

/// A name under which a file can lie in a folder of its own: the last part of what the client said,
/// without anything that a terminal or a shell could take for an order.
fn clean(name: &str) -> Answer<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).collect();
    // Neither hidden nor an option.
    let kept = kept.trim().trim_start_matches(['.', '-']).trim();
    if kept.is_empty() {
        let error = Error::usage("the upload has no name")
            .hint("say the name of the file with its extension: /v1/uploads?name=me.jpg");
        return Err(Fault::new(FaultKind::Invalid, error));
    }
    let (stem, extension) = match kept.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 16 && !stem.is_empty() => {
            (stem, format!(".{extension}"))
        }
        _ => (kept, String::new()),
    };
    let mut room = LONGEST_NAME - extension.len();
    room = room.min(stem.len());
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    Ok(format!("{}{extension}", &stem[..room]))
}

#[cfg(test)]
mod tests;
