//! `facedeck swap`: one job, here and now.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ValueHint;
use serde_json::json;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::jobs::output;
use crate::pipeline::{self, Ahead, Observer, Request, StageShare, Stale, Summary};
use crate::profiles::Profile;

use super::args::{OutArgs, ResumeArgs, SourceArgs, TermsArgs};
use super::flags::{JobArgs, VideoArgs, engine};
use super::output::{OutputMode, json_line, line};
use super::progress::Progress;

/// Arguments of `facedeck swap`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct SwapArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// The picture or video to change; a folder of pictures or a pattern (frames/%04d.png) is one,
    /// too
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub target: PathBuf,
    /// Where the result goes, pictures with a pattern (out/%04d.png); in a folder it is named
    /// SOURCE-TARGET [default: beside the target, named TARGET-swapped]
    #[arg(short, long, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(short = 'y', long)]
    pub overwrite: bool,
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
  facedeck swap -s me.jpg -t film.mp4 -o out.mp4
  facedeck swap -s me.jpg -t film.mkv -o out.mkv --quality 90 --preset slow
  facedeck swap -s front.jpg side.jpg -t party.mp4 -o out.mp4 --many-faces
  facedeck swap -s me.jpg -t portrait.png -o swapped.png
  facedeck swap -s me.jpg -t film.mp4 -o part.mp4 --start 1:02.5 --end 1:10 --scale 720p
  facedeck swap -s me.jpg -t film.mp4 -o part.gif --start 300f --end 400f --fps 12.5 --scale 50%
  facedeck swap -s me.jpg -t frames/%04d.png -o swapped/%04d.png --fps 24
  facedeck swap -s me.jpg -t film.mp4 -o out.mp4 --profile quality --pull
  facedeck swap --map ann.jpg=me.jpg --map bob.jpg=you.jpg -t film.mp4 -o out.mp4
  facedeck swap --profile roop -s me.jpg -t film.mp4 -o out.mp4 --keep-fps --execution-threads 8

--profile names a set of choices, the other flags change them: see `facedeck profiles list`.";

impl SwapArgs {
    fn request(&self, profile: Profile) -> Request {
        let first = self.source.sources.first();
        let output =
            output::choose(self.output.as_deref(), first.map(PathBuf::as_path), &self.target);
        Request {
            sources: self.source.sources.clone(),
            source_face: self.source.source_face,
            target: self.target.clone(),
            output,
            overwrite: self.overwrite,
            resume: self.resume.resume(),
            profile,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Everything that can go wrong with a job.
pub fn run(args: &SwapArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    args.terms.ensure()?;
    let mut request = args.request(args.job.resolve(Some(&args.video))?.profile);
    ask_before_loss(&mut request)?;
    request.check()?;
    let interrupt = Interrupt::on_signals()?;
    let (mut engine, ahead) =
        engine(&request.profile, &args.job.run, mode, &interrupt, |ffmpeg| {
            Ahead::of(&request, ffmpeg, &interrupt)
        })?;
    let teller = Teller::new(mode);
    let summary = pipeline::run_ahead(&request, ahead, &mut engine, &teller, &interrupt)?;
    teller.finish();
    report(mode, &summary, verb(&request.profile));
    Ok(())
}

/// On a terminal, asks before an existing output is replaced.
fn ask_before_loss(request: &mut Request) -> Result<()> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if request.overwrite || !terminal || !request.output.is_file() {
        return Ok(());
    }
    eprint!("{} exists already. Replace it? [y/N] ", request.output.display());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        request.overwrite = true;
        return Ok(());
    }
    Err(Error::usage(format!("{} was left as it is", request.output.display())))
}

/// On a terminal, asks what becomes of the work of an earlier run that does not fit this one.
fn ask_about_work(changes: &[String]) -> Result<Stale> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !terminal {
        return pipeline::refuse_stale(changes);
    }
    eprintln!("An earlier run left work that does not fit this one:");
    for change in changes {
        eprintln!("  {change}");
    }
    eprint!("[b]egin anew, [g]o on with it all the same, or [l]eave everything as it is? ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    match (read, answer.trim().to_lowercase().as_str()) {
        (Ok(_), "b" | "begin") => Ok(Stale::Anew),
        (Ok(_), "g" | "go") => Ok(Stale::GoOn),
        _ => pipeline::refuse_stale(changes),
    }
}

/// Tells the user how a job goes.
pub(super) struct Teller {
    mode: OutputMode,
    bar: std::sync::OnceLock<Progress>,
}

impl Teller {
    pub(super) fn new(mode: OutputMode) -> Self {
        Teller { mode, bar: std::sync::OnceLock::new() }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish();
        }
    }
}

impl Observer for Teller {
    fn note(&self, text: &str) {
        match self.bar.get() {
            Some(bar) => bar.suspend(|| self.mode.note(text)),
            None => self.mode.note(text),
        }
    }

    fn begin(&self, frames: Option<u64>, before: u64) {
        self.bar.get_or_init(|| Progress::after(self.mode, frames, before));
    }

    fn stale(&self, changes: &[String]) -> Result<Stale> {
        ask_about_work(changes)
    }

    fn safe(&self, frames: u64, each: u64) {
        if self.mode == OutputMode::Json {
            json_line(&json!({ "event": "safe", "frames": frames, "segment": each }));
        }
    }

    fn progress(&self, done: u64, stage: &str, _: &[StageShare]) {
        if let Some(bar) = self.bar.get() {
            bar.update(done, stage);
        }
    }
}

/// What was done to the faces.
fn verb(profile: &Profile) -> &'static str {
    if profile.swaps() { "swapped" } else { "changed" }
}

/// Says what was done.
fn report(mode: OutputMode, summary: &Summary, verb: &str) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            let mut event = json!(summary);
            event["event"] = json!("done");
            event["fps"] = json!(summary.fps());
            json_line(&event);
        }
        _ => {
            let faces = if summary.faces_swapped == 1 { "face" } else { "faces" };
            if summary.frames == 1 {
                line(&format!(
                    "✔ {}: {} {faces} {verb} in {:.2} s",
                    summary.output, summary.faces_swapped, summary.seconds
                ));
                return;
            }
            line(&format!(
                "✔ {}: {} of {} frames {verb} in {:.1} s, {:.1} fps, peak memory {:.0} MB",
                summary.output,
                summary.frames_with_swap,
                summary.frames,
                summary.seconds,
                summary.fps(),
                summary.peak_memory as f64 / 1e6
            ));
            let frames = summary.frames.max(1) as f64;
            for s in &summary.stages {
                line(&format!(
                    "    {:8} {:7.1} ms a frame on {} thread(s)",
                    s.stage, s.ms_per_frame, s.threads
                ));
            }
            let (own, children) = summary.cpu_seconds;
            line(&format!(
                "    cpu      {:7.1} ms a frame here, {:.1} ms in ffmpeg",
                own * 1e3 / frames,
                children * 1e3 / frames
            ));
        }
    }
}
