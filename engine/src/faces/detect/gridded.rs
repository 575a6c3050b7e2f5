//! Detectors that predict boxes and five points on three grids.

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::inference::Pool;
use crate::inference::session::Output;

use super::super::network::Network;
use super::grid::{Level, check_size, covering, levels};
use super::near::near;
use super::shrink::Canvas;
use super::{Detect, Found, suppress};

/// Side of the input where the network takes any.
const SIDE: usize = 640;

/// What tells a family of such networks from another.
pub struct Family {
    /// Its name in the catalog.
    pub name: &'static str,
    /// Outputs of one number a prediction on each grid.
    pub scores: usize,
    /// Predictions a cell.
    pub priors: usize,
    /// Boxes that overlap a better one more than this are dropped.
    pub overlap: f32,
    /// By how many pixels boxes are taken for larger when overlaps are measured.
    pub growth: f32,
    /// The score of a prediction, 0..=1; no number where there is none.
    pub score: fn(&Level<'_>, usize) -> f32,
    /// Left, top, right and bottom of a prediction, in pixels of the input.
    pub bounds: fn(&Level<'_>, usize) -> [f32; 4],
}

/// The detector.
pub struct Gridded {
    family: &'static Family,
    network: Network,
    /// For the small pictures of faces that are known; none where the network takes one size only.
    near: Option<Network>,
    size: (usize, usize),
}

impl Gridded {
    /// The detector that runs this network.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the entry's input is no multiple of the largest stride;
    /// when the network cannot be loaded a second time.
    pub fn new(family: &'static Family, network: Network, pool: &Pool) -> Result<Self> {
        let size = network.size(SIDE);
        check_size(family.name, size)?;
        let any = network.takes_any_size();
        let near = any.then(|| network.for_another_size(pool)).transpose()?;
        Ok(Gridded { family, network, near, size })
    }

    /// The faces in what the network says of a picture of this size, `scale` of its pixels a pixel of
    /// the frame.
    fn faces(
        &self,
        outputs: &[Output],
        size: (usize, usize),
        scale: f32,
        score: f32,
    ) -> Result<Vec<Found>> {
        let Family { scores, priors, overlap, growth, .. } = *self.family;
        let mut found = Vec::new();
        let levels = levels(outputs, size, scores, priors);
        for level in levels.map_err(|lacking| self.network.misfit(&lacking))? {
            self.decode(&level, score, scale, &mut found);
        }
        Ok(suppress(found, overlap, growth))
    }

    /// The faces of a frame on a canvas of this size.
    fn detect_at(&self, frame: &Frame, size: (usize, usize), score: f32) -> Result<Vec<Found>> {
        let canvas = Canvas::of(frame, size);
        let outputs = self.network.run_bytes(size, &canvas.rgb)?;
        self.faces(&outputs, size, canvas.scale, score)
    }

    fn decode(&self, level: &Level<'_>, least: f32, scale: f32, found: &mut Vec<Found>) {
        let Family { score, bounds, .. } = *self.family;
        let stride = level.stride as f32;
        for i in 0..level.scores[0].len() {
            let score = score(level, i);
            if score.is_nan() || score < least {
                continue;
            }
            let [x, y] = level.corner(i);
            let points: [[f32; 2]; 5] = std::array::from_fn(|k| {
                let at = 10 * i + 2 * k;
                [x + level.points[at] * stride, y + level.points[at + 1] * stride]
            });
            let one = Found {
                bounds: bounds(level, i).map(|v| v / scale),
                points: points.map(|p| p.map(|v| v / scale)),
                score,
            };
            if one.bounds.iter().chain(one.points.as_flattened()).all(|v| v.is_finite()) {
                found.push(one);
            }
        }
    }
}

impl Detect for Gridded {
    fn detect(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        self.detect_at(frame, self.size, score)
    }

    fn detect_roughly(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        if self.near.is_none() {
            return self.detect(frame, score);
        }
        // Seven sixteenths of the canvas of a film of 16:9 are black.
        self.detect_at(frame, covering(Canvas::filled(frame, self.size)), score)
    }

    fn can_glance(&self) -> bool {
        // An accelerator would prepare itself anew for each picture of another size, for longer than
        // it takes to look at all of it.
        self.near.is_some() && self.network.is_on_processor()
    }

    fn detect_large(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        if !self.can_glance() {
            return self.detect_roughly(frame, score);
        }
        let half = (self.size.0 / 2, self.size.1 / 2);
        self.detect_at(frame, covering(Canvas::filled(frame, half)), score)
    }

    fn can_follow(&self) -> bool {
        self.near.is_some()
    }

    fn detect_near(&self, frame: &Frame, known: &Found, score: f32) -> Result<Option<Found>> {
        let Some(network) = &self.near else { return Ok(None) };
        near(frame, known, |picture, size| {
            self.faces(&network.run_crop(picture)?, size, 1.0, score)
        })
    }
}
