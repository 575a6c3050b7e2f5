//! How pictures and videos are written.

use std::str::FromStr;

use clap::builder::PossibleValuesParser;

use crate::error::Error;
use crate::media::codec::{PRESETS, VideoEncoder};
use crate::media::{Moment, Scale};
use crate::profiles::schema::FRAME_FORMATS;

use super::Layer;

/// How videos are written.
#[derive(Debug, Clone, Default, clap::Args)]
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
    pub output_video_encoder: Option<String>,
    /// Quality as roop counts it: 0 is best, 100 worst
    #[arg(long, value_name = "0-100", conflicts_with = "quality",
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub output_video_quality: Option<u8>,
    /// Frames a second [default: the target's own]
    #[arg(long, value_name = "N")]
    pub fps: Option<f64>,
    /// Keep the target's own frame rate, whatever the profile says
    #[arg(long, conflicts_with = "fps")]
    pub keep_fps: bool,
    /// Begin there: a time (12.5, 1:02.5, 00:01:02.500) or a frame, counted from 0 (300f)
    #[arg(long, value_name = "TIME|FRAME", value_parser = word::<Moment>)]
    pub start: Option<String>,
    /// End there, in the same way: the first frame that is left out again
    #[arg(long, value_name = "TIME|FRAME", value_parser = word::<Moment>)]
    pub end: Option<String>,
    /// Size of the output's frames: 1280x720, 1280x, x720, 720p (the shorter side), 50%
    #[arg(long, value_name = "SIZE", value_parser = word::<Scale>)]
    pub scale: Option<String>,
    /// Leave the sound out
    #[arg(long)]
    pub skip_audio: bool,
    /// Keep the frames as pictures, in temp/NAME beside the target, as roop does
    #[arg(long)]
    pub keep_frames: bool,
    /// The format of kept frames
    #[arg(long, value_name = "png|jpg", value_parser = PossibleValuesParser::new(FRAME_FORMATS))]
    pub temp_frame_format: Option<String>,
    /// Quality of kept JPEG frames as roop counts it: 0 is best, 100 worst
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub temp_frame_quality: Option<u8>,
}

/// A word as it was typed, when it can be read.
fn word<T: FromStr<Err = Error>>(text: &str) -> Result<String, String> {
    let explain = |error: Error| match error.hint_text() {
        Some(hint) => format!("{}: {hint}", error.message()),
        None => error.message().to_owned(),
    };
    text.parse::<T>().map(|_| text.to_owned()).map_err(explain)
}

/// Known encoders only, listed where the name is wrong.
fn encoders() -> PossibleValuesParser {
    PossibleValuesParser::new(VideoEncoder::ALL.map(VideoEncoder::name))
}

impl VideoArgs {
    pub(super) fn fill(&self, layer: &mut Layer) {
        let whole = |v: Option<u8>| v.map(i64::from);
        layer.maybe("video.encoder", "--output-video-encoder", self.output_video_encoder.clone());
        layer.maybe("video.quality", "--quality", whole(self.quality));
        let roop = whole(self.output_video_quality);
        layer.maybe("video.roop_quality", "--output-video-quality", roop);
        layer.maybe("video.preset", "--preset", self.preset.clone());
        layer.maybe("video.fps", "--fps", self.fps);
        if self.keep_fps {
            layer.clear("video.fps", "--keep-fps");
        }
        layer.maybe("video.start", "--start", self.start.clone());
        layer.maybe("video.end", "--end", self.end.clone());
        layer.maybe("video.scale", "--scale", self.scale.clone());
        layer.maybe("audio.keep", "--skip-audio", self.skip_audio.then_some(false));
        layer.maybe("video.keep_frames", "--keep-frames", self.keep_frames.then_some(true));
        layer.maybe("video.frame_format", "--temp-frame-format", self.temp_frame_format.clone());
        let quality = whole(self.temp_frame_quality);
        layer.maybe("video.frame_quality", "--temp-frame-quality", quality);
    }
}
