//! The convolution whose filters are computed as the network runs: those of StyleGAN are another
//! picture's others each time.
//!
//! Its numbers in the file are biases, slopes and scales, for each output channel or one for all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ort::operator::{
    BoxedKernel, ComputeContext, KernelContext, Operator, OperatorInput, OperatorOutput,
    ShapeInferenceContext,
};
use ort::value::{TensorElementType, ValueType};

use super::super::layer::{Activation, Layer, Numbers, PACK, Pads, pack_into, packed_len};
use super::super::memory::Buffer;
use super::{AT, Common, OUTPUTS, Seen, activation, count, numbers, pads, tell_shape, wrong};

/// The operator's name.
pub(in crate::inference) const NAME: &str = "Conv3x3Given";

/// The operator of one session.
pub(in crate::inference) struct Convolution(pub Arc<Common>);

impl Operator for Convolution {
    type Kernel<'a> = BoxedKernel<'a>;

    fn name(&self) -> &str {
        NAME
    }

    /// The picture and the filters.
    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        [TensorElementType::Float32; 2].map(OperatorInput::required)
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(TensorElementType::Float32)]
    }

    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> ort::Result<()> {
        let Some(filters) = context.inputs().into_iter().nth(1) else { return Ok(()) };
        let ValueType::Tensor { shape, .. } = &filters else { return Ok(()) };
        match shape[..] {
            [outputs, ..] if outputs > 0 => tell_shape(context, outputs, 1),
            _ => Ok(()),
        }
    }

    fn create_kernel<'a>(&self, about: &KernelContext<'a>) -> ort::Result<BoxedKernel<'a>> {
        let (at, count) = (count(about, AT)? as u64, count(about, OUTPUTS)?);
        let [bias, slope, scale] = numbers(self.0.numbers(), at, [count; 3])?;
        let (pads, activation) = (pads(about)?, activation(about)?);
        let around = Around { pads, activation, bias, slope, scale };
        let common = Arc::clone(&self.0);
        Ok(Box::new(move |context: &ComputeContext| {
            let start = Instant::now();
            let input = context.input(1)?.ok_or_else(|| wrong("no filters"))?;
            let (shape, filters) = input.try_extract_tensor::<f32>()?;
            let mut lent = common.scratch.lend();
            let packed = &mut lent.get().packed;
            let layer = around.layer(&common, context, (shape, filters), packed)?;
            let result = common.run(context, &layer);
            let (inputs, outputs) = (layer.inputs(), layer.outputs());
            *packed = layer.into_filters();
            let (height, width) = result?;
            let (given, time) = (true, start.elapsed());
            common.saw(at, Seen { inputs, outputs, height, width, given, time });
            Ok(())
        }))
    }
}

/// All of a convolution but its filters.
struct Around {
    pads: Pads,
    activation: Activation,
    /// For each output channel, or one for all.
    bias: Buffer,
    slope: Buffer,
    /// What the filters are multiplied by.
    scale: Buffer,
}

impl Around {
    /// The convolution of these filters, in this memory.
    fn layer(
        &self,
        common: &Common,
        context: &ComputeContext,
        (shape, filters): (&[i64], &[f32]),
        packed: &mut Buffer,
    ) -> ort::Result<Layer> {
        let misfit = || wrong(&format!("filters of the shape {shape:?}"));
        let side = |n: i64| usize::try_from(n).ok().filter(|&n| n > 0).ok_or_else(misfit);
        let [outputs, inputs, 3, 3] = *shape else { return Err(misfit()) };
        let (outputs, inputs) = (side(outputs)?, side(inputs)?);
        let each = |numbers: &[f32]| match *numbers {
            [one] => Ok(vec![one; outputs]),
            _ if numbers.len() == outputs => Ok(numbers.to_vec()),
            _ => Err(misfit()),
        };
        let (bias, slope, scale) = (each(&self.bias)?, each(&self.slope)?, each(&self.scale)?);
        let mut to = std::mem::replace(packed, Buffer::new(0));
        let len = packed_len(inputs, PACK);
        let parts = to.at_least(packed_len(inputs, outputs)).chunks_exact_mut(len);
        let parts: Vec<_> = parts.take(outputs.div_ceil(PACK)).map(Mutex::new).collect();
        context.par_for(parts.len(), common.parts(), |i: usize| {
            let mut part = parts[i].lock().unwrap_or_else(PoisonError::into_inner);
            let filters = filters.chunks(PACK * inputs * 9).nth(i).unwrap_or_default();
            pack_into(&mut part, inputs, filters, &scale[i * PACK..]);
        })?;
        drop(parts);
        let numbers = Numbers { bias, slope, filters: to };
        Layer::new(inputs, numbers, self.pads, self.activation, common.blocks())
    }
}
