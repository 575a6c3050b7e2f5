//! The video encoders: their names, what quality means to them, what they can take.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};
use crate::provision::{FfmpegTools, answers};

use super::process;

/// A video encoder of ffmpeg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoEncoder {
    /// H.264.
    Libx264,
    /// H.265, also named HEVC.
    Libx265,
    /// VP9.
    LibvpxVp9,
    /// H.264 on an NVIDIA graphics processor.
    H264Nvenc,
    /// H.265 on an NVIDIA graphics processor.
    HevcNvenc,
}

/// The presets of x264 and x265, fastest first.
pub const PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// The quality that is used when nothing else is asked for.
pub const DEFAULT_QUALITY: u8 = 80;

/// The quality that means "not a bit is lost".
pub const LOSSLESS: u8 = 100;

impl VideoEncoder {
    /// Every encoder, in the order in which they are offered.
    pub const ALL: [VideoEncoder; 5] = [
        VideoEncoder::Libx264,
        VideoEncoder::Libx265,
        VideoEncoder::LibvpxVp9,
        VideoEncoder::H264Nvenc,
        VideoEncoder::HevcNvenc,
    ];

    /// ffmpeg's name, which is also the user's.
    pub fn name(self) -> &'static str {
        match self {
            VideoEncoder::Libx264 => "libx264",
            VideoEncoder::Libx265 => "libx265",
            VideoEncoder::LibvpxVp9 => "libvpx-vp9",
            VideoEncoder::H264Nvenc => "h264_nvenc",
            VideoEncoder::HevcNvenc => "hevc_nvenc",
        }
    }

    /// ffmpeg's name of the codec that it writes.
    pub fn codec(self) -> &'static str {
        match self {
            VideoEncoder::Libx264 | VideoEncoder::H264Nvenc => "h264",
            VideoEncoder::Libx265 | VideoEncoder::HevcNvenc => "hevc",
            VideoEncoder::LibvpxVp9 => "vp9",
        }
    }

    /// The encoder of this codec that runs on the processor.
    #[must_use]
    pub fn in_software(self) -> Self {
        match self {
            VideoEncoder::H264Nvenc => VideoEncoder::Libx264,
            VideoEncoder::HevcNvenc => VideoEncoder::Libx265,
            other => other,
        }
    }

    /// Whether it needs a graphics processor.
    pub fn is_hardware(self) -> bool {
        self.in_software() != self
    }

    /// The largest CRF (NVENC: CQ) that the encoder takes; 0 is the best.
    pub fn max_crf(self) -> u8 {
        match self {
            VideoEncoder::LibvpxVp9 => 63,
            _ => 51,
        }
    }

    /// The CRF for a quality of 0..=99 (100 is lossless and has none).
    ///
    /// Two straight lines that meet at quality 80, where each encoder's loss is about to become
    /// visible: CRF 18 for x264, 20 for x265, 24 for VP9. Above, down to 0 at 100; below, up to
    /// the encoder's largest at 0. (x264: 90 → 9, 80 → 18, 60 → 26, 50 → 30, 0 → 51.)
    pub fn crf(self, quality: u8) -> u8 {
        let knee = match self {
            VideoEncoder::Libx264 => 18.0,
            // NVENC's CQ of H.264 looks like x264's CRF plus two.
            VideoEncoder::Libx265 | VideoEncoder::H264Nvenc => 20.0,
            VideoEncoder::HevcNvenc => 22.0,
            VideoEncoder::LibvpxVp9 => 24.0,
        };
        let loss = f64::from(LOSSLESS - quality.min(LOSSLESS));
        let width = f64::from(LOSSLESS - DEFAULT_QUALITY);
        let crf = if loss <= width {
            knee * loss / width
        } else {
            knee + (f64::from(self.max_crf()) - knee) * (loss - width) / f64::from(DEFAULT_QUALITY)
        };
        crf.round() as u8
    }

    /// The pixel formats that the encoder of this ffmpeg takes, by ffmpeg's names.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when this ffmpeg was built without the encoder.
    pub fn pixel_formats(self, tools: &FfmpegTools) -> Result<Vec<String>> {
        encoder_pixel_formats(tools, self.name())
    }
}

