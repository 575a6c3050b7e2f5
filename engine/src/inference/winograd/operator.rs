//! The convolution as an operator of the runtime.
//!
//! Its numbers lie in a file beside the network, so that the runtime does not hold them a second
//! time: for each convolution biases, slopes and packed filters, single precision, little endian.
//! [`given`] is another operator, whose filters are computed as the network runs.

mod common;
mod given;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use ort::operator::{
    BoxedKernel, KernelContext, Operator, OperatorInput, OperatorOutput, ShapeInferenceContext,
};
use ort::value::{TensorElementType, ValueType};

use super::layer::{Activation, Blocks, Layer, Numbers, Pads, Parallel, packed_len};
use super::memory::{Buffer, Scratch};

pub(in crate::inference) use common::{Common, Run, Seen, Watch, kernel};
pub(in crate::inference) use given::{Convolution as ConvolutionGiven, NAME as GIVEN};

/// The operator's name.
pub(in crate::inference) const NAME: &str = "Conv3x3";
/// Its attributes, whole numbers all: channels, where its numbers begin in the file (bytes), what
/// stands around (top, left, bottom, right), and two that are 0 or 1.
pub(in crate::inference) const INPUTS: &str = "inputs";
pub(in crate::inference) const OUTPUTS: &str = "outputs";
pub(in crate::inference) const AT: &str = "at";
pub(in crate::inference) const PADS: &str = "pads";
pub(in crate::inference) const MIRRORED: &str = "mirrored";
pub(in crate::inference) const SLOPED: &str = "sloped";

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
        let outputs = context.attr::<i64>(OUTPUTS)?;
        tell_shape(context, outputs, 1)
    }

    fn create_kernel<'a>(&self, about: &KernelContext<'a>) -> ort::Result<BoxedKernel<'a>> {
        kernel(about, &self.0, || read(about, self.0.numbers(), self.0.blocks()))
    }
}

impl Run for Layer {
    fn inputs(&self) -> usize {
        Layer::inputs(self)
    }

    fn outputs(&self) -> usize {
        Layer::outputs(self)
    }

    fn size(&self, height: usize, width: usize) -> Option<(usize, usize)> {
        Layer::size(self, height, width)
    }

    fn run(
        &self,
        size: (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()> {
        Layer::run(self, size, x, y, scratch, parallel)
    }
}

/// Tells the runtime what comes out of a convolution with so many output channels and this stride, where
/// it is known.
///
/// # Errors
/// When an attribute is missing.
pub(in crate::inference) fn tell_shape(
    context: &mut ShapeInferenceContext,
    outputs: i64,
    stride: i64,
) -> ort::Result<()> {
    let Some(mut output) = context.inputs().into_iter().next() else { return Ok(()) };
    let ValueType::Tensor { shape, .. } = &mut output else { return Ok(()) };
    let pads = context.attr::<Vec<i64>>(PADS)?;
    let ([_, channels, height, width], [top, left, bottom, right]) = (&mut shape[..], &*pads)
    else {
        return Ok(());
    };
    // What is said of a size that is not known yet would be taken for a size.
    if *height <= 0 || *width <= 0 {
        return Ok(());
    }
    *channels = outputs;
    // Of nothing at all nothing comes, which the runtime is told when it runs.
    *height = (*height + top + bottom - 3).div_euclid(stride.max(1)) + 1;
    *width = (*width + left + right - 3).div_euclid(stride.max(1)) + 1;
    if shape.iter().any(|&side| side <= 0) {
        return Ok(());
    }
    context.set_output(0, &output)
}

pub(in crate::inference) fn wrong(what: &str) -> ort::Error {
    ort::Error::new(format!("{NAME} has {what}"))
}

/// An attribute that counts something.
pub(in crate::inference) fn count(about: &KernelContext<'_>, name: &str) -> ort::Result<usize> {
    let number = about.get::<i64>(name).and_then(|n| usize::try_from(n).ok());
    number.ok_or_else(|| wrong(&format!("no attribute {name}")))
}

/// What stands around the picture, as the attributes tell.
///
/// # Errors
/// When they do not.
pub(in crate::inference) fn pads(about: &KernelContext<'_>) -> ort::Result<Pads> {
    let pads: Vec<usize> = about
        .get::<Vec<i64>>(PADS)
        .unwrap_or_default()
        .iter()
        .filter_map(|&n| usize::try_from(n).ok().filter(|&n| n <= 1))
        .collect();
    let [top, left, bottom, right] = *pads else { return Err(wrong("other edges")) };
    Ok(Pads { top, left, bottom, right, mirrored: count(about, MIRRORED)? == 1 })
}

/// What comes behind the sums, as the attributes tell.
///
/// # Errors
/// When they do not.
pub(in crate::inference) fn activation(about: &KernelContext<'_>) -> ort::Result<Activation> {
    let sloped = count(about, SLOPED)? == 1;
    Ok(if sloped { Activation::Slope } else { Activation::None })
}

/// The convolution that the attributes tell of.
fn read(about: &KernelContext<'_>, file: &Path, blocks: Blocks) -> ort::Result<Layer> {
    let (inputs, outputs) = (count(about, INPUTS)?, count(about, OUTPUTS)?);
    let pads = pads(about)?;
    let activation = activation(about)?;
    let at = count(about, AT)? as u64;
    let [bias, slope, filters] =
        numbers(file, at, [outputs, outputs, packed_len(inputs, outputs)])?;
    let numbers = Numbers { bias: bias.to_vec(), slope: slope.to_vec(), filters };
    Layer::new(inputs, numbers, pads, activation, blocks)
}

/// Numbers of these lengths, one behind the other, from a place in a file on.
///
/// # Errors
/// When the file has none there.
fn numbers<const N: usize>(path: &Path, at: u64, lens: [usize; N]) -> ort::Result<[Buffer; N]> {
    let read = || -> std::io::Result<[Buffer; N]> {
        let mut file = File::open(path)?;
        // A size that the file cannot have would be asked of the memory first.
        let bytes = 4 * lens.iter().sum::<usize>() as u64;
        if file.metadata()?.len() < at.saturating_add(bytes) {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(at))?;
        let mut all = lens.map(Buffer::new);
        all.iter_mut().try_for_each(|buffer| file.read_exact(buffer.bytes_mut()))?;
        Ok(all)
    };
    read()
        .map_err(|e| ort::Error::new(format!("cannot read the numbers in {}: {e}", path.display())))
}
