//! How far a face departs from its model, texel by texel.

use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;

use super::uv::SIZE;

/// Weight of hue against brightness: skin keeps its hue better than its light.
const HUE: f32 = 2.25;
/// Departures count up to this much log light…
const MOST: f32 = 0.3;
/// …and up to this many standard deviations: clipped first and averaged then, the edge of
/// something in front stays where it is.
const MOST_SIGMAS: f32 = 3.0;
/// Variance of log light that every texel has.
const FLOOR: f32 = 0.0025;
/// Width of the average in texels.
const WIDTH: f32 = 1.5;

/// Departure in two units.
pub struct Departure {
    /// In log light, 0..=0.3.
    pub amount: Field,
    /// In standard deviations of what the texel does anyway, 0..=3.
    pub sigmas: Field,
}

impl Departure {
    /// Measures differences from the model. `variance` is the model's, smoothed; `visible` is 1
    /// where the difference means something.
    pub fn of(difference: &Planes, variance: &Planes, visible: &Field) -> Self {
        let mut amount = Field::zeros(SIZE, SIZE);
        let mut sigmas = Field::zeros(SIZE, SIZE);
        for i in (0..SIZE * SIZE).filter(|&i| visible.data[i] > 0.0) {
            let d: [f32; 3] = std::array::from_fn(|c| difference[c].data[i]);
            let light = d.iter().sum::<f32>() / 3.0;
            let hue: f32 = d.iter().map(|v| (v - light).powi(2)).sum();
            amount.data[i] = (light * light + HUE * hue).sqrt().min(MOST);
            let ratio: f32 =
                (0..3).map(|c| d[c] * d[c] / (variance[c].data[i] + FLOOR)).sum::<f32>() / 3.0;
            sigmas.data[i] = ratio.sqrt().min(MOST_SIGMAS);
        }
        let weight = gaussian(visible, WIDTH);
        let average = |field: Field| gaussian(&field, WIDTH).zip(&weight, |v, w| v / (w + 1e-3));
        Departure { amount: average(amount), sigmas: average(sigmas) }
    }
}

/// The signed distance of each texel of `seen` to the range of `model` around it: landmarks that
/// slip by a texel explain that much.
pub fn beyond_neighbors(seen: &Planes, model: &Planes) -> Planes {
    std::array::from_fn(|c| {
        let (low, high) = (extreme(&model[c], f32::min), extreme(&model[c], f32::max));
        Field::from_fn(SIZE, SIZE, |x, y| {
            let i = y * SIZE + x;
            let v = seen[c].data[i];
            (v - high.data[i]).max(0.0) + (v - low.data[i]).min(0.0)
        })
    })
}

/// The extreme of 3×3 texels, edges replicated.
fn extreme(field: &Field, pick: fn(f32, f32) -> f32) -> Field {
    let near = |i: usize| [i.saturating_sub(1), (i + 1).min(SIZE - 1)];
    let rows = Field::from_fn(SIZE, SIZE, |x, y| {
        near(x).iter().fold(field.at(x, y), |v, &n| pick(v, field.at(n, y)))
    });
    Field::from_fn(SIZE, SIZE, |x, y| {
        near(y).iter().fold(rows.at(x, y), |v, &n| pick(v, rows.at(x, n)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_by_one_texel_is_forgiven_and_a_new_color_is_not() {
        let stripes = |shift: usize| -> Planes {
            std::array::from_fn(|_| Field::from_fn(SIZE, SIZE, |x, _| ((x + shift) / 4 % 2) as f32))
        };
        let beyond = beyond_neighbors(&stripes(1), &stripes(0));
        // The last column has no neighbor to take its color from.
        assert!((0..SIZE * SIZE).all(|i| i % SIZE == SIZE - 1 || beyond[0].data[i] == 0.0));
        let brighter = stripes(0).map(|p| p.map(|v| v + 0.7));
        let beyond = beyond_neighbors(&brighter, &stripes(0));
        assert!(beyond[1].data.iter().any(|&v| v > 0.6));
        let none = Field::filled(SIZE, SIZE, 1.0);
        let variance: Planes = std::array::from_fn(|_| Field::zeros(SIZE, SIZE));
        let departure = Departure::of(&brighter, &variance, &none);
        assert!((departure.amount.at(30, 30) - MOST).abs() < 0.01);
    }
}
