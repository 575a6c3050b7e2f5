//! What an encoder is told about a film beside its samples: its light, and that frames are two
//! fields.

use super::codec::VideoEncoder;
use super::encode_pixels::EncoderPixels;
use super::info::{Light, VideoInfo};

/// What the encoder writes down, and what it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marks {
    /// What the film says about its light.
    pub light: Light,
    /// Frames are two fields: whether the upper one was first.
    pub upper_field_first: Option<bool>,
    /// What gets lost, in words for the user.
    pub losses: Vec<String>,
}

impl Marks {
    /// What this encoder can be told of the film, whose frames it gets in this format.
    pub(super) fn of(target: &VideoInfo, encoder: VideoEncoder, pixels: &EncoderPixels) -> Self {
        use VideoEncoder::{Libx264, Libx265};
        let mut losses = Vec::new();
        let mut light = target.light;
        if !light.is_empty() && !matches!(encoder, Libx264 | Libx265) {
            losses.push(format!(
                "{encoder} cannot keep what the film says about its light (mastering display, \
                 content light level): it is left out"
            ));
            light = Light::default();
        }
        let mut upper_field_first = target.upper_field_first;
        // Each field has its own rows of chroma.
        let rows = if pixels.pix_fmt.starts_with("yuv420") { 4 } else { 2 };
        let fits = pixels.pix_fmt.starts_with("yuv") && target.height.is_multiple_of(rows);
        if upper_field_first.is_some() && !(encoder == Libx264 && fits) {
            losses.push(format!(
                "{encoder} cannot mark frames as interlaced here: this mark is left out, the fields \
                 stay in the frames"
            ));
            upper_field_first = None;
        }
        Marks { light, upper_field_first, losses }
    }

    /// The filter that says of frames what they are.
    pub(super) fn filter(&self) -> Option<&'static str> {
        self.upper_field_first.map(|upper| if upper { "setfield=tff" } else { "setfield=bff" })
    }

    /// ffmpeg's options for the encoder.
    pub(super) fn options(&self) -> &'static [&'static str] {
        // Fields are predicted from fields: as frames they would cost far more.
        if self.upper_field_first.is_some() { &["-flags:v:0", "+ildct+ilme"] } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(encoder: VideoEncoder, pix_fmt: &str, height: u32) -> Marks {
        let light = Light { content: Some((1000, 400)), ..Light::default() };
        let target =
            VideoInfo { light, upper_field_first: Some(true), height, ..VideoInfo::for_tests() };
        let pixels = EncoderPixels {
            encoder: encoder.name(),
            pix_fmt: pix_fmt.into(),
            widen: None,
            to_yuv: false,
            losses: Vec::new(),
        };
        Marks::of(&target, encoder, &pixels)
    }

    #[test]
    fn what_an_encoder_cannot_be_told_is_named() {
        let all = marks(VideoEncoder::Libx264, "yuv420p", 48);
        assert!(all.losses.is_empty(), "{:?}", all.losses);
        assert_eq!(all.filter(), Some("setfield=tff"));
        for (encoder, pix_fmt, height, losses) in [
            (VideoEncoder::Libx264, "yuv420p", 50, 1),
            (VideoEncoder::Libx264, "yuv422p", 50, 0),
            (VideoEncoder::Libx264, "rgb24", 48, 1),
            (VideoEncoder::Libx265, "yuv420p", 48, 1),
            (VideoEncoder::LibvpxVp9, "yuv420p", 48, 2),
        ] {
            let marks = marks(encoder, pix_fmt, height);
            assert_eq!(marks.losses.len(), losses, "{encoder} {pix_fmt}: {:?}", marks.losses);
        }
        assert!(marks(VideoEncoder::LibvpxVp9, "yuv420p", 48).light.is_empty());
    }
}
