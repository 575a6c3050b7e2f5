//! Makes the demo's clip out of the portrait. Also for tests and benchmarks, which need clips of
//! other sizes and lengths with a face in every frame.

use std::io::Write;
use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;
use crate::media::{
    AudioInfo, ColorTags, EncodeOptions, Encoder, Light, Rational, VideoEncoder, VideoInfo,
};
use crate::provision::FfmpegTools;

use super::camera::Shot;
use super::canvas::Canvas;
use super::paint::{self, Painter};
use super::{marks, material, tune};

/// What kind of clip is made.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipOptions {
    /// Width in pixels: even, at least 64. The face takes about a sixth of it.
    pub width: u32,
    /// Height in pixels: even, at least 64.
    pub height: u32,
    /// Length in seconds.
    pub seconds: f64,
    /// Frames a second.
    pub fps: Rational,
    /// x264's constant rate factor: 0 is best.
    pub crf: u8,
    /// x264's preset.
    pub preset: String,
    /// Whether there is sound.
    pub sound: bool,
    /// Whether five colored dots are painted on the face, for detectors that know no faces.
    pub marks: bool,
}

impl Default for ClipOptions {
    /// The demo's own: 10 seconds of 1280×720 at 25 frames a second, with sound.
    fn default() -> Self {
        ClipOptions {
            width: 1280,
            height: 720,
            seconds: 10.0,
            fps: Rational::new(25, 1),
            crf: 18,
            preset: "veryfast".into(),
            sound: true,
            marks: false,
        }
    }
}

impl ClipOptions {
    /// How many frames the clip has, at least one.
    pub fn frames(&self) -> u64 {
        ((self.seconds * self.fps.as_f64()).round() as u64).max(1)
    }

    /// Time of a frame in seconds.
    fn time_of(&self, index: u64) -> f64 {
        index as f64 / self.fps.as_f64()
    }

    fn check(&self) -> Result<()> {
        let bad = |side: u32| side < 64 || side % 2 == 1 || side > 16_384;
        if bad(self.width) || bad(self.height) {
            return Err(Error::usage(format!(
                "a clip cannot be {}×{}: its sides are even, from 64 to 16384",
                self.width, self.height
            )));
        }
        // More sound than this does not fit into the file that hands it over.
        if !(0.0..=3600.0).contains(&self.seconds) {
            return Err(Error::usage(format!(
                "a clip cannot take {} seconds: it is an hour long at most",
                self.seconds
            )));
        }
        Ok(())
    }

    /// The clip as the encoder wants to know it, with its sound in this file.
    fn describe(&self, sound: &Path) -> VideoInfo {
        VideoInfo {
            path: sound.to_owned(),
            container: "wav".into(),
            stream: 0,
            codec: "rawvideo".into(),
            decoder: None,
            width: self.width,
            height: self.height,
            format: paint::format(self.width, self.height),
            source_pix_fmt: "yuv420p".into(),
            pix_fmt: "yuv420p".into(),
            time_base: self.fps.inverse(),
            start_pts: 0,
            fps: self.fps,
            variable_rate: false,
            resampled: false,
            frame_count: Some(self.frames()),
            frame_count_exact: true,
            duration: Some(self.time_of(self.frames())),
            shown: None,
            file_start: 0.0,
            start_offset: 0.0,
            rotation: 0,
            sample_aspect_ratio: Some(Rational::new(1, 1)),
            color: ColorTags {
                primaries: Some("bt709".into()),
                transfer: Some("bt709".into()),
                space: Some("bt709".into()),
                range: Some("tv".into()),
                // Four pixels are averaged: the chroma sample lies in the middle of them.
                chroma_location: Some("center".into()),
            },
            light: Light::default(),
            upper_field_first: None,
            tags: Vec::new(),
            audio: vec![AudioInfo {
                index: 0,
                codec: "pcm_s16le".into(),
                channels: tune::CHANNELS,
                sample_rate: tune::RATE,
                language: None,
            }],
            subtitles: Vec::new(),
            attachments: Vec::new(),
            others: Vec::new(),
            chapters: 0,
            span: None,
            sequence: None,
        }
    }
}

/// Makes a clip: the portrait under a moving camera and a changing light. The same options give
/// the same frames. An old file of that name is replaced when the new one is whole.
///
/// `progress` hears how many frames are done.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for a size or length that cannot be; when the file cannot be
/// written or ffmpeg fails; when the user stopped the work. Nothing is left behind then.
pub fn make(
    tools: &FfmpegTools,
    path: &Path,
    options: &ClipOptions,
    interrupt: &Interrupt,
    progress: &mut dyn FnMut(u64),
) -> Result<()> {
    options.check()?;
    let frames = options.frames();
    let sound = sound_file(options.time_of(frames))?;
    let mut encode = EncodeOptions::new(VideoEncoder::Libx264);
    encode.crf = Some(options.crf);
    encode.preset = Some(options.preset.clone());
    encode.skip_audio = !options.sound;
    let info = options.describe(sound.path());
    let mut encoder = Encoder::start(tools, &info, path, &encode, interrupt.clone())?;
    let shots = (0..frames).map(|i| Shot::at(options.time_of(i), options.width, options.height));
    let canvas = Canvas::new(&material::portrait()?, shots, options.width, options.height)?;
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(16));
    let painter = Painter::new(canvas, options.width, options.height, options.fps, threads);
    let mut buffer = Vec::new();
    for index in 0..frames {
        interrupt.check()?;
        let mut frame = painter.paint(index, buffer);
        if options.marks {
            let shot = Shot::at(options.time_of(index), options.width, options.height);
            marks::put_on(&mut frame, &shot.onto_picture());
        }
        encoder.write(&frame)?;
        buffer = frame.data;
        progress(index + 1);
    }
    encoder.finish()?.publish(true)
}

