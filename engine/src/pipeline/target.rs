//! The target looked into: a still or a video, and whether the output can hold it.

use crate::error::{Error, Result};
use crate::media::container::{self, Container, default_encoder};
use crate::media::encode::{self, EncodeOptions};
use crate::media::image_file::StillFormat;
use crate::media::info::{MediaKind, Rational, VideoInfo};
use crate::media::probe::probe;
use crate::provision::FfmpegTools;

use super::request::Request;

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
            StillFormat::from_path(&request.output).map(Target::Still).map_err(|_| {
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
            let uneven = info.variable_rate && wish.fps.is_none();
            let info = match wish.fps {
                Some(fps) => info.at_rate(Rational::of_rate(fps).ok_or_else(|| {
                    Error::usage(format!("{fps} frames a second is out of range"))
                        .hint("give a rate between 0.01 and 1000, such as 25 or 29.97")
                })?),
                // It has no timestamps.
                None if info.variable_rate && container == Container::Avi => {
                    let fps = info.fps;
                    info.at_rate(fps)
                }
                None => info,
            };
            let mut options =
                EncodeOptions::new(wish.encoder.unwrap_or_else(|| default_encoder(container)));
            options.quality = wish.quality.unwrap_or(options.quality);
            options.crf = wish.crf;
            options.preset = wish.preset;
            options.skip_audio = wish.skip_audio;
            options.patience = request.patience();
            let mut notes = encode::check(tools, &info, &request.output, &options)?;
            if uneven && info.resampled {
                notes.push(format!(
                    "{} has a variable frame rate, which AVI cannot hold: the output has {:.3} frames a \
                     second",
                    request.target.display(),
                    info.fps.as_f64()
                ));
            }
            Ok(Target::Video { info: Box::new(info), options, notes })
        }
    }
}
