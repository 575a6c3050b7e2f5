//! What was measured, in numbers that can be written down, read again and compared.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

use super::machine::Machine;

/// Raised when the meaning of a number changes.
const FORMAT: u32 = 1;

/// One run of `facedeck bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Report {
    /// `bench`.
    pub event: String,
    /// The version of this document's format.
    pub format: u32,
    /// On what it was measured.
    pub machine: Machine,
    /// Keys of the profile that were set for all.
    pub settings: Vec<String>,
    /// What was measured.
    pub rows: Vec<Row>,
}

/// One set of models at one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    /// The set's name.
    pub name: String,
    /// The size's name.
    pub size: String,
    /// Frames of the clip.
    pub frames: u64,
    /// How often it was measured.
    pub rounds: u32,
    /// The provider on which networks ran.
    pub provider: String,
    /// The stage that is busy the largest share of the time.
    pub limit: Option<String>,
    /// The numbers, by the keys of [`NUMBERS`]; what does not apply is left out.
    pub numbers: BTreeMap<String, Spread>,
    /// Why there are no numbers.
    pub error: Option<String>,
}

/// A number of several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Spread {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Spread {
    /// Of these numbers; nothing of none.
    pub fn of(mut numbers: Vec<f64>) -> Option<Self> {
        numbers.sort_by(f64::total_cmp);
        let (low, high) = (*numbers.first()?, *numbers.last()?);
        let middle = numbers.len() / 2;
        let median = if numbers.len() % 2 == 1 {
            numbers[middle]
        } else {
            (numbers[middle - 1] + numbers[middle]) / 2.0
        };
        Some(Spread { median, low, high })
    }

    /// How far the numbers lie apart, as a share of the middle one.
    pub fn width(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.high - self.low) / self.median }
    }

    fn is_sound(&self) -> bool {
        0.0 <= self.low && self.low <= self.median && self.median <= self.high
    }
}

/// Which way a number is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
    /// Neither.
    Neither,
}

/// What is known about a number.
pub(super) struct Number {
    /// Its key in the document.
    pub key: &'static str,
    /// Which way it is better.
    pub better: Better,
    /// Whether it grows with the clip, so that clips of two lengths cannot be compared by it.
    pub of_clip: bool,
}

const fn lower(key: &'static str) -> Number {
    Number { key, better: Better::Lower, of_clip: false }
}

/// Every number. Milliseconds, seconds and processor time are a frame's unless they say otherwise:
///
/// `decode_ms`, `analyze_ms`, `process_ms`, `encode_ms`: how long the stages are busy, all threads
/// together; `total_ms`: wall-clock time from the first frame to the finished file; `fps`: its
/// inverse; `cpu_ms`, `ffmpeg_cpu_ms`: processor time of facedeck itself and of its ffmpegs;
/// `limit_share`: how much of the time the limiting stage is busy, 0 to 1; `bare_ms`: one run of the
/// network and nothing else; `bare_ratio`: `total_ms` over that; `peak_bytes`: the most memory that
/// facedeck held; `written_bytes`: what came to disks, work that is removed again included;
/// `output_bytes`: the size of the result; `start_seconds`: from the start of the program to the
/// first swapped frame; `gpu_percent`: how busy the graphics processor is.
pub(super) const NUMBERS: [Number; 16] = [
    lower("decode_ms"),
    lower("analyze_ms"),
    lower("process_ms"),
    lower("encode_ms"),
    lower("total_ms"),
    Number { key: "fps", better: Better::Higher, of_clip: false },
    lower("cpu_ms"),
    lower("ffmpeg_cpu_ms"),
    Number { key: "limit_share", better: Better::Neither, of_clip: false },
    lower("bare_ms"),
    lower("bare_ratio"),
    lower("peak_bytes"),
    Number { key: "written_bytes", better: Better::Lower, of_clip: true },
    Number { key: "output_bytes", better: Better::Neither, of_clip: true },
    lower("start_seconds"),
    Number { key: "gpu_percent", better: Better::Neither, of_clip: false },
];

