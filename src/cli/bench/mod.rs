//! `facedeck bench`: measures this machine and prints a table.
//!
//! Every measurement runs in a process of its own, which does one job as `facedeck swap` does it.

mod bare;
mod child;
mod clips;
mod compare;
mod given;
mod machine;
mod measure;
mod networks;
mod one;
mod report;
mod sizes;
mod subjects;
mod table;
mod task;

use std::path::{Path, PathBuf};

use clap::ValueHint;
use serde_json::json;

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::profiles::Setting;
use crate::settings::Directories;

use super::args::{OutArgs, provisioned};
use super::flags::set;
use super::output::{OutputMode, result_line};
use clips::{Clips, FPS};
use machine::Machine;
use measure::Plan;
use report::{Report, Row};
use sizes::Size;

/// Arguments of `facedeck bench`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct BenchArgs {
    /// The sizes of the clips, such as 720p or 1280x720
    #[arg(long, value_name = "SIZE", value_delimiter = ',', value_parser = sizes::parse,
          default_values = ["720p", "1080p", "2160p"])]
    sizes: Vec<Size>,
    /// Only this set of models; several are named one by one
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure the networks of this folder, too; they need not be installed
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    models: Option<PathBuf>,
    /// Length of the clips in seconds; slow models get shorter ones [default: 4]
    #[arg(long, value_name = "N", conflicts_with = "frames")]
    seconds: Option<f64>,
    /// Frames of the clips, however long it takes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=90_000))]
    frames: Option<u64>,
    /// How often everything is measured; the middle counts
    #[arg(long, value_name = "N", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Set a key of the profile for all, such as run.threads=4 or run.providers=cuda
    #[arg(long, value_name = "KEY=VALUE", value_parser = set)]
    set: Vec<Setting>,
    /// Measure what the faster forms of networks gain on this processor: those of --models, or yours
    #[arg(long, conflicts_with_all = ["compare", "show", "seconds", "frames"])]
    networks: bool,
    /// Compare with what an earlier run printed with --json
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    compare: Option<PathBuf>,
    /// Show what an earlier run printed with --json, and measure nothing
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
          conflicts_with_all = ["only", "models", "seconds", "frames", "set"])]
    show: Option<PathBuf>,
    /// Where clips and results lie while it works [default: facedeck's cache]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    work: Option<PathBuf>,
    /// The job of the process that measures
    #[arg(long, value_name = "TASK", hide = true, exclusive = true)]
    one: Option<PathBuf>,
    #[command(flatten)]
    out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck bench                                     the embedded models and those that are here
  facedeck bench --only embedded --sizes 720p        a quick look
  facedeck bench --models ~/generated --sizes 1080p  networks that are not installed
  facedeck bench --json > before.json                to be kept
  facedeck bench --compare before.json               better or worse than then?
  facedeck bench --show after.json --compare before.json
  facedeck bench --networks --rounds 11               what the faster forms of your networks gain
  facedeck bench --only inswapper_128 --set run.providers=cuda --set run.half_precision=true

Networks of a folder are known by the names of their files: inswapper_128.onnx, det_10g.onnx,
w600k_r50.onnx. Where their detector is not the published one, it is taken for a stand-in with
random weights, and the clip's face carries the five colored dots that such detectors look for.

Only public-domain pictures are used (a painted face, a portrait by NASA).";

/// The clips' length in seconds when nothing is said, and the most.
const SECONDS: (f64, f64) = (4.0, 3600.0);

impl BenchArgs {
    /// How this command speaks. The document is one object; notes go to standard error.
    pub fn output_mode(&self) -> OutputMode {
        OutputMode::from_flags(self.out.json || self.one.is_some(), self.out.quiet)
    }

    /// Where it works.
    fn work_folder(&self) -> Result<PathBuf> {
        match &self.work {
            Some(folder) => Ok(folder.clone()),
            None => Ok(Directories::from_env()?.cache),
        }
    }

    /// Frames of the clips.
    fn clip_frames(&self) -> Result<u64> {
        if let Some(frames) = self.frames {
            return Ok(frames);
        }
        let seconds = self.seconds.unwrap_or(SECONDS.0);
        if !(seconds > 0.0 && seconds <= SECONDS.1) {
            return Err(Error::usage(format!("a clip cannot take {seconds} seconds"))
                .hint(format!("say more than 0 and at most {}", SECONDS.1)));
        }
        Ok(((seconds * f64::from(FPS)).round() as u64).max(1))
    }
}

/// Runs the command.
///
/// # Errors
/// When nothing can be measured, the files cannot be written, the earlier run cannot be read or has
/// nothing in common with this one; when a measurement failed, after the table was printed.
pub fn run(args: &BenchArgs) -> Result<()> {
    if let Some(task) = &args.one {
        return one::run(task);
    }
    if args.networks {
        return run_networks(args);
    }
    let before = args.compare.as_deref().map(Report::read).transpose()?;
    let report = match &args.show {
        Some(path) => Report::read(path)?,
        None => measure(args, before.as_ref())?,
    };
    let compared = before.map(|before| compare::compare(&report, &before));
    if let (Some([]), Some(file)) = (compared.as_deref(), &args.compare) {
        return Err(nothing_in_common(file));
    }
    if args.out.json {
        let mut document = json!(report);
        if let Some(compared) = &compared {
            document["compared"] = json!(compared);
        }
        result_line(&format!("{document:#}"));
    } else {
        result_line(&table::render(&report));
        if let Some(compared) = &compared {
            result_line(&table::render_comparison(compared));
        }
    }
    let failed = report.rows.iter().filter(|row| row.error.is_some()).count();
    if failed > 0 && args.show.is_none() {
        let all = report.rows.len();
        return Err(Error::failed(format!("{failed} of {all} measurements failed"))
            .hint("the table says why"));
    }
    Ok(())
}

