//! The rim of a lens: the best closed path around an eye, found in polar coordinates.

use std::f32::consts::TAU;

use crate::imaging::field::Field;
use crate::imaging::similarity::Point;

/// Directions around the eye; 0 is to the right, then downwards.
const TURN: usize = 72;
/// Radii looked at: this many, in pixels of the crop, from [`INNERMOST`] on.
const RADII: usize = 32;
const INNERMOST: f32 = 12.0;
/// The most likely radius, and what each squared pixel off it costs.
const TYPICAL: f32 = 24.0;
const OFF: f32 = 0.0004;
/// What a step of the path by one and by two radii costs.
const STEPS: [f32; 3] = [0.0, 0.05, 0.2];
/// A direction shows a rim when its response stands out by this much.
const PROMINENT: f32 = 0.25;

/// A closed path around an eye.
pub struct Rim {
    /// Its points, one for each direction.
    pub path: Vec<Point>,
    /// The middle of the lens.
    pub center: Point,
    prominent: Vec<bool>,
}

impl Rim {
    /// Traces the rim around a center.
    pub fn trace(response: &Field, center: Point) -> Self {
        let at = |radius: usize, turn: usize| on_circle(center, INNERMOST + radius as f32, turn);
        let look = |p: Point| {
            let inside = p[0] >= 0.0
                && p[1] >= 0.0
                && p[0] <= (response.width - 1) as f32
                && p[1] <= (response.height - 1) as f32;
            if inside { response.bilinear(p[0], p[1]) } else { 0.0 }
        };
        let scores: Vec<[f32; RADII]> = (0..TURN)
            .map(|turn| {
                std::array::from_fn(|r| {
                    let off = INNERMOST + r as f32 - TYPICAL;
                    look(at(r, turn)) - OFF * off * off
                })
            })
            .collect();
        let radii = closed_path(&scores);
        let mut prominent = Vec::with_capacity(TURN);
        for (turn, &radius) in radii.iter().enumerate() {
            let mut sorted = scores[turn];
            sorted.sort_by(f32::total_cmp);
            let median = (sorted[RADII / 2 - 1] + sorted[RADII / 2]) / 2.0;
            prominent.push(look(at(radius, turn)) - median > PROMINENT);
        }
        let path = radii.iter().enumerate().map(|(turn, &r)| at(r, turn)).collect();
        Rim { path, center, prominent }
    }

    /// Share of the directions that show a rim.
    pub fn around(&self) -> f32 {
        share(self.prominent.iter().copied())
    }

    /// The same of the directions below the eye, from 20 to 160 degrees.
    pub fn below(&self) -> f32 {
        let step = 360.0 / TURN as f32;
        let low = |turn: usize| (20.01..159.99).contains(&(turn as f32 * step));
        share((0..TURN).filter(|&t| low(t)).map(|t| self.prominent[t]))
    }

    /// Left, top, right and bottom of the path.
    pub fn bounds(&self) -> [f32; 4] {
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        self.path
            .iter()
            .fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
    }
}

fn share(values: impl Iterator<Item = bool>) -> f32 {
    let (set, all) = values.fold((0, 0), |(set, all), v| (set + usize::from(v), all + 1));
    set as f32 / all.max(1) as f32
}

fn on_circle(center: Point, radius: f32, turn: usize) -> Point {
    let (s, c) = (turn as f32 * TAU / TURN as f32).sin_cos();
    [center[0] + radius * c, center[1] + radius * s]
}

/// The best radius for each direction: dynamic programming twice around, of which the middle turn
/// is taken; it knows nothing of the ends.
fn closed_path(scores: &[[f32; RADII]]) -> Vec<usize> {
    let columns = 2 * TURN;
    let mut best = scores[0];
    let mut came_from = vec![[0usize; RADII]; columns];
    for column in 1..columns {
        let mut next = [0.0; RADII];
        for r in 0..RADII {
            let (mut from, mut value) = (r, best[r]);
            for step in 1..STEPS.len() {
                let low = r.checked_sub(step);
                let high = (r + step < RADII).then_some(r + step);
                for other in [low, high].into_iter().flatten() {
                    if best[other] - STEPS[step] > value {
                        (from, value) = (other, best[other] - STEPS[step]);
                    }
                }
            }
            next[r] = value + scores[column % TURN][r];
            came_from[column][r] = from;
        }
        best = next;
    }
    let mut radius = (0..RADII).max_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0);
    let mut path = vec![0; TURN];
    for column in (0..columns).rev() {
        // Columns TURN/2 .. 3·TURN/2 are the middle turn.
        if (TURN / 2..3 * TURN / 2).contains(&column) {
            path[column % TURN] = radius;
        }
        radius = came_from[column][radius];
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(radius: f32) -> Field {
        Field::from_fn(120, 120, |x, y| {
            let d = (x as f32 - 60.0).hypot(y as f32 - 62.0);
            (1.0 - (d - radius).abs() / 2.0).max(0.0)
        })
    }

    #[test]
    fn a_ring_is_traced_and_plain_skin_shows_none() {
        let rim = Rim::trace(&ring(27.0), [60.0, 60.0]);
        for p in &rim.path {
            let d = (p[0] - 60.0).hypot(p[1] - 62.0);
            assert!((d - 27.0).abs() < 1.5, "{d}");
        }
        assert!(rim.around() > 0.95 && rim.below() > 0.95);
        let none = Rim::trace(&Field::zeros(120, 120), [60.0, 60.0]);
        assert!(none.around() < 0.05, "{}", none.around());
    }
}