impl fmt::Display for VideoEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for VideoEncoder {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        VideoEncoder::ALL.into_iter().find(|e| e.name() == name).ok_or_else(|| {
            let known = VideoEncoder::ALL.map(VideoEncoder::name).join(", ");
            Error::usage(format!("unknown video encoder '{name}'"))
                .hint(format!("the encoders are: {known}"))
        })
    }
}

impl VideoEncoder {
    /// Makes sure that it runs here: one on a graphics processor is tried on one frame, since
    /// ffmpegs are built with it whether there is a device or not.
    ///
    /// # Errors
    /// [`crate::error::Kind::Provider`] with ffmpeg's reason.
    pub fn prove(self, tools: &FfmpegTools) -> Result<()> {
        if !self.is_hardware() {
            return Ok(());
        }
        let mut command = process::command(&tools.ffmpeg);
        command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i"]);
        command.args(["color=size=256x256:duration=0.1:rate=10", "-frames:v", "1"]);
        command.args(["-pix_fmt", "yuv420p", "-c:v", self.name(), "-f", "null", "-"]);
        process::capture(command).map(drop).map_err(|e| {
            Error::new(Kind::Provider, format!("the video encoder {self} does not run here"))
                .because(e.chain())
                .hint(format!(
                    "it needs an NVIDIA GPU with its driver; {} does the same in software",
                    self.in_software()
                ))
        })
    }
}

/// Whether this ffmpeg has a decoder of this name.
pub(super) fn has_decoder(tools: &FfmpegTools, name: &str) -> bool {
    help_of(tools, &format!("decoder={name}"))
        .is_ok_and(|help| help.lines().any(|line| line.starts_with("Decoder ")))
}

/// What `ffmpeg -h WHAT` prints.
fn help_of(tools: &FfmpegTools, what: &str) -> Result<String> {
    let arguments = ["-hide_banner", "-h", what];
    answers::ask(&tools.ffmpeg, &arguments, || {
        let mut command = process::command(&tools.ffmpeg);
        command.args(arguments);
        process::capture(command)
    })
}

/// What `ffmpeg -h encoder=NAME` lists; empty for a sound encoder.
pub(super) fn encoder_pixel_formats(tools: &FfmpegTools, name: &str) -> Result<Vec<String>> {
    let help = help_of(tools, &format!("encoder={name}"))?;
    // ffmpeg exits with 0 for an encoder that it does not know.
    if !help.lines().any(|line| line.starts_with("Encoder ")) {
        return Err(Error::missing(format!("{} has no encoder {name}", tools.ffmpeg.display()))
            .hint(
                "install an ffmpeg that was built with it, or choose another encoder or container",
            ));
    }
    Ok(help
        .lines()
        .find_map(|line| line.trim().strip_prefix("Supported pixel formats:"))
        .map(|list| list.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for encoder in VideoEncoder::ALL {
            assert_eq!(encoder.to_string().parse::<VideoEncoder>().unwrap(), encoder);
        }
        let error = "x264".parse::<VideoEncoder>().unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().unwrap().contains("libvpx-vp9"));
    }

    #[test]
    fn better_quality_never_means_a_larger_crf() {
        for encoder in VideoEncoder::ALL {
            let crfs: Vec<u8> = (0..=100).map(|q| encoder.crf(q)).collect();
            assert!(crfs.is_sorted_by(|a, b| a >= b), "{encoder}: {crfs:?}");
            assert_eq!((crfs[0], crfs[100]), (encoder.max_crf(), 0));
        }
        assert_eq!(VideoEncoder::Libx264.crf(80), 18);
        assert_eq!(VideoEncoder::Libx264.crf(60), 26);
        assert_eq!(VideoEncoder::LibvpxVp9.crf(80), 24);
    }
}
