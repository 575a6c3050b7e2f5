//! The steps of a warp: where a pixel's center goes, what lies there, how much of it is there.

use super::color::Planes;
use super::field::Field;
use super::similarity::Affine;

/// An affine map of pixel centers as OpenCV's `warpAffine` computes it: positions are rounded to
/// 1/32 pixel, in two sums that are rounded to 1/1024. Fine enough for any picture, and what makes
/// crops and pastes equal to those of programs that use OpenCV.
pub(super) struct Grid {
    map: Affine,
    columns: Vec<[i64; 2]>,
}

/// Steps per pixel of the two sums (OpenCV: `AB_SCALE`).
const FINE: f64 = 1024.0;
/// log2 of how many of them make a step of the result (OpenCV: `AB_BITS − INTER_BITS`).
const SHIFT: u32 = 5;
/// Steps per pixel of the result (OpenCV: `INTER_TAB_SIZE`).
const STEPS: f32 = 32.0;

impl Grid {
    /// The map for `width` columns from `left` on.
    pub(super) fn new(map: &Affine, left: usize, width: usize) -> Self {
        let columns = (left..left + width).map(|x| map.0.map(|r| fine(r[0] * x as f64))).collect();
        Grid { map: *map, columns }
    }

    /// Where the pixels of row `y` go.
    pub(super) fn row(&self, y: usize) -> impl Iterator<Item = [f32; 2]> + '_ {
        let start = self.map.0.map(|r| fine(r[1] * y as f64 + r[2]) + (1 << (SHIFT - 1)));
        self.columns.iter().map(move |column| {
            std::array::from_fn(|i| ((start[i] + column[i]) >> SHIFT) as f32 / STEPS)
        })
    }
}

fn fine(v: f64) -> i64 {
    // Bounded so that sums of maps that make no sense do not overflow.
    (v * FINE).round_ties_even().clamp(-1e15, 1e15) as i64
}

/// A bilinear look-up in fields of one size, edges replicated.
pub(super) struct Tap {
    index: [usize; 4],
    weight: [f32; 4],
}

impl Tap {
    /// The look-up at a position in samples (0 = the center of the first).
    #[inline]
    pub(super) fn new([x, y]: [f32; 2], width: usize, height: usize) -> Self {
        let x = x.clamp(0.0, (width - 1) as f32);
        let y = y.clamp(0.0, (height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (gx, gy) = (1.0 - fx, 1.0 - fy);
        Tap {
            index: [y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1],
            weight: [gx * gy, fx * gy, gx * fy, fx * fy],
        }
    }

    /// What lies there of four fields that are kept together.
    #[inline]
    pub(super) fn of_four(&self, fields: &[[f32; 4]]) -> [f32; 4] {
        let [a, b, c, d] = self.index.map(|i| fields[i]);
        let [p, q, r, s] = self.weight;
        std::array::from_fn(|k| (a[k] * p + b[k] * q) + (c[k] * r + d[k] * s))
    }

    /// What one field has there.
    #[cfg(test)]
    pub(super) fn of(&self, field: &Field) -> f32 {
        let [a, b, c, d] = self.index.map(|i| field.data[i]);
        let [p, q, r, s] = self.weight;
        (a * p + b * q) + (c * r + d * s)
    }
}

/// A crop and its mask, pixel by pixel: one look-up brings all four.
pub(super) fn together(crop: &Planes, mask: &Field) -> Vec<[f32; 4]> {
    let [red, green, blue] = crop;
    let color = red.data.iter().zip(&green.data).zip(&blue.data);
    color.zip(&mask.data).map(|(((&r, &g), &b), &m)| [r, g, b, m]).collect()
}

/// How much of a bilinear look-up at this position falls on a picture of `width × height`, 0..=1:
/// the replicated sample times this is what a border of zeros gives.
#[inline]
pub(super) fn coverage([x, y]: [f32; 2], width: usize, height: usize) -> f32 {
    let along = |p: f32, size: usize| (p + 1.0).min(size as f32 - p).clamp(0.0, 1.0);
    along(x, width) * along(y, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_rounded_to_the_nearest_of_32_steps() {
        let map = Affine([[0.5, 0.0, 10.017], [0.0, 2.0, -3.0]]);
        let grid = Grid::new(&map, 4, 3);
        let row: Vec<[f32; 2]> = grid.row(1).collect();
        // 10.017 is 10 + 0.54/32.
        assert_eq!(row, [[12.03125, -1.0], [12.53125, -1.0], [13.03125, -1.0]]);
    }

    #[test]
    fn coverage_is_what_a_border_of_zeros_leaves() {
        let field = Field::from_fn(3, 2, |x, y| (1 + x + 3 * y) as f32);
        let zero_bordered = Field::from_fn(7, 6, |x, y| {
            if (2..5).contains(&x) && (2..4).contains(&y) { field.at(x - 2, y - 2) } else { 0.0 }
        });
        for i in 0..40 {
            for j in 0..32 {
                let p = [i as f32 / 8.0 - 1.5, j as f32 / 8.0 - 1.5];
                let got = Tap::new(p, 3, 2).of(&field) * coverage(p, 3, 2);
                let want = zero_bordered.bilinear(p[0] + 2.0, p[1] + 2.0);
                assert!((got - want).abs() < 1e-5, "{p:?}: {got} for {want}");
            }
        }
    }
}
