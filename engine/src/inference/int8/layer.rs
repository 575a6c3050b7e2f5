//! One convolution, and its run over a picture.

use super::kernel::{BLOCK, DEEP, Finish, GROUP, PACK, PIXELS, Product, WIDE};
use super::map::Map;
use super::quantize::{Channels, Filters};
use super::set::Set;
use crate::inference::winograd::{Activation, Pads, Parallel, Scratch};

/// Sums that a thread keeps at a time, of [`WIDE`] channels: half of a small second-level cache.
const MOST_PLACES: usize = 64;

/// A convolution of 3 × 3 of all channels with all, in bytes.
pub(in crate::inference) struct Layer {
    pub inputs: Channels,
    pub filters: Filters,
    /// From one result to the next: 1 or 2 pixels.
    pub stride: usize,
    pub pads: Pads,
    pub activation: Activation,
    /// For each output channel.
    pub bias: Vec<f32>,
    /// For each output channel.
    pub slope: Vec<f32>,
}

impl Layer {
    /// The same, when there are as many numbers as it says.
    ///
    /// # Errors
    /// When there are not.
    pub fn checked(self) -> ort::Result<Layer> {
        let (inputs, outputs) = (self.inputs.gain.len(), self.bias.len());
        let fits = inputs > 0
            && outputs > 0
            && (1..=2).contains(&self.stride)
            && self.inputs.zero.len() == inputs
            && self.slope.len() == outputs
            && self.filters.scale.len() == outputs
            && self.filters.start.len() == outputs
            && self.filters.packed.len() * size_of::<f32>() == Filters::bytes(inputs, outputs);
        fits.then_some(self)
            .ok_or_else(|| ort::Error::new("a convolution's numbers are not as many as it says"))
    }

    fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// The height and the width of what comes out; `None` where nothing can.
    pub fn size(&self, height: usize, width: usize) -> Option<(usize, usize)> {
        Map::new(height, width, self.stride, self.pads).map(|map| (map.high, map.wide))
    }

