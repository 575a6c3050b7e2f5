//! Into Winograd's space and back: filters, inputs, outputs.
//!
//! F(4×4, 3×3) (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015) on the
//! points 0, ±5/8, ±3/2 and infinity: in single precision they lose 6 to 7 dB less than 0, ±1, ±2.
//! With the polynomial `x·(x² − a²)·(x² − b²)`, each of the matrices is a few sums of even and odd
//! parts.
//!
//! Nothing here is a closure, nor calls what takes one: a function between, which is not compiled for
//! the vectors' instructions, would call each of them as a function.

use super::layer::{Activation, Map, PACK, Pads};
use super::vector::Vector;

/// Numbers of one channel at one place of Winograd's space: tiles that are worked on together.
pub(super) const TILES: usize = 64;
/// Places of Winograd's space: 6 × 6, by row.
pub(super) const PLACES: usize = 36;

const A: f32 = 0.625;
const B: f32 = 1.5;
const A2: f32 = A * A;
const B2: f32 = B * B;

/// Three numbers of a filter.
#[inline(always)]
unsafe fn of_filter<V: Vector>(g: [V; 3]) -> [V; 6] {
    const FIRST: f32 = 1.0 / (2.0 * A2 * (A2 - B2));
    const SECOND: f32 = 1.0 / (2.0 * B2 * (B2 - A2));
    // SAFETY: `Vector`'s, of the caller.
    unsafe {
        let even = g[2].mul_add(V::splat(A2 * FIRST), g[0].mul(V::splat(FIRST)));
        let odd = g[1].mul(V::splat(A * FIRST));
        let even_2 = g[2].mul_add(V::splat(B2 * SECOND), g[0].mul(V::splat(SECOND)));
        let odd_2 = g[1].mul(V::splat(B * SECOND));
        [
            g[0].mul(V::splat(1.0 / (A2 * B2))),
            even.add(odd),
            even.sub(odd),
            even_2.add(odd_2),
            even_2.sub(odd_2),
            g[2],
        ]
    }
}

/// Six numbers of an input.
#[inline(always)]
unsafe fn of_input<V: Vector>(d: [V; 6]) -> [V; 6] {
    // SAFETY: `Vector`'s, of the caller.
    unsafe {
        let even = d[2].mul_add(V::splat(-B2), d[4]);
        let odd = d[1].mul_add(V::splat(-B2), d[3]);
        let even_2 = d[2].mul_add(V::splat(-A2), d[4]);
        let odd_2 = d[1].mul_add(V::splat(-A2), d[3]);
        [
            d[0].mul_add(V::splat(A2 * B2), d[2].mul_add(V::splat(-(A2 + B2)), d[4])),
            odd.mul_add(V::splat(A), even),
            odd.mul_add(V::splat(-A), even),
            odd_2.mul_add(V::splat(B), even_2),
            odd_2.mul_add(V::splat(-B), even_2),
            d[1].mul_add(V::splat(A2 * B2), d[3].mul_add(V::splat(-(A2 + B2)), d[5])),
        ]
    }
}

/// Six numbers of a product.
#[inline(always)]
unsafe fn of_product<V: Vector>(m: [V; 6]) -> [V; 4] {
    // SAFETY: `Vector`'s, of the caller.
    unsafe {
        let (even, odd) = (m[1].add(m[2]), m[1].sub(m[2]));
        let (even_2, odd_2) = (m[3].add(m[4]), m[3].sub(m[4]));
        [
            m[0].add(even).add(even_2),
            odd_2.mul_add(V::splat(B), odd.mul(V::splat(A))),
            even_2.mul_add(V::splat(B2), even.mul(V::splat(A2))),
            odd_2.mul_add(V::splat(B2 * B), odd.mul_add(V::splat(A2 * A), m[5])),
        ]
    }
}

