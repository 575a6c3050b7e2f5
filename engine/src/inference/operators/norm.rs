//! Instance normalization with a scale and a bias that are computed as the network runs.
//!
//! Swappers put an identity into a picture with it: adaptive instance normalization (AdaIN, Huang and
//! Belongie, 2017). Exported, it is ten operators that go through the whole picture nine times.

use std::sync::Arc;

use ort::operator::{
    BoxedKernel, ComputeContext, KernelContext, Operator, OperatorInput, OperatorOutput,
    ShapeInferenceContext,
};
use ort::value::TensorElementType;

use super::super::winograd::Common;
use super::{fill, pictures, wrong};

/// The operator's name.
pub(in crate::inference) const NAME: &str = "InstanceNorm";
/// Its attributes: what is added to the variance, and what results under zero are multiplied by.
pub(in crate::inference) const EPSILON: &str = "epsilon";
pub(in crate::inference) const SLOPE: &str = "slope";

/// Numbers that are added up in single precision.
const BLOCK: usize = 4096;

/// The operator of one session.
pub(in crate::inference) struct InstanceNorm(pub Arc<Common>);

impl Operator for InstanceNorm {
    type Kernel<'a> = BoxedKernel<'a>;

    fn name(&self) -> &str {
        NAME
    }

    /// The picture, scales and biases.
    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [TensorElementType::Float32; 3].map(OperatorInput::required)
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        let Some(input) = context.inputs().into_iter().next() else { return Ok(()) };
        context.set_output(0, &input)
    }

    fn create_kernel<'a>(&self, about: &KernelContext<'a>) -> ort::Result<BoxedKernel<'a>> {
        let real = |name: &str| {
            about.get::<f32>(name).ok_or_else(|| wrong(NAME, &format!("no attribute {name}")))
        };
        let (epsilon, slope) = (real(EPSILON)?, real(SLOPE)?);
        let common = Arc::clone(&self.0);
        Ok(Box::new(move |context: &ComputeContext| run(context, &common, epsilon, slope)))
    }
}

/// Normalizes the runtime's first input.
fn run(context: &ComputeContext, common: &Common, epsilon: f32, slope: f32) -> ort::Result<()> {
    let input = |i| context.input(i)?.ok_or_else(|| wrong(NAME, "an input too few"));
    let (picture, scales, biases) = (input(0)?, input(1)?, input(2)?);
    let (shape, x) = picture.try_extract_tensor::<f32>()?;
    let misfit = || wrong(NAME, &format!("an input of the shape {shape:?}"));
    let [batch, channels, height, width] = pictures(shape).ok_or_else(misfit)?;
    let (of_scales, scales) = scales.try_extract_tensor::<f32>()?;
    let (of_biases, biases) = biases.try_extract_tensor::<f32>()?;
    for (shape, len) in [(of_scales, scales.len()), (of_biases, biases.len())] {
        if !is_per_channel(shape, len, batch, channels) {
            return Err(wrong(NAME, &format!("scales or biases of the shape {shape:?}")));
        }
    }
    let result = [batch, channels, height, width].map(|n| n as i64);
    let mut output = context.output(0, result)?.ok_or_else(|| wrong(NAME, "no output"))?;
    let (_, y) = output.try_extract_tensor_mut::<f32>()?;
    let plane = height * width;
    fill(context, common, y, plane, &|i, y| {
        let (scale, bias) = (scales[i % scales.len()], biases[i % biases.len()]);
        normalize(&x[i * plane..][..plane], y, Finish { scale, bias, epsilon, slope });
    })
}

/// Whether a tensor has one number for each channel, of each picture or of all of them.
fn is_per_channel(shape: &[i64], len: usize, batch: usize, channels: usize) -> bool {
    let [.., count, 1, 1] = *shape else { return false };
    count == channels as i64 && (len == channels || (shape.len() == 4 && len == batch * channels))
}

/// What is done with a channel of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish {
    pub scale: f32,
    pub bias: f32,
    pub epsilon: f32,
    pub slope: f32,
}

/// Normalizes one channel.
pub(super) fn normalize(x: &[f32], y: &mut [f32], finish: Finish) {
    let Finish { scale, bias, epsilon, slope } = finish;
    let mean = (sum(x, |v| v) / x.len() as f64) as f32;
    // Sums of squares of what is far from zero would lose what lies between: the mean goes first.
    let variance = (sum(x, |v| (v - mean) * (v - mean)) / x.len() as f64) as f32;
    let factor = scale / (variance + epsilon).sqrt();
    for (y, x) in y.iter_mut().zip(x) {
        let value = (x - mean) * factor + bias;
        *y = if value < 0.0 { value * slope } else { value };
    }
}

/// The sum of what is made of each number.
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f64 {
    let mut sum = 0.0;
    for block in values.chunks(BLOCK) {
        // As many as vectors may have, several of them.
        let mut lanes = [0.0f32; 32];
        let (groups, rest) = block.as_chunks::<32>();
        for group in groups {
            lanes.iter_mut().zip(group).for_each(|(lane, &value)| *lane += of(value));
        }
        let lanes = lanes.iter().map(|&lane| f64::from(lane));
        sum += lanes.chain(rest.iter().map(|&value| f64::from(of(value)))).sum::<f64>();
    }
    sum
}
