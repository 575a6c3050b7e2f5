//! What is asked of an instruction set: bytes of a picture, sums of products, numbers again.

use super::registers::Dot;

/// Pixels whose sums lie together.
pub(super) const PIXELS: usize = 16;
/// Output channels whose filters lie together.
pub(super) const PACK: usize = 16;
/// Output channels that are worked on together.
pub(super) const WIDE: usize = 2 * PACK;
/// Input channels whose filters lie together.
pub(super) const DEEP: usize = 64;
/// Input channels whose bytes lie together: the products that one instruction adds up.
pub(super) const GROUP: usize = 4;
/// Filters of a convolution.
pub(super) const TAPS: usize = 9;
/// Bytes of the filters of [`PACK`] output and [`DEEP`] input channels.
pub(super) const BLOCK: usize = TAPS * PACK * DEEP;

/// The sums of some pixels over up to [`DEEP`] input channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product<'a> {
    /// Where [`PIXELS`] pixels begin, by bytes of the picture: as many as the sums have columns for.
    pub places: &'a [usize],
    /// From there to where each filter begins.
    pub taps: &'a [usize; TAPS],
    /// Bytes from one group of input channels to the next.
    pub stride: usize,
    /// Groups of input channels that are not all zeros.
    pub groups: usize,
    /// Bytes from the filters of [`PACK`] output channels to those of the next.
    pub apart: usize,
    /// How many packs of output channels: 1 or 2.
    pub packs: usize,
    /// Whether the sums begin here, rather than go on.
    pub first: bool,
}

/// What becomes of a channel's sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish {
    /// Added to the sum.
    pub start: i32,
    pub scale: f32,
    pub bias: f32,
    /// What negative results are multiplied by.
    pub slope: f32,
}

/// Below this, single precision has no halves left: what is added to it is rounded to whole numbers,
/// a half to the even one, and stands in the lowest bits.
const WHOLE: f32 = 8_388_608.0;

/// The byte of a number; of what is no number, 0.
// A clamp would let pass what is no number.
#[allow(clippy::manual_clamp)]
#[inline(always)]
pub(super) fn byte(value: f32, gain: f32, zero: f32) -> u32 {
    let value = (value * gain + zero).max(0.0).min(255.0);
    (value + WHOLE).to_bits() & 0xff
}

/// Bytes of four channels, pixel by pixel.
///
/// # Safety
/// From each plane `count` numbers may be read, and so many words written.
#[inline(always)]
pub(super) unsafe fn bytes(
    planes: [*const f32; GROUP],
    gain: &[f32; GROUP],
    zero: &[f32; GROUP],
    count: usize,
    to: *mut u32,
) {
    for i in 0..count {
        let mut word = 0;
        for c in 0..GROUP {
            // SAFETY: i < count.
            word |= byte(unsafe { *planes[c].add(i) }, gain[c], zero[c]) << (8 * c);
        }
        // SAFETY: as above.
        unsafe { *to.add(i) = word };
    }
}

/// A row of results.
///
/// # Safety
/// `count` sums may be read, and so many numbers written.
#[inline(always)]
pub(super) unsafe fn finish(sums: *const i32, finish: &Finish, count: usize, to: *mut f32) {
    let Finish { start, scale, bias, slope } = *finish;
    for i in 0..count {
        // SAFETY: i < count.
        let sum = unsafe { *sums.add(i) }.wrapping_add(start);
        let value = sum as f32 * scale + bias;
        let value = if value < 0.0 { value * slope } else { value };
        // SAFETY: as above.
        unsafe { *to.add(i) = value };
    }
}

/// `to[channel][pixel] (+)= Σ filters · bytes`, rows of `to` as long as all places' pixels.
///
/// # Safety
/// [`Dot`]'s; at each place, for each tap and group, [`PIXELS`] words of `inputs` may be read; `filters`
/// are [`BLOCK`] bytes for each pack; nobody else has `to`.
#[inline(always)]
pub(super) unsafe fn multiply<V: Dot>(
    product: &Product<'_>,
    inputs: *const u8,
    filters: *const i8,
    to: *mut i32,
) {
    let row = product.places.len() * PIXELS;
    let registers = row / V::LANES;
    let mut at = 0;
    while at < registers {
        let many = 3.min(registers - at);
        for c in (0..product.packs * PACK).step_by(V::CHANNELS) {
            // SAFETY: the caller's; the channel is one of the packs', the registers are of the places.
            unsafe {
                let filters = filters.add(c / PACK * product.apart + c % PACK * DEEP);
                let to = to.add(c * row + at * V::LANES);
                match many {
                    1 => channels::<V, 1>(product, at, inputs, filters, to, row),
                    2 => channels::<V, 2>(product, at, inputs, filters, to, row),
                    _ => channels::<V, 3>(product, at, inputs, filters, to, row),
                }
            }
        }
        at += many;
    }
}

/// As many channels as the set likes.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn channels<V: Dot, const MANY: usize>(
    product: &Product<'_>,
    at: usize,
    inputs: *const u8,
    filters: *const i8,
    to: *mut i32,
    row: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        match V::CHANNELS {
            8 => block::<V, MANY, 8>(product, at, inputs, filters, to, row),
            _ => block::<V, MANY, 4>(product, at, inputs, filters, to, row),
        }
    }
}

/// A block of sums, kept in registers.
///
/// # Safety
/// As [`multiply`].
#[inline(always)]
unsafe fn block<V: Dot, const MANY: usize, const CHANNELS: usize>(
    product: &Product<'_>,
    at: usize,
    inputs: *const u8,
    filters: *const i8,
    to: *mut i32,
    row: usize,
) {
    // SAFETY: the caller's: the registers, the taps, the groups are there.
    unsafe {
        let mut sums = [[V::zero(); MANY]; CHANNELS];
        if !product.first {
            for (c, sums) in sums.iter_mut().enumerate() {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(to.add(c * row + i * V::LANES).cast());
                }
            }
        }
        let mut pixels = [inputs; MANY];
        for (i, from) in pixels.iter_mut().enumerate() {
            let pixel = (at + i) * V::LANES;
            let place = product.places.get_unchecked(pixel / PIXELS);
            *from = inputs.add(place + pixel % PIXELS * GROUP);
        }
        for (tap, &place) in product.taps.iter().enumerate() {
            let filters = filters.add(tap * PACK * DEEP);
            for k in 0..product.groups {
                let mut bytes = [V::zero(); MANY];
                for (value, from) in bytes.iter_mut().zip(pixels) {
                    *value = V::load(from.add(place + k * product.stride));
                }
                for (c, sums) in sums.iter_mut().enumerate() {
                    let filter = V::splat(filters.add(c * DEEP + k * GROUP));
                    for (sum, bytes) in sums.iter_mut().zip(bytes) {
                        *sum = sum.dot(bytes, filter);
                    }
                }
            }
        }
        for (c, sums) in sums.iter().enumerate() {
            for (i, sum) in sums.iter().enumerate() {
                sum.store(to.add(c * row + i * V::LANES));
            }
        }
    }
}
