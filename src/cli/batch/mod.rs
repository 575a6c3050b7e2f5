//! `facedeck batch`: every source into every target, one after the other, on one engine. One
//! failure does not stop the rest; a table at the end says how each job went.

mod jobs;
mod names;
mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Engine, Request};
use crate::profiles::Profile;

use super::args::{OutArgs, ResumeArgs, TermsArgs};
use super::flags::{JobArgs, VideoArgs, engine};
use super::output::OutputMode;
use super::swap::Teller;

use jobs::Job;
use report::{Outcome, Row};

/// Arguments of `facedeck batch`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct BatchArgs {
    /// Photos: paths, patterns, @FILE with one a line; a folder is one person with all its photos
    #[arg(short, long = "source", value_name = "PHOTO|PATTERN|FOLDER", num_args = 1..)]
    pub sources: Vec<String>,
    /// Pictures and videos: paths, patterns, @FILE with one a line
    #[arg(short, long = "target", value_name = "FILE|PATTERN", num_args = 1.., required = true)]
    pub targets: Vec<String>,
    /// Where results go: a folder, or a pattern with {source} {target} {ext} {index}
    #[arg(short, long, value_name = "FOLDER|PATTERN")]
    pub output: String,
    /// Which face of the photos, by size from 0 [default: the largest]
    #[arg(long, value_name = "N")]
    pub source_face: Option<usize>,
    /// Replace outputs that exist
    #[arg(short = 'y', long, conflicts_with = "skip_existing")]
    pub overwrite: bool,
    /// Leave out what has its output already
    #[arg(long)]
    pub skip_existing: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub resume: ResumeArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub job: JobArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub video: VideoArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck batch -s me.jpg -t 'clips/*.mp4' -o out/
  facedeck batch -s 'faces/*.jpg' -t a.mp4 b.png -o 'out/{index}-{target}-{source}.{ext}'
  facedeck batch -s people/ann -t @films.txt -o out/ --profile quality --skip-existing

Exit code: 0 when every job is done or was skipped; when every job that was
tried failed in the same way, the code of that failure; else 1.";

/// Runs the command.
///
/// # Errors
/// When what is asked for makes no sense, or any job failed.
pub fn run(args: &BatchArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    args.terms.ensure()?;
    let profile = args.job.resolve(Some(&args.video))?.profile;
    let jobs = jobs::plan(args, &profile)?;
    if args.dry_run {
        let rows = jobs.into_iter().map(|job| Row::new(job, Outcome::Planned)).collect::<Vec<_>>();
        rows.iter().for_each(|row| report::tell(row, mode));
        report::table(&rows, mode);
        return Ok(());
    }
    let interrupt = Interrupt::on_signals()?;
    let (mut engine, ()) = engine(&profile, &args.job.run, mode, &interrupt, |_| Ok(()))?;
    let count = jobs.len();
    let mut rows = Vec::with_capacity(count);
    for job in jobs {
        if mode != OutputMode::Json {
            mode.note(&format!("[{}/{count}] {}", job.index, job.output.display()));
        }
        let outcome = attempt(args, &job, &profile, &mut engine, mode, &interrupt);
        let row = Row::new(job, outcome);
        report::tell(&row, mode);
        rows.push(row);
    }
    report::table(&rows, mode);
    verdict(&rows, &interrupt)
}

/// One job, whatever comes of it.
fn attempt(
    args: &BatchArgs,
    job: &Job,
    profile: &Profile,
    engine: &mut Engine,
    mode: OutputMode,
    interrupt: &Interrupt,
) -> Outcome {
    if interrupt.check().is_err() {
        return Outcome::NotStarted;
    }
    if job.skip {
        return Outcome::Skipped;
    }
    let request = request(args, job, profile);
    let teller = Teller::new(mode);
    let start = Instant::now();
    let result = pipeline::run(&request, engine, &teller, interrupt);
    teller.finish();
    // What only the last job needed makes room for the next one.
    engine.pool.drop_idle(IDLE);
    match result {
        Ok(summary) => Outcome::Done(Box::new(summary)),
        Err(error) => Outcome::Failed { error, seconds: start.elapsed().as_secs_f64() },
    }
}

/// Networks that no job has used for so long are dropped.
const IDLE: Duration = Duration::from_secs(60);

fn request(args: &BatchArgs, job: &Job, profile: &Profile) -> Request {
    Request {
        sources: job.photos.clone(),
        source_face: args.source_face,
        target: job.target.clone(),
        output: job.output.clone(),
        overwrite: args.overwrite,
        resume: args.resume.resume(),
        profile: profile.clone(),
    }
}

/// What the whole batch comes to.
fn verdict(rows: &[Row], interrupt: &Interrupt) -> Result<()> {
    interrupt.check()?;
    let errors: Vec<&Error> = rows.iter().filter_map(Row::error).collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let tried = rows.iter().filter(|row| row.was_tried()).count();
    let message = format!("{} of {tried} jobs failed", errors.len());
    let alike = errors.iter().all(|error| error.exit_code() == first.exit_code());
    if errors.len() == tried && alike {
        return Err(Error::new(first.kind().clone(), message));
    }
    Err(Error::failed(message))
}

/// A path that a pattern may name.
type Paths = Vec<PathBuf>;
