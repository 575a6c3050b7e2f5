//! Against the definition, in double precision, over random shapes.

use proptest::prelude::*;

use super::layer::{Activation, Blocks, Layer, Numbers, PACK, Pads, pack, pack_into, packed_len};
use super::memory::{Buffer, Scratch};
use super::set::Set;

/// A convolution and what it is run on.
#[derive(Debug, Clone)]
struct Case {
    batch: usize,
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
    pads: Pads,
    activation: Activation,
    blocks: Blocks,
    threads: usize,
    seed: u64,
}

/// Numbers between −1 and 1.
fn noise(seed: u64, len: usize) -> Vec<f32> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(len).collect()
}

impl Case {
    fn x(&self) -> Vec<f32> {
        noise(self.seed ^ 0xa5a5, self.batch * self.inputs * self.height * self.width)
    }

    fn filters(&self) -> Vec<f32> {
        noise(self.seed ^ 0x5a5a_0000, self.outputs * self.inputs * 9)
    }

    fn bias(&self) -> Vec<f32> {
        noise(self.seed ^ 0x77, self.outputs)
    }

    fn slope(&self) -> Vec<f32> {
        noise(self.seed ^ 0x99, self.outputs)
    }

    fn out(&self) -> (usize, usize) {
        let Pads { top, left, bottom, right, .. } = self.pads;
        (self.height + top + bottom - 2, self.width + left + right - 2)
    }

    fn layer(&self) -> Layer {
        let filters = self.filters();
        let mut packed = Buffer::new(packed_len(self.inputs, self.outputs));
        let packs = filters.chunks(PACK * self.inputs * 9).flat_map(|few| pack(self.inputs, few));
        packed.iter_mut().zip(packs).for_each(|(to, value)| *to = value);
        let numbers = Numbers { bias: self.bias(), slope: self.slope(), filters: packed };
        Layer::new(self.inputs, numbers, self.pads, self.activation, self.blocks).unwrap()
    }

    /// What a kernel computes.
    fn computed(&self, set: &Set) -> Vec<f32> {
        let (high, wide) = self.out();
        let layer = self.layer();
        assert_eq!(layer.size(self.height, self.width), Some((high, wide)));
        let mut y = vec![f32::NAN; self.batch * self.outputs * high * wide];
        let parallel = |count: usize, each: &(dyn Fn(usize) + Send + Sync)| {
            std::thread::scope(|scope| {
                for thread in 0..self.threads {
                    scope.spawn(move || (thread..count).step_by(self.threads).for_each(each));
                }
            });
            Ok(())
        };
        let size = (self.batch, self.height, self.width);
        let scratch = Scratch::default();
        layer.run_on(set, size, &self.x(), &mut y, &scratch, &parallel).unwrap();
        y
    }

    /// What the definition says, and the sum of the products' sizes, by which rounding is judged.
    fn defined(&self) -> Vec<(f64, f64)> {
        let (high, wide) = self.out();
        let (x, filters, bias, slope) = (self.x(), self.filters(), self.bias(), self.slope());
        let at = |n: usize, c: usize, y: isize, x_: isize| -> f64 {
            let (h, w) = (self.height as isize, self.width as isize);
            let mirror = |v: isize, side: isize| {
                if v < 0 {
                    -v
                } else if v >= side {
                    2 * (side - 1) - v
                } else {
                    v
                }
            };
            let (y, x_) = if self.pads.mirrored { (mirror(y, h), mirror(x_, w)) } else { (y, x_) };
            if y < 0 || x_ < 0 || y >= h || x_ >= w {
                return 0.0;
            }
            let plane = n * self.inputs + c;
            f64::from(x[(plane * self.height + y as usize) * self.width + x_ as usize])
        };
        let mut all = Vec::new();
        for n in 0..self.batch {
            for o in 0..self.outputs {
                for i in 0..high * wide {
                    let (row, column) = ((i / wide) as isize, (i % wide) as isize);
                    let (mut sum, mut size) = (f64::from(bias[o]), 1.0);
                    for c in 0..self.inputs {
                        for k in 0..9 {
                            let y = row + (k / 3) as isize - self.pads.top as isize;
                            let x_ = column + (k % 3) as isize - self.pads.left as isize;
                            let filter = f64::from(filters[(o * self.inputs + c) * 9 + k]);
                            let product = filter * at(n, c, y, x_);
                            sum += product;
                            size += product.abs();
                        }
                    }
                    if self.activation == Activation::Slope && sum < 0.0 {
                        sum *= f64::from(slope[o]);
                    }
                    all.push((sum, size));
                }
            }
        }
        all
    }

