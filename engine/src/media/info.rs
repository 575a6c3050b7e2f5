//! What is known about a file before any of it is decoded.

use std::fmt;
use std::path::PathBuf;

use crate::imaging::frame::FrameFormat;

/// A fraction, as ffmpeg writes rates and ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rational {
    /// The numerator.
    pub num: u32,
    /// The denominator, at least 1.
    pub den: u32,
}

impl Rational {
    /// A fraction in lowest terms.
    ///
    /// A denominator of 0 is taken as 1: such a fraction never leaves the probe.
    pub fn new(num: u32, den: u32) -> Self {
        let divisor = gcd(num, den).max(1);
        Rational { num: num / divisor, den: (den / divisor).max(1) }
    }

    /// Reads `30000/1001`, `16:15` or `25`; nothing when it is malformed, zero or infinite.
    pub fn parse(text: &str) -> Option<Self> {
        let (num, den) = match text.split_once(['/', ':']) {
            Some((num, den)) => (num.trim().parse().ok()?, den.trim().parse().ok()?),
            None => (text.trim().parse().ok()?, 1),
        };
        (num > 0 && den > 0).then(|| Rational::new(num, den))
    }

    /// The fraction that people mean by a rate such as `23.976`, `29.97` or `12.5`; nothing when
    /// it is no rate of a film.
    pub fn of_rate(rate: f64) -> Option<Self> {
        if !(0.01..=1000.0).contains(&rate) {
            return None;
        }
        // NTSC rates are written with two or three digits.
        let nominal = rate.ceil();
        if (rate - nominal * 1000.0 / 1001.0).abs() < 0.006 {
            return Some(Rational::new(nominal as u32 * 1000, 1001));
        }
        Some(Rational::new((rate * 1000.0).round() as u32, 1000))
    }

