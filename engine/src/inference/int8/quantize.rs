//! Bytes of a convolution's numbers.

use super::kernel::{BLOCK, DEEP, GROUP, PACK, TAPS};
use crate::inference::winograd::Buffer;

/// What an input channel was seen to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::inference) struct Range {
    pub least: f32,
    pub most: f32,
}

/// How input channels become bytes: `value · gain + zero`, rounded.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::inference) struct Channels {
    pub gain: Vec<f32>,
    /// Whole numbers from 0 to 255.
    pub zero: Vec<f32>,
}

/// Filters in bytes.
pub(in crate::inference) struct Filters {
    /// `[outputs / 16][inputs / 64][9][16][64]`, what is missing zero; four bytes in a number.
    pub packed: Buffer,
    /// For each output channel, what a sum is multiplied by.
    pub scale: Vec<f32>,
    /// For each output channel, what is added to a sum: the zeros' part of it.
    pub start: Vec<i32>,
}

/// A channel that was seen to hold nearly nothing gets a scale as if it held this share of what the
/// others hold: it may hold more in other frames.
const LEAST_SHARE: f32 = 0.02;
/// As that, of filters.
const LEAST_FILTER: f32 = 1e-3;

/// Whether sums over so many input channels fit 32 bits whatever the bytes are.
pub(in crate::inference) fn fits(inputs: usize) -> bool {
    inputs.saturating_mul(TAPS).saturating_mul(255 * 128) <= i32::MAX as usize
}

impl Filters {
    /// How many bytes packed filters are.
    pub fn bytes(inputs: usize, outputs: usize) -> usize {
        outputs.div_ceil(PACK) * inputs.div_ceil(DEEP) * BLOCK
    }

    /// The byte of a filter's number.
    #[cfg(test)]
    pub fn byte(&self, inputs: usize, place: (usize, usize, usize)) -> i8 {
        let place = Filters::place(inputs, place);
        self.packed[place / GROUP].to_le_bytes()[place % GROUP].cast_signed()
    }

    /// Where a byte lies.
    fn place(inputs: usize, (output, input, tap): (usize, usize, usize)) -> usize {
        let block = output / PACK * inputs.div_ceil(DEEP) + input / DEEP;
        ((block * TAPS + tap) * PACK + output % PACK) * DEEP + input % DEEP
    }
}

/// Scales for input channels of these ranges, and the filters, `[outputs][inputs][9]`, in bytes.
///
/// A channel's steps are as fine as its range allows only where its filters are large: what is lost
/// by rounding is shared by the picture and the filters (SmoothQuant's rule, both sides alike).
pub(in crate::inference) fn quantize(ranges: &[Range], filters: &[f32]) -> (Channels, Filters) {
    let inputs = ranges.len();
    let outputs = filters.len() / (inputs * TAPS).max(1);
    let mut largest = vec![0.0f32; inputs];
    for filter in filters.chunks_exact(inputs * TAPS) {
        for (most, taps) in largest.iter_mut().zip(filter.chunks_exact(TAPS)) {
            *most = taps.iter().fold(*most, |most, v| most.max(v.abs()));
        }
    }
    let steps = steps(ranges, &largest);
    let zero: Vec<f32> =
        ranges.iter().zip(&steps).map(|(range, step)| zero(range, *step)).collect();
    let mut packed = Buffer::new(Filters::bytes(inputs, outputs) / GROUP);
    let bytes = packed.bytes_mut();
    let (mut scale, mut start) = (Vec::with_capacity(outputs), Vec::with_capacity(outputs));
    for (output, filter) in filters.chunks_exact(inputs * TAPS).enumerate() {
        let stepped = || {
            let taps = filter.chunks_exact(TAPS).zip(&steps).enumerate();
            taps.flat_map(|(c, (taps, step))| {
                taps.iter().enumerate().map(move |(tap, v)| (c, tap, v * step))
            })
        };
        let most = stepped().fold(f32::MIN_POSITIVE, |most, (_, _, v)| most.max(v.abs()));
        let one = most / 127.0;
        let mut zeros = 0;
        for (input, tap, value) in stepped() {
            let byte = (value / one).round_ties_even().clamp(-127.0, 127.0) as i8;
            bytes[Filters::place(inputs, (output, input, tap))] = byte.cast_unsigned();
            zeros += zero[input] as i32 * i32::from(byte);
        }
        scale.push(one);
        start.push(-zeros);
    }
    let gain = steps.iter().map(|step| 1.0 / step).collect();
    (Channels { gain, zero }, Filters { packed, scale, start })
}

/// By how much a channel's numbers are apart that are neighboring bytes.
fn steps(ranges: &[Range], largest: &[f32]) -> Vec<f32> {
    let wide = |range: &Range| (range.most.max(0.0) - range.least.min(0.0)).max(0.0);
    let mean = ranges.iter().map(wide).sum::<f32>() / ranges.len().max(1) as f32;
    let most = largest.iter().fold(0.0f32, |most, v| most.max(*v));
    let steps: Vec<f32> = ranges
        .iter()
        .zip(largest)
        .map(|(range, filter)| {
            let filter = filter.max(most * LEAST_FILTER).max(f32::MIN_POSITIVE);
            (wide(range).max(mean * LEAST_SHARE).max(1e-12) / filter).sqrt()
        })
        .collect();
    // As fine as the channel allows that needs most of them.
    let finest = ranges.iter().zip(&steps).map(|(range, step)| wide(range) / step);
    let finest = finest.fold(f32::MIN_POSITIVE, f32::max) / 255.0;
    // A step whose inverse is no number would make no bytes.
    steps.iter().map(|step| (step * finest).clamp(1e-30, 1e30)).collect()
}

/// The byte of zero: what a channel leaves of the 256 is shared by both sides, or is above it, where
/// it was never seen below zero.
fn zero(range: &Range, step: f32) -> f32 {
    if range.least >= 0.0 {
        return 0.0;
    }
    let (least, most) = (range.least / step, range.most.max(0.0) / step);
    ((255.0 - (most - least)).max(0.0) / 2.0 - least).round().clamp(0.0, 255.0)
}
