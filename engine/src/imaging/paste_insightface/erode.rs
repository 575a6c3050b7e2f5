//! The white square in the frame, and OpenCV's erosion of it.

/// A pixel that lies in the square as a whole. Shares are multiples of 1/1024: a bilinear look-up
/// at 1/32 pixel has no finer ones.
pub(super) const FULL: i16 = 1024;

/// How much of every pixel of a rectangle lies in the square, 0..=[`FULL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shares {
    pub(super) width: usize,
    pub(super) height: usize,
    data: Vec<i16>,
}

impl Shares {
    /// Nothing of the square.
    pub(super) fn none(width: usize, height: usize) -> Self {
        Shares { width, height, data: vec![0; width * height] }
    }

    pub(super) fn row(&self, y: usize) -> &[i16] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [i16] {
        &mut self.data[y * self.width..(y + 1) * self.width]
    }

    /// Distance between the first and the last column and row with a full pixel; `None` without
    /// any.
    pub(super) fn extent(&self) -> Option<[usize; 2]> {
        let full = |v: &i16| *v == FULL;
        let rows: Vec<usize> = (0..self.height).filter(|&y| self.row(y).iter().any(full)).collect();
        let left = rows.iter().filter_map(|&y| self.row(y).iter().position(full)).min()?;
        let right = rows.iter().filter_map(|&y| self.row(y).iter().rposition(full)).max()?;
        Some([right - left, rows.last()? - rows.first()?])
    }
}

/// The least share in a square of `side × side` around the pixel `side / 2`, as OpenCV's `erode`:
/// for an even side the square reaches one pixel further to the left and the top. Outside counts
/// as full.
///
/// Minima of two pixels make those of four, of eight, and so on; two of the largest power of two
/// make the side.
pub(super) fn erode(shares: &Shares, side: usize) -> Shares {
    let (width, height) = (shares.width, shares.height);
    let before = side / 2;
    let mut out = Shares::none(width, height + side - 1);
    out.data[..before * width].fill(FULL);
    out.data[(before + height) * width..].fill(FULL);
    let mut line = vec![FULL; width + side - 1];
    let mut pairs = line.clone();
    for y in 0..height {
        line.fill(FULL);
        line[before..before + width].copy_from_slice(shares.row(y));
        let span = double(side, |span| {
            for (o, (&a, &b)) in pairs.iter_mut().zip(line.iter().zip(&line[span..])) {
                *o = a.min(b);
            }
            std::mem::swap(&mut line, &mut pairs);
        });
        for (o, (&a, &b)) in
            out.row_mut(before + y).iter_mut().zip(line.iter().zip(&line[side - span..]))
        {
            *o = a.min(b);
        }
    }
    let mut lower = |distance: usize| {
        for y in 0..out.height - distance {
            let (above, below) = out.data.split_at_mut((y + distance) * width);
            for (a, &b) in above[y * width..(y + 1) * width].iter_mut().zip(&below[..width]) {
                *a = (*a).min(b);
            }
        }
    };
    let span = double(side, &mut lower);
    // For a power of two the side is reached.
    if side > span {
        lower(side - span);
    }
    out.data.truncate(width * height);
    Shares { height, ..out }
}

/// Calls with 1, 2, 4, … while twice that is at most `side`; returns the last power reached.
fn double(side: usize, mut pass: impl FnMut(usize)) -> usize {
    let mut span = 1;
    while 2 * span <= side {
        pass(span);
        span *= 2;
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn erosion_matches_the_definition(
            data in prop::collection::vec(0..=FULL, 19 * 14), side in 1usize..12
        ) {
            let shares = Shares { width: 19, height: 14, data };
            let eroded = erode(&shares, side);
            let (before, side) = ((side / 2) as isize, side as isize);
            for y in 0..14isize {
                for x in 0..19isize {
                    let least = (0..side * side)
                        .map(|i| (x + i % side - before, y + i / side - before))
                        .filter(|(u, v)| (0..19).contains(u) && (0..14).contains(v))
                        .map(|(u, v)| shares.row(v as usize)[u as usize])
                        .min()
                        .unwrap();
                    prop_assert_eq!(eroded.row(y as usize)[x as usize], least, "{} {}", x, y);
                }
            }
        }
    }

    #[test]
    fn the_extent_is_a_distance_and_not_a_count() {
        let mut shares = Shares::none(9, 7);
        shares.row_mut(0)[0] = 20;
        assert_eq!(shares.extent(), None);
        shares.row_mut(2)[3] = FULL;
        assert_eq!(shares.extent(), Some([0, 0]));
        shares.row_mut(5)[1] = FULL;
        assert_eq!(shares.extent(), Some([2, 3]));
    }
}