/// The tune in a file of its own, which goes when it is dropped: frames have the only pipe.
fn sound_file(seconds: f64) -> Result<tempfile::NamedTempFile> {
    let what = || "cannot write the clip's sound to the temporary folder".to_owned();
    let mut file =
        tempfile::Builder::new().prefix("facedeck-").suffix(".wav").tempfile().context(what)?;
    file.write_all(&tune::wav(seconds)).context(what)?;
    file.flush().context(what)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::FaceModels;
    use crate::media::testing::{Clips, ask, decode, tools, video};

    fn small() -> ClipOptions {
        ClipOptions {
            width: 256,
            height: 144,
            seconds: 1.0,
            fps: Rational::new(10, 1),
            ..ClipOptions::default()
        }
    }

    fn made(clips: &Clips, name: &str, options: &ClipOptions) -> std::path::PathBuf {
        let path = clips.path(name);
        let mut seen = Vec::new();
        make(&tools(), &path, options, &Interrupt::new(), &mut |done| seen.push(done))
            .unwrap_or_else(|e| panic!("{}", e.chain()));
        assert_eq!(seen, (1..=options.frames()).collect::<Vec<_>>());
        path
    }

    #[test]
    fn a_clip_is_what_was_asked_for_and_always_the_same() {
        let clips = Clips::new();
        let (one, two) = (made(&clips, "a.mp4", &small()), made(&clips, "b.mp4", &small()));
        let info = video(&one);
        assert_eq!((info.width, info.height, info.fps), (256, 144, Rational::new(10, 1)));
        assert_eq!((info.codec.as_str(), info.pix_fmt.as_str()), ("h264", "yuv420p"));
        assert_eq!(info.color.space.as_deref(), Some("bt709"));
        assert_eq!((info.audio[0].codec.as_str(), info.audio[0].channels), ("aac", 2));
        let length: f64 = ask(&one, "-show_entries format=duration").parse().unwrap();
        assert!((length - 1.0).abs() < 0.06, "{length}");
        let (first, second) = (decode(&info), decode(&video(&two)));
        assert_eq!(first.len(), 10);
        assert!(first.iter().zip(&second).all(|(a, b)| a.data == b.data));
        assert!(first.windows(2).all(|w| w[0].data != w[1].data));
        assert_eq!(clips.names(), ["a.mp4", "b.mp4"]);
    }

    #[test]
    fn sound_and_rate_are_chosen() {
        let clips = Clips::new();
        let options =
            ClipOptions { sound: false, fps: Rational::new(30000, 1001), seconds: 0.2, ..small() };
        let info = video(&made(&clips, "silent.mp4", &options));
        assert!(info.audio.is_empty());
        assert_eq!((info.fps, info.frame_count), (Rational::new(30000, 1001), Some(6)));
    }

    #[test]
    fn the_networks_see_one_face_of_the_promised_width() {
        crate::inference::environment::for_tests().unwrap();
        let models = FaceModels::load_embedded().unwrap();
        let clips = Clips::new();
        let options = ClipOptions {
            width: 640,
            height: 360,
            seconds: 10.0,
            fps: Rational::new(1, 1),
            ..small()
        };
        for frame in decode(&video(&made(&clips, "slow.mp4", &options))) {
            let shot = Shot::at(frame.time, 640, 360);
            let faces = models.analyze_still(&frame).unwrap();
            assert_eq!(faces.len(), 1, "at {} s", frame.time);
            let [x0, y0, x1, y1] = faces[0].bounds.map(f64::from);
            let off = ((x0 + x1) / 2.0 - shot.face[0]).hypot((y0 + y1) / 2.0 - shot.face[1]);
            let width = f64::from(faces[0].width()) / shot.face_width();
            assert!(off < 12.0 && (0.93..1.07).contains(&width), "{}: {off} {width}", frame.time);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_and_a_stop_leaves_nothing() {
        let clips = Clips::new();
        let path = clips.path("none.mp4");
        let odd = ClipOptions { width: 255, ..small() };
        let error = make(&tools(), &path, &odd, &Interrupt::new(), &mut |_| {}).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let interrupt = Interrupt::new();
        let stop = interrupt.clone();
        let error = make(&tools(), &path, &small(), &interrupt, &mut |done| {
            if done == 3 {
                stop.set();
            }
        });
        assert_eq!(error.unwrap_err().exit_code(), 130);
        assert!(clips.names().is_empty(), "{:?}", clips.names());
    }
}
