//! Outputs of detectors that predict on three grids: told apart by their sizes, not their names.

use crate::error::{Error, Result};
use crate::inference::session::Output;

/// The strides in pixels of the three grids.
pub const STRIDES: [usize; 3] = [8, 16, 32];

/// Checks that every grid covers the whole input.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when a side is no multiple of the largest stride.
pub fn check_size(family: &str, (width, height): (usize, usize)) -> Result<()> {
    if width.is_multiple_of(32) && height.is_multiple_of(32) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "a detector of family {family} cannot have an input of {width}x{height}"
    ))
    .hint("both sides are multiples of 32"))
}

/// The least size of an input whose grids cover a picture of this size.
pub fn covering((width, height): (usize, usize)) -> (usize, usize) {
    (width.next_multiple_of(STRIDES[2]), height.next_multiple_of(STRIDES[2]))
}

/// The predictions on one grid.
pub struct Level<'a> {
    /// Pixels from cell to cell.
    pub stride: usize,
    /// Cells in a row.
    pub columns: usize,
    /// Predictions a cell.
    pub priors: usize,
    /// Every output of one number a prediction, in the graph's order.
    pub scores: Vec<&'a [f32]>,
    /// Four numbers a prediction.
    pub boxes: &'a [f32],
    /// Ten numbers a prediction.
    pub points: &'a [f32],
}

impl Level<'_> {
    /// Left top corner of a prediction's cell in pixels of the input.
    pub fn corner(&self, i: usize) -> [f32; 2] {
        let cell = i / self.priors;
        [cell % self.columns, cell / self.columns].map(|v| (v * self.stride) as f32)
    }
}

/// Sorts outputs of `[rows, columns]` (a batch axis of 1 before them does not matter) by grid:
/// `scores` outputs of one column, one of four, one of ten for each, `priors` predictions a cell.
///
/// # Errors
/// When one is missing: which.
pub fn levels<'a>(
    outputs: &'a [Output],
    (width, height): (usize, usize),
    scores: usize,
    priors: usize,
) -> Result<Vec<Level<'a>>, String> {
    STRIDES
        .into_iter()
        .map(|stride| {
            let columns = width / stride;
            let rows = columns * (height / stride) * priors;
            let of = |n: usize| {
                let fits =
                    move |o: &&Output| o.shape.last() == Some(&n) && o.data.len() == n * rows;
                outputs.iter().filter(fits).map(|o| o.data.as_slice())
            };
            let lacking =
                |what: &str| format!("no output with {rows} rows of {what} (stride {stride})");
            let found: Vec<&[f32]> = of(1).collect();
            if found.len() != scores {
                return Err(lacking("scores"));
            }
            let boxes = of(4).next().ok_or_else(|| lacking("boxes"))?;
            let points = of(10).next().ok_or_else(|| lacking("points"))?;
            Ok(Level { stride, columns, priors, scores: found, boxes, points })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(rows: usize, columns: usize, batch: bool, value: f32) -> Output {
        let shape = if batch { vec![1, rows, columns] } else { vec![rows, columns] };
        Output { name: "any".into(), shape, data: vec![value; rows * columns] }
    }

    /// Outputs for an input of 64 by 32 with two predictions a cell; their values tell them apart.
    fn outputs(batch: bool) -> Vec<Output> {
        let rows = [(64, 8.0), (16, 16.0), (4, 32.0)];
        let of = |columns: usize| {
            rows.map(|(rows, stride)| output(rows, columns, batch, stride + columns as f32 / 100.0))
        };
        [of(10), of(1), of(4)].into_iter().flatten().collect()
    }

    #[test]
    fn outputs_are_known_by_their_sizes_in_any_order() {
        for batch in [false, true] {
            let mut all = outputs(batch);
            for _ in 0..all.len() {
                all.rotate_left(2);
                let found = levels(&all, (64, 32), 1, 2).unwrap();
                for level in found {
                    let stride = level.stride as f32;
                    assert_eq!(level.scores[0][0], stride + 0.01);
                    assert_eq!((level.boxes[0], level.points[0]), (stride + 0.04, stride + 0.1));
                }
            }
        }
    }

    #[test]
    fn cells_are_counted_row_by_row() {
        let all = outputs(false);
        let level = &levels(&all, (64, 32), 1, 2).unwrap()[0];
        assert_eq!(
            [0, 1, 2, 17].map(|i| level.corner(i)),
            [[0.0, 0.0], [0.0, 0.0], [8.0, 0.0], [0.0, 8.0]]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut all = outputs(false);
        all.remove(1);
        let lacking = levels(&all, (64, 32), 1, 2).err().unwrap();
        assert_eq!(lacking, "no output with 16 rows of points (stride 16)");
    }
}
