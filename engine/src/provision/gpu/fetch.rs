//! Fetches the GPU runtime into facedeck's own folder: wheel by wheel, going on where it was
//! stopped, one process at a time, and visible only when it is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::provision::download::unwritable;
use crate::provision::fetch::alone;
use crate::provision::runtime::{Runtime, own_gpu_runtime};
use crate::provision::wheel::Wheel;
use crate::settings::Directories;

use super::pins::{PARTS, Part, VERSION};
use super::stage::Stage;

/// Room that is left on the disk for others.
const SPARE: u64 = 256 << 20;
/// How often the progress of a large wheel is told.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// What fetching the GPU runtime takes, to be said before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuFetch {
    /// Where it will lie.
    pub folder: PathBuf,
    /// Bytes that are fetched.
    pub download: u64,
    /// Bytes that it takes on the disk.
    pub unpacked: u64,
    /// What is in it.
    pub parts: Vec<String>,
    /// Whether it is here already.
    pub here: bool,
}

/// What [`fetch_gpu_runtime`] would do.
///
/// # Errors
/// [`Kind::Provider`] where no GPU runtime is published for this platform.
pub fn planned_gpu_fetch() -> Result<GpuFetch> {
    if PARTS.is_empty() {
        return Err(unpublished());
    }
    let runtime = Directories::from_env()?.runtime();
    let name = |part: &Part| format!("{} {} ({})", part.package, part.pin.version, part.about);
    Ok(GpuFetch {
        folder: target(&runtime),
        download: PARTS.iter().map(|part| part.pin.bytes).sum(),
        unpacked: PARTS.iter().map(|part| part.unpacked).sum(),
        parts: PARTS.iter().map(name).collect(),
        here: own_gpu_runtime(&runtime).is_some_and(|found| found.version == VERSION),
    })
}

/// Fetches the pinned GPU runtime, saying through `report` what is done. When another process is
/// at it, waits for that one and takes its result.
///
/// # Errors
/// [`Kind::Provider`] where none is published for this platform; [`Kind::Missing`] when a wheel
/// cannot be had; a failure when the disk is too small. What was fetched until then is kept for
/// the next attempt.
pub fn fetch_gpu_runtime(report: &mut dyn FnMut(&str)) -> Result<Runtime> {
    if PARTS.is_empty() {
        return Err(unpublished());
    }
    let folder = Directories::from_env()?.runtime();
    let get = |part: &Part, work: &Path, report: &mut dyn FnMut(&str)| {
        let wheel = Wheel::with_any_installer(part.package, part.pin)
            .map_err(|fault| Error::missing(format!("cannot fetch {}: {fault}", part.package)))?;
        let mut told = Instant::now();
        wheel.get_watched(work, &mut |bytes| {
            if told.elapsed() >= TELL_EVERY && bytes > 0 {
                told = Instant::now();
                report(&format!("  {} of {}", mib(bytes), mib(part.pin.bytes)));
            }
        })
    };
    fetch_into(&folder, PARTS, &get, &free_space, report)
}

fn unpublished() -> Error {
    let platform = format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH);
    Error::new(Kind::Provider, format!("there is no GPU runtime to fetch for {platform}"))
        .hint("name an ONNX Runtime that was built for your GPU in ORT_DYLIB_PATH")
}

fn target(runtime: &Path) -> PathBuf {
    runtime.join(format!("gpu-{VERSION}"))
}

/// Gets a wheel into a folder.
type Get<'a> = dyn Fn(&Part, &Path, &mut dyn FnMut(&str)) -> Result<PathBuf> + 'a;

fn fetch_into(
    folder: &Path,
    parts: &[Part],
    get: &Get<'_>,
    free: &dyn Fn(&Path) -> Option<u64>,
    report: &mut dyn FnMut(&str),
) -> Result<Runtime> {
    alone(folder, "the GPU runtime", report, &mut |report| {
        if let Some(found) = own_gpu_runtime(folder).filter(|found| found.version == VERSION) {
            return Ok(found);
        }
        let stage = Stage::open(folder, VERSION)?;
        check_room(folder, parts, &stage, free)?;
        for (index, part) in parts.iter().enumerate() {
            let what = format!("{} of {}: {}", index + 1, parts.len(), part.about);
            if stage.has(part) {
                report(&format!("{what} is here already"));
                continue;
            }
            let (version, size) = (part.pin.version, mib(part.pin.bytes));
            report(&format!("{what} ({} {version}, {size})", part.package));
            let wheel = get(part, &stage.work(), report).map_err(|error| resumable(part, error))?;
            stage.take(part, &wheel)?;
        }
        stage.finish(&target(folder))?;
        let found = own_gpu_runtime(folder)
            .ok_or_else(|| Error::failed("the GPU runtime that was fetched cannot be used"))?;
        report(&format!("the GPU runtime {VERSION} is at {}", target(folder).display()));
        Ok(found)
    })
}

fn resumable(part: &Part, error: Error) -> Error {
    Error::missing(format!("cannot fetch {}", part.package))
        .because(error)
        .hint("facedeck doctor --fix --gpu goes on where it stopped")
}

/// Refuses to begin what would fill the disk.
fn check_room(
    folder: &Path,
    parts: &[Part],
    stage: &Stage,
    free: &dyn Fn(&Path) -> Option<u64>,
) -> Result<()> {
    let left = parts.iter().filter(|part| !stage.has(part));
    // The largest wheel lies beside its libraries for a while.
    let largest = left.clone().map(|part| part.pin.bytes).max().unwrap_or(0);
    let needed = left.map(|part| part.unpacked).sum::<u64>() + largest + SPARE;
    match free(folder) {
        Some(free) if free < needed => Err(Error::failed(format!(
            "the GPU runtime needs {} on the disk of {}, where {} are free",
            mib(needed),
            folder.display(),
            mib(free)
        ))
        .hint("make room, or set FACEDECK_HOME to a folder on a larger disk")),
        // A file system that does not tell is tried.
        _ => Ok(()),
    }
}

fn free_space(folder: &Path) -> Option<u64> {
    fs::create_dir_all(folder).map_err(|e| unwritable(folder).because(e)).ok()?;
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests;
