//! The folder of a job's work: made, found again, locked, removed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context, Error, Result};
use crate::media::numbered::home_of;
use crate::media::output::HIDDEN;

use super::fingerprint::Fingerprint;
use super::ledger::{Film, Ledger, Sealed, State};
use super::lock::{LOCK, Lock};

/// The ledger's name in the folder.
pub(super) const LEDGER: &str = "ledger.sqlite3";
/// What segments that are being written end with.
const PART: &str = "part";
/// What segments end with.
const SEGMENT: &str = "nut";
/// How long an ffmpeg may still make files after the facedeck that started it was killed: it starts,
/// opens its output and finds that nobody writes to it.
const OUTLIVED: Duration = Duration::from_secs(5);
/// When a folder is looked at again that somebody wrote to.
const AGAIN: Duration = Duration::from_millis(20);

/// The work of one output, locked for this process. Dropped, it stays for whoever starts the job
/// again, unless it was removed.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
    ledger: Ledger,
    // Held for as long as this lives.
    _lock: Lock,
}

/// What the names of work folders end with.
const ENDING: &str = ".facedeck";

/// Where the work of an output lies: `.NAME.facedeck`, beside it; beside their folder, for pictures.
pub fn of_output(output: &Path) -> PathBuf {
    let output = home_of(output);
    let mut name = OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(ENDING);
    output.with_file_name(name)
}

/// The output whose work lies in this folder; nothing when its name is not that of a work folder.
pub(super) fn output_of(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name()?.as_bytes();
    let name = name.strip_prefix(b".")?.strip_suffix(ENDING.as_bytes())?;
    (!name.is_empty()).then(|| folder.with_file_name(OsStr::from_bytes(name)))
}

/// What lies in a folder of work.
pub enum Found {
    /// Nothing that is of use.
    Nothing,
    /// Finished segments, of a job that differs in these points from the one that is asked for.
    Work(Box<Work>, Vec<String>),
}

impl Work {
    /// Looks for the work of an output, and locks it.
    ///
    /// # Errors
    /// When somebody else works there; when it lies there and cannot be read.
    pub fn find(output: &Path, print: &Fingerprint) -> Result<Found> {
        let folder = of_output(output);
        if !folder.is_dir() {
            return Ok(Found::Nothing);
        }
        let lock = Lock::take(&folder, output)?;
        let ledger = folder.join(LEDGER);
        let ledger = if ledger.is_file() { Ledger::open(&ledger)? } else { None };
        let Some(ledger) = ledger else { return Ok(Found::Nothing) };
        if ledger.count()? == 0 {
            return Ok(Found::Nothing);
        }
        let changes = ledger.print()?.changes(print);
        Ok(Found::Work(Box::new(Work { folder, ledger, _lock: lock }), changes))
    }

    /// Begins the work of an output anew; what lay there is removed.
    ///
    /// # Errors
    /// When somebody else works there; when nothing can be written beside the output.
    pub fn begin(output: &Path, print: &Fingerprint, film: &Film) -> Result<Self> {
        let folder = of_output(output);
        let what = || format!("cannot make the work folder {}", folder.display());
        fs::create_dir_all(&folder).context(what)?;
        let lock = Lock::take(&folder, output)?;
        for entry in fs::read_dir(&folder).context(what)? {
            let path = entry.context(what)?.path();
            if path.file_name().is_some_and(|name| name != LOCK) && is_ours(&path) {
                remove(&path).context(what)?;
            }
        }
        let ledger = Ledger::begin(&folder.join(LEDGER), print, film)?;
        Ok(Work { folder, ledger, _lock: lock })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The last segment that is safe, with all before it, and what the stages remembered at its
    /// end; nothing when the first one is gone or damaged. Files that nobody recorded are removed.
    ///
    /// # Errors
    /// When the ledger or the folder cannot be read; when a recorded file is not as it was left.
    pub fn last(&self) -> Result<Option<(Sealed, State)>> {
        let count = self.ledger.count()?;
        for number in 0..count {
            let (_, bytes) = self.ledger.segment(number)?;
            let file = self.segment(number);
            let length = fs::metadata(&file).map(|about| about.len());
            if !length.is_ok_and(|length| length == bytes) {
                return Err(Error::failed(format!(
                    "the segment {} is not as it was left",
                    file.display()
                ))
                .hint("begin anew with --restart"));
            }
        }
        let what = || format!("cannot look into {}", self.folder.display());
        for entry in fs::read_dir(&self.folder).context(what)? {
            let path = entry.context(what)?.path();
            let number = path.file_stem().and_then(|name| name.to_str()?.parse::<u64>().ok());
            let unrecorded = number.is_none_or(|number| number >= count);
            // A muxer that was killed leaves its file, too.
            if (is_segment(&path) && unrecorded) || is_hidden(&path) {
                remove(&path).context(what)?;
            }
        }
        self.ledger.last()
    }

    /// Where a segment lies.
    pub fn segment(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}.{SEGMENT}"))
    }

