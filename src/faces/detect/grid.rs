//! Outputs of detectors that predict on three grids: told apart by their sizes, not their names.

use crate::error::Result;
use crate::inference::session::Output;

use super::super::network::Network;

/// The strides in pixels of the three grids.
pub const STRIDES: [usize; 3] = [8, 16, 32];

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
/// When one is missing.
pub fn levels<'a>(
    network: &Network,
    outputs: &'a [Output],
    (width, height): (usize, usize),
    scores: usize,
    priors: usize,
) -> Result<Vec<Level<'a>>> {
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
            let lacking = |what: &str| {
                network.misfit(&format!("no output with {rows} rows of {what} (stride {stride})"))
            };
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
