//! Identity: a 512-number embedding of an aligned face (MobileFaceNet, 112×112).

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Point, similarity};
use crate::imaging::template::Template;
use crate::inference::session::Session;
use crate::models;

/// Side of the aligned crop in pixels.
const SIDE: usize = 112;

/// An identity: 512 numbers of unit length.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(pub Vec<f32>);

impl Embedding {
    /// Identities whose cosine is above this are one person: see [`Embedding::cosine`].
    pub const SAME_PERSON: f32 = 0.35;

    /// Makes the length one.
    pub fn normalized(mut values: Vec<f32>) -> Self {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
        for v in &mut values {
            *v /= length;
        }
        Embedding(values)
    }

    /// Cosine of the angle between two identities, −1..=1: the same person is about .8 to .94,
    /// different people stay under .25.
    pub fn cosine(&self, other: &Embedding) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }

    /// Squared distance of unit embeddings, 0..=4: what roop's `--similar-face-distance` counts.
    pub fn distance(&self, other: &Embedding) -> f32 {
        2.0 - 2.0 * self.cosine(other)
    }

    /// The mean of several photos of one person; `None` for none.
    pub fn mean(all: &[Embedding]) -> Option<Embedding> {
        let mut sum = all.first()?.0.clone();
        for other in &all[1..] {
            for (s, v) in sum.iter_mut().zip(&other.0) {
                *s += v;
            }
        }
        Some(Embedding::normalized(sum))
    }
}

/// The recognition network.
pub struct Recognizer {
    session: Session,
}

impl Recognizer {
    /// Loads the embedded network.
    ///
    /// # Errors
    /// When the runtime refuses it.
    pub fn load() -> Result<Self> {
        let model = models::embedded(models::id::RECOGNIZER)?;
        Ok(Recognizer { session: Session::from_bytes(&model.entry.id, model.bytes, 1)? })
    }

    /// The identity of the face with these five points.
    ///
    /// # Errors
    /// When the landmarks coincide or the network fails.
    pub fn embed(&mut self, frame: &Frame, points: &[Point; 5]) -> Result<Embedding> {
        let map = similarity(&Template::Arcface112.points(SIDE), points)
            .ok_or_else(|| Error::failed("the landmarks of a face coincide"))?;
        let crop = sample_affine(frame, &map, SIDE, SIDE);
        let input: Vec<f32> =
            crop.iter().flat_map(|p| p.data.iter().map(|v| (v - 127.0) / 128.0)).collect();
        let mut outputs = self.session.run(&[("input", &[1, 3, SIDE, SIDE], &input)])?;
        Ok(Embedding::normalized(std::mem::take(&mut outputs[0].data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_and_cosine_agree_with_roops_scale() {
        let a = Embedding::normalized(vec![1.0, 0.0]);
        let b = Embedding::normalized(vec![0.6, 0.8]);
        assert!((a.cosine(&b) - 0.6).abs() < 1e-6);
        assert!((a.distance(&b) - 0.8).abs() < 1e-6);
        assert_eq!(Embedding::mean(&[]), None);
    }
}