impl Report {
    /// Of these rows.
    pub fn new(machine: Machine, settings: Vec<String>, rows: Vec<Row>) -> Self {
        Report { event: "bench".into(), format: FORMAT, machine, settings, rows }
    }

    /// Reads what `facedeck bench --json` printed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the file cannot be read or is something else.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::usage(format!("cannot read {name}")).because(e))?;
        let foreign = || {
            Error::usage(format!("{name} is not what facedeck bench --json prints"))
                .hint("make one: facedeck bench --json > bench.json")
        };
        let value: Value = serde_json::from_str(&text).map_err(|e| foreign().because(e))?;
        if value["event"] != "bench" {
            return Err(foreign());
        }
        if value["format"] != FORMAT {
            return Err(foreign().because("another version of facedeck wrote it"));
        }
        let report: Report = serde_json::from_value(value).map_err(|e| foreign().because(e))?;
        match report.rows.iter().find(|row| !row.numbers.values().all(Spread::is_sound)) {
            Some(row) => {
                let row = format!("{} at {}", row.name, row.size);
                Err(foreign().because(format!("the numbers of {row} cannot be right")))
            }
            None => Ok(report),
        }
    }
}

impl Row {
    /// A number's middle; nothing where it does not apply.
    pub fn median(&self, key: &str) -> Option<f64> {
        self.numbers.get(key).map(|spread| spread.median)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A row with these numbers, each the same in all rounds.
    pub(in crate::cli::bench) fn row(name: &str, size: &str, numbers: &[(&str, f64)]) -> Row {
        let spread = |v: f64| Spread { median: v, low: v, high: v };
        Row {
            name: name.into(),
            size: size.into(),
            frames: 100,
            rounds: 3,
            provider: "cpu".into(),
            limit: Some("process".into()),
            numbers: numbers.iter().map(|(key, v)| ((*key).to_owned(), spread(*v))).collect(),
            error: None,
        }
    }

    /// A report with these rows.
    pub(in crate::cli::bench) fn report(rows: Vec<Row>) -> Report {
        Report::new(Machine::here(), Vec::new(), rows)
    }

    fn read(text: &str) -> Result<Report> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Report::read(file.path())
    }

    #[test]
    fn the_middle_of_any_count() {
        let of = |numbers: &[f64]| Spread::of(numbers.to_vec());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, low: 1.0, high: 3.0 }));
        assert_eq!(of(&[4.0, 1.0]).unwrap().median, 2.5);
        assert_eq!(of(&[4.0, 4.0]).unwrap().width(), 0.0);
        assert_eq!(of(&[3.0, 5.0]).unwrap().width(), 0.5);
        assert_eq!(of(&[0.0]).unwrap().width(), 0.0);
    }

    #[test]
    fn what_is_written_is_read() {
        let written = report(vec![row("embedded", "720p", &[("fps", 31.25), ("cpu_ms", 0.1)])]);
        let text = serde_json::to_string_pretty(&written).unwrap();
        assert_eq!(read(&text).unwrap(), written);
    }

    #[test]
    fn anything_else_is_refused() {
        let good = report(vec![row("embedded", "720p", &[("fps", 2.0)])]);
        let good = serde_json::to_string(&good).unwrap();
        let refused = |text: &str, why: &str| {
            let error = read(text).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.chain().contains(why), "{} lacks {why}", error.chain());
            assert!(error.hint_text().is_some());
        };
        refused("", "EOF");
        refused(&good[..good.len() / 2], "EOF");
        refused("[1, 2]", "is not what facedeck bench --json prints");
        refused(r#"{"event":"done","frames":8}"#, "is not what facedeck bench --json prints");
        refused(&good.replace("\"format\":1", "\"format\":2"), "another version");
        refused(&good.replace("\"rows\":", "\"lines\":"), "rows");
        refused(&good.replace("\"low\":2.0", "\"low\":-2.0"), "embedded at 720p");
        refused(&good.replace("\"low\":2.0", "\"low\":3.0"), "embedded at 720p");
        let gone = Report::read(Path::new("/gone/bench.json")).unwrap_err();
        assert_eq!(gone.exit_code(), 2);
    }
}
