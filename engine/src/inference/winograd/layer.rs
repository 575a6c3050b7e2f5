//! One convolution, and its run over a picture.

use super::memory::{Buffer, Scratch, Workspace};
use super::set::Set;
use super::transform::{self, Finish, Group, PLACES, TILES};

/// What becomes of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inference) enum Activation {
    /// Nothing.
    None,
    /// Negative ones are multiplied by the channel's slope: Relu (0), LeakyRelu, PRelu.
    Slope,
}

/// What stands around a picture: 0 or 1 pixel at each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inference) struct Pads {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
    /// The pixels mirrored at the one on the edge, rather than zeros.
    pub mirrored: bool,
}

/// How much is worked on at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::inference) struct Blocks {
    /// Output channels, a multiple of 16.
    pub channels: usize,
    /// Input channels.
    pub depth: usize,
}

/// A picture's size and its tiles of 4 × 4 output pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map {
    pub height: usize,
    pub width: usize,
    pub pads: Pads,
    /// Tiles in a row.
    pub across: usize,
    /// Rows of tiles.
    pub down: usize,
}

impl Map {
    /// `None` where there is nothing to compute, or nothing to mirror.
    pub fn new(height: usize, width: usize, pads: Pads) -> Option<Map> {
        let out = |side: usize, pads: usize| (side + pads).checked_sub(2).filter(|&n| n > 0);
        let down = out(height, pads.top + pads.bottom)?.div_ceil(4);
        let across = out(width, pads.left + pads.right)?.div_ceil(4);
        let least = if pads.mirrored { 2 } else { 1 };
        (height.min(width) >= least).then_some(Map { height, width, pads, across, down })
    }

    pub fn out_height(&self) -> usize {
        self.height + self.pads.top + self.pads.bottom - 2
    }

    pub fn out_width(&self) -> usize {
        self.width + self.pads.left + self.pads.right - 2
    }

    /// Numbers in a row of a padded channel: its tiles', two behind them, and what vectors read too
    /// much.
    pub fn stride(&self) -> usize {
        4 * self.across + 8
    }

    /// Numbers of a padded channel: of the rows that one group needs.
    fn padded(&self) -> usize {
        // A group that begins inside a row of tiles reaches into one row more.
        let rows = (TILES.div_ceil(self.across) + 1).min(self.down);
        (4 * rows + 2) * self.stride()
    }

    fn groups(&self) -> usize {
        (self.across * self.down).div_ceil(TILES)
    }

    fn group(&self, index: usize) -> Group {
        let first = index * TILES;
        Group { first, count: TILES.min(self.across * self.down - first) }
    }
}

/// Runs the function for each number below the count, on as many threads as it likes, and comes
/// back when all is done.
pub(in crate::inference) type Parallel<'a> =
    &'a dyn Fn(usize, &(dyn Fn(usize) + Send + Sync)) -> ort::Result<()>;

/// Output channels that are worked on together.
#[derive(Debug, Clone, Copy)]
struct Block {
    first: usize,
    /// Those that there are.
    count: usize,
}

impl Block {
    /// With those that fill the last vector.
    fn wide(self) -> usize {
        self.count.next_multiple_of(16)
    }
}

/// A convolution of 3 × 3, stride 1, of all channels with all.
pub(in crate::inference) struct Layer {
    inputs: usize,
    outputs: usize,
    pads: Pads,
    activation: Activation,
    depth: usize,
    blocks: Vec<Block>,
    /// By sixteen output channels: `[inputs][9][16]`.
    filters: Buffer,
    bias: Vec<f32>,
    slope: Vec<f32>,
}

/// The numbers of a convolution.
pub(in crate::inference) struct Numbers {
    /// For each output channel.
    pub bias: Vec<f32>,
    /// For each output channel.
    pub slope: Vec<f32>,
    /// As [`pack`] makes them, and whatever lies behind.
    pub filters: Buffer,
}

/// Output channels whose filters lie together.
pub(in crate::inference) const PACK: usize = 16;
/// Between rows of Winograd's space, so that they do not fall on the same lines of the cache.
const APART: usize = 48;
/// A group's inputs are computed by one thread, for itself, up to so many channels and from so many
/// groups on; else by all threads together, who then share the output channels.
const MOST_ALONE: usize = 256;
const LEAST_GROUPS: usize = 8;

/// How many numbers packed filters are.
pub(in crate::inference) fn packed_len(inputs: usize, outputs: usize) -> usize {
    inputs * 9 * outputs.next_multiple_of(PACK)
}

/// Filters of up to [`PACK`] output channels, `[channels][inputs][9]`, as the kernel reads them:
/// `[inputs][9][PACK]`, the missing channels zero.
pub(in crate::inference) fn pack(inputs: usize, filters: &[f32]) -> Vec<f32> {
    let mut packed = vec![0.0; packed_len(inputs, PACK)];
    pack_into(&mut packed, inputs, filters, &[1.0; PACK]);
    packed
}

