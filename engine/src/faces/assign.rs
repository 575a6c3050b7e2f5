//! The best one-to-one assignment between two small sets (the Hungarian method).

/// For every row the column that it gets, so that the sum of the gains is the largest. Pairs
/// without a gain are never made; rows may stay alone, which gains nothing.
pub fn assign(
    rows: usize,
    columns: usize,
    gain: impl Fn(usize, usize) -> Option<f32>,
) -> Vec<Option<usize>> {
    // Every row has a column of its own for staying alone; costs are negative gains.
    let width = columns + rows;
    let cost = |row: usize, column: usize| -> f64 {
        if column >= columns {
            return 0.0;
        }
        match gain(row, column) {
            Some(gain) if gain.is_finite() => -f64::from(gain),
            // Dearer than anything that staying alone could avoid.
            _ => 1e9,
        }
    };
    // Rows and columns count from 1 here; 0 is "none".
    let mut row_price = vec![0.0; rows + 1];
    let mut column_price = vec![0.0; width + 1];
    let mut owner = vec![0; width + 1];
    for row in 1..=rows {
        owner[0] = row;
        let mut from = vec![0; width + 1];
        let mut slack = vec![f64::INFINITY; width + 1];
        let mut done = vec![false; width + 1];
        let mut at = 0;
        loop {
            done[at] = true;
            let (mut step, mut next) = (f64::INFINITY, 0);
            for column in 1..=width {
                if done[column] {
                    continue;
                }
                let reduced =
                    cost(owner[at] - 1, column - 1) - row_price[owner[at]] - column_price[column];
                if reduced < slack[column] {
                    (slack[column], from[column]) = (reduced, at);
                }
                if slack[column] < step {
                    (step, next) = (slack[column], column);
                }
            }
            for column in 0..=width {
                if done[column] {
                    row_price[owner[column]] += step;
                    column_price[column] -= step;
                } else {
                    slack[column] -= step;
                }
            }
            at = next;
            if owner[at] == 0 {
                break;
            }
        }
        // Back along the path, everybody moves on by one.
        while at != 0 {
            owner[at] = owner[from[at]];
            at = from[at];
        }
    }
    let mut result = vec![None; rows];
    for (column, &row) in owner.iter().enumerate().skip(1).take(columns) {
        if row > 0 && gain(row - 1, column - 1).is_some() {
            result[row - 1] = Some(column - 1);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The best sum by trying everything.
    fn best(gains: &[Vec<Option<f32>>], row: usize, used: &mut Vec<usize>) -> f32 {
        let Some(choices) = gains.get(row) else { return 0.0 };
        let mut most = best(gains, row + 1, used);
        for (column, gain) in choices.iter().enumerate() {
            if let Some(gain) = gain.filter(|_| !used.contains(&column)) {
                used.push(column);
                most = most.max(gain + best(gains, row + 1, used));
                used.pop();
            }
        }
        most
    }

    proptest! {
        #[test]
        fn nothing_is_better_than_what_is_assigned(
            gains in (0usize..5, 0usize..5).prop_flat_map(|(rows, columns)| {
                let one = prop::option::weighted(0.8, 0.0f32..2.0);
                prop::collection::vec(prop::collection::vec(one, columns), rows)
            })
        ) {
            let columns = gains.first().map_or(0, Vec::len);
            let made = assign(gains.len(), columns, |r, c| gains[r][c]);
            let mut used = Vec::new();
            let mut sum = 0.0;
            for (row, column) in made.iter().enumerate() {
                if let Some(column) = *column {
                    prop_assert!(!used.contains(&column));
                    used.push(column);
                    sum += gains[row][column].unwrap();
                }
            }
            let wanted = best(&gains, 0, &mut Vec::new());
            prop_assert!((sum - wanted).abs() < 1e-4, "{sum} {wanted}");
        }
    }

    #[test]
    fn the_best_sum_wins_over_the_best_pair() {
        let gains = [[0.9, 0.8], [0.85, 0.1]];
        assert_eq!(assign(2, 2, |r, c| Some(gains[r][c])), [Some(1), Some(0)]);
        assert_eq!(assign(2, 1, |r, _| (r == 1).then_some(0.1)), [None, Some(0)]);
    }
}
