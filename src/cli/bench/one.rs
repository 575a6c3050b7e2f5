//! The process that measures: one job from its start to its end, as `facedeck swap` does it, and
//! then bare runs of its network. Its peak of memory and its start are nobody else's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::cli::args::provisioned_for;
use crate::cli::output::{OutputMode, json_line};
use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::pipeline::{
    self, Ahead, Engine, Observer, Request, Resume, StageShare, Summary, network_plan,
};
use crate::settings::Directories;

use super::bare;
use super::task::{Measured, Stage, Task, Told};

/// Does the task in this file.
///
/// # Errors
/// Everything that can go wrong with a job; when the file is no task.
pub(super) fn run(path: &Path) -> Result<()> {
    let task = read(path)?;
    let interrupt = Interrupt::on_signals()?;
    let store = match &task.home {
        Some(home) => Store::beneath(&Directories::beneath(home)?)?,
        None => Store::open()?,
    };
    let profile = &task.profile;
    let found = provisioned_for(network_plan(&profile.run).preference()?)?;
    let cache = Directories::from_env()?.cache;
    // Standard output is the one that measures' own.
    let warn = Arc::new(|text: &str| OutputMode::Plain.warn(text));
    let quiet = |_: &str| {};
    let request = Request {
        sources: vec![task.source.clone()],
        source_face: None,
        target: task.target.clone(),
        output: task.output.clone(),
        overwrite: true,
        resume: Resume::Restart,
        profile: profile.clone(),
    };
    let ahead = Ahead::of(&request, &found.ffmpeg, &interrupt)?;
    let mut engine = Engine::for_profile(&found, profile, store, &cache, &quiet, warn)?;
    let before = written();
    let ear = Ear { first: AtomicBool::new(true) };
    let summary = pipeline::run_ahead(&request, ahead, &mut engine, &ear, &interrupt)?;
    let written = written().zip(before).map(|(now, before)| now.saturating_sub(before));
    tell(&Told::Done);
    let output = std::fs::metadata(&task.output)
        .context(|| format!("cannot look at {}", task.output.display()))?
        .len();
    let bare_ms = match &task.network {
        Some(id) => Some(bare::milliseconds(&engine.pool, id, &interrupt)?),
        None => None,
    };
    let provider = engine.pool.settings().provider().name().to_owned();
    tell(&Told::Measured(measured(&summary, written, output, provider, bare_ms)));
    Ok(())
}

fn read(path: &Path) -> Result<Task> {
    let no_task = || Error::usage(format!("{} is no task of facedeck bench", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| no_task().because(e))?;
    serde_json::from_str(&text).map_err(|e| no_task().because(e))
}

fn tell(told: &Told) {
    json_line(&json!(told));
}

fn measured(
    summary: &Summary,
    written: Option<u64>,
    output: u64,
    provider: String,
    bare_ms: Option<f64>,
) -> Measured {
    let stage = |stage: &pipeline::StageTime| Stage {
        name: stage.stage.to_owned(),
        ms_per_frame: stage.ms_per_frame,
        threads: stage.threads,
    };
    Measured {
        frames: summary.frames,
        frames_with_swap: summary.frames_with_swap,
        seconds: summary.seconds,
        own_cpu: summary.cpu_seconds.0,
        ffmpeg_cpu: summary.cpu_seconds.1,
        peak_memory: summary.peak_memory,
        written,
        output,
        stages: summary.stages.iter().map(stage).collect(),
        provider,
        bare_ms,
    }
}

/// Bytes that went to disks so far: of this process and of the children that it has reaped, whose
/// counts Linux adds to its own.
fn written() -> Option<u64> {
    bytes_of(&std::fs::read_to_string("/proc/self/io").ok()?)
}

/// What was written less what was removed before it came to a disk.
fn bytes_of(io: &str) -> Option<u64> {
    let number = |name: &str| -> Option<u64> {
        io.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.parse().ok())
    };
    Some(number("write_bytes")?.saturating_sub(number("cancelled_write_bytes").unwrap_or(0)))
}

/// Hears when the first frame is done. Every frame of the clips shows a face, so it is swapped.
struct Ear {
    first: AtomicBool,
}

impl Observer for Ear {
    fn note(&self, _: &str) {}

    fn begin(&self, _: Option<u64>, _: u64) {}

    fn progress(&self, done: u64, _: &str, _: &[StageShare]) {
        if done > 0 && self.first.swap(false, Ordering::Relaxed) {
            tell(&Told::First);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_came_to_a_disk_are_counted() {
        let io = "rchar: 9\nwchar: 8\nsyscr: 7\nsyscw: 6\nread_bytes: 5\nwrite_bytes: 4096\n\
                  cancelled_write_bytes: 96\n";
        assert_eq!(bytes_of(io), Some(4000));
        assert_eq!(bytes_of("write_bytes: 3\ncancelled_write_bytes: 9"), Some(0));
        assert_eq!(bytes_of("rchar: 9\n"), None);
    }

    #[test]
    fn what_is_no_task_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{}").unwrap();
        let error = read(file.path()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message().contains(&file.path().display().to_string()));
    }
}
