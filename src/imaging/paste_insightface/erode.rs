//! A yes-or-no picture, and OpenCV's erosion of it with a square.

/// A rectangle of zeros and ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) width: usize,
    pub(super) height: usize,
    data: Vec<u8>,
}

impl Bits {
    /// All zeros.
    pub(super) fn empty(width: usize, height: usize) -> Self {
        Bits { width, height, data: vec![0; width * height] }
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [u8] {
        &mut self.data[y * self.width..(y + 1) * self.width]
    }

    /// Distance between the first and the last column and row with a one; `None` without any.
    pub(super) fn extent(&self) -> Option<[usize; 2]> {
        let set = |v: &u8| *v != 0;
        let rows: Vec<usize> = (0..self.height).filter(|&y| self.row(y).iter().any(set)).collect();
        let left = rows.iter().filter_map(|&y| self.row(y).iter().position(set)).min()?;
        let right = rows.iter().filter_map(|&y| self.row(y).iter().rposition(set)).max()?;
        Some([right - left, rows.last()? - rows.first()?])
    }
}

/// Erosion with ones of `side × side` around the pixel `side / 2`, as OpenCV's `erode`: for an even
/// side the square reaches one pixel further to the left and the top. Outside counts as set.
pub(super) fn erode(bits: &Bits, side: usize) -> Bits {
    let before = side / 2;
    let after = side - 1 - before;
    let mut narrow = Bits::empty(bits.width, bits.height);
    for y in 0..bits.height {
        for (from, to) in runs(bits.row(y)) {
            let from = if from == 0 { 0 } else { from + before };
            let to = if to == bits.width { to } else { to.saturating_sub(after) };
            if from < to {
                narrow.row_mut(y)[from..to].fill(1);
            }
        }
    }
    let mut out = Bits::empty(bits.width, bits.height);
    // How many rows up to this one are set without a gap, in each column.
    let mut depth = vec![side; bits.width];
    for y in 0..bits.height + after {
        if y < bits.height {
            for (d, &bit) in depth.iter_mut().zip(narrow.row(y)) {
                *d = (*d + 1) * usize::from(bit);
            }
        } else {
            depth.iter_mut().for_each(|d| *d += 1);
        }
        if y >= after {
            for (bit, &d) in out.row_mut(y - after).iter_mut().zip(&depth) {
                *bit = u8::from(d >= side);
            }
        }
    }
    out
}

/// Where a row's ones begin and end.
fn runs(row: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(from) = row[at..].iter().position(|&v| v != 0).map(|i| at + i) {
        at = row[from..].iter().position(|&v| v == 0).map_or(row.len(), |i| from + i);
        out.push((from, at));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn erosion_matches_the_definition(
            data in prop::collection::vec(prop::bool::weighted(0.93), 19 * 14), side in 1usize..8
        ) {
            let data = data.into_iter().map(u8::from).collect();
            let bits = Bits { width: 19, height: 14, data };
            let eroded = erode(&bits, side);
            let (before, side) = ((side / 2) as isize, side as isize);
            for y in 0..14isize {
                for x in 0..19isize {
                    let all = (0..side * side).all(|i| {
                        let (u, v) = (x + i % side - before, y + i / side - before);
                        !(0..19).contains(&u) || !(0..14).contains(&v)
                            || bits.row(v as usize)[u as usize] != 0
                    });
                    prop_assert_eq!(eroded.row(y as usize)[x as usize] != 0, all, "{} {}", x, y);
                }
            }
        }
    }

    #[test]
    fn the_extent_is_a_distance_and_not_a_count() {
        let mut bits = Bits::empty(9, 7);
        assert_eq!(bits.extent(), None);
        bits.row_mut(2)[3] = 1;
        assert_eq!(bits.extent(), Some([0, 0]));
        bits.row_mut(5)[1] = 1;
        assert_eq!(bits.extent(), Some([2, 3]));
    }
}
