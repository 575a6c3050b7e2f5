//! Bilinear look-ups for a row of pixels: where the pixels lie and how their neighbors are mixed is
//! computed for many of them in one step, only the fetching goes one by one.

use multiversion::multiversion;

/// Pixels that are looked up together.
pub(super) const PART: usize = 64;

/// Samples in rows, which pixels are looked up in.
pub(super) trait Samples {
    /// Samples in a row, and rows.
    fn size(&self) -> [usize; 2];

    /// How its positions follow from those of the plane that the samples come from.
    fn scale(&self) -> Scale;

    /// A sample by its number, row after row.
    fn fetch(&self, at: usize) -> f32;
}

/// The samples of a plane averaged down: each is the mean of `by × by`, the first of them lies `origin`
/// such samples from the plane's corner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) by: f32,
    pub(super) origin: [f32; 2],
}

impl Scale {
    /// The plane itself.
    pub(super) const WHOLE: Scale = Scale { by: 1.0, origin: [0.0; 2] };
}

/// Where the pixels of a crop lie in a plane: its columns and its rows, each `a · x + b · y + t` in
/// samples of it (0 = the center of the first).
#[derive(Debug, Clone, Copy)]
pub(super) struct Way(pub(super) [[f32; 3]; 2]);

/// Where some pixels of a row lie.
pub(super) struct Places {
    /// The sample left above.
    at: [u32; PART],
    /// How many samples further the one to the right of it lies, and the one below: at the edges that
    /// is the same one.
    right: [u32; PART],
    below: [u32; PART],
    /// How far the pixel is from the first towards the other, 0..=1, across and down.
    pub(super) part: [[f32; PART]; 2],
}

impl Places {
    pub(super) const NONE: Places =
        Places { at: [0; PART], right: [0; PART], below: [0; PART], part: [[0.0; PART]; 2] };

    /// The numbers of the four samples around a pixel: left and right above, left and right below.
    #[inline]
    pub(super) fn corners(&self, i: usize) -> [usize; 4] {
        let [at, right, below] = [self.at[i], self.right[i], self.below[i]].map(|n| n as usize);
        [at, at + right, at + below, at + below + right]
    }
}

/// Adds what lies at a row of pixels, of which the first is at `(x, y)` of the crop, edges replicated.
pub(super) fn add_row(samples: &impl Samples, way: &Way, [x, y]: [f32; 2], out: &mut [f32]) {
    let (size, scale) = (samples.size(), samples.scale());
    let mut places = Places::NONE;
    let mut corners = [[0.0; PART]; 4];
    for (i, out) in out.chunks_mut(PART).enumerate() {
        locate(&mut places, way, [x + (i * PART) as f32, y], size, scale);
        for i in 0..out.len() {
            for (corner, at) in corners.iter_mut().zip(places.corners(i)) {
                corner[i] = samples.fetch(at);
            }
        }
        mix(&corners, &places.part, out);
    }
}

/// Finds the places of pixels of which the first is at `(x, y)` of the crop, in samples of this size.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn locate(
    places: &mut Places,
    way: &Way,
    [x, y]: [f32; 2],
    size: [usize; 2],
    scale: Scale,
) {
    let last = size.map(|n| n as u32 - 1);
    let part = 1.0 / scale.by;
    let shift = scale.origin.map(|origin| 0.5 * part - 0.5 - origin);
    let position = |k: usize, x: f32| {
        let [a, b, t] = way.0[k];
        let p = (a * x + b * y + t) * part + shift[k];
        // What is no number becomes 0.
        p.max(0.0).min(last[k] as f32)
    };
    for (i, from_first) in FROM_FIRST.iter().enumerate() {
        let x = x + from_first;
        let (x, y) = (position(0, x), position(1, x));
        let ((left, x0), (top, y0)) = (whole(x), whole(y));
        places.part[0][i] = x - left;
        places.part[1][i] = y - top;
        places.at[i] = y0 * (last[0] + 1) + x0;
        places.right[i] = u32::from(x0 < last[0]);
        places.below[i] = if y0 < last[1] { last[0] + 1 } else { 0 };
    }
}

/// The numbers 0, 1, 2, …
const FROM_FIRST: [f32; PART] = {
    let mut all = [0.0; PART];
    let mut i = 0;
    while i < PART {
        all[i] = i as f32;
        i += 1;
    }
    all
};

/// The whole part of a number from 0 to four millions, in steps that become vectors: a cast has to look
/// out for what does not fit, number by number.
#[inline(always)]
pub(super) fn whole(v: f32) -> (f32, u32) {
    // From 2²³ on there are only whole numbers, whose last bits count them.
    const BIG: f32 = 8_388_608.0;
    let nearest = (v + BIG) - BIG;
    let whole = if nearest > v { nearest - 1.0 } else { nearest };
    (whole, (whole + BIG).to_bits() & 0x007f_ffff)
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn mix([a, b, c, d]: &[[f32; PART]; 4], [fx, fy]: &[[f32; PART]; 2], out: &mut [f32]) {
    for (i, out) in out.iter_mut().enumerate().take(PART) {
        let top = a[i] + (b[i] - a[i]) * fx[i];
        let bottom = c[i] + (d[i] - c[i]) * fx[i];
        *out += top + (bottom - top) * fy[i];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imaging::field::Field;

    impl Samples for Field {
        fn size(&self) -> [usize; 2] {
            [self.width, self.height]
        }

        fn scale(&self) -> Scale {
            Scale::WHOLE
        }

        fn fetch(&self, at: usize) -> f32 {
            self.data[at]
        }
    }

    proptest! {
        #[test]
        fn a_row_is_what_single_look_ups_give(
            size in (1usize..40, 1usize..30),
            across in prop::array::uniform3(-3.0f32..40.0),
            down in prop::array::uniform3(-3.0f32..40.0),
            start in prop::array::uniform2(-4.0f32..4.0),
            count in 0usize..200,
        ) {
            let field = Field::from_fn(size.0, size.1, |x, y| ((x * 37 + y * 91) % 256) as f32);
            let mut row = vec![1.0; count];
            add_row(&field, &Way([across, down]), start, &mut row);
            for (i, got) in row.into_iter().enumerate() {
                let x = start[0] + i as f32;
                let [x, y] = [across, down].map(|[a, b, t]| a * x + b * start[1] + t);
                let want = 1.0 + field.bilinear(x, y);
                prop_assert!((got - want).abs() < 1e-2, "{}: {} for {}", i, got, want);
            }
        }
    }

    #[test]
    fn the_whole_part_is_that_of_a_cast() {
        for i in 0..400_000u32 {
            let v = i as f32 * 10.37;
            assert_eq!(whole(v), (v.floor(), v as u32), "{v}");
            let v = i as f32 / 64.0;
            assert_eq!(whole(v), (v.floor(), v as u32), "{v}");
        }
    }

    #[test]
    fn what_is_no_number_is_the_first_sample() {
        let field = Field::filled(3, 3, 7.0);
        let mut row = vec![0.0; 5];
        add_row(&field, &Way([[f32::NAN; 3], [1.0, 0.0, f32::INFINITY]]), [0.0; 2], &mut row);
        assert_eq!(row, [7.0; 5]);
    }
}
