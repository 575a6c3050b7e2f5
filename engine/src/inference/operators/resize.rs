//! Pictures of twice or half the size, by linear interpolation between the centers of pixels.
//!
//! Generators grow and shrink their pictures with it. The runtime has it without vectors, for any size.

use std::sync::Arc;

use ort::operator::{
    BoxedKernel, ComputeContext, KernelContext, Operator, OperatorInput, OperatorOutput,
    ShapeInferenceContext,
};
use ort::value::{TensorElementType, ValueType};

use super::super::winograd::{Common, count};
use super::{fill, pictures, wrong};

/// The operator's name.
pub(in crate::inference) const NAME: &str = "ResizeLinear";
/// Its attribute: 1 where the sides become half as long, 0 where they become twice as long.
pub(in crate::inference) const HALVED: &str = "halved";

/// The operator of one session.
pub(in crate::inference) struct Resize(pub Arc<Common>);

impl Operator for Resize {
    type Kernel<'a> = BoxedKernel<'a>;

    fn name(&self) -> &str {
        NAME
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [OperatorInput::required(TensorElementType::Float32)]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        let Some(mut output) = context.inputs().into_iter().next() else { return Ok(()) };
        let halved = context.attr::<i64>(HALVED)? == 1;
        let ValueType::Tensor { shape, .. } = &mut output else { return Ok(()) };
        let [_, _, height, width] = &mut shape[..] else { return Ok(()) };
        // What is said of a size that is not known yet would be taken for a size.
        if *height <= 1 || *width <= 1 {
            return Ok(());
        }
        for side in [height, width] {
            *side = if halved { *side / 2 } else { *side * 2 };
        }
        context.set_output(0, &output)
    }

    fn create_kernel<'a>(&self, about: &KernelContext<'a>) -> ort::Result<BoxedKernel<'a>> {
        let halved = count(about, HALVED)? == 1;
        let common = Arc::clone(&self.0);
        Ok(Box::new(move |context: &ComputeContext| run(context, &common, halved)))
    }
}

/// Resizes the runtime's input.
fn run(context: &ComputeContext, common: &Common, halved: bool) -> ort::Result<()> {
    let input = context.input(0)?.ok_or_else(|| wrong(NAME, "no input"))?;
    let (shape, x) = input.try_extract_tensor::<f32>()?;
    let misfit = || wrong(NAME, &format!("an input of the shape {shape:?}"));
    let [batch, channels, height, width] = pictures(shape).ok_or_else(misfit)?;
    // A side of one pixel is where the definitions differ that the rules take for one.
    if halved && height.min(width) < 4 {
        return Err(misfit());
    }
    let side = |n: usize| if halved { n / 2 } else { 2 * n };
    let (high, wide) = (side(height), side(width));
    let result = [batch, channels, high, wide].map(|n| n as i64);
    let mut output = context.output(0, result)?.ok_or_else(|| wrong(NAME, "no output"))?;
    let (_, y) = output.try_extract_tensor_mut::<f32>()?;
    let plane = height * width;
    fill(context, common, y, high * wide, &|i, y| {
        let x = &x[i * plane..][..plane];
        if halved { halve(x, width, y) } else { double(x, width, y) }
    })
}

/// A picture of half the size: each pixel is the mean of four.
pub(super) fn halve(x: &[f32], width: usize, y: &mut [f32]) {
    for (row, two) in y.chunks_exact_mut(width / 2).zip(x.chunks_exact(2 * width)) {
        let (upper, lower) = two.split_at(width);
        let fours = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for (pixel, (a, b)) in row.iter_mut().zip(fours) {
            *pixel = 0.25 * ((a[0] + a[1]) + (b[0] + b[1]));
        }
    }
}

/// A picture of twice the size: each pixel lies a quarter of the way from one to the next.
pub(super) fn double(x: &[f32], width: usize, y: &mut [f32]) {
    let rows = x.len() / width;
    let mut between = vec![0.0; width + 2];
    for (i, row) in y.chunks_exact_mut(2 * width).enumerate() {
        // The nearer one, and the one beyond; at the edges itself.
        let near = i / 2;
        let far = if i % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(rows - 1) };
        let (near, far) = (&x[near * width..][..width], &x[far * width..][..width]);
        for (to, (near, far)) in between[1..=width].iter_mut().zip(near.iter().zip(far)) {
            *to = 0.75 * near + 0.25 * far;
        }
        (between[0], between[width + 1]) = (between[1], between[width]);
        let (before, here, after) = (&between[..width], &between[1..=width], &between[2..]);
        let pairs = row.as_chunks_mut::<2>().0.iter_mut();
        for ((pair, here), (before, after)) in pairs.zip(here).zip(before.iter().zip(after)) {
            *pair = [0.75 * here + 0.25 * before, 0.75 * here + 0.25 * after];
        }
    }
}
