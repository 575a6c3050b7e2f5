//! A network of the catalog that takes one picture: fed and read as its entry says.

use crate::error::{Error, Result};
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::inference::{Guarded, Input as Tensor, Output, Pool, TensorInfo};
use crate::models::{Channels, Input, Layout};

/// A loaded network and how its picture goes in.
#[derive(Clone)]
pub struct PictureNetwork {
    id: String,
    /// Checked: half precision gives what is no number on some machines.
    network: Guarded,
    input: Input,
}

impl PictureNetwork {
    /// The network with this catalog id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the catalog does not know it or it takes no picture,
    /// [`crate::error::Kind::Missing`] when it is not here, a failure when the file is not what
    /// the catalog says.
    pub fn load(pool: &Pool, id: &str) -> Result<Self> {
        let declared = pool.store().entry(id)?.input.clone();
        let mut input =
            declared.ok_or_else(|| Error::usage(format!("the model {id} takes no picture")))?;
        let network = Guarded::new(pool, id, pool.note())?;
        let shared = network.network();
        let graph = picture_input(&shared.inputs(), &input.name).ok_or_else(|| {
            let message = format!("the model {id} has no picture input \"{}\"", input.name);
            Error::failed(message).hint("the file does not fit its catalog entry")
        })?;
        let fits =
            graph.shape.len() == 4
                && graph.shape.iter().zip(input.shape).all(|(has, says)| {
                    has.is_none_or(|has| has == says || (says == 0 && has == 1))
                });
        if !fits {
            let has: Vec<String> =
                graph.shape.iter().map(|n| n.map_or("any".into(), |n| n.to_string())).collect();
            let message = format!(
                "the model {id} takes {} where its catalog entry says {:?}",
                has.join(" x "),
                input.shape
            );
            return Err(Error::failed(message).hint("the file does not fit its catalog entry"));
        }
        input.name = graph.name.to_string();
        Ok(PictureNetwork { id: id.to_owned(), network, input })
    }

    /// The catalog id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The other inputs of the graph.
    pub fn other_inputs(&self) -> Vec<TensorInfo> {
        let mut inputs = self.network.network().inputs();
        inputs.retain(|info| *info.name != *self.input.name);
        inputs
    }

    /// Columns and rows of the picture that it takes.
    pub fn size(&self) -> (usize, usize) {
        self.input.size()
    }

    /// Runs it on a crop (RGB 0..=255) of any size, which is resized to what it takes.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self, crop: &Planes) -> Result<Vec<Output>> {
        let mut tensor = Vec::new();
        self.feed(crop, &mut tensor);
        self.run_fed(&tensor, &[])
    }

    /// Turns a crop (RGB 0..=255) of any size into the tensor that it takes. What the tensor held
    /// before is replaced: its memory is used again.
    pub fn feed(&self, crop: &Planes, tensor: &mut Vec<f32>) {
        let (width, height) = self.size();
        if (crop[0].width, crop[0].height) == (width, height) {
            self.fill(crop, tensor);
        } else {
            self.fill(&crop.each_ref().map(|plane| resized(plane, width, height)), tensor);
        }
    }

    /// Runs it on a tensor made by [`Self::feed`] and further inputs.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run_fed(&self, tensor: &[f32], more: &[Tensor<'_>]) -> Result<Vec<Output>> {
        let mut shape = self.input.shape;
        shape[0] = 1;
        let mut inputs = vec![Tensor::new(&self.input.name, &shape, tensor)];
        inputs.extend_from_slice(more);
        self.network.run(&inputs)
    }

    fn fill(&self, crop: &Planes, tensor: &mut Vec<f32>) {
        let Input { layout, mean, std, .. } = &self.input;
        let order = self.order();
        tensor.clear();
        tensor.reserve(3 * crop[0].data.len());
        match layout {
            Layout::Nchw => {
                for (c, &source) in order.iter().enumerate() {
                    let (mean, scale) = (mean[c], 1.0 / std[c]);
                    tensor.extend(crop[source].data.iter().map(|v| (v - mean) * scale));
                }
            }
            Layout::Nhwc => {
                for i in 0..crop[0].data.len() {
                    let sample = |c: usize| (crop[order[c]].data[i] - mean[c]) / std[c];
                    tensor.extend([sample(0), sample(1), sample(2)]);
                }
            }
        }
    }

    /// Which of R, G, B each channel is.
    fn order(&self) -> [usize; 3] {
        match self.input.channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        }
    }

    /// An output as a picture: RGB, `range` stretched to 0..=255 and clipped. Its channels come in
    /// the order of the input's.
    ///
    /// # Errors
    /// When it has not the input's size, or holds something that is no number.
    pub fn picture(&self, output: &Output, [black, white]: [f32; 2]) -> Result<Planes> {
        let (width, height) = self.size();
        let pixels = width * height;
        if output.shape != [1, 3, height, width] || output.data.len() != 3 * pixels {
            return Err(self.unexpected(output));
        }
        if output.data.iter().any(|v| v.is_nan()) {
            return Err(Error::failed(format!("the model {} gives no numbers (NaN)", self.id()))
                .hint("set half_precision = false in [run], or use its single-precision file"));
        }
        let order = self.order();
        let scale = 255.0 / (white - black);
        Ok(std::array::from_fn(|c| {
            let from = order[c] * pixels;
            let samples = output.data[from..from + pixels].iter();
            let data = samples.map(|v| ((v - black) * scale).clamp(0.0, 255.0)).collect();
            Field { width, height, data }
        }))
    }

    /// The error for an output that is not what the family's networks give.
    pub fn unexpected(&self, output: &Output) -> Error {
        let Output { name, shape, .. } = output;
        Error::failed(format!("the model {} gives {name} with the shape {shape:?}", self.id()))
            .hint("the file does not fit its catalog entry")
    }
}

/// The output with this name, or the first one: exports of one network name theirs differently.
///
/// # Errors
/// When there is none.
pub fn output_named(outputs: Vec<Output>, name: Option<&str>, model: &str) -> Result<Output> {
    let at = outputs.iter().position(|o| name == Some(&*o.name)).unwrap_or(0);
    outputs
        .into_iter()
        .nth(at)
        .ok_or_else(|| Error::failed(format!("the model {model} gives nothing")))
}

/// The input with this name; where the graph calls it otherwise, the only one with four axes.
fn picture_input(inputs: &[TensorInfo], name: &str) -> Option<TensorInfo> {
    let named = inputs.iter().find(|info| &*info.name == name);
    let mut pictures = inputs.iter().filter(|info| info.shape.len() == 4);
    let only = pictures.next().filter(|_| pictures.next().is_none());
    named.or(only).cloned()
}

/// A plane at another size.
pub fn resized(plane: &Field, width: usize, height: usize) -> Field {
    if width < plane.width || height < plane.height {
        let small = plane.shrink(width.min(plane.width), height.min(plane.height));
        if (small.width, small.height) == (width, height) {
            return small;
        }
        return small.enlarge(width, height);
    }
    plane.enlarge(width, height)
}