    /// `[batch][inputs][height][width]` to `[batch][outputs][out height][out width]`, on a set that
    /// the processor has.
    ///
    /// # Errors
    /// When the slices are not as long as that, and those of `parallel`.
    pub fn run_on(
        &self,
        set: &Set,
        (batch, height, width): (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()> {
        let wrong = || ort::Error::new("the convolution's input has another size than it says");
        let map = Map::new(height, width, self.stride, self.pads).ok_or_else(wrong)?;
        let (inputs, outputs) = (self.inputs.gain.len(), self.outputs());
        let (picture, result) = (inputs * height * width, outputs * map.high * map.wide);
        if x.len() != batch * picture || y.len() != batch * result {
            return Err(wrong());
        }
        let groups = inputs.next_multiple_of(DEEP) / GROUP;
        let mut lent = scratch.lend();
        let to = Words(lent.get().inputs.at_least(groups * map.plane).as_mut_ptr().cast());
        let start = Results(y.as_mut_ptr());
        let places: Vec<usize> = (0..map.high * map.across()).map(|i| map.place(i)).collect();
        let bands = places.len().div_ceil(MOST_PLACES);
        let wides = outputs.div_ceil(WIDE);
        for n in 0..batch {
            let picture = &x[n * picture..][..picture];
            parallel(groups, &|group| self.bytes(set, &map, picture, group, to))?;
            parallel(bands * wides, &|i| {
                // One band after the other: its bytes stay in the cache.
                let (band, wide) = (i / wides, i % wides);
                let first = band * MOST_PLACES;
                let mine = &places[first..places.len().min(first + MOST_PLACES)];
                let mut lent = scratch.lend();
                let sums = lent.get().products.at_least(WIDE * mine.len() * PIXELS);
                let sums = sums.as_mut_ptr().cast();
                self.sums(set, &map, mine, wide, to, sums);
                self.finish(set, &map, (first, mine.len()), wide, sums, start, n * result);
            })?;
        }
        Ok(())
    }

    /// Bytes of four channels, with their edges.
    fn bytes(&self, set: &Set, map: &Map, picture: &[f32], group: usize, to: Words) {
        let plane = map.height * map.width;
        let channel = |c: usize| (group * GROUP + c).min(self.inputs.gain.len() - 1);
        let there = |c: usize| group * GROUP + c < self.inputs.gain.len();
        // Channels that are only there to fill a group are multiplied with zeros.
        let gain =
            std::array::from_fn(|c| if there(c) { self.inputs.gain[channel(c)] } else { 0. });
        let zero =
            std::array::from_fn(|c| if there(c) { self.inputs.zero[channel(c)] } else { 0. });
        let edge = (0..GROUP)
            .fold(0, |word, c| word | super::kernel::byte(0., gain[c], zero[c]) << (8 * c));
        let mut whole = vec![edge; map.width + map.pads.left + map.pads.right];
        for row in 0..map.rows() {
            // SAFETY: the picture in bytes has this row of this group, which nobody else writes.
            let to = unsafe {
                let to = to.get().add(group * map.plane + row * map.row());
                std::slice::from_raw_parts_mut(to, map.row())
            };
            match map.source(row) {
                Some(from) => {
                    let planes = std::array::from_fn(|c| {
                        picture[channel(c) * plane + from * map.width..][..map.width].as_ptr()
                    });
                    let middle = &mut whole[map.pads.left..][..map.width];
                    // SAFETY: so many numbers and words are there; the set is the processor's.
                    unsafe { (set.bytes)(planes, &gain, &zero, map.width, middle.as_mut_ptr()) };
                    if map.pads.mirrored {
                        let last = whole.len() - 1;
                        if map.pads.left == 1 {
                            whole[0] = whole[2];
                        }
                        if map.pads.right == 1 {
                            whole[last] = whole[last - 2];
                        }
                    }
                }
                None => whole.fill(edge),
            }
            if map.stride == 1 {
                let count = whole.len().min(to.len());
                to[..count].copy_from_slice(&whole[..count]);
            } else {
                for (part, to) in to.chunks_exact_mut(map.part).enumerate() {
                    let words = whole.iter().skip(part).step_by(map.stride);
                    to.iter_mut().zip(words).for_each(|(to, word)| *to = *word);
                }
            }
        }
    }

    /// All sums of up to [`WIDE`] channels at some places.
    fn sums(&self, set: &Set, map: &Map, places: &[usize], wide: usize, from: Words, to: *mut i32) {
        let inputs = self.inputs.gain.len();
        let blocks = inputs.div_ceil(DEEP);
        let pack = wide * WIDE / PACK;
        let packs = (self.outputs().div_ceil(PACK) - pack).min(2);
        let filters = self.filters.packed.as_ptr().cast::<i8>();
        let taps = map.taps();
        for block in 0..blocks {
            let product = Product {
                places,
                taps: &taps,
                stride: map.plane * GROUP,
                groups: (inputs - block * DEEP).min(DEEP).div_ceil(GROUP),
                apart: blocks * BLOCK,
                packs,
                first: block == 0,
            };
            // SAFETY: the picture in bytes has all groups of this block, which nobody writes any
            // more; the filters have these packs; the set is the processor's.
            unsafe {
                let inputs = from.get().cast::<u8>().add(block * DEEP / GROUP * product.stride);
                let filters = filters.add((pack * blocks + block) * BLOCK);
                (set.multiply)(&product, inputs, filters, to);
            }
        }
    }

    /// Results of sums.
    #[allow(clippy::too_many_arguments)]
    fn finish(
        &self,
        set: &Set,
        map: &Map,
        (first, count): (usize, usize),
        wide: usize,
        sums: *const i32,
        to: Results,
        at: usize,
    ) {
        let channels = wide * WIDE..((wide + 1) * WIDE).min(self.outputs());
        for (c, channel) in channels.enumerate() {
            let finish = Finish {
                start: self.filters.start[channel],
                scale: self.filters.scale[channel],
                bias: self.bias[channel],
                slope: match self.activation {
                    Activation::None => 1.0,
                    Activation::Slope => self.slope[channel],
                },
            };
            // Where sixteens fill rows, rows lie one behind the other.
            let together = if map.wide.is_multiple_of(PIXELS) { count } else { 1 };
            for i in (0..count).step_by(together) {
                let place = first + i;
                let (row, column) = (place / map.across(), place % map.across() * PIXELS);
                let pixels =
                    if together > 1 { count * PIXELS } else { PIXELS.min(map.wide - column) };
                // SAFETY: the sums have a row for each channel; the result has this row of this
                // channel, of which nobody else writes these pixels.
                unsafe {
                    let sums = sums.add((c * count + i) * PIXELS);
                    let to = to.get().add(at + (channel * map.high + row) * map.wide + column);
                    (set.finish)(sums, &finish, pixels, to);
                }
            }
        }
    }
}

/// An address that threads write to, each at places of its own.
#[derive(Clone, Copy)]
struct Results(*mut f32);
/// As [`Results`], of bytes in fours.
#[derive(Clone, Copy)]
struct Words(*mut u32);

impl Results {
    /// The address, from a thread that was given all of this.
    fn get(self) -> *mut f32 {
        self.0
    }
}

impl Words {
    /// As [`Results::get`].
    fn get(self) -> *mut u32 {
        self.0
    }
}

// SAFETY: they are addresses; those who write there say why nobody else does.
unsafe impl Send for Results {}
// SAFETY: as above.
unsafe impl Sync for Results {}
// SAFETY: as above.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}
