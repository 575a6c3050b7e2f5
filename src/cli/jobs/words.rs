//! How jobs are told: short ids, times, what a job does.

use std::io::{IsTerminal, stdout};

use clap::builder::styling::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(in super::super) use crate::terminal::plain;

use crate::jobs::State;
use crate::jobs::store::Counts;
use crate::service::wire::{JobView, Progress};

use super::super::output::colored;
use super::super::progress::clock;

/// Letters of a short id. Ids that are made in one minute begin alike, so the end tells them apart.
const SHORT: usize = 8;

/// The end of an id, which is enough for the commands.
pub(in super::super) fn short(id: &str) -> &str {
    let from = id.len().saturating_sub(SHORT);
    id.get(from..).unwrap_or(id)
}

/// Seconds in words, with what matters of them: `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
pub(in super::super) fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How long ago, in one word: `12s`, `3m`, `2h`, `4d`.
pub(in super::super) fn age(then: Timestamp, now: Timestamp) -> String {
    // A clock that was put back must not say that something comes from the future.
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A time as the clock on the wall shows it.
pub(super) fn time(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `1 running, 3 queued`.
pub(in super::super) fn counts(counts: &Counts) -> String {
    let all = [
        (counts.running, "running"),
        (counts.queued, "queued"),
        (counts.paused, "paused"),
        (counts.done, "done"),
        (counts.failed, "failed"),
        (counts.refused, "refused"),
        (counts.cancelled, "cancelled"),
    ];
    let some: Vec<String> =
        all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if some.is_empty() { "empty".to_owned() } else { some.join(", ") }
}

/// The sign of a state.
pub(super) fn glyph(state: State) -> char {
    match state {
        State::Queued => '○',
        State::Running => '▶',
        State::Paused => '‖',
        State::Done => '✔',
        State::Failed => '✘',
        State::Refused => '⊘',
        State::Cancelled => '–',
    }
}

/// A line that begins with the sign and the name of a state, in its color where colors are shown.
pub(super) fn painted(line: &str, state: State) -> String {
    let shows = stdout().is_terminal() && colored();
    paint(line, state, shows)
}

fn paint(line: &str, state: State, shows: bool) -> String {
    let word = format!("{} {state}", glyph(state));
    match line.strip_prefix(&word) {
        Some(rest) if shows => {
            let color = match state {
                State::Queued => AnsiColor::Blue,
                State::Running => AnsiColor::Cyan,
                State::Paused | State::Refused => AnsiColor::Yellow,
                State::Done => AnsiColor::Green,
                State::Failed => AnsiColor::Red,
                State::Cancelled => AnsiColor::BrightBlack,
            };
            let style = Style::new().fg_color(Some(color.into()));
            format!("{style}{word}{style:#}{rest}")
        }
        _ => line.to_owned(),
    }
}

/// What a job does, waits for or came to.
pub(super) fn doing(job: &JobView) -> String {
    let failure = || job.failure.as_ref().map(|failure| failure.chain());
    let text = match job.state {
        State::Running => job.progress.as_ref().map(progress).unwrap_or_default(),
        State::Failed | State::Refused => failure().unwrap_or_else(|| job.reason.clone()),
        State::Done => job.summary.as_ref().map(summary).unwrap_or_default(),
        _ => job.waiting.clone().unwrap_or_else(|| job.reason.clone()),
    };
    plain(&text)
}

/// `42 % · 12.3 fps · 0:31 left · swap`.
pub(super) fn progress(progress: &Progress) -> String {
    let mut words = Vec::new();
    match progress.total.filter(|total| *total > 0) {
        Some(total) => words.push(format!("{} %", progress.frames.min(total) * 100 / total)),
        None if progress.frames > 0 => words.push(format!("frame {}", progress.frames)),
        None => {}
    }
    if progress.fps > 0.0 {
        words.push(format!("{:.1} fps", progress.fps));
    }
    if let Some(left) = progress.eta_seconds.filter(|left| left.is_finite()) {
        words.push(format!("{} left", clock(left.max(0.0))));
    }
    if !progress.stage.is_empty() {
        words.push(progress.stage.clone());
    }
    words.join(" · ")
}

/// `250 frames in 12 s`.
pub(super) fn summary(summary: &serde_json::Value) -> String {
    let frames = summary["frames"].as_u64().unwrap_or_default();
    let time = duration(summary["seconds"].as_f64().unwrap_or_default());
    match frames {
        0 => String::new(),
        1 => format!("1 frame in {time}"),
        _ => format!("{frames} frames in {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_with_what_matters() {
        for (seconds, text) in
            [(-1.0, "0 s"), (59.9, "59 s"), (200.0, "3 min 20 s"), (7500.0, "2 h 5 min")]
        {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(duration(90_000.0), "1 d 1 h");
        let then = Timestamp::from_second(1_000_000).unwrap();
        let after = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        for (seconds, text) in
            [(-500_i64, "0s"), (59, "59s"), (60, "1m"), (7200, "2h"), (90_000, "1d")]
        {
            assert_eq!(age(then, after(seconds)), text);
        }
    }

    #[test]
    fn progress_says_what_is_known() {
        let mut p = Progress { stage: "reading the photo".into(), ..Progress::default() };
        assert_eq!(progress(&p), "reading the photo");
        p = Progress {
            frames: 42,
            total: Some(100),
            fps: 12.34,
            eta_seconds: Some(30.2),
            stage: "swap".into(),
            stages: Vec::new(),
            segments: None,
        };
        assert_eq!(progress(&p), "42 % · 12.3 fps · 0:31 left · swap");
        p.total = Some(0);
        p.eta_seconds = Some(f64::INFINITY);
        assert_eq!(progress(&p), "frame 42 · 12.3 fps · swap");
    }

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\n\u{9b}c"), "a�[31mb��c");
    }

    #[test]
    fn ids_are_told_apart_by_their_end() {
        assert_eq!(short("01KAY7000000000000ABCDEFGH"), "ABCDEFGH");
        assert_eq!((short("AB"), short("")), ("AB", ""));
    }

    #[test]
    fn colors_change_no_letter() {
        let line = "✔ done   ABC";
        assert_eq!(paint(line, State::Done, false), line);
        let colored = paint(line, State::Done, true);
        assert!(colored.starts_with("\x1b[") && colored.ends_with("   ABC"), "{colored:?}");
        assert_eq!(paint("STATE", State::Done, true), "STATE");
    }

    #[test]
    fn counts_leave_out_what_there_is_not() {
        let some = Counts { queued: 3, running: 1, ..Counts::default() };
        assert_eq!(counts(&some), "1 running, 3 queued");
        assert_eq!(counts(&Counts::default()), "empty");
    }
}
