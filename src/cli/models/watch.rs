//! How a download comes along: a bar for people, lines for logs, events for programs.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::models::download::{Progress, Watcher};
use crate::models::store::mebibytes;

use super::super::output::{OutputMode, colored, json_line, line};
use super::super::progress::clock;

/// Shortest time between two events of `--json`.
const JSON_EVERY: Duration = Duration::from_millis(250);
/// Shortest time between two plain lines, and the age at which the first one comes.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Shows one download after the other.
pub(super) struct Show {
    mode: OutputMode,
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Show {
    pub(super) fn new(mode: OutputMode) -> Self {
        Show { mode, bar: None, told: Instant::now() }
    }

    fn draw(&mut self, progress: &Progress<'_>) {
        let bar = self.bar.get_or_insert_with(|| {
            let color = if colored() { ".cyan/238" } else { "" };
            let template = match progress.total {
                Some(_) => format!("{{bar:28{color}}} {{percent:>3}}%  {{wide_msg}}"),
                None => "{spinner}  {wide_msg}".to_owned(),
            };
            // The template above is right; a plain bar is still better than none.
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━╸─");
            progress.total.map_or_else(ProgressBar::new_spinner, ProgressBar::new).with_style(style)
        });
        bar.set_position(progress.done);
        bar.set_message(words(progress));
    }
}

impl Watcher for Show {
    fn note(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.mode.note(text)),
            None => self.mode.note(text),
        }
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        let done = progress.total == Some(progress.done);
        match self.mode {
            OutputMode::Quiet => {}
            OutputMode::Terminal => self.draw(progress),
            OutputMode::Plain if self.told.elapsed() >= PLAIN_EVERY => {
                self.told = Instant::now();
                line(&format!("{}: {}", progress.file, words(progress)));
            }
            OutputMode::Json if done || self.told.elapsed() >= JSON_EVERY => {
                self.told = Instant::now();
                json_line(&json!({
                    "event": "download",
                    "file": progress.file,
                    "bytes": progress.done,
                    "total": progress.total,
                    "rate": progress.rate.map(f64::round),
                    "eta": left(progress).map(f64::round),
                    "from": progress.from,
                }));
            }
            OutputMode::Plain | OutputMode::Json => {}
        }
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Seconds that are left, as far as known.
fn left(progress: &Progress<'_>) -> Option<f64> {
    let rate = progress.rate.filter(|rate| *rate > 0.0)?;
    Some(progress.total?.saturating_sub(progress.done) as f64 / rate)
}

/// "120.5 MiB of 528.6 MiB · 11.2 MiB/s · 0:37 left · huggingface.co".
fn words(progress: &Progress<'_>) -> String {
    let mut words = mebibytes(progress.done);
    if let Some(total) = progress.total {
        words.push_str(&format!(" of {}", mebibytes(total)));
    }
    if let Some(rate) = progress.rate {
        words.push_str(&format!(" · {}/s", mebibytes(rate as u64)));
    }
    if let Some(left) = left(progress) {
        words.push_str(&format!(" · {} left", clock(left)));
    }
    format!("{words} · {}", progress.from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said() {
        let mut progress = Progress {
            file: "a.onnx",
            done: 3 << 20,
            total: Some(9 << 20),
            rate: Some(f64::from(2 << 20)),
            from: "here.example",
        };
        let all = "3.0 MiB of 9.0 MiB · 2.0 MiB/s · 0:03 left · here.example";
        assert_eq!(words(&progress), all);
        (progress.total, progress.rate) = (None, None);
        assert_eq!(words(&progress), "3.0 MiB · here.example");
    }
}
