//! Against the definition, in whole numbers, over random shapes; every bit.

use proptest::prelude::*;

use super::kernel::{GROUP, TAPS, byte};
use super::layer::Layer;
use super::quantize::{Channels, Filters, Range, fits, quantize};
use super::set::Set;
use crate::inference::winograd::{Activation, Pads, Scratch};

/// A convolution and what it is run on.
#[derive(Debug, Clone)]
struct Case {
    batch: usize,
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
    stride: usize,
    pads: Pads,
    activation: Activation,
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
        noise(self.seed ^ 0x5a5a_0000, self.outputs * self.inputs * TAPS)
    }

    /// Some reach less far than the picture does, some are of one sign.
    fn ranges(&self) -> Vec<Range> {
        let reach = noise(self.seed ^ 0x1234, self.inputs);
        let range = |(c, reach): (usize, &f32)| Range {
            least: if c % 3 == 0 { 0.0 } else { -reach.abs() },
            most: if c % 5 == 4 { 0.0 } else { 1.2 * reach.abs() },
        };
        reach.iter().enumerate().map(range).collect()
    }

    fn out(&self) -> (usize, usize) {
        let Pads { top, left, bottom, right, .. } = self.pads;
        let out = |side: usize| (side - 3) / self.stride + 1;
        (out(self.height + top + bottom), out(self.width + left + right))
    }

    fn layer(&self) -> Layer {
        let (inputs, filters) = quantize(&self.ranges(), &self.filters());
        let layer = Layer {
            inputs,
            filters,
            stride: self.stride,
            pads: self.pads,
            activation: self.activation,
            bias: noise(self.seed ^ 0x77, self.outputs),
            slope: noise(self.seed ^ 0x99, self.outputs),
        };
        layer.checked().unwrap()
    }

    fn computed(&self, layer: &Layer, set: &Set) -> Vec<f32> {
        let (high, wide) = self.out();
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
        layer.run_on(set, size, &self.x(), &mut y, &Scratch::default(), &parallel).unwrap();
        y
    }

    /// Bytes of the picture, by channel, row and column of it; beyond its edges, of zero.
    fn bytes(&self, layer: &Layer, x: &[f32], n: usize, c: usize, [y, x_]: [isize; 2]) -> i32 {
        let (h, w) = (self.height as isize, self.width as isize);
        let mirror = |v: isize, side: isize| match v {
            v if v < 0 => -v,
            v if v >= side => 2 * (side - 1) - v,
            v => v,
        };
        let (y, x_) = if self.pads.mirrored { (mirror(y, h), mirror(x_, w)) } else { (y, x_) };
        let inside = (0..h).contains(&y) && (0..w).contains(&x_);
        let place = ((n * self.inputs + c) * self.height) as isize + y;
        let value = if inside { x[(place * w + x_) as usize] } else { 0.0 };
        byte(value, layer.inputs.gain[c], layer.inputs.zero[c]) as i32
    }

    fn defined(&self, layer: &Layer) -> Vec<f32> {
        let (high, wide) = self.out();
        let x = self.x();
        let mut all = Vec::new();
        for n in 0..self.batch {
            for o in 0..self.outputs {
                for i in 0..high * wide {
                    let [row, column] = [i / wide, i % wide].map(|at| (at * self.stride) as isize);
                    let mut sum = 0;
                    for c in 0..self.inputs {
                        for k in 0..TAPS {
                            let y = row + (k / 3) as isize - self.pads.top as isize;
                            let x_ = column + (k % 3) as isize - self.pads.left as isize;
                            let filter = layer.filters.byte(self.inputs, (o, c, k));
                            let zero = layer.inputs.zero[c] as i32;
                            let byte = self.bytes(layer, &x, n, c, [y, x_]);
                            sum += i32::from(filter) * (byte - zero);
                        }
                    }
                    let value = sum as f32 * layer.filters.scale[o] + layer.bias[o];
                    let sloped = self.activation == Activation::Slope && value < 0.0;
                    all.push(if sloped { value * layer.slope[o] } else { value });
                }
            }
        }
        all
    }

    /// Every kernel of this processor computes it.
    fn check(&self) {
        let layer = self.layer();
        let defined = self.defined(&layer);
        for set in Set::here() {
            let computed = self.computed(&layer, set);
            for (i, (got, want)) in computed.iter().zip(&defined).enumerate() {
                assert!(
                    got.to_bits() == want.to_bits(),
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
    let activation = prop_oneof![Just(Activation::None), Just(Activation::Slope)];
    let channels = (1..3usize, 1..90usize, 1..70usize);
    let size = (3..40usize, 3..40usize, 1..3usize);
    (channels, size, pads, activation, 1..4usize, any::<u64>()).prop_map(
        |((batch, inputs, outputs), (height, width, stride), pads, activation, threads, seed)| {
            let (height, width) = (height.min(1500 / width).max(3), width);
            Case { batch, inputs, outputs, height, width, stride, pads, activation, threads, seed }
        },
    )
}

/// How many random shapes: some, or as many as this says (10,000 on release day).
fn config() -> ProptestConfig {
    let wanted = std::env::var("FACEDECK_SHAPES").ok().and_then(|count| count.parse().ok());
    ProptestConfig {
        cases: wanted.unwrap_or(if cfg!(miri) { 2 } else { 40 }),
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
        stride: 1,
        pads: Pads { top: 1, left: 1, bottom: 1, right: 1, mirrored: false },
        activation: Activation::None,
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
    Case { height: 2, width: 2, stride: 2, pads, ..plain() }.check();
}

#[test]
fn many_bands_are_worked_on_side_by_side() {
    let size = |height, width| Case { height, width, threads: 3, ..plain() };
    Case { batch: 2, inputs: 5, outputs: 40, ..size(70, 40) }.check();
    // Rows that lie one behind the other, and channels of more than two blocks.
    Case { inputs: 140, outputs: 33, ..size(9, 32) }.check();
    Case { inputs: 9, outputs: 48, stride: 2, ..size(33, 64) }.check();
}

#[test]
fn bytes_are_near_what_they_stand_for() {
    let case = Case { inputs: 40, outputs: 20, ..plain() };
    let (x, filters) = (case.x(), case.filters());
    let seen = |c: usize| {
        let channel = &x[c * 90..][..90];
        let (least, most) = (f32::min, f32::max);
        Range {
            least: channel.iter().copied().fold(0.0, least),
            most: channel.iter().copied().fold(0.0, most),
        }
    };
    let ranges: Vec<Range> = (0..case.inputs).map(seen).collect();
    let (inputs, quantized) = quantize(&ranges, &filters);
    for (c, values) in x.chunks_exact(90).enumerate() {
        for &value in values {
            let (gain, zero) = (inputs.gain[c], inputs.zero[c]);
            let back = (byte(value, gain, zero) as f32 - zero) / gain;
            assert!((back - value).abs() < 0.03, "{back} for {value}");
        }
        assert_eq!(byte(0.0, inputs.gain[c], inputs.zero[c]), inputs.zero[c] as u32);
    }
    for (i, &filter) in filters.iter().enumerate() {
        let (o, c, tap) = (i / (40 * TAPS), i / TAPS % 40, i % TAPS);
        let byte = quantized.byte(case.inputs, (o, c, tap));
        let back = f32::from(byte) * quantized.scale[o] * inputs.gain[c];
        assert!((back - filter).abs() < 0.03, "{back} for {filter}");
    }
}

#[test]
fn channels_that_were_seen_to_hold_nothing_make_no_numbers_that_are_none() {
    for value in [0.0, 1.0] {
        let ranges = vec![Range { least: 0.0, most: value * 1e-30 }; 8];
        let (inputs, filters) = quantize(&ranges, &vec![value; 8 * TAPS * 2]);
        assert!(inputs.gain.iter().chain(&inputs.zero).all(|v| v.is_finite()), "{inputs:?}");
        assert!(filters.scale.iter().all(|v| v.is_finite() && *v > 0.0));
    }
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let layer = Case { pads: Pads { mirrored: true, ..plain().pads }, ..plain() }.layer();
    assert_eq!(layer.size(1, 5), None, "nothing to mirror");
    let scratch = Scratch::default();
    let parallel = |_: usize, _: &(dyn Fn(usize) + Send + Sync)| Ok(());
    let set = Set::here()[0];
    let (x, mut y) = (vec![0.0; 10], vec![0.0; 10]);
    assert!(layer.run_on(set, (1, 4, 4), &x, &mut y, &scratch, &parallel).is_err());
    assert!(layer.run_on(set, (1, 1, 4), &x, &mut y, &scratch, &parallel).is_err());
    assert!(Layer { stride: 3, ..plain().layer() }.checked().is_err());
    let inputs = Channels { gain: vec![1.0; 70], zero: vec![0.0; 70] };
    assert!(Layer { inputs, ..plain().layer() }.checked().is_err());
    assert!(fits(4096) && !fits(100_000));
    assert_eq!(Filters::bytes(65, 17), 2 * 2 * 9 * 16 * 64);
    assert_eq!(GROUP, 4);
}
