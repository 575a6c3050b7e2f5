//! The convolution as an operator of the runtime.
//!
//! Its numbers lie in the file that the other operator's lie in: biases, slopes, scales and starts of
//! the output channels, gains and zeros of the input channels, four bytes each; then packed filters.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use ort::operator::{
    BoxedKernel, KernelContext, Operator, OperatorInput, OperatorOutput, ShapeInferenceContext,
};
use ort::value::TensorElementType;

use super::kernel::GROUP;
use super::layer::Layer;
use super::quantize::{Channels, Filters, fits};
use super::set::Set;
use crate::inference::winograd::{
    AT, Activation, Buffer, Common, INPUTS, OUTPUTS, Pads, Parallel, Run, Scratch, activation,
    count, kernel, pads, tell_shape, wrong,
};

/// The operator's name.
pub(in crate::inference) const NAME: &str = "Conv3x3Int8";
/// Its attribute beside those of the other operator.
pub(in crate::inference) const STRIDE: &str = "stride";

/// The operator of one session.
pub(in crate::inference) struct Convolution(pub Arc<Common>);

impl Operator for Convolution {
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
        let (outputs, stride) = (context.attr::<i64>(OUTPUTS)?, context.attr::<i64>(STRIDE)?);
        tell_shape(context, outputs, stride)
    }

    fn create_kernel<'a>(&self, about: &KernelContext<'a>) -> ort::Result<BoxedKernel<'a>> {
        let (inputs, outputs) = (count(about, INPUTS)?, count(about, OUTPUTS)?);
        let activation = activation(about)?;
        let set = Set::best().ok_or_else(|| wrong("no instructions for bytes"))?;
        let at = count(about, AT)? as u64;
        let shape = Shape { inputs, outputs, stride: count(about, STRIDE)?, activation };
        let pads = pads(about)?;
        kernel(about, &self.0, || {
            let layer = read(self.0.numbers(), at, shape, pads).map_err(|e| {
                let file = self.0.numbers().display();
                ort::Error::new(format!("cannot read the numbers in {file}: {e}"))
            })?;
            Ok(One { layer: layer.checked()?, set })
        })
    }
}

/// A convolution and the set that it runs on.
struct One {
    layer: Layer,
    set: &'static Set,
}

impl Run for One {
    fn inputs(&self) -> usize {
        self.layer.inputs.gain.len()
    }

    fn outputs(&self) -> usize {
        self.layer.bias.len()
    }

    fn size(&self, height: usize, width: usize) -> Option<(usize, usize)> {
        self.layer.size(height, width)
    }

    fn run(
        &self,
        size: (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()> {
        self.layer.run_on(self.set, size, x, y, scratch, parallel)
    }
}

/// What the attributes tell of a convolution.
struct Shape {
    inputs: usize,
    outputs: usize,
    stride: usize,
    activation: Activation,
}

fn read(path: &Path, at: u64, shape: Shape, pads: Pads) -> std::io::Result<Layer> {
    let Shape { inputs, outputs, stride, activation } = shape;
    let mut file = File::open(path)?;
    // A size that the file cannot have would be asked of the memory first.
    let packed = Filters::bytes(inputs, outputs);
    let bytes = (4 * outputs as u64 + 2 * inputs as u64) * 4 + packed as u64;
    if !fits(inputs) || file.metadata()?.len() < at.saturating_add(bytes) {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    file.seek(SeekFrom::Start(at))?;
    let mut next = |len: usize| {
        let mut buffer = Buffer::new(len);
        file.read_exact(buffer.bytes_mut())?;
        std::io::Result::Ok(buffer)
    };
    let (bias, slope) = (next(outputs)?.to_vec(), next(outputs)?.to_vec());
    let scale = next(outputs)?.to_vec();
    let start = next(outputs)?.iter().map(|v| v.to_bits().cast_signed()).collect();
    let inputs = Channels { gain: next(inputs)?.to_vec(), zero: next(inputs)?.to_vec() };
    let filters = Filters { packed: next(packed / GROUP)?, scale, start };
    Ok(Layer { inputs, filters, stride, pads, activation, bias, slope })
}
