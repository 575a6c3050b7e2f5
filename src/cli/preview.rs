//! `facedeck preview`: the swap of one frame, in the terminal or to a file.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use image::DynamicImage;
use serde_json::json;

use crate::error::{Error, Result};
use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use crate::imaging::picture::Picture;
use crate::interrupt::Interrupt;
use crate::media::image_file::{self, Still, StillFormat};
use crate::pipeline::{Previewed, Request, Resume, check_output, preview};

use super::args::{OutArgs, SourceArgs, TermsArgs};
use super::faces::to_image;
use super::flags::{JobArgs, engine};
use super::output::{OutputMode, json_line};
use super::swap::Teller;
use crate::terminal::{self, GraphicsArgs};

/// Arguments of `facedeck preview`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PreviewArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// The picture or video
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub target: PathBuf,
    /// Which frame of a video, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub frame: u64,
    /// Save the picture instead of showing it
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Show before and after side by side
    #[arg(long)]
    pub before_after: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub graphics: GraphicsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub job: JobArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck preview -s me.jpg -t film.mp4 --frame 250
  facedeck preview -s me.jpg -t film.mp4 --frame 250 --before-after -o look.png
  facedeck preview -s me.jpg -t film.mp4 --profile quality --pixel-boost 4";

/// Runs the command.
///
/// # Errors
/// Everything that can go wrong with a job of one frame.
pub fn run(args: &PreviewArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    args.terms.ensure()?;
    if let Some(output) = &args.output {
        StillFormat::from_path(output)?;
        let sources = args.source.sources.iter().map(|path| ("source", path.as_path()));
        check_output(sources.chain([("target", args.target.as_path())]), output)?;
    }
    let detection = (mode == OutputMode::Terminal && args.output.is_none())
        .then(|| terminal::detect(args.graphics.graphics));
    let nowhere = detection.as_ref().is_none_or(|d| d.protocol == terminal::Protocol::Off);
    if args.output.is_none() && nowhere {
        return Err(Error::usage("there is no terminal to show the preview in")
            .hint("save it instead: --output preview.png"));
    }
    let profile = args.job.resolve(None)?.profile;
    let request = Request {
        sources: args.source.sources.clone(),
        source_face: args.source.source_face,
        target: args.target.clone(),
        output: PathBuf::new(),
        overwrite: false,
        resume: Resume::default(),
        profile,
    };
    request.check_inputs()?;
    let (mut engine, ()) =
        engine(&request.profile, &args.job.run, mode, &Interrupt::on_signals()?, |_| Ok(()))?;
    let Previewed { before, after, faces } =
        preview(&request, &mut engine, args.frame, &Teller::new(mode))?;
    let mut result = Picture::of(&after);
    if args.before_after {
        result = Picture::sheet(&[vec![Picture::of(&before), result]], 8);
    }
    if let Some(output) = &args.output {
        save(output, result)?;
    } else if let Some(detection) = detection {
        let image = DynamicImage::ImageRgb8(to_image(result)?);
        terminal::show(&image, None, detection.protocol, &detection)?;
    }
    report(args, mode, faces);
    Ok(())
}

/// Says what was done; a picture on the screen speaks for itself.
fn report(args: &PreviewArgs, mode: OutputMode, faces: usize) {
    if mode == OutputMode::Json {
        json_line(&json!({
            "event": "preview",
            "frame": args.frame,
            "faces": faces,
            "output": args.output,
        }));
    } else if let Some(output) = &args.output {
        let noun = if faces == 1 { "face" } else { "faces" };
        mode.note(&format!(
            "✔ {}: {faces} {noun} swapped in frame {}",
            output.display(),
            args.frame
        ));
    }
}

/// Writes an RGB picture in the format of its name.
pub(super) fn save(path: &Path, picture: Picture) -> Result<()> {
    let format = StillFormat::from_path(path)?;
    let layout = FrameFormat {
        width: picture.width as u32,
        height: picture.height as u32,
        layout: Layout::Packed { channels: 3 },
        depth: 8,
        matrix: Matrix::Bt601,
        full_range: true,
    };
    let frame = Frame::new(layout, picture.into_bytes());
    let still = Still { frame, icc: None, exif: None, kind: format };
    image_file::write(path, &still, format, None)
}
