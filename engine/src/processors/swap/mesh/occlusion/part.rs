//! A connected part of what departs from a face, and the questions it has to answer.

use crate::imaging::color::Planes;
use crate::imaging::mask::Mask;

/// A connected part of the departures.
#[derive(Default)]
pub struct Part {
    /// Its texels.
    pub texels: Vec<usize>,
    /// How many of them depart strongly.
    pub strong: usize,
    /// How many depart by more than slipping landmarks explain.
    pub sure: usize,
    /// How many lie at the face's lower edge.
    pub border: usize,
    /// How many lie deep inside the face.
    pub deep: usize,
    /// Sum of the last frame's mask.
    pub mask: f32,
}

impl Part {
    /// Large enough, departing clearly, beyond what slipping landmarks explain, and reaching from
    /// the edge well into the face.
    pub fn is_in_front(&self) -> bool {
        let area = self.texels.len() as f32;
        let held = self.mask / area.max(1.0);
        area >= 25.0
            && self.strong as f32 >= 0.35 * area
            && self.sure as f32 >= 0.35 * (1.0 - 0.5 * held) * area
            && self.border >= 5
            && self.deep >= 8
    }
}

/// How much a part's color differs from the skin's: hue fully, light by a third.
pub fn stands_out(log: &Planes, skin: &[usize], part: &[usize]) -> f32 {
    let mut values = Vec::with_capacity(skin.len());
    let e: [f32; 3] = std::array::from_fn(|c| {
        values.clear();
        values.extend(skin.iter().map(|&i| log[c].data[i]));
        let middle = values.len() / 2;
        let median = *values.select_nth_unstable_by(middle, f32::total_cmp).1;
        part.iter().map(|&i| log[c].data[i]).sum::<f32>() / part.len().max(1) as f32 - median
    });
    let light = e.iter().sum::<f32>() / 3.0;
    e.iter().map(|v| (v - light).powi(2)).sum::<f32>().sqrt() + 0.3 * light.abs()
}

/// Sets unset parts of fewer than `area` pixels.
pub fn fill_holes(mask: &Mask, area: usize) -> Mask {
    let mut holes = mask.clone();
    for v in &mut holes.data {
        *v = !*v;
    }
    let (labels, sizes) = holes.components();
    let mut filled = mask.clone();
    for (v, &label) in filled.data.iter_mut().zip(&labels) {
        *v = *v || sizes[label as usize] < area;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_holes_are_filled_and_large_ones_stay() {
        let mask = Mask::from_fn(30, 30, |x, y| {
            let small = (3..6).contains(&x) && (3..6).contains(&y);
            let large = (10..25).contains(&x) && (10..25).contains(&y);
            !small && !large
        });
        let filled = fill_holes(&mask, 60);
        assert!(filled.at(4, 4) && !filled.at(15, 15));
        assert_eq!(filled.count(), 900 - 225);
    }

    #[test]
    fn a_part_that_does_not_come_from_the_edge_is_not_in_front() {
        let whole = || Part {
            texels: (0..100).collect(),
            strong: 60,
            sure: 50,
            border: 9,
            deep: 40,
            mask: 0.0,
        };
        assert!(whole().is_in_front());
        assert!(!Part { border: 2, ..whole() }.is_in_front());
        assert!(!Part { sure: 30, ..whole() }.is_in_front());
        // What was there before needs less.
        assert!(Part { sure: 30, mask: 100.0, ..whole() }.is_in_front());
    }
}
