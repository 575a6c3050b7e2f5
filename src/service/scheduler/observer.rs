//! Hears how a job goes, and tells the store, the log, and whoever watches.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Context, Result};
use crate::imaging::picture::Picture;
use crate::jobs::store::Published;
use crate::jobs::{Job, JobId};
use crate::pipeline::{Observer, StageShare, Stale, Summary};

use super::super::Core;
use super::super::events::Event;
use super::super::looks::{ImageFormat, encode};
use super::super::running::{Look, Run};
use super::super::wire::{Progress, SegmentsView, StageView};

/// Shortest time between two events about the progress of one job.
const TELL_EVERY: Duration = Duration::from_millis(250);
/// Shortest time between two frames that are copied for whoever watches.
const SHOW_EVERY: Duration = Duration::from_millis(200);
/// The rate is that of about this much time.
const RATE_OVER: Duration = Duration::from_secs(4);
/// A log takes no more than this.
const LONGEST_LOG: u64 = 4 << 20;

/// The observer of one attempt.
pub(super) struct JobObserver {
    core: Arc<Core>,
    id: JobId,
    run: Arc<Run>,
    log: Mutex<Option<File>>,
    meter: Mutex<Meter>,
    shown: Mutex<Shown>,
}

struct Meter {
    total: Option<u64>,
    done: u64,
    fps: f64,
    told: Instant,
    measured: Instant,
    measured_done: u64,
    segments: Option<SegmentsView>,
}

/// What was copied of the frames so far.
#[derive(Default)]
struct Shown {
    last: Option<Instant>,
    still: bool,
}

impl JobObserver {
    pub(super) fn new(core: &Arc<Core>, job: &Job, run: &Arc<Run>) -> Self {
        let now = Instant::now();
        JobObserver {
            core: Arc::clone(core),
            id: job.id,
            run: Arc::clone(run),
            log: Mutex::new(open_log(&core.log_of(job.id))),
            meter: Mutex::new(Meter {
                total: None,
                done: 0,
                fps: 0.0,
                told: now,
                measured: now,
                measured_done: 0,
                segments: None,
            }),
            shown: Mutex::default(),
        }
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// A line in the job's own log.
    pub(super) fn log(&self, text: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut *log {
            // A log that cannot be written is no reason to stop.
            let now = Timestamp::now();
            let _ = writeln!(file, "{now:.3} {text}");
            if file.metadata().is_ok_and(|about| about.len() > LONGEST_LOG) {
                let _ = writeln!(file, "{now:.3} this log is full");
                *log = None;
            }
        }
    }

    /// Keeps the last frame that was copied as the job's picture.
    pub(super) fn keep_still(&self) {
        let Some(look) = self.run.last_look() else { return };
        let folder = self.core.stills_of(self.id);
        let write = |name: &str, picture: &Picture| {
            let bytes = encode(picture.clone(), ImageFormat::Jpeg)?;
            let path = folder.join(name);
            fs::create_dir_all(&folder)
                .and_then(|()| fs::write(&path, bytes))
                .context(|| format!("cannot write {}", path.display()))
        };
        let written =
            write("before.jpg", &look.before).and_then(|()| write("after.jpg", &look.after));
        if let Err(error) = written {
            tracing::warn!("job {}: its picture cannot be kept: {}", self.id, error.chain());
        }
    }

    fn tell(&self, progress: Progress) {
        self.run.set_progress(progress.clone());
        self.core.events.publish(Event::Progress { id: self.id.to_string(), progress });
    }
}

impl Observer for JobObserver {
    fn note(&self, text: &str) {
        self.log(text);
    }

    fn begin(&self, frames: Option<u64>, before: u64) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        (meter.total, meter.done) = (frames, before);
        (meter.measured, meter.measured_done) = (Instant::now(), before);
        self.tell(Progress {
            frames: before,
            total: frames,
            stage: "begin".to_owned(),
            ..Progress::default()
        });
        match frames {
            Some(1) => self.log("one frame"),
            Some(frames) => self.log(&format!("{frames} frames")),
            None => self.log("frames are counted as they come"),
        }
    }

