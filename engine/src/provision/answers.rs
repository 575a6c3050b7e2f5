//! What programs answer about themselves, kept for the next time.
//!
//! To start an ffmpeg that is linked to two hundred libraries takes a tenth of a second, only to hear
//! again which version it is. An answer is kept as long as the program's file stays as it is, for at
//! most a week: its libraries may change without it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::settings::Directories;

/// Older answers are asked for again.
const OLDEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// The first bytes of a script, which says nothing about the program that it starts.
const SCRIPT: &[u8] = b"#!";

/// An answer and what it was given by.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    program: PathBuf,
    arguments: Vec<String>,
    /// Bytes of the program.
    size: u64,
    /// When the program was last written, in nanoseconds of the Unix epoch.
    written: u128,
    /// When it was asked, in seconds of the Unix epoch.
    asked: u64,
    answer: String,
}

/// What the program answers to these arguments: as it did before, or what `ask` hears.
///
/// # Errors
/// As `ask`, whose errors are not kept.
pub fn ask<E>(
    program: &Path,
    arguments: &[&str],
    ask: impl FnOnce() -> Result<String, E>,
) -> Result<String, E> {
    match Directories::from_env() {
        Ok(directories) => ask_in(&directories.cache.join("answers"), program, arguments, ask),
        Err(_) => ask(),
    }
}

fn ask_in<E>(
    folder: &Path,
    program: &Path,
    arguments: &[&str],
    ask: impl FnOnce() -> Result<String, E>,
) -> Result<String, E> {
    let Some((size, written)) = state_of(program) else { return ask() };
    let file = folder.join(name_of(program, arguments));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = std::fs::read(&file).ok();
    let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok()).filter(|kept| {
        kept.program == program
            && kept.arguments == arguments
            && (kept.size, kept.written) == (size, written)
            && now.checked_sub(kept.asked).is_some_and(|age| age < OLDEST.as_secs())
    });
    if let Some(kept) = kept {
        return Ok(kept.answer);
    }
    let answer = ask()?;
    let kept = Kept {
        program: program.to_owned(),
        arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
        size,
        written,
        asked: now,
        answer,
    };
    if let Err(error) = keep(&file, &kept) {
        tracing::debug!("the answer of {} is not kept: {error}", program.display());
    }
    Ok(kept.answer)
}

/// Size and time of a program's file; `None` for what is no file, and for a script.
fn state_of(program: &Path) -> Option<(u64, u128)> {
    let mut first = [0; SCRIPT.len()];
    std::io::Read::read_exact(&mut std::fs::File::open(program).ok()?, &mut first).ok()?;
    let about = std::fs::metadata(program).ok()?;
    let written = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    (first != SCRIPT).then_some((about.len(), written.as_nanos()))
}

/// One file for each question, named by what is asked and whom.
fn name_of(program: &Path, arguments: &[&str]) -> String {
    let mut hash = twox_hash::XxHash3_128::new();
    hash.write(program.as_os_str().as_encoded_bytes());
    for argument in arguments {
        hash.write(&[0]);
        hash.write(argument.as_bytes());
    }
    format!("{:032x}.json", hash.finish_128())
}

/// Written beside its name first: another process may read it at any time.
fn keep(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut hidden = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut hidden, kept)?;
    hidden.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_program_is_asked_once_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "\x7fELF one").unwrap();
        let asked = Cell::new(0);
        let version = |arguments: &[&str]| {
            ask_in(&folder.path().join("answers"), &program, arguments, || {
                asked.set(asked.get() + 1);
                Ok::<_, ()>(format!("answer {}", asked.get()))
            })
        };
        assert_eq!(version(&["-version"]), Ok("answer 1".into()));
        assert_eq!(version(&["-version"]), Ok("answer 1".into()));
        assert_eq!(version(&["-h", "encoder=a"]), Ok("answer 2".into()));
        std::fs::write(&program, "\x7fELF two, longer").unwrap();
        assert_eq!(version(&["-version"]), Ok("answer 3".into()));
        // What a script says depends on what it starts.
        std::fs::write(&program, "#!/bin/sh").unwrap();
        assert_eq!(version(&["-version"]), Ok("answer 4".into()));
        assert_eq!(version(&["-version"]), Ok("answer 5".into()));
    }

    #[test]
    fn errors_and_damaged_files_are_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "\x7fELF").unwrap();
        let ask = |answer: Result<&str, &str>| {
            let answer = answer.map(str::to_owned).map_err(str::to_owned);
            ask_in(folder.path(), &program, &["-version"], || answer)
        };
        assert_eq!(ask(Err("no memory")), Err("no memory".into()));
        assert_eq!(ask(Ok("5.1")), Ok("5.1".into()));
        assert_eq!(ask(Ok("6.0")), Ok("5.1".into()));
        std::fs::write(folder.path().join(name_of(&program, &["-version"])), "{").unwrap();
        assert_eq!(ask(Ok("6.0")), Ok("6.0".into()));
    }
}