/// As [`pack`], each output channel's multiplied by its scale.
pub(super) fn pack_into(packed: &mut [f32], inputs: usize, filters: &[f32], scale: &[f32]) {
    let channels = filters.chunks_exact((inputs * 9).max(1)).zip(scale).take(PACK);
    // So many places that they stay in the nearest cache until all channels are written.
    const PLACES: usize = 128;
    for (i, packed) in packed.chunks_mut(PLACES * PACK).enumerate() {
        for (c, (filters, scale)) in channels.clone().enumerate() {
            let filters = &filters[i * PLACES..];
            for (to, value) in packed.chunks_exact_mut(PACK).zip(filters) {
                to[c] = value * scale;
            }
        }
        for to in packed.chunks_exact_mut(PACK) {
            to[channels.len()..].fill(0.0);
        }
    }
}

impl Layer {
    /// A convolution of `inputs` to `numbers.bias.len()` channels.
    ///
    /// # Errors
    /// When there are not as many numbers as that takes.
    pub fn new(
        inputs: usize,
        numbers: Numbers,
        pads: Pads,
        activation: Activation,
        blocks: Blocks,
    ) -> ort::Result<Layer> {
        let Numbers { bias, slope, filters } = numbers;
        let outputs = bias.len();
        if inputs == 0
            || outputs == 0
            || slope.len() != outputs
            || filters.len() < packed_len(inputs, outputs)
        {
            return Err(ort::Error::new("a convolution's numbers are not as many as it says"));
        }
        let (depth, blocks) = (blocks.depth.max(1), blocks_of(outputs, blocks.channels));
        Ok(Layer { inputs, outputs, pads, activation, depth, blocks, filters, bias, slope })
    }

    /// How many channels go into it.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The filters' memory.
    pub(super) fn into_filters(self) -> Buffer {
        self.filters
    }

    /// How many channels come out of it.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The height and the width of what comes out; `None` where nothing can.
    pub fn size(&self, height: usize, width: usize) -> Option<(usize, usize)> {
        Map::new(height, width, self.pads).map(|map| (map.out_height(), map.out_width()))
    }

