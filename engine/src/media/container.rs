//! The containers that facedeck writes, and what each can hold.

use std::fmt;
use std::path::Path;

use crate::error::{Error, Result};

use super::codec::VideoEncoder;

/// A container, chosen by the extension of the output's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// MPEG-4, `.mp4`.
    Mp4,
    /// MPEG-4 by Apple's name, `.m4v`.
    M4v,
    /// QuickTime, `.mov`.
    Mov,
    /// Matroska, `.mkv`.
    Mkv,
    /// WebM, `.webm`.
    Webm,
    /// AVI, `.avi`.
    Avi,
}

impl Container {
    /// Every container, in the order in which they are offered.
    pub const ALL: [Container; 6] = [
        Container::Mp4,
        Container::M4v,
        Container::Mov,
        Container::Mkv,
        Container::Webm,
        Container::Avi,
    ];

    /// The extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Container::Mp4 => "mp4",
            Container::M4v => "m4v",
            Container::Mov => "mov",
            Container::Mkv => "mkv",
            Container::Webm => "webm",
            Container::Avi => "avi",
        }
    }

    /// ffmpeg's name of the muxer.
    pub(super) fn muxer(self) -> &'static str {
        match self {
            // ffmpeg's own "m4v" is a bare MPEG-4 video stream, and its "ipod" takes no HEVC.
            Container::Mp4 | Container::M4v => "mp4",
            Container::Mov => "mov",
            Container::Mkv => "matroska",
            Container::Webm => "webm",
            Container::Avi => "avi",
        }
    }

    /// Whether it is of the MPEG-4 family, which has an index that can be moved to the front.
    pub(super) fn is_mp4(self) -> bool {
        matches!(self, Container::Mp4 | Container::M4v | Container::Mov)
    }

    /// Whether it holds what this encoder writes.
    pub fn holds_video(self, encoder: VideoEncoder) -> bool {
        match self {
            Container::Mkv => true,
            Container::Mp4 | Container::M4v => true,
            Container::Mov => encoder != VideoEncoder::LibvpxVp9,
            Container::Webm => encoder == VideoEncoder::LibvpxVp9,
            Container::Avi => encoder.codec() == "h264",
        }
    }

    /// Whether it holds what VP9 keeps transparency in.
    pub(super) fn holds_alpha(self) -> bool {
        matches!(self, Container::Mkv | Container::Webm)
    }

    /// Whether sound of this codec can be copied into it.
    pub(super) fn holds_audio(self, codec: &str) -> bool {
        let pcm = codec.starts_with("pcm_");
        match self {
            Container::Mp4 | Container::M4v => matches!(
                codec,
                "aac" | "mp3" | "mp2" | "ac3" | "eac3" | "alac" | "flac" | "opus" | "dts"
            ),
            Container::Mov => {
                matches!(codec, "aac" | "mp3" | "ac3" | "eac3" | "alac")
                    || matches!(
                        codec,
                        "pcm_s16le"
                            | "pcm_s16be"
                            | "pcm_s24le"
                            | "pcm_s24be"
                            | "pcm_s32le"
                            | "pcm_s32be"
                            | "pcm_f32le"
                            | "pcm_f32be"
                            | "pcm_f64le"
                            | "pcm_f64be"
                            | "pcm_s8"
                            | "pcm_alaw"
                            | "pcm_mulaw"
                    )
            }
            Container::Mkv if pcm => matches!(
                codec,
                "pcm_u8"
                    | "pcm_s16le"
                    | "pcm_s16be"
                    | "pcm_s24le"
                    | "pcm_s24be"
                    | "pcm_s32le"
                    | "pcm_s32be"
                    | "pcm_f32le"
                    | "pcm_f64le"
                    | "pcm_alaw"
                    | "pcm_mulaw"
            ),
            Container::Mkv => matches!(
                codec,
                "aac"
                    | "mp3"
                    | "mp2"
                    | "ac3"
                    | "eac3"
                    | "alac"
                    | "flac"
                    | "opus"
                    | "vorbis"
                    | "dts"
                    | "truehd"
                    | "mlp"
                    | "tta"
                    | "wavpack"
                    | "wmav1"
                    | "wmav2"
                    | "cook"
                    | "adpcm_ms"
                    | "adpcm_ima_wav"
            ),
            Container::Webm => matches!(codec, "opus" | "vorbis"),
            Container::Avi => {
                matches!(codec, "mp3" | "mp2" | "ac3" | "dts" | "pcm_s16le" | "pcm_u8")
            }
        }
    }

    /// The encoder for sound that cannot be copied. All but `libopus` are part of every ffmpeg.
    pub(super) fn audio_fallback(self, codec: &str) -> &'static str {
        let lossless = codec.starts_with("pcm_");
        match self {
            Container::Mkv if lossless => "flac",
            Container::Mov if lossless => "pcm_s16le",
            Container::Mp4 | Container::M4v | Container::Mov | Container::Mkv => "aac",
            Container::Webm => "libopus",
            Container::Avi if lossless => "pcm_s16le",
            Container::Avi => "ac3",
        }
    }

    /// What becomes of a subtitle stream of this codec.
    pub(super) fn subtitle(self, codec: &str) -> SubtitlePlan {
        let text =
            matches!(codec, "subrip" | "srt" | "ass" | "ssa" | "webvtt" | "mov_text" | "text");
        match self {
            Container::Mp4 | Container::M4v | Container::Mov => match codec {
                "mov_text" => SubtitlePlan::Copy,
                _ if text => SubtitlePlan::Convert("mov_text"),
                _ => SubtitlePlan::LeaveOut,
            },
            Container::Mkv => match codec {
                "subrip" | "srt" | "ass" | "ssa" | "webvtt" | "dvd_subtitle"
                | "hdmv_pgs_subtitle" | "dvb_subtitle" => SubtitlePlan::Copy,
                _ if text => SubtitlePlan::Convert("srt"),
                _ => SubtitlePlan::LeaveOut,
            },
            Container::Webm => match codec {
                "webvtt" => SubtitlePlan::Copy,
                _ if text => SubtitlePlan::Convert("webvtt"),
                _ => SubtitlePlan::LeaveOut,
            },
            Container::Avi => SubtitlePlan::LeaveOut,
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// What becomes of a subtitle stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SubtitlePlan {
    /// It is carried over as it is.
    Copy,
    /// Its text is carried over by this encoder.
    Convert(&'static str),
    /// The container has no place for it.
    LeaveOut,
}

/// The container for an output's name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the extension is missing or not one of [`Container::ALL`].
pub fn for_extension(output: &Path) -> Result<Container> {
    let extension = output.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
    Container::ALL.into_iter().find(|c| c.extension() == extension).ok_or_else(|| {
        let known = Container::ALL.map(|c| format!(".{c}")).join(", ");
        let reason = if extension.is_empty() {
            "its name has no extension".to_owned()
        } else {
            format!("'.{extension}' is not a known video container")
        };
        Error::usage(format!("cannot write {}: {reason}", output.display()))
            .hint(format!("a video's name ends in one of {known}"))
    })
}

/// The encoder for a container when the user names none.
pub fn default_encoder(container: Container) -> VideoEncoder {
    match container {
        Container::Webm => VideoEncoder::LibvpxVp9,
        _ => VideoEncoder::Libx264,
    }
}

/// Checks that a container can hold what an encoder writes.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it cannot.
pub fn check_pair(container: Container, encoder: VideoEncoder) -> Result<()> {
    if container.holds_video(encoder) {
        return Ok(());
    }
    let possible: Vec<&str> = VideoEncoder::ALL
        .into_iter()
        .filter(|&e| container.holds_video(e))
        .map(VideoEncoder::name)
        .collect();
    Err(Error::usage(format!("a .{container} file cannot hold video from {encoder}")).hint(
        format!(
            "use {} for .{container}, or write an .mkv file, which holds everything",
            possible.join(" or ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_whatever_its_case() {
        assert_eq!(for_extension(Path::new("a/B.MP4")).unwrap(), Container::Mp4);
        assert_eq!(for_extension(Path::new("x.y.webm")).unwrap(), Container::Webm);
        for bad in ["clip.xyz", "clip", ".mp4"] {
            let error = for_extension(Path::new(bad)).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{bad}");
            assert!(error.hint_text().unwrap().contains(".mkv"));
        }
    }

    #[test]
    fn every_container_holds_its_default_and_webm_nothing_else() {
        for container in Container::ALL {
            check_pair(container, default_encoder(container)).unwrap();
        }
        let error = check_pair(Container::Webm, VideoEncoder::Libx264).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().unwrap().contains("libvpx-vp9"));
    }

    #[test]
    fn what_sound_becomes_can_be_held() {
        for container in Container::ALL {
            for codec in ["pcm_s24le", "cook", "amr_nb"] {
                let encoder = container.audio_fallback(codec);
                let written = encoder.strip_prefix("lib").unwrap_or(encoder);
                assert!(container.holds_audio(written), "{container} {codec}");
            }
        }
    }
}