/// Networks and their faster forms.
fn run_networks(args: &BenchArgs) -> Result<()> {
    let work = args.work_folder()?;
    let (document, table) = networks::run(&networks::Request {
        models: args.models.as_deref(),
        only: &args.only,
        set: &args.set,
        rounds: args.rounds as usize,
        work: &work,
        mode: OutputMode::from_flags(false, args.out.quiet),
    })?;
    result_line(&if args.out.json { format!("{document:#}") } else { table });
    Ok(())
}

fn nothing_in_common(file: &Path) -> Error {
    Error::usage(format!("{} has none of these models at one of these sizes", file.display()))
        .hint("measure the same: --models, --only and --sizes as then")
}

/// Measures everything that was asked for.
fn measure(args: &BenchArgs, before: Option<&Report>) -> Result<Report> {
    let mode = OutputMode::from_flags(false, args.out.quiet);
    let (subjects, left_out) = subjects::all(&Store::open()?, args.models.as_deref())?;
    if args.only.is_empty() {
        left_out.iter().for_each(|line| mode.note(line));
    }
    let subjects = subjects::only(subjects, &args.only).map_err(|error| match &left_out[..] {
        [] => error,
        lines => error.because(lines.join("; ")),
    })?;
    let mut sizes: Vec<Size> = Vec::new();
    for size in &args.sizes {
        if !sizes.contains(size) {
            sizes.push(*size);
        }
    }
    // Known before the work begins, not after.
    if let (Some(before), Some(file)) = (before, &args.compare) {
        let has = |name: &str| {
            let asked = |row: &Row| sizes.iter().any(|size| size.to_string() == row.size);
            let mut rows = before.rows.iter();
            rows.any(|row| row.error.is_none() && row.name == name && asked(row))
        };
        if !subjects.iter().any(|subject| has(&subject.name)) {
            return Err(nothing_in_common(file));
        }
    }
    let frames = args.clip_frames()?;
    let interrupt = Interrupt::on_signals()?;
    let tools = provisioned()?.ffmpeg;
    let place = args.work_folder()?;
    let unwritable = || format!("cannot write to {}", place.display());
    std::fs::create_dir_all(&place).context(unwritable)?;
    let folder =
        tempfile::Builder::new().prefix("bench-").tempdir_in(&place).context(unwritable)?;
    let plan = Plan {
        frames,
        exact: args.frames.is_some(),
        rounds: args.rounds,
        sizes: &sizes,
        folder: folder.path(),
        mode,
        interrupt: &interrupt,
    };
    let clips = Clips { folder: folder.path(), tools: &tools, interrupt: &interrupt };
    let mut rows = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        let home = folder.path().join(format!("home-{number}"));
        let prepared = subject.prepare(&home, &args.set, &interrupt)?;
        rows.extend(plan.measure(subject, &prepared, &clips)?);
    }
    let settings = args.set.iter().map(told).collect();
    Ok(Report::new(Machine::here(), settings, rows))
}

/// A setting as it was said.
fn told(setting: &Setting) -> String {
    let value = setting.value.as_ref().map_or_else(|| "default".to_owned(), ToString::to_string);
    format!("{}={value}", setting.key)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn args(words: &[&str]) -> BenchArgs {
        let all = ["facedeck", "bench"].iter().chain(words);
        match Cli::try_parse_from(all).unwrap().command {
            Some(Command::Bench(args)) => *args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sizes_and_lengths_have_defaults() {
        let usual = args(&[]);
        let names: Vec<String> = usual.sizes.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["720p", "1080p", "2160p"]);
        assert_eq!((usual.clip_frames().unwrap(), usual.rounds), (100, 3));
        let asked = args(&["--sizes", "720p,640x360", "--seconds", "0.5"]);
        assert_eq!((asked.sizes.len(), asked.clip_frames().unwrap()), (2, 13));
        assert_eq!(args(&["--frames", "7"]).clip_frames().unwrap(), 7);
        for seconds in ["0", "-1", "nan", "1e9"] {
            let args = args(&[&format!("--seconds={seconds}")]);
            assert_eq!(args.clip_frames().unwrap_err().exit_code(), 2, "{seconds}");
        }
        for wrong in [&["--sizes", "721p"][..], &["--frames", "0"], &["--rounds", "0"]] {
            assert!(Cli::try_parse_from(["facedeck", "bench"].iter().chain(wrong)).is_err());
        }
    }

    #[test]
    fn settings_are_told_as_they_were_said() {
        let words: Vec<String> = args(&["--set", "run.threads=4", "--set", "video.fps=default"])
            .set
            .iter()
            .map(told)
            .collect();
        assert_eq!(words, ["run.threads=4", "video.fps=default"]);
    }
}