    fn stale(&self, changes: &[String]) -> Result<Stale> {
        // Nobody is there to be asked, and nothing is lost but time.
        self.log(&format!("what an earlier attempt made does not fit: {}", changes.join("; ")));
        Ok(Stale::Anew)
    }

    fn safe(&self, frames: u64, each: u64) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = meter.segments.is_none();
        meter.segments = Some(SegmentsView {
            frames: each,
            safe: frames.div_ceil(each.max(1)),
            total: meter.total.map(|total| total.div_ceil(each.max(1))),
        });
        drop(meter);
        if !begins {
            self.log(&format!("{frames} frames are safe"));
        }
        // What came further is not what ends the service, and is not thrown away again.
        if frames > 0
            && let Err(error) = self.core.store.came_further(self.id)
        {
            tracing::warn!("job {}: {}", self.id, error.chain());
        }
    }

    fn progress(&self, done: u64, stage: &str, shares: &[StageShare]) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        meter.done = done;
        let finished = meter.total == Some(done);
        if now - meter.told < TELL_EVERY && !finished {
            return;
        }
        meter.told = now;
        meter.measure(now);
        let left = meter.total.map(|total| total.saturating_sub(done));
        let eta = left.filter(|_| meter.fps > 0.0).map(|left| left as f64 / meter.fps);
        self.tell(Progress {
            frames: done,
            total: meter.total,
            fps: meter.fps,
            eta_seconds: eta,
            stage: stage.to_owned(),
            stages: shares.iter().map(StageView::from).collect(),
            segments: meter.segments,
        });
    }

    fn writing(&self, hidden: &Path) {
        if let Err(error) = self.core.store.hidden(self.id, Some(hidden)) {
            tracing::warn!("job {}: {}", self.id, error.chain());
        }
    }

    fn publishing(&self, hidden: &Path, summary: &Summary) -> Result<()> {
        // Whoever was told that it is given up must not find it done.
        self.run.interrupt.check()?;
        let file = fs::metadata(hidden)
            .context(|| format!("cannot look at the written {}", hidden.display()))?;
        self.core.store.publishing(
            self.id,
            &Published {
                hidden: hidden.to_owned(),
                device: file.dev(),
                inode: file.ino(),
                bytes: file.len(),
                summary: serde_json::to_value(summary).unwrap_or_default(),
            },
        )
    }

    fn wants_frame(&self) -> bool {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let due = shown.last.is_none_or(|last| last.elapsed() >= SHOW_EVERY);
        // A third into a film people are there; until then any picture is better than none.
        let meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        let third = meter.total.is_none_or(|total| meter.done >= total / 3);
        let for_still = shown.last.is_none() || (third && !shown.still);
        if !(for_still || (due && self.run.is_looked_at())) {
            return false;
        }
        shown.last = Some(Instant::now());
        shown.still |= third;
        true
    }

    fn frame(&self, index: u64, before: Picture, after: Picture) {
        let (before, after) = (Arc::new(before), Arc::new(after));
        self.run.show(Look { frame: index, before, after });
    }
}

impl Meter {
    /// The rate over the last seconds: older frames count less and less.
    fn measure(&mut self, now: Instant) {
        let passed = now - self.measured;
        if passed < Duration::from_millis(200) {
            return;
        }
        let rate = (self.done - self.measured_done.min(self.done)) as f64 / passed.as_secs_f64();
        let weight = (passed.as_secs_f64() / RATE_OVER.as_secs_f64()).min(1.0);
        self.fps = if self.fps == 0.0 { rate } else { self.fps + weight * (rate - self.fps) };
        (self.measured, self.measured_done) = (now, self.done);
    }
}

fn open_log(path: &Path) -> Option<File> {
    let opened = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(path));
    match opened {
        Ok(file) => Some(file),
        Err(error) => {
            tracing::warn!("cannot write {}: {error}", path.display());
            None
        }
    }
}
