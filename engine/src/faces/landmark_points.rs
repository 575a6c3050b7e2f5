//! Networks that give more or better points than a detector: 68 (2DFAN-4) or 106 (insightface).

use crate::error::{Error, Result};
use crate::imaging::aligned::{Aligned, Border, Quality};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Point;
use crate::imaging::turn::Turn;
use crate::inference::Pool;
use crate::inference::session::Output;
use crate::models::Entry;

use super::crop::around;
use super::network::Network;

/// Length of the box's longer side in the 256-pixel crop of 2DFAN-4 (FaceFusion).
const FAN_LONG: f64 = 195.0;
/// Side of its heatmaps, in whose pixels its points are.
const HEATMAP: f32 = 64.0;
/// The mean peak of the heatmaps that counts as certain (FaceFusion).
const CERTAIN: f32 = 0.9;
/// Points of which the network is less sure than this are not used (FaceFusion's default).
const SURE: f32 = 0.5;

/// 2DFAN-4: the 68 points of the iBUG annotation.
pub struct Fan68 {
    network: Network,
    side: usize,
}

impl Fan68 {
    /// Loads the network of an entry.
    ///
    /// # Errors
    /// When it is not here or does not fit.
    pub fn load(pool: &Pool, entry: &Entry) -> Result<Self> {
        let network = Network::load(pool, entry)?;
        Ok(Fan68 { side: network.side()?, network })
    }

    /// The points of the face in a box, so turned; `None` when the network is not sure of them.
    ///
    /// # Errors
    /// When the network fails.
    pub fn points(
        &self,
        frame: &Frame,
        bounds: [f32; 4],
        turn: Turn,
    ) -> Result<Option<Vec<Point>>> {
        let long = FAN_LONG * self.side as f64 / 256.0;
        let Some(crop) = around(bounds, turn, self.side, long) else { return Ok(None) };
        let pixels = crop.crop(frame, Border::Replicate, Quality::Plain);
        let outputs = self.network.run_crop(&pixels)?;
        let find = |fits: &dyn Fn(&Output) -> bool| outputs.iter().find(|o| fits(o));
        let points = find(&|o| matches!(o.shape.as_slice(), [.., 68, 2 | 3]))
            .ok_or_else(|| self.network.misfit("no output of 68 points"))?;
        if let Some(heatmaps) = find(&|o| matches!(o.shape.as_slice(), [.., 68, 64, 64])) {
            let peaks = heatmaps.data.chunks_exact(64 * 64);
            let sum: f32 = peaks.map(|map| map.iter().copied().fold(0.0, f32::max)).sum();
            if sum / 68.0 / CERTAIN < SURE {
                return Ok(None);
            }
        }
        let step = points.data.len() / 68;
        let to_pixels = self.side as f32 / HEATMAP;
        let found = points.data.chunks_exact(step).map(|p| [p[0] * to_pixels, p[1] * to_pixels]);
        Ok(in_frame(&crop, found))
    }
}

/// The five points of the alignment templates among the 68: centers of the eyes, tip of the nose,
/// corners of the mouth.
pub fn five_of_68(points: &[Point]) -> Option<[Point; 5]> {
    let mean = |range: std::ops::Range<usize>| {
        let count = range.len() as f32;
        let sum = points.get(range)?.iter().fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
        Some(sum.map(|v| v / count))
    };
    let at = |i: usize| points.get(i).copied();
    Some([mean(36..42)?, mean(42..48)?, at(30)?, at(48)?, at(54)?])
}

/// insightface's 106 points, of which five are used.
pub struct Insight106 {
    network: Network,
    side: usize,
}

impl Insight106 {
    /// Centers of the eyes, tip of the nose, corners of the mouth.
    const FIVE: [usize; 5] = [38, 88, 86, 52, 61];

    /// Loads the network of an entry.
    ///
    /// # Errors
    /// When it is not here or does not fit.
    pub fn load(pool: &Pool, entry: &Entry) -> Result<Self> {
        let network = Network::load(pool, entry)?;
        Ok(Insight106 { side: network.side()?, network })
    }

    /// The five points of the face in a box, so turned.
    ///
    /// # Errors
    /// When the network fails.
    pub fn five(&self, frame: &Frame, bounds: [f32; 4], turn: Turn) -> Result<Option<[Point; 5]>> {
        // The box fills two thirds of the crop.
        let Some(crop) = around(bounds, turn, self.side, self.side as f64 / 1.5) else {
            return Ok(None);
        };
        let outputs = self.network.run_crop(&crop.crop(frame, Border::Black, Quality::Plain))?;
        let points = outputs
            .iter()
            .find(|o| o.data.len() == 2 * 106)
            .ok_or_else(|| self.network.misfit("no output of 106 points"))?;
        let half = self.side as f32 / 2.0;
        let place = |i: usize| [0, 1].map(|c| (points.data[2 * i + c] + 1.0) * half);
        Ok(in_frame(&crop, Self::FIVE.into_iter().map(place)).and_then(|five| five.try_into().ok()))
    }
}

/// Points of a crop in the frame; `None` when one is no number.
fn in_frame(crop: &Aligned, points: impl Iterator<Item = Point>) -> Option<Vec<Point>> {
    let all: Vec<Point> = points.map(|p| crop.to_frame.apply(p)).collect();
    all.as_flattened().iter().all(|v| v.is_finite()).then_some(all)
}

/// What a family that is not known is answered with.
pub fn unknown(entry: &Entry) -> Error {
    let Entry { id, family, .. } = entry;
    Error::usage(format!("the landmark model {id} is of a family that is not known: {family}"))
        .hint("known families: face_mesh, fan_68, insightface_106")
}
