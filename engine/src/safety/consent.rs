//! Asks once, before the first use, whether the user accepts the terms, and remembers the answer.
//!
//! The record is a small TOML file in the configuration directory: which version of the terms,
//! when, and by which way.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Version of [`TERMS`]. A record of an older version does not count.
pub const TERMS_VERSION: u32 = 1;

/// What the user agrees to.
pub const TERMS: &str = "\
facedeck puts one person's face on another's body. Before you use it, please
agree to this:

  1. Rights and consent: I have the right to use these pictures and videos, and
     the consent of the people shown and of the person whose face I use.
  2. Use: I make no sexual content, and nothing that deceives, harasses or
     defames.
  3. Honesty: what I share, I label as altered.
";

/// Name of the record in the configuration directory.
const FILE: &str = "consent.toml";
/// Environment variable that accepts the terms like `--accept-terms`.
const VARIABLE: &str = "FACEDECK_ACCEPT_TERMS";

/// How the terms were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// Typed at the terminal.
    Terminal,
    /// `--accept-terms`.
    Flag,
    /// `FACEDECK_ACCEPT_TERMS=1`.
    Environment,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    terms: u32,
    accepted_at: toml::value::Datetime,
    by: Way,
}

/// Makes sure that the user has accepted the terms: now or, by the record, before.
///
/// `config_dir` is created when needed. `accept_flag` is `--accept-terms`; the environment variable
/// `FACEDECK_ACCEPT_TERMS=1` does the same. `interactive` says that a person is there: standard
/// input and standard error are terminals. A record that cannot be read counts as none; one that
/// cannot be written is warned about and does not stop the user.
///
/// # Errors
/// Of the kind [`Usage`](crate::error::Kind::Usage) when the terms are not accepted, or when there
/// is nobody to ask.
pub fn ensure(config_dir: &Path, accept_flag: bool, interactive: bool) -> Result<()> {
    let variable = std::env::var(VARIABLE).is_ok_and(|value| is_yes(&value));
    let given = if accept_flag { Some(Way::Flag) } else { variable.then_some(Way::Environment) };
    settle(config_dir, given, interactive, &mut io::stdin().lock(), &mut io::stderr())
}

/// [`ensure`] with its surroundings given.
fn settle(
    config_dir: &Path,
    given: Option<Way>,
    interactive: bool,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<()> {
    let path = config_dir.join(FILE);
    if is_accepted(&path) {
        return Ok(());
    }
    let way = match given {
        Some(way) => way,
        None if interactive => ask(input, output)?,
        None => {
            return Err(Error::usage("the terms of use have not been accepted yet").hint(format!(
                "run facedeck once in a terminal to read them, or add --accept-terms \
                 (or set {VARIABLE}=1) to accept: you have the rights and the consent of the \
                 people shown, make no sexual content, and label what you share"
            )));
        }
    };
    if let Err(e) = record(&path, way) {
        // Nothing to stop for: it was accepted. But it will be asked again, and that needs a word.
        let _ = writeln!(
            output,
            "warning: cannot remember that you accepted the terms: {}: {e}",
            path.display()
        );
    }
    Ok(())
}

/// Asks at the terminal until there is an answer; an empty one is a no.
fn ask(input: &mut dyn BufRead, output: &mut dyn Write) -> Result<Way> {
    let refused = || {
        Error::usage("the terms of use were not accepted")
            .hint("answer 'y' if you agree; facedeck does nothing without")
    };
    let cannot = |e: io::Error| Error::usage("cannot ask for the terms of use").because(e);
    writeln!(output, "{TERMS}").map_err(cannot)?;
    loop {
        write!(output, "Do you agree? [y/N] ").and_then(|()| output.flush()).map_err(cannot)?;
        let mut line = String::new();
        if input.read_line(&mut line).map_err(cannot)? == 0 {
            let _ = writeln!(output);
            return Err(refused());
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(Way::Terminal),
            "" | "n" | "no" => return Err(refused()),
            _ => {}
        }
    }
}

/// Whether the record says that these terms, or later ones, were accepted.
fn is_accepted(path: &Path) -> bool {
    fs::read_to_string(path)
        .ok()
        .and_then(|text| toml::from_str::<Record>(&text).ok())
        .is_some_and(|record| record.terms >= TERMS_VERSION)
}

/// Writes the record beside its place and moves it there.
fn record(path: &Path, by: Way) -> io::Result<()> {
    let record = Record { terms: TERMS_VERSION, accepted_at: now()?, by };
    let text = toml::to_string(&record).map_err(io::Error::other)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn is_yes(value: &str) -> bool {
    matches!(value.trim().to_lowercase().as_str(), "1" | "true" | "yes" | "y" | "on")
}

/// The time in UTC, to the second.
fn now() -> io::Result<toml::value::Datetime> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    utc(elapsed.as_secs()).parse().map_err(io::Error::other)
}

/// Seconds since 1970 as RFC 3339 (proleptic Gregorian calendar).
fn utc(seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Count from 0000-03-01, so that the leap day is a year's last: 400 years have 146 097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year, if month < 10 { month + 3 } else { month - 9 });
    let year = if month <= 2 { year + 1 } else { year };
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests;