/// Filters of `depth` input channels, packed as [`super::layer::pack`] does, become
/// `[36][depth][channels]`, with `stride` from place to place; `apart` is from one pack of sixteen
/// output channels to the next. `channels` is a multiple of 16.
///
/// # Safety
/// `Vector`'s; `from` and `to` are as long as that.
#[inline(always)]
pub(super) unsafe fn filters<V: Vector>(
    from: *const f32,
    to: *mut f32,
    (depth, channels): (usize, usize),
    apart: usize,
    stride: usize,
) {
    for k in 0..depth {
        for c in (0..channels).step_by(V::LANES) {
            // SAFETY: the caller's: c + LANES <= channels.
            unsafe {
                let from = from.add(c / PACK * apart + k * 9 * PACK + c % PACK);
                let mut columns = [[V::splat(0.0); 6]; 3];
                for (x, column) in columns.iter_mut().enumerate() {
                    let mut three = [V::splat(0.0); 3];
                    for (y, value) in three.iter_mut().enumerate() {
                        *value = V::load(from.add((3 * y + x) * PACK));
                    }
                    *column = of_filter(three);
                }
                for p in 0..6 {
                    let row = of_filter([columns[0][p], columns[1][p], columns[2][p]]);
                    for (q, value) in row.into_iter().enumerate() {
                        value.store(to.add((p * 6 + q) * stride + k * channels + c));
                    }
                }
            }
        }
    }
}

/// The tiles that are worked on together: `count` of a picture's from `first` on, row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub first: usize,
    pub count: usize,
}

impl Group {
    /// How many numbers stand for them: a multiple of 16, at most [`TILES`].
    pub fn columns(self) -> usize {
        self.count.next_multiple_of(16)
    }

    /// The rows of tiles that it lies in: the first, and the one behind the last.
    fn rows(self, map: &Map) -> (usize, usize) {
        (self.first / map.across, (self.first + self.count - 1) / map.across + 1)
    }
}

/// One channel of a picture, with its edges, as the tiles see it: written to `pad`, whose rows are
/// [`Map::stride`] long.
///
/// # Safety
/// `plane` is a channel of the map's size; `pad` has [`Map::padded`] numbers.
pub(super) unsafe fn pad(map: &Map, group: Group, plane: *const f32, pad: *mut f32) {
    let (from, to) = group.rows(map);
    let Pads { top, left, mirrored, .. } = map.pads;
    let (height, width) = (map.height, map.width);
    let (first, stride) = (4 * from, map.stride());
    for y in first..4 * to + 2 {
        // SAFETY: at most `4 · rows + 2` rows, which is what `padded` counts.
        let row = unsafe { std::slice::from_raw_parts_mut(pad.add((y - first) * stride), stride) };
        // The row of the picture; rows behind its bottom edge belong to nobody.
        let source = match y.checked_sub(top) {
            Some(source) if source < height => Some(source),
            None if mirrored => Some(top - y),
            Some(source) if mirrored && source == height => Some(height - 2),
            _ => None,
        };
        let Some(source) = source else {
            row.fill(0.0);
            continue;
        };
        // SAFETY: a row of the picture.
        let source = unsafe { std::slice::from_raw_parts(plane.add(source * width), width) };
        row[left..left + width].copy_from_slice(source);
        row[left + width..].fill(0.0);
        if left == 1 {
            row[0] = if mirrored { source[1] } else { 0.0 };
        }
        if mirrored {
            row[left + width] = source[width - 2];
        }
    }
}

