//! How far the work is: a bar for people, lines for logs, events for programs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::output::{OutputMode, colored, line, result_line};

mod rate;
use rate::Rate;

/// Shortest time between two events of `--json`: at most four a second.
const JSON_EVERY: Duration = Duration::from_millis(250);
/// Shortest time between two plain lines, and the age at which the first one comes.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// How often the clock of the bar moves when nothing else does.
const TICK: Duration = Duration::from_millis(200);

/// Takes one line.
type Sink = Box<dyn Fn(&str) + Send + Sync>;

/// The progress of one piece of work. Every method takes `&self`, so that any thread may report.
///
/// Dropping it without [`Progress::finish`] (an error, Ctrl-C) clears the bar, too.
pub struct Progress {
    mode: OutputMode,
    total: Option<u64>,
    start: Instant,
    bar: Option<ProgressBar>,
    /// Where plain lines and events go; a function so that tests can listen.
    sink: Sink,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: u64,
    stage: String,
    rate: Rate,
    /// When something was last told, as time since the start.
    told: Option<Duration>,
    /// What is known and was not told yet.
    pending: bool,
    finished: bool,
}

impl Progress {
    /// Progress towards `total` frames; without a total there is a spinner instead of a bar.
    pub fn new(mode: OutputMode, total: Option<u64>) -> Self {
        let bar = (mode == OutputMode::Terminal)
            .then(|| bar(total, ProgressDrawTarget::stderr(), colored()));
        if let Some(bar) = &bar {
            bar.enable_steady_tick(TICK);
        }
        let sink: Sink =
            if mode == OutputMode::Json { Box::new(result_line) } else { Box::new(line) };
        Progress::with(mode, total, bar, sink)
    }

    /// The same when `before` of them were made earlier: the rate is that of the others.
    pub fn after(mode: OutputMode, total: Option<u64>, before: u64) -> Self {
        let progress = Progress::new(mode, total);
        progress.begin_at(before);
        progress
    }

    fn begin_at(&self, before: u64) {
        let mut state = self.lock();
        state.done = before;
        state.rate.see(Duration::ZERO, before);
        if let Some(bar) = &self.bar {
            bar.set_position(before);
            bar.reset_eta();
        }
    }

    fn with(mode: OutputMode, total: Option<u64>, bar: Option<ProgressBar>, sink: Sink) -> Self {
        let state = Mutex::default();
        Progress { mode, total, start: Instant::now(), bar, sink, state }
    }

    /// `done` frames are finished; `stage` is the one that holds the others up now.
    pub fn update(&self, done: u64, stage: &str) {
        self.update_at(self.start.elapsed(), done, stage);
    }

    fn update_at(&self, now: Duration, done: u64, stage: &str) {
        let mut state = self.lock();
        if state.finished {
            return;
        }
        state.rate.see(now, done);
        state.done = done;
        if state.stage != stage {
            stage.clone_into(&mut state.stage);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(self.words(&state));
        }
        let due = match (self.mode, state.told) {
            (OutputMode::Json, None) => true,
            (OutputMode::Json, Some(told)) => now.saturating_sub(told) >= JSON_EVERY,
            (OutputMode::Plain, told) => {
                now.saturating_sub(told.unwrap_or_default()) >= PLAIN_EVERY
            }
            (OutputMode::Terminal | OutputMode::Quiet, _) => return,
        };
        state.pending = true;
        if due {
            self.tell(&mut state, now);
        }
    }

    /// A note for the user, above the bar.
    pub fn println(&self, text: &str) {
        match &self.bar {
            Some(bar) if !bar.is_finished() => bar.suspend(|| line(text)),
            _ => self.mode.note(text),
        }
    }

    /// Runs `f`, which may print, with the bar out of the way: for pictures, for questions.
    pub fn suspend<T>(&self, f: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(f),
            None => f(),
        }
    }

    /// The work is done: the last state is told, the bar goes away.
    pub fn finish(&self) {
        self.finish_at(self.start.elapsed());
    }

    fn finish_at(&self, now: Duration) {
        let mut state = self.lock();
        if state.finished {
            return;
        }
        state.finished = true;
        // A log that has seen no line yet need not see one now: the work was short.
        let wanted = self.mode == OutputMode::Json || state.told.is_some();
        if state.pending && wanted {
            self.tell(&mut state, now);
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn tell(&self, state: &mut State, now: Duration) {
        state.told = Some(now);
        state.pending = false;
        match self.mode {
            OutputMode::Json => (self.sink)(&self.event(state, now).to_string()),
            _ => (self.sink)(&self.sentence(state)),
        }
    }

    /// Frames a second and the time left, as far as known.
    fn speed(&self, state: &State) -> (Option<f64>, Option<f64>) {
        let fps = state.rate.per_second();
        let left = self.total.map(|total| total.saturating_sub(state.done));
        let eta = match (left, fps) {
            (Some(0), _) => Some(0.0),
            (Some(left), Some(fps)) if fps > 0.0 => Some(left as f64 / fps),
            _ => None,
        };
        (fps, eta)
    }

    fn event(&self, state: &State, now: Duration) -> Value {
        let round = |value: Option<f64>| value.map(|v| (v * 100.0).round() / 100.0);
        let (fps, eta) = self.speed(state);
        json!({
            "event": "progress",
            "frame": state.done,
            "frames": self.total,
            "fps": round(fps),
            "eta": round(eta),
            "elapsed": round(Some(now.as_secs_f64())),
            "stage": state.stage,
        })
    }

    /// What stands behind the bar.
    fn words(&self, state: &State) -> String {
        let (fps, eta) = self.speed(state);
        let mut words = Vec::new();
        if let Some(fps) = fps {
            words.push(format!("{fps:.1} fps"));
        }
        if let Some(eta) = eta {
            words.push(format!("eta {}", clock(eta)));
        }
        if !state.stage.is_empty() {
            words.push(state.stage.clone());
        }
        words.join(" · ")
    }

    /// A line for a log.
    fn sentence(&self, state: &State) -> String {
        let count = match self.total {
            Some(total) => {
                let percent = (state.done * 100).checked_div(total).unwrap_or(100);
                format!("frame {}/{total} ({percent}%)", state.done)
            }
            None => format!("frame {}", state.done),
        };
        let words = self.words(state);
        if words.is_empty() { count } else { format!("{count} · {words}") }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while reporting leaves numbers that are still fit to be shown.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The bar on this target; `color` as [`colored`] says.
fn bar(total: Option<u64>, target: ProgressDrawTarget, color: bool) -> ProgressBar {
    let template = match (total.is_some(), color) {
        (true, true) => "{bar:28.cyan/238} {percent:>3}%  {pos}/{len}  {elapsed}  {wide_msg}",
        (true, false) => "{bar:28} {percent:>3}%  {pos}/{len}  {elapsed}  {wide_msg}",
        (false, true) => "{spinner:.cyan} frame {pos}  {elapsed}  {wide_msg}",
        (false, false) => "{spinner} frame {pos}  {elapsed}  {wide_msg}",
    };
    // The templates above are right (a test reads them); a plain bar is still better than none.
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
    ProgressBar::with_draw_target(total, target).with_style(style)
}

/// Seconds as a clock shows them: 0:07, 12:34, 1:02:03.
pub(super) fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests;
