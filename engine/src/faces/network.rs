//! A network of the catalog that looks at faces, with what the catalog says about feeding it.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::imaging::color::Planes;
use crate::inference::Pool;
use crate::inference::pool::Shared;
use crate::inference::provider::Provider;
use crate::inference::session::{Input as Tensor, Output};
use crate::models::{Channels, Entry, Input, Layout, Role};

/// A loaded network and its picture input.
pub struct Network {
    shared: Arc<Shared>,
    id: String,
    input: Input,
}

impl Network {
    /// The catalog entry with this id, when it plays this role; to find out its family before it is
    /// loaded.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is unknown or plays another role.
    pub fn entry<'a>(pool: &'a Pool, id: &str, role: Role, key: &str) -> Result<&'a Entry> {
        let entry = pool.store().entry(id)?;
        if entry.role == role {
            return Ok(entry);
        }
        let known: Vec<&str> =
            pool.store().entries().iter().filter(|e| e.role == role).map(|e| &*e.id).collect();
        Err(Error::usage(format!("the model {id} cannot be the {key}"))
            .hint(format!("models that can: {}", known.join(", "))))
    }

    /// Loads the network of an entry.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when it is not here; a failure when it cannot be loaded.
    pub fn load(pool: &Pool, entry: &Entry) -> Result<Self> {
        let input = entry.input.clone().ok_or_else(|| {
            Error::usage(format!("the catalog entry of {} lacks the table [input]", entry.id))
        })?;
        Ok(Network { shared: pool.get(&entry.id)?, id: entry.id.clone(), input })
    }

    /// The same network for pictures of another size: what an accelerator has prepared for the one
    /// stays as it is when the other is run.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn for_another_size(&self, pool: &Pool) -> Result<Self> {
        let shared = pool.get_again(&self.id)?;
        Ok(Network { shared, id: self.id.clone(), input: self.input.clone() })
    }

    /// Whether it runs on the processor.
    pub fn is_on_processor(&self) -> bool {
        self.shared.provider() == Provider::Cpu
    }

    /// Columns and rows of the picture; `any` where the entry says 0.
    pub fn size(&self, any: usize) -> (usize, usize) {
        let (width, height) = self.input.size();
        let of = |n: usize| if n == 0 { any } else { n };
        (of(width), of(height))
    }

    /// Whether the graph takes pictures of every size, whatever the entry says is usual.
    pub fn takes_any_size(&self) -> bool {
        let inputs = self.shared.inputs();
        let Some(input) = inputs.iter().find(|info| *info.name == *self.input.name) else {
            return false;
        };
        let sides = match self.input.layout {
            Layout::Nchw => input.shape.get(2..4),
            Layout::Nhwc => input.shape.get(1..3),
        };
        sides.is_some_and(|sides| sides.iter().all(Option::is_none))
    }

    /// The side of the picture.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the entry's picture is not square.
    pub fn side(&self) -> Result<usize> {
        match self.input.size() {
            (width, height) if width == height && width > 0 => Ok(width),
            (width, height) => Err(Error::usage(format!(
                "the model {} has an input of {width}x{height}, a square is needed",
                self.id
            ))),
        }
    }

    /// Runs the network on one picture: bytes of R, G and B, each row by row.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run_bytes(&self, size: (usize, usize), rgb: &[Vec<u8>; 3]) -> Result<Vec<Output>> {
        self.feed(size, |color, [mean, std]| {
            rgb[color].iter().map(move |&v| (f32::from(v) - mean) / std)
        })
    }

    /// Runs the network on a crop, RGB 0..=255.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run_crop(&self, crop: &Planes) -> Result<Vec<Output>> {
        self.feed((crop[0].width, crop[0].height), |color, [mean, std]| {
            crop[color].data.iter().map(move |v| (v - mean) / std)
        })
    }

    /// Runs the network on the planes that are made for each color (0 is R) with the mean and the
    /// deviation of the channel in which the network wants it.
    fn feed<I: Iterator<Item = f32>>(
        &self,
        (width, height): (usize, usize),
        plane: impl Fn(usize, [f32; 2]) -> I,
    ) -> Result<Vec<Output>> {
        let Input { name, layout, channels, mean, std, .. } = &self.input;
        let plane = |c: usize| {
            let color = if *channels == Channels::Bgr { 2 - c } else { c };
            plane(color, [mean[c], std[c]])
        };
        let mut values = Vec::with_capacity(3 * width * height);
        let shape = match layout {
            Layout::Nchw => {
                (0..3).for_each(|c| values.extend(plane(c)));
                [1, 3, height, width]
            }
            Layout::Nhwc => {
                let pixels = plane(0).zip(plane(1)).zip(plane(2));
                pixels.for_each(|((a, b), c)| values.extend([a, b, c]));
                [1, height, width, 3]
            }
        };
        self.shared.run(&[Tensor::new(name, &shape, &values)])
    }

    /// An error that says what the network's outputs lack.
    pub fn misfit(&self, lacking: &str) -> Error {
        Error::failed(format!("the model {} does not fit its family: {lacking}", self.id))
            .hint("compare the family in its catalog entry with the file's outputs")
    }
}
