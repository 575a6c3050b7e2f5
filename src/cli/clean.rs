//! `facedeck clean`: shows and throws away what jobs left that were cut off.

use std::path::{Path, PathBuf};

use indicatif::DecimalBytes;
use jiff::Timestamp;
use serde_json::json;

use crate::error::{Error, Result};
use crate::pipeline::{Unfinished, discard, unfinished, unfinished_of};

use super::args::OutArgs;
use super::jobs::words::age;
use super::models::ask;
use super::models::table;
use super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck clean`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CleanArgs {
    /// Outputs that were not finished, or folders in which they were to lie
    #[arg(value_name = "OUTPUT|FOLDER", default_value = ".")]
    pub places: Vec<PathBuf>,
    /// Only show what is there
    #[arg(short, long)]
    pub list: bool,
    /// Only what nobody has worked on for so many days
    #[arg(long, value_name = "DAYS")]
    pub older_than: Option<f64>,
    /// Do not ask
    #[arg(short, long, conflicts_with = "list")]
    pub yes: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck clean --list                 what was cut off in this folder
  facedeck clean out.mp4                forget how far out.mp4 was
  facedeck clean /films --older-than 7 --yes

A film that was cut off leaves its finished segments beside its output, in a
hidden folder .NAME.facedeck; the same command goes on with them. Whoever does
not want that throws them away here. What is being worked on is never touched.";

/// Runs the command.
///
/// # Errors
/// When a place cannot be read, the user says no, or something cannot be removed.
pub fn run(args: &CleanArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    let now = Timestamp::now();
    let mut found = Vec::new();
    for place in &args.places {
        found.extend(look(place)?);
    }
    if let Some(days) = args.older_than {
        if !(days >= 0.0 && days.is_finite()) {
            return Err(Error::usage(format!("{days} days are no age")));
        }
        found.retain(|work| days_since(work, now) >= days);
    }
    if found.is_empty() {
        mode.note("nothing was cut off here");
        return Ok(());
    }
    tell(&found, now, mode);
    let (busy, idle): (Vec<_>, Vec<_>) = found.into_iter().partition(|work| work.busy);
    if args.list || idle.is_empty() {
        return Ok(());
    }
    if !busy.is_empty() {
        mode.note("what is being made now stays");
    }
    let frames: u64 = idle.iter().map(|work| work.done).sum();
    let size: u64 = idle.iter().map(|work| work.bytes).sum();
    let films = if idle.len() == 1 { "1 film".to_owned() } else { format!("{} films", idle.len()) };
    let what = format!("the {frames} finished frames of {films} ({})", DecimalBytes(size));
    ask::agree_to_lose(&what, args.yes, mode)?;
    for work in &idle {
        discard(&work.output)?;
        if mode == OutputMode::Json {
            json_line(&json!({ "event": "removed", "output": work.output, "bytes": work.bytes }));
        }
    }
    mode.note(&format!("{} are free again", DecimalBytes(size)));
    Ok(())
}

/// What lies at a place: an output's work, or all of a folder.
fn look(place: &Path) -> Result<Vec<Unfinished>> {
    if place.is_dir() {
        return unfinished(place);
    }
    match unfinished_of(place)? {
        Some(work) => Ok(vec![work]),
        None => Err(Error::usage(format!("nothing is left of an unfinished {}", place.display()))
            .hint("name the output, or the folder in which it was to lie")),
    }
}

fn days_since(work: &Unfinished, now: Timestamp) -> f64 {
    changed(work, now).duration_until(now).as_secs_f64() / 86_400.0
}

fn changed(work: &Unfinished, now: Timestamp) -> Timestamp {
    Timestamp::try_from(work.changed).unwrap_or(now)
}

fn tell(found: &[Unfinished], now: Timestamp, mode: OutputMode) {
    if mode == OutputMode::Json {
        for work in found {
            json_line(&json!({
                "event": "unfinished",
                "output": work.output,
                "target": work.target,
                "folder": work.folder,
                "frames": work.done,
                "total": work.frames,
                "bytes": work.bytes,
                "changed": changed(work, now),
                "busy": work.busy,
            }));
        }
        return;
    }
    let head = ["OUTPUT", "FRAMES", "SIZE", "AGE", ""].map(str::to_owned);
    let rows = found.iter().map(|work| {
        let of = work.frames.map(|frames| format!(" of {frames}")).unwrap_or_default();
        [
            work.output.display().to_string(),
            format!("{}{of}", work.done),
            DecimalBytes(work.bytes).to_string(),
            age(changed(work, now), now),
            if work.busy { "is being made".to_owned() } else { String::new() },
        ]
    });
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    table::lines(&rows, table::width(), 0).iter().for_each(|line| result_line(line));
}