    /// The value as a floating point number.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// One divided by it.
    #[must_use]
    pub fn inverse(self) -> Self {
        Rational::new(self.den, self.num)
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A file that facedeck can work on.
#[derive(Debug, Clone)]
pub struct MediaInfo {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// Whether it is a picture or a film.
    pub kind: MediaKind,
}

impl MediaInfo {
    /// What is known about the video; nothing for a still.
    pub fn video(&self) -> Option<&VideoInfo> {
        match &self.kind {
            MediaKind::Still => None,
            MediaKind::Video(video) => Some(video),
        }
    }

    /// Whether it is a single picture.
    pub fn is_still(&self) -> bool {
        matches!(self.kind, MediaKind::Still)
    }
}

/// A single picture, or many.
#[derive(Debug, Clone)]
// There is one of these per job; a box would only be in the way of matching.
#[allow(clippy::large_enum_variant)]
pub enum MediaKind {
    /// One picture, read with [`super::image_file::read`].
    Still,
    /// Several pictures, read with [`super::Decoder`].
    Video(VideoInfo),
}

/// A video file: its picture stream in detail, the rest by what is needed to carry it over.
#[derive(Debug, Clone)]
pub struct VideoInfo {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// ffmpeg's name of the container, e.g. `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// Index of the picture stream in the file.
    pub stream: usize,
    /// ffmpeg's name of the codec, e.g. `h264`.
    pub codec: String,
    /// ffmpeg's name of the decoder, where it is not the one that ffmpeg would choose.
    pub decoder: Option<&'static str>,
    /// Width in pixels after rotation: what the decoder delivers.
    pub width: u32,
    /// Height in pixels after rotation: what the decoder delivers.
    pub height: u32,
    /// How the decoder's frames are to be read.
    pub format: FrameFormat,
    /// ffmpeg's name of the pixel format in the file, e.g. `nv12`.
    pub source_pix_fmt: String,
    /// The pixel format that the decoder is asked for, e.g. `yuv420p`.
    pub pix_fmt: String,
    /// Seconds a tick of the timestamps of what the decoder delivers.
    pub time_base: Rational,
    /// Where the file says that the picture begins, in ticks of its own clock.
    pub start_pts: i64,
    /// Frames per second of what the decoder delivers; of an uneven film what its fastest parts
    /// need.
    pub fps: Rational,
    /// Frames are not evenly spaced: each has its own time.
    pub variable_rate: bool,
    /// The decoder repeats and leaves out frames so that they come at `fps`.
    pub resampled: bool,
    /// How many frames the decoder will deliver, where the file tells. An estimate unless
    /// `frame_count_exact`.
    pub frame_count: Option<u64>,
    /// The container counts its frames: `frame_count` is not derived from a duration.
    pub frame_count_exact: bool,
    /// Length of the picture stream in seconds.
    pub duration: Option<f64>,
    /// Seconds from the first picture to the end of the last one, where the file itself tells how
    /// long that is shown; nothing for a part of a film.
    pub shown: Option<f64>,
    /// The file's own clock at its start, in seconds; below 0 where sound begins with samples that
    /// are not to be heard.
    pub file_start: f64,
    /// Seconds from the start of the file to its first picture.
    pub start_offset: f64,
    /// Rotation in degrees that the file asks players for; the decoder has already applied it.
    pub rotation: i32,
    /// Width of a pixel against its height, after rotation; nothing when the file does not say.
    pub sample_aspect_ratio: Option<Rational>,
    /// What the samples mean.
    pub color: ColorTags,
    /// What it says about its light.
    pub light: Light,
    /// Frames are two fields that were taken one after the other: whether the upper one comes first.
    pub upper_field_first: Option<bool>,
    /// Language, title and timecode of the picture stream, to be carried over.
    pub tags: Vec<(String, String)>,
    /// The sound streams.
    pub audio: Vec<AudioInfo>,
    /// The subtitle streams.
    pub subtitles: Vec<SubtitleInfo>,
    /// Indices of the attachments (fonts).
    pub attachments: Vec<usize>,
    /// What else the file holds and no output can keep, in words: cover art, data, more pictures.
    pub others: Vec<String>,
    /// Number of chapters.
    pub chapters: usize,
}

impl VideoInfo {
    /// Presentation time of a frame in seconds from the first frame.
    pub fn time_of(&self, index: u64) -> f64 {
        index as f64 * f64::from(self.fps.den) / f64::from(self.fps.num)
    }

    /// The same film, to be decoded at another rate: frames are repeated or left out so that it
    /// keeps its length.
    #[must_use]
    pub fn at_rate(mut self, fps: Rational) -> Self {
        if self.fps == fps && !self.variable_rate && !self.resampled {
            return self;
        }
        let seconds = self.duration.or_else(|| self.frame_count.map(|n| self.time_of(n)));
        self.frame_count = seconds.map(|s| (s * fps.as_f64()).round().max(1.0) as u64);
        self.frame_count_exact = false;
        self.shown = None;
        self.start_pts =
            (self.start_pts as f64 * self.time_base.as_f64() * fps.as_f64()).round() as i64;
        self.time_base = fps.inverse();
        self.variable_rate = false;
        self.resampled = true;
        self.fps = fps;
        self
    }

    /// The timestamp of a frame of an even film, in ticks of `time_base`.
    pub fn pts_of(&self, index: u64) -> i64 {
        let ticks = self.time_of(index) / self.time_base.as_f64();
        self.start_pts.saturating_add(ticks.round() as i64)
    }
}

#[cfg(test)]
impl VideoInfo {
    /// A film of 64 × 48 pixels at 25 frames a second that is nowhere.
    pub(crate) fn for_tests() -> Self {
        use crate::imaging::frame::{Layout, Matrix};
        VideoInfo {
            path: PathBuf::new(),
            container: "matroska,webm".into(),
            stream: 0,
            codec: "ffv1".into(),
            decoder: None,
            width: 64,
            height: 48,
            format: FrameFormat {
                width: 64,
                height: 48,
                layout: Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false },
                depth: 8,
                matrix: Matrix::Bt601,
                full_range: false,
            },
            source_pix_fmt: "yuv420p".into(),
            pix_fmt: "yuv420p".into(),
            time_base: Rational { num: 1, den: 1000 },
            start_pts: 0,
            fps: Rational { num: 25, den: 1 },
            variable_rate: false,
            resampled: false,
            frame_count: None,
            frame_count_exact: false,
            duration: None,
            shown: None,
            file_start: 0.0,
            start_offset: 0.0,
            rotation: 0,
            sample_aspect_ratio: None,
            color: ColorTags::default(),
            light: Light::default(),
            upper_field_first: None,
            tags: Vec::new(),
            audio: Vec::new(),
            subtitles: Vec::new(),
            attachments: Vec::new(),
            others: Vec::new(),
            chapters: 0,
        }
    }
}

/// The meaning of the samples, by ffmpeg's names; nothing where the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColorTags {
    /// Color primaries, e.g. `bt709`.
    pub primaries: Option<String>,
    /// Transfer characteristics, e.g. `smpte2084`.
    pub transfer: Option<String>,
    /// Matrix coefficients, e.g. `bt2020nc`.
    pub space: Option<String>,
    /// `tv` or `pc`.
    pub range: Option<String>,
    /// Chroma sample position, e.g. `left`.
    pub chroma_location: Option<String>,
}

