//! Everything that `doctor` found out, in the shape in which `--json` prints it.

use serde::Serialize;

use crate::error::Result;
use crate::provision::{Preference, find_runtime_for};
use crate::service::doctor::{Findings, gather};
use crate::settings::{Directories, variable};
use crate::terminal::Detection;

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Always `doctor`.
    pub(super) event: &'static str,
    /// What is here, and what would run where.
    #[serde(flatten)]
    pub(super) found: Findings,
    /// The terminal, of which only the command knows.
    pub(super) terminal: Terminal,
}

#[derive(Debug, Serialize)]
pub(super) struct Terminal {
    pub(super) term: Option<String>,
    /// The terminal's own name and version.
    pub(super) name: Option<String>,
    pub(super) columns: u16,
    pub(super) rows: u16,
    /// Colors of text: 16777216, 256, 16 or 0.
    pub(super) colors: u32,
    /// How pictures are drawn.
    pub(super) pictures: String,
    /// Why so.
    pub(super) why: String,
}

impl Report {
    /// Looks at everything.
    ///
    /// # Errors
    /// When there is no place for facedeck's own files, or the build is faulty.
    pub(super) fn gather(detection: &Detection) -> Result<Self> {
        // The runtime that can do most, as it is to show what can be done.
        let runtime = || find_runtime_for(Preference::Gpu);
        Ok(Report {
            event: "doctor",
            found: gather(&Directories::from_env()?, runtime)?,
            terminal: terminal(detection),
        })
    }
}

fn terminal(detection: &Detection) -> Terminal {
    let text = |name| variable(name).and_then(|value| value.into_string().ok());
    let term = text("TERM");
    Terminal {
        colors: colors(
            term.as_deref().unwrap_or(""),
            &text("COLORTERM").unwrap_or_default(),
            text("NO_COLOR").is_some(),
        ),
        term,
        name: detection.terminal.clone(),
        columns: detection.cells.0,
        rows: detection.cells.1,
        pictures: detection.protocol.to_string(),
        why: detection.why.clone(),
    }
}

/// How many colors text may have, by the usual conventions.
fn colors(term: &str, colorterm: &str, no_color: bool) -> u32 {
    match (term, colorterm) {
        _ if no_color => 0,
        ("" | "dumb", _) => 0,
        (_, "truecolor" | "24bit") => 1 << 24,
        _ if term.contains("256color") || term.contains("kitty") => 256,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_conventions() {
        assert_eq!(colors("xterm-256color", "", false), 256);
        assert_eq!(colors("xterm-256color", "truecolor", false), 1 << 24);
        assert_eq!(colors("linux", "", false), 16);
        assert_eq!(colors("dumb", "truecolor", false), 0);
        assert_eq!(colors("xterm-256color", "truecolor", true), 0);
    }
}
