//! Frames in which no face was swapped, as ranges: so that somebody can look at them.

/// Ranges that are kept; of a film with more of them the rest is only counted by the frames that
/// were swapped.
const MOST: usize = 200;

/// Ranges of frames, from the first to the last of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gaps {
    ranges: Vec<[u64; 2]>,
    /// There are more than are kept.
    more: bool,
}

impl Gaps {
    /// Takes in a frame; frames come in their order.
    pub fn frame(&mut self, index: u64, swapped: bool) {
        if swapped {
            return;
        }
        let full = self.ranges.len() == MOST;
        match self.ranges.last_mut() {
            Some(last) if last[1] + 1 == index && !self.more => last[1] = index,
            _ if full => self.more = true,
            _ => self.ranges.push([index, index]),
        }
    }

    /// The ranges, at most 200.
    pub fn into_ranges(self) -> Vec<[u64; 2]> {
        self.ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_without_a_swap_become_ranges() {
        let mut gaps = Gaps::default();
        for (index, swapped) in [false, false, true, false, true].into_iter().enumerate() {
            gaps.frame(index as u64, swapped);
        }
        assert_eq!(gaps.into_ranges(), [[0, 1], [3, 3]]);
    }

    #[test]
    fn a_long_film_takes_no_more_memory() {
        let mut gaps = Gaps::default();
        for index in 0..100_000 {
            gaps.frame(index, index % 2 == 0);
        }
        let ranges = gaps.into_ranges();
        assert_eq!((ranges.len(), ranges[199]), (MOST, [399, 399]));
    }
}
