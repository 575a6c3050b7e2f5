//! Which convolutions stay in single precision: those that hurt most, as few as need be.

use std::collections::HashSet;

/// What a convolution in bytes does to the results by itself: the mean of the differences' squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Harm {
    /// Which of the graph's nodes it is.
    pub node: usize,
    pub squares: f64,
}

/// Those that are left out so that the others together do about as much as is allowed, when all
/// together do as much as was measured.
pub(super) fn left_out(harms: &[Harm], all: f64, allowed: f64) -> HashSet<usize> {
    let mut sorted = harms.to_vec();
    sorted.sort_unstable_by(|a, b| b.squares.total_cmp(&a.squares));
    let mut sum: f64 = sorted.iter().map(|harm| harm.squares).sum();
    // They add up to more or less than each by itself.
    let together = if sum > 0.0 { all / sum } else { 1.0 };
    let mut left = HashSet::new();
    for harm in sorted {
        if sum * together <= allowed {
            break;
        }
        left.insert(harm.node);
        sum -= harm.squares;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_are_left_out_and_no_more_than_needed() {
        let harms = [1.0, 8.0, 3.0, 2.0];
        let harms: Vec<Harm> =
            harms.iter().enumerate().map(|(node, &squares)| Harm { node, squares }).collect();
        assert!(left_out(&harms, 14.0, 14.0).is_empty());
        assert_eq!(left_out(&harms, 14.0, 6.0), HashSet::from([1]));
        assert_eq!(left_out(&harms, 14.0, 5.0), HashSet::from([1, 2]));
        // Together they did twice as much.
        assert_eq!(left_out(&harms, 28.0, 6.0), HashSet::from([1, 2]));
        assert_eq!(left_out(&harms, 14.0, 0.0).len(), 4);
        assert!(left_out(&[], 1.0, 0.0).is_empty());
    }
}
