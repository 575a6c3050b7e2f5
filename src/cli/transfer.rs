//! How far a file is on its way to or from a service.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::output::{OutputMode, json_line};

/// Shortest time between two events of `--json`.
const JSON_EVERY: Duration = Duration::from_millis(250);

/// One file on its way; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Transfer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mode: OutputMode,
    file: String,
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    done: u64,
    total: Option<u64>,
    told: Option<Instant>,
}

impl Transfer {
    /// A file that is about to be moved.
    pub(super) fn new(mode: OutputMode, file: &str) -> Self {
        let bar = match mode {
            OutputMode::Terminal => ProgressBar::no_length(),
            _ => ProgressBar::hidden(),
        };
        let template = "{bar:28} {percent:>3}%  {bytes}/{total_bytes}  {bytes_per_sec}  {wide_msg}";
        // The template is right; a plain bar is still better than none.
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─");
        bar.set_style(style);
        bar.set_message(file.to_owned());
        let state = Mutex::default();
        Transfer(Arc::new(Inner { mode, file: file.to_owned(), bar, state }))
    }

    /// Its size, when that is known.
    pub(super) fn begin(&self, total: Option<u64>) {
        if let Some(total) = total {
            self.0.bar.set_length(total);
        }
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).total = total;
    }

    /// So many bytes more were moved.
    pub(super) fn moved(&self, bytes: u64) {
        let Inner { mode, file, bar, state } = &*self.0;
        bar.inc(bytes);
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += bytes;
        let whole = state.total == Some(state.done);
        let due = whole || state.told.is_none_or(|told| told.elapsed() >= JSON_EVERY);
        if *mode == OutputMode::Json && due {
            state.told = Some(Instant::now());
            json_line(&json!({
                "event": "transfer",
                "file": file,
                "bytes": state.done,
                "total": state.total,
            }));
        }
    }

    /// It is over.
    pub(super) fn finish(&self) {
        self.0.bar.finish_and_clear();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
