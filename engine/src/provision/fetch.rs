//! Fetches an ONNX Runtime into facedeck's own folder: one process at a time, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::settings::Directories;

use super::download::{unwritable, verify};
use super::pins::{self, Pin};
use super::release::Release;
use super::runtime::{Runtime, own_runtime};
use super::unpack::{put_in_place, unpack_libraries};
use super::wheel::Wheel;

/// How an archive is packed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Archive {
    /// A wheel.
    Zip,
    /// A release archive.
    TarGz,
}

/// Somewhere to get the runtime from.
pub(super) trait Source {
    /// The exact file that is expected.
    fn pin(&self) -> &Pin;
    /// How it is packed.
    fn archive(&self) -> Archive;
    /// Where it comes from, for people to read.
    fn origin(&self) -> String;
    /// Gets the file into a folder. Nobody has checked it yet.
    fn get(&self, folder: &Path) -> Result<PathBuf>;
}

/// A source, or why it cannot be used here.
type Choice = Result<Box<dyn Source>, String>;

/// The folders in which work in progress lies: never looked into, removed by the next fetch.
const WORK_PREFIX: &str = ".fetching-";

/// Fetches the pinned ONNX Runtime, saying through `report` what is fetched from where. When
/// another process is at it, waits for that one and takes its result.
///
/// # Errors
/// [`crate::error::Kind::Missing`], naming every source that was tried and why it failed.
pub fn fetch_runtime(report: &mut dyn FnMut(&str)) -> Result<Runtime> {
    let folder = Directories::from_env()?.runtime();
    let nothing = "is not published for this platform";
    let release = || -> Choice {
        pins::RELEASE
            .map(|pin| Box::new(Release(pin)) as Box<dyn Source>)
            .ok_or_else(|| format!("the release archive {nothing}"))
    };
    let wheel = || -> Choice {
        let pin = pins::WHEEL.ok_or_else(|| format!("the wheel {nothing}"))?;
        Ok(Box::new(Wheel::with_any_installer("onnxruntime", pin)?))
    };
    fetch_into(&folder, &[&release, &wheel], report)
}

fn fetch_into(
    folder: &Path,
    choices: &[&dyn Fn() -> Choice],
    report: &mut dyn FnMut(&str),
) -> Result<Runtime> {
    alone(folder, "the ONNX Runtime", report, &mut |report| fetch_alone(folder, choices, report))
}

/// Work that needs the folder for itself, and says how it goes.
type LockedWork<'a, T> = dyn FnMut(&mut dyn FnMut(&str)) -> Result<T> + 'a;

/// Does some work in a folder while no other process works there. Waits for one that does, and
/// says so with the name of what it is `fetching`.
///
/// # Errors
/// When the folder cannot be written to; else the work's own.
pub(super) fn alone<T>(
    folder: &Path,
    fetching: &str,
    report: &mut dyn FnMut(&str),
    work: &mut LockedWork<'_, T>,
) -> Result<T> {
    fs::create_dir_all(folder).map_err(|e| unwritable(folder).because(e))?;
    let path = folder.join(".lock");
    let file = open_lock(&path).map_err(|e| unwritable(&path).because(e))?;
    let mut lock = fd_lock::RwLock::new(file);
    let mut waiting = false;
    loop {
        match lock.try_write() {
            Ok(_held) => return work(report),
            // Asked again and again rather than waited for: a signal must get through.
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {
                if !waiting {
                    report(&format!("another facedeck is fetching {fetching}: waiting for it"));
                    waiting = true;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(e) => return Err(unwritable(&path).because(e)),
        }
    }
}

fn open_lock(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

/// The work itself; the lock is held.
fn fetch_alone(
    folder: &Path,
    choices: &[&dyn Fn() -> Choice],
    report: &mut dyn FnMut(&str),
) -> Result<Runtime> {
    if let Some(runtime) = own_runtime(folder) {
        return Ok(runtime);
    }
    remove_leftovers(folder);
    let mut faults = Vec::new();
    for choice in choices {
        let source = match choice() {
            Ok(source) => source,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        report(&format!("fetching {} from {}", source.pin().describe(), source.origin()));
        match fetch_from(&*source, folder) {
            Ok(runtime) => {
                report(&format!(
                    "ONNX Runtime {} is at {}",
                    runtime.version,
                    runtime.path.display()
                ));
                return Ok(runtime);
            }
            Err(error) => {
                report(&format!("that failed: {}", error.chain()));
                faults.push(format!("{}: {}", source.origin(), error.chain()));
            }
        }
    }
    Err(Error::missing(format!("cannot fetch the ONNX Runtime ({})", faults.join("; "))).hint(
        "install it with \"python3 -m pip install onnxruntime\", or name a library in \
         ORT_DYLIB_PATH",
    ))
}

fn fetch_from(source: &dyn Source, folder: &Path) -> Result<Runtime> {
    let pin = source.pin();
    // Beside the final folder, so that a rename puts it in place; removed when anything fails.
    let work = tempfile::Builder::new()
        .prefix(WORK_PREFIX)
        .tempdir_in(folder)
        .map_err(|e| unwritable(folder).because(e))?;
    let archive = source.get(work.path())?;
    verify(&archive, pin)?;
    let unpacked = work.path().join("unpacked");
    fs::create_dir(&unpacked).map_err(|e| unwritable(&unpacked).because(e))?;
    unpack_libraries(&archive, source.archive(), &unpacked)?;
    put_in_place(&unpacked, &folder.join(format!("onnxruntime-{}", pin.version)))?;
    own_runtime(folder)
        .ok_or_else(|| Error::failed(format!("{} holds no usable library", pin.file)))
}

/// Removes what a process left that was killed at work.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(WORK_PREFIX) {
            // It only takes up room.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
