//! The content filter: open_nsfw looks at sources, stills and every frame that differs from the
//! last one it looked at. One hit ends the job. It cannot be switched off, and it fails closed: a
//! network that does not load or run is an error, not a pass.

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Kind, Refusal, Result};
use crate::imaging::frame::Frame;
use crate::imaging::sample::{Shrink, thumbnail};
use crate::imaging::signature::Signature;
use crate::inference::session::Session;
use crate::models;
use crate::saved;

/// Probabilities above this refuse (the network's authors' and roop's threshold).
pub const THRESHOLD: f32 = 0.85;
/// Side of the picture before the center crop, and of the network's input.
const SIDES: (u32, usize) = (256, 224);
/// Mean color that the network was trained with: blue, green, red.
const MEAN: [f32; 3] = [104.0, 117.0, 123.0];
/// Quality of the JPEG round trip that belongs to the original preprocessing (Pillow's default).
const JPEG_QUALITY: u8 = 75;
/// A frame is looked at again when, camera motion apart, it differs from the last one that was by
/// this much on average, or by the second number in any sixth-by-sixth part of the picture
/// (0..=255 each).
const CHANGE: (f32, f32) = (2.0, 12.0);
/// So soon after a look, in seconds, only what differs this many times as much is looked at at once:
/// a camera that moves fast differs in every frame, and shows the same.
const PAUSE: (f64, f32) = (0.5, 3.0);
/// Whose memory a screener's is.
const SCREENER: &str = "content screener";

/// The network that judges pictures.
pub struct ContentFilter {
    session: Session,
}

impl ContentFilter {
    /// Loads the embedded network.
    ///
    /// # Errors
    /// When the runtime refuses it: then no job may run.
    pub fn load() -> Result<Self> {
        let model = models::embedded(models::id::CONTENT_FILTER)?;
        Ok(ContentFilter { session: Session::from_bytes(&model.entry.id, model.bytes, 1)? })
    }

    /// The probability that a picture is not safe for work, 0..=1.
    ///
    /// # Errors
    /// When the network fails or answers with something that is no probability.
    pub fn score(&mut self, frame: &Frame) -> Result<f32> {
        let (full, crop) = SIDES;
        let pixels = through_jpeg(&thumbnail(frame, full, full, Shrink::Triangle), full)?;
        let margin = (full as usize - crop) / 2;
        let mut input = Vec::with_capacity(crop * crop * 3);
        for y in margin..margin + crop {
            for x in margin..margin + crop {
                let at = (y * full as usize + x) * 3;
                for (c, mean) in MEAN.iter().enumerate() {
                    input.push(f32::from(pixels[at + 2 - c]) - mean);
                }
            }
        }
        let outputs = self.session.run(&[("input:0", &[1, crop, crop, 3], &input)])?;
        let score = outputs.first().and_then(|o| o.data.get(1)).copied().unwrap_or(f32::NAN);
        probability(score)
    }

    /// Judges one picture of a file.
    ///
    /// # Errors
    /// [`Kind::Refused`] with frame, time and score when it is refused; or when the network fails.
    pub fn check(&mut self, frame: &Frame, file: &str) -> Result<f32> {
        self.check_part(frame, file, (0, 0.0))
    }

    /// As [`ContentFilter::check`], of a part that begins with this frame of its film, at this time:
    /// who is told looks for the frame in the film.
    ///
    /// # Errors
    /// As [`ContentFilter::check`].
    pub fn check_part(&mut self, frame: &Frame, file: &str, begins_at: (u64, f64)) -> Result<f32> {
        let place = (frame.index + begins_at.0, frame.time + begins_at.1);
        judge(self.score(frame)?, place, file)
    }
}

/// What the network answered, when it can be one; NaN is none.
fn probability(score: f32) -> Result<f32> {
    if (0.0..=1.0).contains(&score) {
        Ok(score)
    } else {
        Err(Error::failed(format!("the content filter answered {score}, which is no probability")))
    }
}

/// Passes a score within the limit, refuses every other.
fn judge(score: f32, (frame, time): (u64, f64), file: &str) -> Result<f32> {
    if score <= THRESHOLD {
        return Ok(score);
    }
    let refusal = Refusal { file: file.to_owned(), frame, time, score };
    let message = format!(
        "{file} is refused by the content filter: frame {frame} at {time:.2} s scores {score:.2} \
         (limit {THRESHOLD})",
    );
    Err(Error::new(Kind::Refused(refusal), message)
        .hint("facedeck makes no sexual content; nothing was written"))
}

fn through_jpeg(rgb: &[u8], side: u32) -> Result<Vec<u8>> {
    let what = || "the content filter cannot prepare a frame".to_owned();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .write_image(rgb, side, side, image::ExtendedColorType::Rgb8)
        .context(what)?;
    let decoded = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg);
    Ok(decoded.context(what)?.into_rgb8().into_raw())
}

/// Decides which frames of a video are looked at.
///
/// Changes add up: a frame is compared with the last one that was looked at, not with its
/// neighbor, so no slow transition slips through.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Screener {
    last: Option<Signature>,
    looked: u64,
    /// The time of the frame that was looked at last, in seconds.
    at: f64,
}

impl Screener {
    /// Whether this frame, of this time in seconds, must be looked at; remembers it when so.
    pub fn wants(&mut self, signature: &Signature, time: f64) -> bool {
        let (pause, more) = PAUSE;
        let patience = if (time - self.at).abs() < pause { more } else { 1.0 };
        let differs = self.last.as_ref().is_none_or(|last| {
            let change = last.change_but_for_motion(signature);
            change.mean > patience * CHANGE.0 || change.local > patience * CHANGE.1
        });
        if differs {
            self.last = Some(signature.clone());
            self.at = time;
            self.looked = self.looked.saturating_add(1);
        }
        differs
    }

