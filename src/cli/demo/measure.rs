//! Looks at what was made as a stranger would: the files are decoded again, the faces searched for
//! again, and compared with the source.

use std::path::Path;

use crate::error::{Error, Result};
use crate::faces::Face;
use crate::faces::recognize::Embedding;
use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::media::decode::{DecodeOptions, Decoder};
use crate::media::probe;
use crate::pipeline::Engine;

/// Frames of a clip that are looked at, evenly spaced.
pub const LOOKS: u64 = 25;

/// One frame that was looked at.
pub struct Look {
    /// The frame.
    pub frame: Frame,
    /// The largest face in it.
    pub face: Option<Face>,
}

impl Look {
    /// Looks at a frame.
    ///
    /// # Errors
    /// When a network fails.
    pub fn at(engine: &mut Engine, frame: Frame) -> Result<Self> {
        let face = engine.models.analyze_still(&frame)?.into_iter().next();
        Ok(Look { frame, face })
    }

    /// How much the face is the source's, −1..=1; nothing without a face.
    pub fn cosine(&self, source: &Embedding) -> Option<f32> {
        self.face.as_ref()?.embedding.as_ref().map(|e| e.cosine(source))
    }
}

/// Looks at [`LOOKS`] frames of a video; `see` gets their number, from 0, and each of them. Returns
/// the mean cosine to the source over those with a face, or nothing when none has one.
///
/// # Errors
/// When the file cannot be decoded or a network fails; when the user stopped the work.
pub fn look_through(
    engine: &mut Engine,
    path: &Path,
    source: &Embedding,
    interrupt: &Interrupt,
    see: &mut dyn FnMut(usize, &Look),
) -> Result<Option<f32>> {
    let media = probe(&engine.tools, path)?;
    let info =
        media.video().ok_or_else(|| Error::failed(format!("{} is no video", path.display())))?;
    let frames = info.frame_count.unwrap_or(LOOKS).max(1);
    let options = DecodeOptions::default();
    let mut decoder = Decoder::open(&engine.tools, info, &options, interrupt.clone())?;
    let (mut seen, mut cosines) = (0, Vec::new());
    let mut buffer = Vec::new();
    while let Some(frame) = decoder.next(buffer)? {
        // In the middle of each of the equal parts.
        if seen < LOOKS && frame.index >= (2 * seen + 1) * frames / (2 * LOOKS) {
            let look = Look::at(engine, frame)?;
            see(seen as usize, &look);
            cosines.extend(look.cosine(source));
            seen += 1;
            buffer = look.frame.data;
        } else {
            buffer = frame.data;
        }
    }
    Ok(mean(&cosines))
}

fn mean(values: &[f32]) -> Option<f32> {
    (!values.is_empty()).then(|| values.iter().sum::<f32>() / values.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::clip::{ClipOptions, make};
    use crate::cli::demo::material;
    use crate::media::Rational;
    use crate::profiles::Profile;

    #[test]
    fn the_portrait_is_found_all_through_its_own_clip() {
        let mut engine =
            Engine::start(crate::provision::for_tests().unwrap(), &Profile::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.mp4");
        let options = ClipOptions {
            width: 640,
            height: 360,
            fps: Rational::new(3, 1),
            ..ClipOptions::default()
        };
        let stop = Interrupt::new();
        make(&engine.tools, &path, &options, &stop, &mut |_| {}).unwrap();
        let portrait = Look::at(&mut engine, material::portrait().unwrap()).unwrap();
        let source = portrait.face.and_then(|f| f.embedding).unwrap();
        let mut seen = Vec::new();
        let cosine = look_through(&mut engine, &path, &source, &stop, &mut |n, look| {
            assert!(look.face.is_some());
            seen.push((n, look.frame.index));
        });
        assert!(cosine.unwrap().unwrap() > 0.7);
        assert_eq!(seen.len() as u64, LOOKS);
        assert_eq!((seen[0], seen[12], seen[24]), ((0, 0), (12, 15), (24, 29)));
        assert_eq!(mean(&[]), None);
    }
}
