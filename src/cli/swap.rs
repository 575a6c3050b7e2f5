//! `facedeck swap`: one job, here and now.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use crate::error::{Error, Result};
use crate::inference::{Plan, Pool};
use crate::interrupt::Interrupt;
use crate::media::codec::{PRESETS, VideoEncoder};
use crate::pipeline::{self, Engine, Observer, Request, Summary};
use crate::profiles::Profile;
use crate::settings::Directories;

use super::args::{OutArgs, SourceArgs, TargetFaceArgs, TermsArgs, provisioned_for};
use super::output::{OutputMode, json_line, line};
use super::progress::Progress;

/// Arguments of `facedeck swap`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct SwapArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// The picture or video to change
    #[arg(short, long, value_name = "FILE")]
    pub target: PathBuf,
    /// Where the result goes [default: beside the target, named TARGET-swapped]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub faces: TargetFaceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub video: VideoArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub roop: RoopArgs,
    /// Threads that swap [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub execution_threads: Option<u16>,
    /// Where networks run, in this order, or auto; each must work
    #[arg(long, value_name = "NAME", default_value = "cpu", num_args = 1..)]
    pub execution_provider: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck swap -s me.jpg -t film.mp4 -o out.mp4
  facedeck swap -s me.jpg -t film.mkv -o out.mkv --quality 90 --preset slow
  facedeck swap -s front.jpg side.jpg -t party.mp4 -o out.mp4 --many-faces
  facedeck swap -s me.jpg -t portrait.png -o swapped.png";

/// How videos are written.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Video")]
pub struct VideoArgs {
    /// Quality of the output, 100 is lossless (video) or best (JPEG)
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub quality: Option<u8>,
    /// Speed against size: what the encoder calls its preset
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(PRESETS))]
    pub preset: Option<String>,
    /// The encoder [default: what the container is used to]
    #[arg(long, visible_alias = "encoder", value_name = "NAME", value_parser = encoders())]
    pub output_video_encoder: Option<VideoEncoder>,
    /// Quality as roop counts it: 0 is best, 100 worst
    #[arg(long, value_name = "0-100", conflicts_with = "quality",
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub output_video_quality: Option<u8>,
    /// Leave the sound out
    #[arg(long)]
    pub skip_audio: bool,
}

/// Known encoders only, listed where the name is wrong.
fn encoders() -> impl TypedValueParser<Value = VideoEncoder> {
    PossibleValuesParser::new(VideoEncoder::ALL.map(VideoEncoder::name))
        .try_map(|name| name.parse::<VideoEncoder>())
}

/// Flags that scripts written for roop pass; what they ask for is always so here, or needless.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Accepted for roop's sake")]
pub struct RoopArgs {
    /// The frame rate is always kept
    #[arg(long)]
    pub keep_fps: bool,
    /// What is done to faces; only face_swapper in this version
    #[arg(long, value_name = "NAME", num_args = 1.., default_value = "face_swapper")]
    pub frame_processor: Vec<String>,
    /// No frame is written to disk, so this changes nothing
    #[arg(long, value_name = "png|jpg", value_parser = ["png", "jpg"])]
    pub temp_frame_format: Option<String>,
    /// No frame is written to disk, so this changes nothing
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub temp_frame_quality: Option<u8>,
}

impl SwapArgs {
    fn request(&self) -> Result<Request> {
        let output = match &self.output {
            Some(output) => resolve_output(output, &self.target),
            None => default_output(&self.target),
        };
        let mut profile = Profile::default();
        self.faces.apply(&mut profile)?;
        profile.video.encoder = self.video.output_video_encoder.map(|e| e.name().to_owned());
        profile.video.quality = self.video.quality;
        profile.video.roop_quality = self.video.output_video_quality;
        profile.video.preset.clone_from(&self.video.preset);
        profile.audio.keep = !self.video.skip_audio;
        profile.run.threads = self.execution_threads.map(usize::from);
        Ok(Request {
            sources: self.source.sources.clone(),
            source_face: self.source.source_face,
            target: self.target.clone(),
            output,
            overwrite: self.overwrite,
            profile,
        })
    }

    fn check_roop(&self) -> Result<()> {
        match self.roop.frame_processor.iter().find(|name| *name != "face_swapper") {
            Some(name) => Err(Error::usage(format!("there is no frame processor '{name}'"))
                .hint("this version has face_swapper only")),
            None => Ok(()),
        }
    }
}

/// An output that is a folder gets the target's name in it, as roop does.
fn resolve_output(output: &Path, target: &Path) -> PathBuf {
    match (output.is_dir(), default_output(target).file_name()) {
        (true, Some(name)) => output.join(name),
        _ => output.to_owned(),
    }
}

/// `film.mp4` → `film-swapped.mp4`, beside it.
fn default_output(target: &Path) -> PathBuf {
    let mut name = target.file_stem().unwrap_or_default().to_owned();
    name.push("-swapped.");
    name.push(target.extension().unwrap_or_default());
    target.with_file_name(name)
}

/// Runs the command.
///
/// # Errors
/// Everything that can go wrong with a job.
pub fn run(args: &SwapArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    args.terms.ensure()?;
    args.check_roop()?;
    let plan = Plan::of(&args.execution_provider);
    let preference = plan.preference()?;
    let mut request = args.request()?;
    ask_before_loss(&mut request)?;
    request.check()?;
    let interrupt = Interrupt::on_signals()?;
    let mut engine = Engine::start(&provisioned_for(preference)?)?;
    let cache = Directories::from_env()?.cache;
    let settings = plan.resolve(Some(&cache), &|text| mode.note(text))?;
    let note = Arc::new(move |text: &str| mode.warn(text));
    engine.pool = Pool::with_note(engine.pool.store().clone(), settings, note);
    let teller = Teller::new(mode);
    let summary = pipeline::run(&request, &mut engine, &teller, &interrupt)?;
    teller.finish();
    report(mode, &summary);
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

    fn begin(&self, frames: Option<u64>) {
        self.bar.get_or_init(|| Progress::new(self.mode, frames));
    }

    fn progress(&self, done: u64, stage: &str) {
        if let Some(bar) = self.bar.get() {
            bar.update(done, stage);
        }
    }
}

/// Says what was done.
fn report(mode: OutputMode, summary: &Summary) {
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
                    "✔ {}: {} {faces} swapped in {:.2} s",
                    summary.output, summary.faces_swapped, summary.seconds
                ));
                return;
            }
            line(&format!(
                "✔ {}: {} of {} frames swapped in {:.1} s, {:.1} fps, peak memory {:.0} MB",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_output_lies_beside_the_target() {
        assert_eq!(default_output(Path::new("a/b.c.mp4")), Path::new("a/b.c-swapped.mp4"));
    }
}
