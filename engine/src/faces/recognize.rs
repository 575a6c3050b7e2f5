//! Identity: the numbers that a recognition network gives for an aligned face.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::imaging::aligned::{Aligned, Border, Quality};
use crate::imaging::frame::Frame;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Point, similarity};
use crate::imaging::template::Template;
use crate::inference::Pool;
use crate::inference::session::Output;
use crate::models::{self, Role};

use super::network::Network;

/// An identity: 512 numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// The direction, of unit length: what identities are compared by.
    pub unit: Vec<f32>,
    /// The length of what the network gave: some swappers are fed with the numbers as they were.
    pub norm: f32,
}

impl Embedding {
    /// Identities whose cosine is above this are one person: see [`Embedding::cosine`].
    pub const SAME_PERSON: f32 = 0.35;

    /// From the numbers that a network gave.
    pub fn from_raw(mut values: Vec<f32>) -> Self {
        let norm = length(&values);
        for v in &mut values {
            *v /= norm;
        }
        Embedding { unit: values, norm }
    }

    /// The numbers as the network gave them.
    pub fn raw(&self) -> Vec<f32> {
        self.unit.iter().map(|v| v * self.norm).collect()
    }

    /// Cosine of the angle between two identities, −1..=1: the same person is about .8 to .94,
    /// different people stay under .25.
    pub fn cosine(&self, other: &Embedding) -> f32 {
        self.unit.iter().zip(&other.unit).map(|(a, b)| a * b).sum()
    }

    /// Squared distance of unit embeddings, 0..=4: what roop's `--similar-face-distance` counts.
    pub fn distance(&self, other: &Embedding) -> f32 {
        2.0 - 2.0 * self.cosine(other)
    }

    /// The mean of several photos of one person; `None` for none. As FaceFusion does it, the
    /// directions and the raw numbers are averaged separately: `unit` is the mean direction, `norm`
    /// the length of the mean of the raw numbers.
    pub fn mean(all: &[Embedding]) -> Option<Embedding> {
        let first = all.first()?;
        let mut direction = vec![0.0; first.unit.len()];
        let mut raw = direction.clone();
        for one in all {
            for ((d, r), v) in direction.iter_mut().zip(&mut raw).zip(&one.unit) {
                *d += v;
                *r += v * one.norm;
            }
        }
        let norm = length(&raw) / all.len() as f32;
        Some(Embedding { norm, ..Embedding::from_raw(direction) })
    }
}

/// The Euclidean length, kept off zero.
fn length(values: &[f32]) -> f32 {
    values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9)
}

/// A recognition network.
pub struct Recognizer {
    network: Network,
    side: usize,
    smooth: bool,
}

impl Recognizer {
    /// Loads the network with this catalog id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the id names no recognizer of a known family,
    /// [`crate::error::Kind::Missing`] when the model is not here.
    pub fn load(pool: &Pool, id: &str) -> Result<Self> {
        let entry = Network::entry(pool, id, Role::Recognizer, "recognizer")?;
        if entry.family != "arcface" {
            return Err(Error::usage(format!(
                "the recognizer {id} is of a family that is not known: {}",
                entry.family
            ))
            .hint("known families: arcface"));
        }
        let network = Network::load(pool, entry)?;
        // The embedded network's figures were taken on crops that do not alias; what others give,
        // and what swappers were trained on, comes from insightface's plain ones.
        Ok(Recognizer { side: network.side()?, network, smooth: id == models::id::RECOGNIZER })
    }

    /// The identity of the face with these five points.
    ///
    /// # Errors
    /// When the landmarks coincide or the network fails.
    pub fn embed(&self, frame: &Frame, points: &[Point; 5]) -> Result<Embedding> {
        let crop = if self.smooth {
            let map = similarity(&Template::Arcface112.points(self.side), points)
                .ok_or_else(|| Error::failed("the landmarks of a face coincide"))?;
            sample_affine(frame, &map, self.side, self.side)
        } else {
            Aligned::new(points, Template::Arcface112, self.side)?.crop(
                frame,
                Border::Black,
                Quality::Plain,
            )
        };
        match <[Output; 1]>::try_from(self.network.run_crop(&crop)?) {
            Ok([output]) if output.data.len() > 1 => Ok(Embedding::from_raw(output.data)),
            _ => Err(self.network.misfit("a recognizer has one output, a vector")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_and_cosine_agree_with_roops_scale() {
        let a = Embedding::from_raw(vec![1.0, 0.0]);
        let b = Embedding::from_raw(vec![0.6, 0.8]);
        assert!((a.cosine(&b) - 0.6).abs() < 1e-6);
        assert!((a.distance(&b) - 0.8).abs() < 1e-6);
        assert_eq!(Embedding::mean(&[]), None);
    }

    #[test]
    fn directions_and_raw_numbers_are_averaged_separately() {
        let a = Embedding::from_raw(vec![3.0, 0.0]);
        let b = Embedding::from_raw(vec![0.0, 1.0]);
        assert_eq!((a.norm, a.raw()), (3.0, vec![3.0, 0.0]));
        let mean = Embedding::mean(&[a, b]).unwrap();
        let half = 0.5f32.sqrt();
        assert!((mean.unit[0] - half).abs() < 1e-6 && (mean.unit[1] - half).abs() < 1e-6);
        assert!((mean.norm - (1.5f32 * 1.5 + 0.25).sqrt()).abs() < 1e-6, "{}", mean.norm);
    }
}
