//! The target looked into: a still or a video, and whether the output can hold it.

use crate::error::{Error, Result};
use crate::media::container::{self, Container, default_encoder};
use crate::media::encode::{self, EncodeOptions};
use crate::media::gif;
use crate::media::image_file::StillFormat;
use crate::media::info::{MediaKind, Rational, VideoInfo};
use crate::media::probe::probe;
use crate::media::sequence::USUAL_RATE;
use crate::media::{Cut, Pattern};
use crate::provision::FfmpegTools;

use super::request::{Request, VideoOptions};

/// What the target is, with what is needed to write the output.
pub enum Target {
    /// A picture, to be written in this format.
    Still(StillFormat),
    /// A video.
    Video {
        /// What is known about it.
        info: Box<VideoInfo>,
        /// How the output is encoded.
        options: EncodeOptions,
        /// What cannot be carried over as it is.
        notes: Vec<String>,
    },
}

impl Target {
    /// What the user should know before the work begins.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Target::Still(_) => Vec::new(),
            Target::Video { notes, .. } => notes.clone(),
        }
    }
}

/// Looks into the target and checks that the output can be written.
///
/// # Errors
/// When the target is no picture or video, or the output's kind does not fit.
pub fn open(request: &Request, tools: &FfmpegTools) -> Result<Target> {
    let media = probe(tools, &request.target)?;
    let output = request.output.display();
    match media.kind {
        MediaKind::Still => {
            let cut = request.video_options()?.cut;
            if cut != Cut::default() {
                let target = request.target.display();
                return Err(Error::usage(format!(
                    "the target {target} is a picture: no part of it can be cut out"
                ))
                .hint("leave out --start and --end"));
            }
            let format = StillFormat::from_path(&request.output);
            let many = Pattern::of(&request.output).is_some();
            format.ok().filter(|_| !many).map(Target::Still).ok_or_else(|| {
                let target = request.target.display();
                Error::usage(format!(
                    "the target {target} is a picture, but {output} names a video"
                ))
                .hint("give the output a picture's extension, such as .png or .jpg")
            })
        }
        MediaKind::Video(info) => {
            let container = container::for_extension(&request.output).map_err(|e| {
                let target = request.target.display();
                let message =
                    format!("the target {target} is a video, but {output} names no video");
                Error::usage(message)
                    .because(e.message().to_owned())
                    .hint("give the output a video's extension, such as .mp4 or .mkv")
            })?;
            let wish = request.video_options()?;
            let (info, mut notes) = paced(info, &wish, container, tools)?;
            let mut options =
                EncodeOptions::new(wish.encoder.unwrap_or_else(|| default_encoder(container)));
            options.quality = wish.quality.unwrap_or(options.quality);
            options.crf = wish.crf;
            options.preset = wish.preset;
            options.skip_audio = wish.skip_audio;
            options.patience = request.patience();
            let (width, height) = (info.width, info.height);
            // Encoders halve the chroma's sides; what is drawn has any size.
            let even = !container.is_drawn();
            options.size = wish.scale.map(|scale| scale.of(width, height, even)).transpose()?;
            notes.extend(encode::check(tools, &info, &request.output, &options)?);
            if let Some(encoder) = wish.encoder.filter(|_| container.is_drawn()) {
                notes.push(format!(
                    "a .{container} file has no video encoder: {encoder} is not used"
                ));
            }
            Ok(Target::Video { info: Box::new(info), options, notes })
        }
    }
}

/// The part of the film that is worked on, at the rate at which its frames come; and what the user
/// should know of it.
fn paced(
    info: VideoInfo,
    wish: &VideoOptions,
    container: Container,
    tools: &FfmpegTools,
) -> Result<(VideoInfo, Vec<String>)> {
    let name = info.path.display().to_string();
    let wanted = wish.fps.map(|fps| {
        Rational::of_rate(fps).ok_or_else(|| {
            Error::usage(format!("{fps} frames a second is out of range"))
                .hint("give a rate between 0.01 and 1000, such as 25 or 29.97")
        })
    });
    let wanted = wanted.transpose()?;
    let mut before = Vec::new();
    let pictures = info.sequence.as_ref().map(|sequence| sequence.missing());
    let info = match (pictures, wanted) {
        (None, _) => info,
        (Some(_), Some(fps)) => info.paced(fps),
        (Some(_), None) => {
            before.push(format!("{name} is shown at {USUAL_RATE} pictures a second: see --fps"));
            info
        }
    };
    if let Some(missing) = pictures.filter(|missing| *missing > 0) {
        before.push(format!(
            "{missing} numbers have no picture in {name}: those that are there follow each other"
        ));
    }
    let (info, notes) = info.cut(tools, &wish.cut)?;
    before.extend(notes);
    let info = match wanted {
        Some(fps) if pictures.is_none() => info.at_rate(fps),
        // It has no timestamps.
        None if info.variable_rate && container == Container::Avi => {
            let fps = info.fps;
            before.push(format!(
                "{name} has a variable frame rate, which AVI cannot hold: the output has {:.3} frames \
                 a second",
                fps.as_f64()
            ));
            info.at_rate(fps)
        }
        _ => info,
    };
    if container != Container::Gif || info.fps.as_f64() <= f64::from(gif::FASTEST) {
        return Ok((info, before));
    }
    let most = Rational::new(gif::FASTEST, 1);
    if pictures.is_some() {
        return Err(Error::usage(format!("a GIF shows at most {} frames a second", gif::FASTEST))
            .hint("give a lower --fps, or write an .mp4"));
    }
    before.push(format!(
        "a GIF shows at most {} frames a second: the output has so many, not {:.3}",
        gif::FASTEST,
        info.fps.as_f64()
    ));
    Ok((info.at_rate(most), before))
}
