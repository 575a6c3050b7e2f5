//! The product of one place of Winograd's space: a matrix product of small blocks.

use super::transform::TILES;
use super::vector::Vector;

/// One block of one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    /// Input channels: the length of the sums.
    pub depth: usize,
    /// Output channels.
    pub channels: usize,
    /// Tiles, a multiple of 16.
    pub columns: usize,
    /// From the filters of one input channel to those of the next.
    pub stride: usize,
    /// Whether the sums begin here, rather than go on.
    pub first: bool,
    /// From these inputs to those of the next place, which are fetched meanwhile: all of a place's are
    /// read at once by its first channels, faster than a large cache gives them.
    pub next: usize,
}

/// Numbers in a line of the cache.
const LINE: usize = 16;

/// `to[c][t] (+)= Σ filters[k][c] · inputs[k][t]`, where rows of `inputs` and `to` are [`TILES`]
/// apart.
///
/// # Safety
/// `Vector`'s; each is as long as that, and nobody else has `to`.
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(
    product: Product,
    inputs: *const f32,
    filters: *const f32,
    to: *mut f32,
) {
    // As many tiles at a time as the registers hold the sums of.
    let most = if V::MANY { 4 * V::LANES } else { 2 * V::LANES };
    let mut at = 0;
    while at < product.columns {
        let tiles = most.min(product.columns - at);
        // SAFETY: at + tiles <= columns.
        unsafe {
            let (inputs, to) = (inputs.add(at), to.add(at));
            // The block of sums is about as many registers whatever its shape.
            match tiles / V::LANES {
                1 if V::MANY => strip::<V, 12, 1>(product, inputs, filters, to),
                2 if V::MANY => strip::<V, 12, 2>(product, inputs, filters, to),
                3 if V::MANY => strip::<V, 8, 3>(product, inputs, filters, to),
                4 if V::MANY => strip::<V, 6, 4>(product, inputs, filters, to),
                1 => strip::<V, 6, 1>(product, inputs, filters, to),
                _ => strip::<V, 6, 2>(product, inputs, filters, to),
            }
        }
        at += tiles;
    }
}

/// All channels for `COLUMNS` registers of tiles, `ROWS` channels at a time.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn strip<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    product: Product,
    inputs: *const f32,
    filters: *const f32,
    to: *mut f32,
) {
    let mut c = 0;
    let mut left = product.channels;
    let mut next = inputs.wrapping_add(product.next);
    while left > 0 {
        // SAFETY: c + rows <= channels.
        let rows = unsafe {
            let (filters, to) = (filters.add(c), to.add(c * TILES));
            if left >= ROWS {
                block::<V, ROWS, COLUMNS>(product, inputs, filters, to, next);
                ROWS
            } else if left >= 4 {
                block::<V, 4, COLUMNS>(product, inputs, filters, to, next);
                4
            } else if left >= 2 {
                block::<V, 2, COLUMNS>(product, inputs, filters, to, next);
                2
            } else {
                block::<V, 1, COLUMNS>(product, inputs, filters, to, next);
                1
            }
        };
        c += rows;
        left -= rows;
        next = next.wrapping_add(product.depth * LINE);
    }
}

/// A block of sums, kept in registers.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn block<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    product: Product,
    mut inputs: *const f32,
    mut filters: *const f32,
    to: *mut f32,
    mut next: *const f32,
) {
    // SAFETY: the caller's: ROWS channels and COLUMNS registers of tiles are there, `depth` times.
    unsafe {
        let mut sums = [[V::splat(0.0); COLUMNS]; ROWS];
        if !product.first {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (c, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(to.add(r * TILES + c * V::LANES));
                }
            }
        }
        for _ in 0..product.depth {
            let mut input = [V::splat(0.0); COLUMNS];
            for (c, value) in input.iter_mut().enumerate() {
                *value = V::load(inputs.add(c * V::LANES));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let filter = V::splat(*filters.add(r));
                for (sum, input) in sums.iter_mut().zip(input) {
                    *sum = filter.mul_add(input, *sum);
                }
            }
            V::prefetch(next);
            next = next.wrapping_add(LINE);
            inputs = inputs.add(TILES);
            filters = filters.add(product.stride);
        }
        for (r, sums) in sums.iter().enumerate() {
            for (c, sum) in sums.iter().enumerate() {
                sum.store(to.add(r * TILES + c * V::LANES));
            }
        }
    }
}