    /// Where a segment lies while it is written.
    pub fn part(&self, number: u64) -> PathBuf {
        part(&self.folder, number)
    }

    /// Gives a segment, which is whole, its name, and records it: from then on it is never made
    /// again.
    ///
    /// # Errors
    /// When the file cannot be synced or renamed, or the ledger cannot be written.
    pub fn seal(&mut self, sealed: &Sealed, state: &State) -> Result<()> {
        let (part, file) = (self.part(sealed.number), self.segment(sealed.number));
        let what = || format!("cannot seal the segment {}", file.display());
        File::open(&part).and_then(|file| file.sync_all()).context(what)?;
        fs::rename(&part, &file).context(what)?;
        // Some network file systems cannot sync a folder, and keep its names by themselves.
        let _ = File::open(&self.folder).and_then(|folder| folder.sync_all());
        self.ledger.record(sealed, state)
    }

    /// Removes everything: the output is there, or nobody wants it.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove(self) -> Result<()> {
        let Work { folder, ledger, _lock } = self;
        drop(ledger);
        remove_folder(&folder)
    }
}

/// Where a segment of the work in this folder lies while this process writes it. An ffmpeg that
/// outlived a facedeck that was killed may still open the file of its own segment: another name.
pub fn part(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:06}.{}.{SEGMENT}.{PART}", std::process::id()))
}

/// Removes a folder of work, and nothing in it that is not ours.
pub(super) fn remove_folder(folder: &Path) -> Result<()> {
    let what = || format!("cannot remove the work folder {}", folder.display());
    let end = Instant::now() + OUTLIVED;
    loop {
        if let Some(other) = remove_ours(folder).context(what)? {
            return Err(Error::failed(what())
                .because(format!("{} is not facedeck's", other.display()))
                .hint("everything else in it was removed; move that file and remove the folder"));
        }
        match fs::remove_dir(folder) {
            // A killed facedeck's ffmpeg made a file in between.
            Err(error) if is_full(&error) && Instant::now() < end => thread::sleep(AGAIN),
            done => return done.context(what),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::DirectoryNotEmpty
}

/// Removes what is ours in a folder; says what is not.
fn remove_ours(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut other = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_ours(&path) {
            remove(&path)?;
        } else {
            other = Some(path);
        }
    }
    Ok(other)
}

/// Removes something of ours: a file, or an output of pictures that has no name yet.
fn remove(path: &Path) -> io::Result<()> {
    let is_folder = fs::symlink_metadata(path)?.is_dir();
    if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Whether it is a segment, finished or not.
fn is_segment(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.trim_end_matches(&format!(".{PART}")).ends_with(&format!(".{SEGMENT}"))
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == LOCK || name.starts_with(LEDGER) || is_segment(path) || is_hidden(path)
}

/// Whether it is an output that was put together and has no name yet.
fn is_hidden(path: &Path) -> bool {
    path.file_name().unwrap_or_default().to_string_lossy().starts_with(HIDDEN)
}
