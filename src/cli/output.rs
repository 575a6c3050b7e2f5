//! What a command tells its user besides its result: notes, warnings, errors.
//!
//! For people on standard error; with `--json` as one line per event on standard output.

use std::io::{IsTerminal, Write, stderr, stdout};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::error::{Error, Kind};

/// How to talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputMode {
    /// To a person at a terminal: bars and colors.
    Terminal,
    /// Into a file or a pipe: plain lines.
    Plain,
    /// To a program: JSON, one event a line, on standard output.
    Json,
    /// Only warnings and errors.
    Quiet,
}

impl OutputMode {
    /// The mode for these flags; `--json` wins over `--quiet`.
    pub fn from_flags(json: bool, quiet: bool) -> Self {
        if json {
            OutputMode::Json
        } else if quiet {
            OutputMode::Quiet
        } else if stderr().is_terminal() && !is_dumb() {
            OutputMode::Terminal
        } else {
            OutputMode::Plain
        }
    }

    /// Something good to know.
    pub fn note(self, text: &str) {
        match self {
            OutputMode::Json => json_line(&json!({ "event": "note", "message": text })),
            OutputMode::Quiet => {}
            OutputMode::Terminal | OutputMode::Plain => line(text),
        }
    }

    /// Something that may surprise the user; said in quiet mode too.
    pub fn warn(self, text: &str) {
        match self {
            OutputMode::Json => json_line(&json!({ "event": "warning", "message": text })),
            _ => line(&format!("{} {text}", label("warning:", AnsiColor::Yellow))),
        }
    }

    /// A warning beside the matter, for the person behind a program: on standard error also with
    /// `--json`, so that programs read the same events with it and without.
    pub fn aside(self, text: &str) {
        if self != OutputMode::Quiet {
            line(&format!("{} {text}", label("warning:", AnsiColor::Yellow)));
        }
    }

    /// The error that ends the command.
    pub fn error(self, error: &Error) {
        match self {
            OutputMode::Json => json_line(&error_event(error)),
            _ => line(&error_text(error, &label("error:", AnsiColor::Red))),
        }
    }
}

/// Whether standard error may be colored: a terminal, and `NO_COLOR` unset or empty.
pub fn colored() -> bool {
    stderr().is_terminal()
        && !is_dumb()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Prints one event on standard output.
pub fn json_line(event: &Value) {
    result_line(&event.to_string());
}

/// Prints one line on standard output. A reader that went away is no reason to stop the work.
pub(super) fn result_line(text: &str) {
    let mut output = stdout().lock();
    let _ = writeln!(output, "{text}").and_then(|()| output.flush());
}

/// Prints one line on standard error, whether or not somebody listens.
pub(super) fn line(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}

fn label(word: &str, color: AnsiColor) -> String {
    if colored() {
        let style = Style::new().bold().fg_color(Some(color.into()));
        format!("{style}{word}{style:#}")
    } else {
        word.to_owned()
    }
}

/// The error for people: what happened, why, and what to try.
fn error_text(error: &Error, label: &str) -> String {
    let mut text = format!("{label} {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(because) = cause {
        text.push_str(&format!("\n  because: {because}"));
        cause = because.source();
    }
    if let Some(hint) = error.hint_text() {
        text.push_str(&format!("\n  try: {hint}"));
    }
    text
}

/// The error for programs.
fn error_event(error: &Error) -> Value {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(because) = cause {
        causes.push(because.to_string());
        cause = because.source();
    }
    let mut event = json!({
        "event": "error",
        "kind": error.kind_name(),
        "message": error.message(),
        "causes": causes,
        "hint": error.hint_text(),
        "exit_code": error.exit_code(),
    });
    if let Kind::Refused(refusal) = error.kind() {
        event["refusal"] = json!(refusal);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    fn broken_disk() -> Error {
        let inner = Error::failed("cannot write out.mp4").because(std::io::Error::other("EIO"));
        Error::failed("the video could not be finished").because(inner).hint("another disk")
    }

    #[test]
    fn people_read_every_cause_and_the_hint() {
        assert_eq!(
            error_text(&broken_disk(), "error:"),
            "error: the video could not be finished\n  because: cannot write out.mp4\n  \
             because: EIO\n  try: another disk"
        );
        assert_eq!(error_text(&Error::interrupted(), "error:"), "error: interrupted");
    }

    #[test]
    fn programs_read_the_same() {
        let event = error_event(&broken_disk());
        assert_eq!(event["event"], "error");
        assert_eq!(event["kind"], "failed");
        assert_eq!(event["causes"], json!(["cannot write out.mp4", "EIO"]));
        assert_eq!(event["hint"], "another disk");
        assert_eq!(event["exit_code"], 1);
        assert!(event.get("refusal").is_none());
        assert!(error_event(&Error::interrupted())["hint"].is_null());
    }

    #[test]
    fn a_refusal_says_where() {
        let refusal = Refusal { file: "a.mp4".into(), frame: 7, time: 0.28, score: 0.5 };
        let event = error_event(&Error::new(Kind::Refused(refusal), "refused"));
        assert_eq!(event["exit_code"], 3);
        assert_eq!(
            event["refusal"],
            json!({ "file": "a.mp4", "frame": 7, "time": 0.28, "score": 0.5 })
        );
    }

    #[test]
    fn one_event_is_one_line() {
        let event = error_event(&Error::failed("two\nlines"));
        assert!(!event.to_string().contains('\n'));
    }

    #[test]
    fn flags_decide() {
        assert_eq!(OutputMode::from_flags(true, true), OutputMode::Json);
        assert_eq!(OutputMode::from_flags(false, true), OutputMode::Quiet);
    }
}
