//! A swapper's network: one crop in, one crop and perhaps a mask out.

use crate::error::{Error, Result};
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::inference::{Input as Tensor, Output, Pool};
use crate::models::Role;
use crate::models::catalog::SwapperSpec;
use crate::processors::network::{PictureNetwork, output_named};

/// A loaded swapper.
pub struct SwapNetwork {
    picture: PictureNetwork,
    spec: SwapperSpec,
    source: SourceInput,
}

/// The input that takes what is known of the person who is put in.
struct SourceInput {
    name: String,
    shape: Vec<usize>,
}

/// What a swapper made of a crop.
pub struct Swapped {
    /// The new crop, RGB 0..=255.
    pub crop: Planes,
    /// Where the network itself would use it, 0..=1, if it says.
    pub mask: Option<Field>,
}

impl SwapNetwork {
    /// The swapper with this catalog id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the catalog does not know it or it is no swapper,
    /// [`crate::error::Kind::Missing`] when it is not here, a failure when its file is not what
    /// the catalog says.
    pub fn load(pool: &Pool, id: &str) -> Result<Self> {
        let spec = spec(pool, id)?.clone();
        let picture = PictureNetwork::load(pool, id)?;
        let (width, height) = picture.size();
        if width != height {
            return Err(Error::usage(format!("the swapper {id} does not take square crops")));
        }
        let others = picture.other_inputs();
        let named = others.iter().find(|info| *info.name == *spec.source_input);
        let source = match (named, others.as_slice()) {
            (Some(info), _) | (None, [info]) => SourceInput {
                name: info.name.to_string(),
                // An open size is the batch's.
                shape: info.shape.iter().map(|n| n.unwrap_or(1)).collect(),
            },
            _ => {
                let message = format!("the model {id} has no input \"{}\"", spec.source_input);
                return Err(Error::failed(message).hint("the file does not fit its catalog entry"));
            }
        };
        Ok(SwapNetwork { picture, spec, source })
    }

    /// How it is used.
    pub fn spec(&self) -> &SwapperSpec {
        &self.spec
    }

    /// The catalog id.
    pub fn id(&self) -> &str {
        self.picture.id()
    }

    /// Side of its crops in pixels.
    pub fn size(&self) -> usize {
        self.picture.size().0
    }

    /// Whether its source input takes this many numbers.
    ///
    /// # Errors
    /// A failure that says how many it takes.
    pub fn check_source(&self, count: usize) -> Result<()> {
        let takes: usize = self.source.shape.iter().product();
        if takes == count {
            return Ok(());
        }
        let message = format!(
            "the swapper {} is told about a person in {takes} numbers and not in {count}",
            self.id()
        );
        Err(Error::failed(message).hint("see needs in its catalog entry for its recognizer"))
    }

    /// Swaps a crop of `boost` times the network's size. The crop is taken apart into `boost²`
    /// pictures of every `boost`-th row and column, each a whole face, and put together again.
    ///
    /// # Errors
    /// When the run fails or gives something that is no crop.
    pub fn run(&self, crop: &Planes, source: &[f32], boost: usize) -> Result<Swapped> {
        if boost == 1 {
            return self.run_once(crop, source);
        }
        let side = crop[0].width;
        let mut out: Planes = std::array::from_fn(|_| Field::zeros(side, side));
        let mut mask: Option<Field> = None;
        for phase in (0..boost * boost).map(|i| [i % boost, i / boost]) {
            let part = crop.each_ref().map(|plane| every(plane, boost, phase));
            let swapped = self.run_once(&part, source)?;
            for (plane, part) in out.iter_mut().zip(&swapped.crop) {
                fill_every(plane, part, boost, phase);
            }
            if let Some(part) = &swapped.mask {
                let whole = mask.get_or_insert_with(|| Field::zeros(side, side));
                fill_every(whole, part, boost, phase);
            }
        }
        Ok(Swapped { crop: out, mask })
    }

    fn run_once(&self, crop: &Planes, source: &[f32]) -> Result<Swapped> {
        let mut tensor = Vec::new();
        self.picture.feed(crop, &mut tensor);
        let told = Tensor::new(&self.source.name, &self.source.shape, source);
        let mut outputs = self.picture.run_fed(&tensor, &[told])?;
        let mask = match &self.spec.mask_output {
            Some(name) => {
                let at = outputs.iter().position(|output| *output.name == **name);
                let at = at.ok_or_else(|| {
                    Error::failed(format!("the model {} has no output \"{name}\"", self.id()))
                        .hint("the file does not fit its catalog entry")
                })?;
                Some(self.mask(outputs.remove(at))?)
            }
            None => None,
        };
        let output = output_named(outputs, self.spec.output.as_deref(), self.id())?;
        Ok(Swapped { crop: self.picture.picture(&output, self.spec.range)?, mask })
    }

    fn mask(&self, output: Output) -> Result<Field> {
        let side = self.size();
        if output.data.len() != side * side {
            return Err(self.picture.unexpected(&output));
        }
        // What is no number would pass every comparison: it counts as nothing.
        let share = |v: f32| if v.is_nan() { 0.0 } else { v.clamp(0.0, 1.0) };
        Ok(Field { width: side, height: side, data: output.data }.map(share))
    }
}

/// What the catalog says about a swapper.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it does not know it or it is none.
fn spec<'a>(pool: &'a Pool, id: &str) -> Result<&'a SwapperSpec> {
    pool.store().entry(id)?.swapper.as_ref().ok_or_else(|| {
        let entries = pool.store().entries().iter();
        let known: Vec<&str> =
            entries.filter(|e| e.role == Role::Swapper).map(|e| e.id.as_str()).collect();
        Error::usage(format!("the model {id} is no swapper"))
            .hint(format!("known ones: mesh, {}", known.join(", ")))
    })
}

/// Every `step`-th column and row, from these on.
fn every(field: &Field, step: usize, [column, row]: [usize; 2]) -> Field {
    Field::from_fn(field.width / step, field.height / step, |x, y| {
        field.at(x * step + column, y * step + row)
    })
}

/// Writes a picture into every `step`-th column and row of a larger one.
fn fill_every(field: &mut Field, part: &Field, step: usize, [column, row]: [usize; 2]) {
    for y in 0..part.height {
        let target = field.row_mut(y * step + row);
        for (x, &v) in part.row(y).iter().enumerate() {
            target[x * step + column] = v;
        }
    }
}