/// What a film in high dynamic range says about its light.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Light {
    /// The display that it was mastered on.
    pub mastering: Option<Mastering>,
    /// The brightest sample, and the brightest mean of a frame, in candela per square meter.
    pub content: Option<(u32, u32)>,
}

/// A display, as SMPTE ST 2086 tells it: chromaticities x and y in steps of 1/50 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mastering {
    /// Its red.
    pub red: [u32; 2],
    /// Its green.
    pub green: [u32; 2],
    /// Its blue.
    pub blue: [u32; 2],
    /// Its white.
    pub white: [u32; 2],
    /// Its least and its largest luminance, in steps of 1/10 000 candela per square meter.
    pub luminance: [u32; 2],
}

/// One sound stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioInfo {
    /// Index of the stream in the file.
    pub index: usize,
    /// ffmpeg's name of the codec, e.g. `aac`.
    pub codec: String,
    /// Number of channels.
    pub channels: u32,
    /// Samples per second.
    pub sample_rate: u32,
    /// ISO 639 code, when the file says.
    pub language: Option<String>,
}

/// One subtitle stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtitleInfo {
    /// Index of the stream in the file.
    pub index: usize,
    /// ffmpeg's name of the codec, e.g. `subrip`.
    pub codec: String,
    /// ISO 639 code, when the file says.
    pub language: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read_and_reduced() {
        assert_eq!(Rational::parse("30000/1001"), Some(Rational { num: 30000, den: 1001 }));
        assert_eq!(Rational::parse("50/2"), Some(Rational { num: 25, den: 1 }));
        assert_eq!(Rational::parse("16:15"), Some(Rational { num: 16, den: 15 }));
        assert_eq!(Rational::parse("0/0"), None);
        assert_eq!(Rational::parse("0:1"), None);
        assert_eq!(Rational::parse("x"), None);
    }

    #[test]
    fn rates_are_understood_as_people_write_them() {
        let rate = |r: f64| Rational::of_rate(r).map(|r| (r.num, r.den));
        assert_eq!(rate(23.976), Some((24000, 1001)));
        assert_eq!(rate(29.97), Some((30000, 1001)));
        assert_eq!(rate(59.94), Some((60000, 1001)));
        assert_eq!(rate(30.0), Some((30, 1)));
        assert_eq!(rate(12.5), Some((25, 2)));
        assert_eq!(rate(0.0), None);
        assert_eq!(rate(f64::NAN), None);
    }
}