/// The group's tiles of a padded channel become 36 rows, `stride` apart.
///
/// # Safety
/// `Vector`'s; `padded` was written by [`pad`] for this group; `to` holds 36 rows of
/// [`Group::columns`] numbers.
#[inline(always)]
pub(super) unsafe fn input<V: Vector>(
    map: &Map,
    group: Group,
    padded: *const f32,
    to: *mut f32,
    stride: usize,
) {
    let top = group.rows(map).0;
    let wide = map.stride();
    let place = |tile: usize| {
        let (row, column) = (tile / map.across - top, tile % map.across);
        4 * row * wide + 4 * column
    };
    let last = group.first + group.count - 1;
    for i in (0..group.columns()).step_by(V::LANES) {
        let tile = group.first + i;
        // SAFETY: `Vector`'s.
        let mut rows = [[unsafe { V::splat(0.0) }; 6]; 6];
        let in_a_row = tile % map.across + V::LANES <= map.across && tile + V::LANES - 1 <= last;
        // SAFETY: places of tiles and of the two numbers behind them lie in the padded channel,
        // whose rows are longer by what `load_four` reads too much.
        unsafe {
            if in_a_row {
                let from = padded.add(place(tile));
                for (p, row) in rows.iter_mut().enumerate() {
                    let from = from.add(p * wide);
                    let [a, b, c, d] = V::load_four(from);
                    let [e, f, ..] = V::load_four(from.add(4));
                    *row = of_input([a, b, c, d, e, f]);
                }
            } else {
                // The columns behind the last tile repeat it.
                let mut places = [0; 16];
                for (j, to) in places.iter_mut().enumerate() {
                    *to = place((tile + j).min(last)) as i32;
                }
                for (p, row) in rows.iter_mut().enumerate() {
                    let mut six = [V::splat(0.0); 6];
                    for (q, value) in six.iter_mut().enumerate() {
                        *value = V::gather(padded.add(p * wide + q), &places);
                    }
                    *row = of_input(six);
                }
            }
            for q in 0..6 {
                let mut column = [V::splat(0.0); 6];
                for (value, row) in column.iter_mut().zip(&rows) {
                    *value = row[q];
                }
                for (p, value) in of_input(column).into_iter().enumerate() {
                    value.store(to.add((p * 6 + q) * stride + i));
                }
            }
        }
    }
}

/// What becomes of one channel's sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish {
    pub bias: f32,
    /// What negative sums are multiplied by.
    pub slope: f32,
    pub activation: Activation,
}

/// One channel's products, 36 rows `stride` apart, become the group's tiles of its plane.
///
/// # Safety
/// `Vector`'s; `products` holds 36 rows of [`Group::columns`] numbers; `plane` is a channel of the
/// map's output, of whose tiles nobody else writes this group's.
#[inline(always)]
pub(super) unsafe fn output<V: Vector>(
    map: &Map,
    group: Group,
    products: *const f32,
    stride: usize,
    finish: Finish,
    plane: *mut f32,
) {
    let (height, width) = (map.out_height(), map.out_width());
    let end = group.first + group.count;
    for i in (0..group.columns()).step_by(V::LANES) {
        let tile = group.first + i;
        let mut lines = [0.0f32; 4 * TILES];
        // SAFETY: the caller's; `lines` holds four times 4 · LANES numbers, as LANES is 16 at most.
        unsafe {
            let mut columns = [[V::splat(0.0); 4]; 6];
            for (q, column) in columns.iter_mut().enumerate() {
                let mut six = [V::splat(0.0); 6];
                for (p, value) in six.iter_mut().enumerate() {
                    *value = V::load(products.add((p * 6 + q) * stride + i));
                }
                *column = of_product(six);
            }
            let (bias, slope) = (V::splat(finish.bias), V::splat(finish.slope));
            let zero = V::splat(0.0);
            let (row, column) = (tile / map.across, tile % map.across);
            // All of it in one row of tiles, none of it cut off.
            let whole =
                tile + V::LANES <= end && 4 * (column + V::LANES) <= width && 4 * row + 4 <= height;
            for y in 0..4 {
                let mut six = [zero; 6];
                for (value, column) in six.iter_mut().zip(&columns) {
                    *value = column[y];
                }
                let mut line = of_product(six);
                for value in &mut line {
                    *value = value.add(bias);
                    if finish.activation == Activation::Slope {
                        *value = zero.max(*value).add(zero.min(*value).mul(slope));
                    }
                }
                let to = if whole {
                    plane.add((4 * row + y) * width + 4 * column)
                } else {
                    lines.as_mut_ptr().add(4 * V::LANES * y)
                };
                V::store_four(line, to);
            }
            if whole {
                continue;
            }
        }
        for j in 0..V::LANES.min(end.saturating_sub(tile)) {
            let (row, column) = ((tile + j) / map.across, (tile + j) % map.across);
            let wide = 4.min(width - 4 * column);
            for y in 0..4.min(height - 4 * row) {
                let from = &lines[4 * (V::LANES * y + j)..][..wide];
                // SAFETY: inside the plane: cut off at its right and bottom edge.
                let to = unsafe {
                    let at = plane.add((4 * row + y) * width + 4 * column);
                    std::slice::from_raw_parts_mut(at, wide)
                };
                to.copy_from_slice(from);
            }
        }
    }
}
