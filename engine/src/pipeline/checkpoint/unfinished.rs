//! Work of jobs that are not done: found in a folder, and thrown away.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Context, Error, Result};
use crate::media::kept_frames;

use super::folder::{LEDGER, of_output, output_of, remove_folder};
use super::ledger::Ledger;
use super::lock::{Lock, is_busy};

/// The work of a job that is not done, or of one that is being done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The output that is to be made.
    pub output: PathBuf,
    /// Where its work lies.
    pub folder: PathBuf,
    /// The target, where the ledger can be read.
    pub target: Option<PathBuf>,
    /// Frames that are safe.
    pub done: u64,
    /// Frames of the film, as far as that is known.
    pub frames: Option<u64>,
    /// Bytes of everything in the folder, and of frames that are kept.
    pub bytes: u64,
    /// When something in the folder was last written.
    pub changed: SystemTime,
    /// A facedeck works there now.
    pub busy: bool,
}

/// The work that lies in a folder, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn unfinished(folder: &Path) -> Result<Vec<Unfinished>> {
    let what = || format!("cannot look into {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).context(what)? {
        let path = entry.context(what)?.path();
        if let Some(output) = output_of(&path).filter(|_| path.is_dir()) {
            found.push(look(output, path)?);
        }
    }
    found.sort_by(|a, b| a.output.cmp(&b.output));
    Ok(found)
}

/// Whether there is work of this output.
pub fn is_there(output: &Path) -> bool {
    of_output(output).is_dir()
}

/// The work of one output; nothing when there is none.
///
/// # Errors
/// When its folder cannot be read.
pub fn unfinished_of(output: &Path) -> Result<Option<Unfinished>> {
    let folder = of_output(output);
    if !folder.is_dir() {
        return Ok(None);
    }
    look(output.to_owned(), folder).map(Some)
}

fn look(output: PathBuf, folder: PathBuf) -> Result<Unfinished> {
    let busy = is_busy(&folder);
    let read = || -> Result<Option<_>> {
        let path = folder.join(LEDGER);
        let ledger = if path.is_file() { Ledger::open(&path)? } else { None };
        let Some(ledger) = ledger else { return Ok(None) };
        Ok(Some((ledger.film()?, ledger.done()?.0)))
    };
    // What cannot be read can be thrown away all the same.
    let (film, done) = read().ok().flatten().unzip();
    let frames = film.as_ref().map(|film| kept_frames::hidden_folder(&film.target, &output));
    let (mut bytes, mut changed) = size_of(&folder)?;
    if let Some(frames) = frames.filter(|frames| frames.is_dir()) {
        let (more, later) = size_of(&frames)?;
        (bytes, changed) = (bytes + more, changed.max(later));
    }
    Ok(Unfinished {
        output,
        folder,
        done: done.unwrap_or(0),
        frames: film.as_ref().and_then(|film| film.frames),
        target: film.map(|film| film.target),
        bytes,
        changed,
        busy,
    })
}

/// Bytes of the files in a folder, and when the last of them was written.
fn size_of(folder: &Path) -> Result<(u64, SystemTime)> {
    let what = || format!("cannot look into {}", folder.display());
    let changed = fs::metadata(folder).and_then(|about| about.modified()).context(what)?;
    let mut sum = (0, changed);
    for entry in fs::read_dir(folder).context(what)? {
        match entry.context(what)?.metadata() {
            Ok(about) => {
                sum.0 += about.len();
                sum.1 = sum.1.max(about.modified().unwrap_or(sum.1));
            }
            // Somebody who works there has removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).context(what),
        }
    }
    Ok(sum)
}

/// Throws the work of an output away, with frames that were to be kept; there need be none.
///
/// # Errors
/// When somebody works there now, or something cannot be removed.
pub fn discard(output: &Path) -> Result<()> {
    let Some(work) = unfinished_of(output)? else { return Ok(()) };
    if work.busy {
        return Err(Error::usage(format!("another facedeck is making {} now", output.display()))
            .hint("stop it first"));
    }
    let _lock = Lock::take(&work.folder, output)?;
    if let Some(target) = &work.target {
        kept_frames::remove_hidden(&kept_frames::hidden_folder(target, output))?;
    }
    remove_folder(&work.folder)
}
