//! Morphology of gray pictures with discs.

use crate::imaging::field::Field;

/// Fills dark structures narrower than the disc.
pub fn closing(field: &Field, radius: usize) -> Field {
    over_disc(&over_disc(field, radius, f32::max), radius, f32::min)
}

/// Removes bright structures narrower than the disc.
pub fn opening(field: &Field, radius: usize) -> Field {
    over_disc(&over_disc(field, radius, f32::min), radius, f32::max)
}

/// The extreme over a disc. Rows are widened once for every width that the disc has, then put on
/// top of each other.
#[inline]
fn over_disc(field: &Field, radius: usize, pick: impl Fn(f32, f32) -> f32 + Copy) -> Field {
    let (width, height) = (field.width, field.height);
    let half_width = |dy: usize| ((radius * radius - dy * dy) as f32).sqrt().round() as usize;
    let mut out = field.clone();
    let mut wide = field.clone();
    for half in 0..=radius {
        if half > 0 {
            widen(&mut wide, field, half, pick);
        }
        for dy in (0..=radius).filter(|&dy| half_width(dy) == half) {
            for y in 0..height {
                let target = &mut out.data[y * width..(y + 1) * width];
                // Rows beyond the edge count as the last one.
                for row in [y.saturating_sub(dy), (y + dy).min(height - 1)] {
                    for (o, &v) in target.iter_mut().zip(wide.row(row)) {
                        *o = pick(*o, v);
                    }
                }
            }
        }
    }
    out
}

/// Takes in the pixels `half` to the left and to the right.
#[inline]
fn widen(wide: &mut Field, field: &Field, half: usize, pick: impl Fn(f32, f32) -> f32) {
    let width = field.width;
    let reach = half.min(width);
    for y in 0..field.height {
        let row = field.row(y);
        let target = wide.row_mut(y);
        for (o, &v) in target[..width - reach].iter_mut().zip(&row[reach..]) {
            *o = pick(*o, v);
        }
        for (o, &v) in target[reach..].iter_mut().zip(&row[..width - reach]) {
            *o = pick(*o, v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_removes_thin_dark_lines_only() {
        let picture = Field::from_fn(60, 50, |x, y| {
            let line = x == 20 || y == 15;
            let block = x > 40 && y > 25;
            if line || block { 10.0 } else { 90.0 }
        });
        let closed = closing(&picture, 6);
        assert_eq!((closed.at(20, 30), closed.at(5, 15), closed.at(50, 40)), (90.0, 90.0, 10.0));
        let opened = opening(&picture.clone().map(|v| 100.0 - v), 6);
        assert_eq!((opened.at(20, 30), opened.at(50, 40)), (10.0, 90.0));
    }

    #[test]
    fn the_disc_is_round() {
        let mut dot = Field::zeros(21, 21);
        dot.data[10 * 21 + 10] = 1.0;
        let grown = over_disc(&dot, 6, f32::max);
        for y in 0..21i32 {
            for x in 0..21i32 {
                let distance = (((x - 10).pow(2) + (y - 10).pow(2)) as f32).sqrt();
                let set = grown.at(x as usize, y as usize) > 0.5;
                assert!(set == (distance < 6.2) || (5.4..6.8).contains(&distance), "{x} {y}");
            }
        }
    }
}