    /// Every kernel of this processor computes it.
    fn check(&self) {
        let defined = self.defined();
        for set in Set::here() {
            for (i, (&got, &(want, size))) in self.computed(set).iter().zip(&defined).enumerate() {
                // Sums of products in Winograd's space, whose numbers are up to ten times as large.
                let bound = 2e-6 * size + 2e-6;
                assert!(
                    (f64::from(got) - want).abs() < bound,
                    "{}: {got} for {want} at {i} of {self:?}",
                    set.name
                );
            }
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let pads = (0..2usize, 0..2usize, 0..2usize, 0..2usize, any::<bool>()).prop_map(
        |(top, left, bottom, right, mirrored)| Pads { top, left, bottom, right, mirrored },
    );
    let blocks = (1..4usize, 1..20usize)
        .prop_map(|(sixteens, depth)| Blocks { channels: 16 * sixteens, depth });
    let activation = prop_oneof![Just(Activation::None), Just(Activation::Slope)];
    let channels = (1..3usize, 1..40usize, 1..70usize);
    let size = (3..40usize, 3..40usize);
    (channels, size, pads, blocks, activation, 1..4usize, any::<u64>()).prop_map(
        |((batch, inputs, outputs), (height, width), pads, blocks, activation, threads, seed)| {
            Case { batch, inputs, outputs, height, width, pads, activation, blocks, threads, seed }
        },
    )
}

/// How many random shapes: a few hundred, or as many as this says (10,000 on release day).
fn config() -> ProptestConfig {
    let wanted = std::env::var("FACEDECK_SHAPES").ok().and_then(|count| count.parse().ok());
    ProptestConfig {
        cases: wanted.unwrap_or(if cfg!(miri) { 3 } else { 120 }),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_shape_is_computed_as_defined(case in cases()) {
        case.check();
    }
}

fn plain() -> Case {
    Case {
        batch: 1,
        inputs: 3,
        outputs: 5,
        height: 9,
        width: 10,
        pads: Pads { top: 1, left: 1, bottom: 1, right: 1, mirrored: false },
        activation: Activation::None,
        blocks: Blocks { channels: 48, depth: 64 },
        threads: 1,
        seed: 7,
    }
}

#[test]
fn the_smallest_pictures_are_computed() {
    let none = Pads { top: 0, left: 0, bottom: 0, right: 0, mirrored: false };
    Case { height: 3, width: 3, pads: none, ..plain() }.check();
    let (height, width) = (1, 1);
    Case { height, width, ..plain() }.check();
    let pads = Pads { mirrored: true, ..plain().pads };
    Case { height: 2, width: 2, pads, ..plain() }.check();
}

#[test]
fn many_groups_are_worked_on_side_by_side() {
    // Enough tiles for a thread to compute a group for itself, and more than one picture.
    Case { batch: 2, height: 70, width: 66, threads: 3, ..plain() }.check();
    // More channels than that, which threads share: one group, and three.
    Case { inputs: 300, height: 12, width: 30, threads: 3, ..plain() }.check();
    Case { inputs: 300, height: 40, width: 70, threads: 3, ..plain() }.check();
}

#[test]
fn filters_are_packed_into_memory_that_was_used_before() {
    let (inputs, outputs) = (70, 21);
    let filters = noise(3, outputs * inputs * 9);
    let scale = noise(4, outputs);
    for (i, few) in filters.chunks(PACK * inputs * 9).enumerate() {
        let scale = &scale[i * PACK..];
        let mut packed = vec![f32::NAN; packed_len(inputs, PACK)];
        pack_into(&mut packed, inputs, few, scale);
        for (place, sixteen) in packed.chunks_exact(PACK).enumerate() {
            for (c, &got) in sixteen.iter().enumerate() {
                let want = few.get(c * inputs * 9 + place).map_or(0.0, |value| value * scale[c]);
                assert_eq!(got, want, "channel {c} of pack {i} at {place}");
            }
        }
    }
}

#[test]
fn what_cannot_be_computed_is_refused() {
    // Its errors are the runtime's.
    crate::inference::for_tests().unwrap();
    let layer = Case { pads: Pads { mirrored: true, ..plain().pads }, ..plain() }.layer();
    assert_eq!(layer.size(1, 5), None, "nothing to mirror");
    let scratch = Scratch::default();
    let parallel = |_: usize, _: &(dyn Fn(usize) + Send + Sync)| Ok(());
    let (x, mut y) = (vec![0.0; 10], vec![0.0; 10]);
    assert!(layer.run((1, 4, 4), &x, &mut y, &scratch, &parallel).is_err());
    assert!(layer.run((1, 1, 4), &x, &mut y, &scratch, &parallel).is_err());
    let numbers = Numbers { bias: vec![0.0; 4], slope: vec![0.0; 4], filters: Buffer::new(9) };
    let blocks = Blocks { channels: 48, depth: 64 };
    assert!(Layer::new(2, numbers, plain().pads, Activation::None, blocks).is_err());
}

#[test]
fn an_activation_leaves_what_is_not_finite_recognizable() {
    let case = Case { activation: Activation::Slope, ..plain() };
    let layer = case.layer();
    let (high, wide) = case.out();
    let x = vec![f32::NAN; case.inputs * case.height * case.width];
    let mut y = vec![0.0; case.outputs * high * wide];
    let parallel = |count: usize, each: &(dyn Fn(usize) + Send + Sync)| {
        (0..count).for_each(each);
        Ok(())
    };
    for set in Set::here() {
        let size = (1, case.height, case.width);
        layer.run_on(set, size, &x, &mut y, &Scratch::default(), &parallel).unwrap();
        assert!(y.iter().all(|v| v.is_nan()), "{}: the guard must see it", set.name);
    }
}