    /// How many frames were looked at.
    pub fn looked(&self) -> u64 {
        self.looked
    }

    /// What it remembers, as bytes.
    ///
    /// # Errors
    /// When that cannot be put into bytes.
    pub fn save(&self) -> Result<Vec<u8>> {
        saved::pack(SCREENER, self)
    }

    /// Goes on from what another one has saved.
    ///
    /// # Errors
    /// When it does not fit; then nothing has changed.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let whole = |saved: &Self| saved.last.iter().all(Signature::is_whole);
        *self = saved::unpack(SCREENER, state, whole)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};
    use crate::saved::testing::{assert_misfit, forged};

    fn plain(value: u8) -> Frame {
        let format = FrameFormat {
            width: 64,
            height: 64,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        Frame::new(format, vec![value; format.frame_bytes()])
    }

    #[test]
    fn what_moves_fast_is_looked_at_now_and_then_and_what_is_new_at_once() {
        let mut screener = Screener::default();
        // Every frame differs, at 25 a second.
        let looked: Vec<u64> = (0..60)
            .filter(|&i| screener.wants(&Signature::plain(3 * (i % 2) as u8), i as f64 / 25.0))
            .collect();
        assert_eq!(looked, [0, 13, 26, 39, 52]);
        // Another shot, and back.
        assert!(screener.wants(&Signature::plain(100), 60.0 / 25.0));
        assert!(screener.wants(&Signature::plain(0), 61.0 / 25.0));
        assert!(!screener.wants(&Signature::plain(5), 62.0 / 25.0));
        assert!(screener.wants(&Signature::plain(12), 63.0 / 25.0));
    }

    #[test]
    fn slow_changes_add_up_until_a_frame_is_looked_at() {
        let mut screener = Screener::default();
        let looked: Vec<usize> =
            (0..30).filter(|&i| screener.wants(&Signature::plain(i as u8), i as f64)).collect();
        assert_eq!(looked, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
        assert_eq!(screener.looked(), 10);
    }

    #[test]
    fn a_restored_screener_asks_for_the_same_frames() {
        let mut first = Screener::default();
        let mut runs = vec![Screener::default()];
        for i in 0..60u8 {
            let (signature, time) = (Signature::plain(i), f64::from(i) / 25.0);
            let expected = first.wants(&signature, time);
            let agrees = |run: &mut Screener| run.wants(&signature, time) == expected;
            assert!(runs.iter_mut().all(agrees), "frame {i}");
            let state = first.save().unwrap();
            assert!(runs.iter().all(|run| run.save().unwrap() == state), "frame {i}");
            if i % 7 == 6 {
                let mut restored = Screener::default();
                restored.restore(&state).unwrap();
                assert_eq!(restored.looked(), first.looked());
                runs.push(restored);
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_screener_panic(bytes: Vec<u8>) {
            assert_misfit(Screener::default().restore(&bytes));
            let _ = Screener::default().restore(&forged(SCREENER, &bytes));
        }
    }

    #[test]
    fn a_screener_takes_no_signature_of_another_size() {
        // Three numbers, and that two frames were looked at.
        let small = [&[1, 3, 9, 9, 9, 2][..], &[0; 8]].concat();
        assert_misfit(Screener::default().restore(&forged(SCREENER, &small)));
        let none = [&[0, 2][..], &[0; 8]].concat();
        Screener::default().restore(&forged(SCREENER, &none)).unwrap();
    }

    #[test]
    fn a_score_over_the_limit_refuses_with_place_and_exit_code() {
        let place = (250, 10.0);
        let error = judge(0.9, place, "film.mp4").unwrap_err();
        assert_eq!((error.exit_code(), error.kind_name()), (3, "refused"));
        for word in ["film.mp4", "frame 250", "10.00 s", "0.90", "0.85"] {
            assert!(error.message().contains(word), "no {word} in {}", error.message());
        }
        let refusal = Refusal { file: "film.mp4".into(), frame: 250, time: 10.0, score: 0.9 };
        assert_eq!(error.kind(), &Kind::Refused(refusal));
        assert_eq!(judge(THRESHOLD, place, "film.mp4").unwrap(), THRESHOLD);
        // Should a score ever come here that is none, it does not pass.
        assert!(judge(f32::NAN, place, "film.mp4").is_err());
    }

    #[test]
    fn what_is_no_probability_is_an_error_and_no_pass() {
        for score in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.01, 1.01] {
            let error = probability(score).unwrap_err();
            assert_eq!(error.exit_code(), 1, "{score}");
        }
        assert_eq!(probability(0.0).unwrap(), 0.0);
        assert_eq!(probability(1.0).unwrap(), 1.0);
    }

    #[test]
    fn a_broken_network_passes_nothing() {
        crate::inference::environment::for_tests().unwrap();
        let filter = models::embedded(models::id::CONTENT_FILTER).unwrap();
        let torn = &filter.bytes[..filter.bytes.len() / 2];
        assert!(Session::from_bytes("torn", torn, 1).is_err());
        // A network that runs, but is another.
        let other = models::embedded(models::id::RECOGNIZER).unwrap();
        let session = Session::from_bytes("other", other.bytes, 1).unwrap();
        assert!(ContentFilter { session }.check(&plain(128), "plain.png").is_err());
    }

    #[test]
    fn a_plain_picture_passes() {
        crate::inference::environment::for_tests().unwrap();
        let mut filter = ContentFilter::load().unwrap();
        let score = filter.check(&plain(128), "plain.png").unwrap();
        assert!(score < 0.3, "{score}");
    }
}