    /// `[batch][inputs][height][width]` to `[batch][outputs][out height][out width]`, on the
    /// processor's widest vectors.
    ///
    /// # Errors
    /// When the slices are not as long as that, and those of `parallel`.
    pub fn run(
        &self,
        (batch, height, width): (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()> {
        self.run_on(Set::best(), (batch, height, width), x, y, scratch, parallel)
    }

    /// As [`Self::run`], on these vectors.
    pub(super) fn run_on(
        &self,
        set: &Set,
        (batch, height, width): (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()> {
        let wrong = || ort::Error::new("the convolution's input has another size than it says");
        let map = Map::new(height, width, self.pads).ok_or_else(wrong)?;
        let (picture, result) =
            (self.inputs * height * width, self.outputs * map.out_height() * map.out_width());
        if x.len() != batch * picture || y.len() != batch * result {
            return Err(wrong());
        }
        let groups = map.groups();
        let start = Shared(y.as_mut_ptr());
        let result_of = |n: usize| Picture { start, at: n * result };
        if self.inputs <= MOST_ALONE && batch * groups >= LEAST_GROUPS {
            return parallel(batch * groups, &|i| {
                let n = i / groups;
                let task = Task { set, map: &map, group: map.group(i % groups) };
                let mut lent = scratch.lend();
                let work = lent.get();
                let mut inputs = std::mem::replace(&mut work.inputs, Buffer::new(0));
                let to = inputs.at_least(self.inputs_len()).as_mut_ptr();
                let picture = &x[n * picture..][..picture];
                self.inputs_of(task, picture, 0..self.inputs, work, Shared(to));
                for block in 0..self.blocks.len() {
                    self.block(task, block, &inputs, work, result_of(n));
                }
                work.inputs = inputs;
            });
        }
        let mut lent = scratch.lend();
        let inputs = &mut lent.get().inputs;
        let to = Shared(inputs.at_least(self.inputs_len()).as_mut_ptr());
        for i in 0..batch * groups {
            let n = i / groups;
            let task = Task { set, map: &map, group: map.group(i % groups) };
            let picture = &x[n * picture..][..picture];
            parallel(self.inputs.div_ceil(16), &|j| {
                let channels = j * 16..(j * 16 + 16).min(self.inputs);
                let mut lent = scratch.lend();
                self.inputs_of(task, picture, channels, lent.get(), to);
            })?;
            parallel(self.blocks.len(), &|block| {
                let mut lent = scratch.lend();
                // SAFETY: as long as this, and only read until all blocks are done.
                let inputs = unsafe { std::slice::from_raw_parts(to.get(), self.inputs_len()) };
                self.block(task, block, inputs, lent.get(), result_of(n));
            })?;
        }
        Ok(())
    }

    /// From one place of Winograd's space to the next, of the inputs that are worked on at a time. What
    /// is multiplied together lies together: places that are far apart would fall on the same lines of
    /// the cache.
    fn row(&self) -> usize {
        self.depth.min(self.inputs) * TILES + APART
    }

    /// Numbers of a group's inputs in Winograd's space.
    fn inputs_len(&self) -> usize {
        self.inputs.div_ceil(self.depth) * PLACES * self.row()
    }

    /// Where an input channel's first place is.
    fn place_of(&self, channel: usize) -> usize {
        channel / self.depth * PLACES * self.row() + channel % self.depth * TILES
    }

    /// A group's inputs in Winograd's space, `depth` channels at a time: `[36][depth][TILES]`, of these
    /// channels.
    fn inputs_of(
        &self,
        Task { set, map, group }: Task<'_>,
        picture: &[f32],
        channels: std::ops::Range<usize>,
        work: &mut Workspace,
        to: Shared,
    ) {
        let padded = work.padded.at_least(map.padded()).as_mut_ptr();
        let plane = map.height * map.width;
        for c in channels {
            let from = &picture[c * plane..][..plane];
            // SAFETY: `padded` is as long as it must be; `to` has a row of TILES numbers for each
            // channel and place, and no other thread has this channel's. The set is the processor's.
            unsafe {
                transform::pad(map, group, from.as_ptr(), padded);
                (set.input)(map, group, padded, to.get().add(self.place_of(c)), self.row());
            }
        }
    }

    /// All sums of one block of output channels for one group, and what becomes of them.
    fn block(
        &self,
        Task { set, map, group }: Task<'_>,
        index: usize,
        inputs: &[f32],
        work: &mut Workspace,
        result: Picture,
    ) {
        let block = self.blocks[index];
        let (wide, apart) = (block.wide(), block.count * TILES + APART);
        let filters = &self.filters[block.first * self.inputs * 9..][..wide * self.inputs * 9];
        let pack = self.inputs * 9 * PACK;
        let stride = self.depth * wide + APART;
        let slice = work.filters.at_least(PLACES * stride).as_mut_ptr();
        let products = work.products.at_least(PLACES * apart).as_mut_ptr();
        for from in (0..self.inputs).step_by(self.depth) {
            let depth = self.depth.min(self.inputs - from);
            let product = super::multiply::Product {
                depth,
                channels: block.count,
                columns: group.columns(),
                stride: wide,
                first: from == 0,
                next: self.row(),
            };
            // SAFETY: the buffers have 36 rows of these lengths; of each pack, `depth` input channels
            // from `from` on are read; the set is the processor's.
            unsafe {
                let filters = filters.as_ptr().add(from * 9 * PACK);
                (set.filters)(filters, slice, (depth, wide), pack, stride);
            }
            for place in 0..PLACES {
                let inputs = &inputs[self.place_of(from) + place * self.row()..][..depth * TILES];
                // SAFETY: as above.
                unsafe {
                    let (slice, products) =
                        (slice.add(place * stride), products.add(place * apart));
                    (set.multiply)(product, inputs.as_ptr(), slice, products);
                }
            }
        }
        let plane = map.out_height() * map.out_width();
        for c in 0..block.count {
            let channel = block.first + c;
            let finish = Finish {
                bias: self.bias[channel],
                slope: self.slope[channel],
                activation: self.activation,
            };
            // SAFETY: the result has a plane for each output channel; of this one nobody else
            // writes this group's tiles.
            unsafe {
                let to = result.start.get().add(result.at + channel * plane);
                (set.output)(map, group, products.add(c * TILES), apart, finish, to);
            }
        }
    }
}

/// One group of tiles, and with what it is worked on.
#[derive(Clone, Copy)]
struct Task<'a> {
    set: &'a Set,
    map: &'a Map,
    group: Group,
}

/// An address that threads write to, each at places of its own.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

impl Shared {
    /// The address, from a thread that was given all of this.
    fn get(self) -> *mut f32 {
        self.0
    }
}

// SAFETY: it is an address; those who write there say why nobody else does.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// The results of one picture.
#[derive(Clone, Copy)]
struct Picture {
    start: Shared,
    at: usize,
}

/// Blocks of at most so many channels, about as large as each other.
fn blocks_of(outputs: usize, most: usize) -> Vec<Block> {
    // In sixteens: a vector's worth.
    let sixteens = outputs.div_ceil(16);
    let count = sixteens.div_ceil((most / 16).max(1)).max(1);
    let mut first = 0;
    (0..count)
        .map(|i| {
            let mine = sixteens / count + usize::from(i < sixteens % count);
            let block = Block { first, count: (16 * mine).min(outputs - first) };
            first += block.count;
            block
        })
        .collect()
}
