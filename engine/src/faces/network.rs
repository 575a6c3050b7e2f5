//! A network of the catalog that looks at faces, with what the catalog says about feeding it.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::imaging::color::Planes;
use crate::inference::Pool;
use crate::inference::pool::Shared;
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

    /// Columns and rows of the picture; `any` where the entry says 0.
    pub fn size(&self, any: usize) -> (usize, usize) {
        let (width, height) = self.input.size();
        let of = |n: usize| if n == 0 { any } else { n };
        (of(width), of(height))
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

    /// Runs the network on one picture whose samples (0..=255; column, row, channel R, G or B) are
    /// looked up.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(
        &self,
        (width, height): (usize, usize),
        sample: impl Fn(usize, usize, usize) -> f32,
    ) -> Result<Vec<Output>> {
        let Input { name, layout, channels, mean, std, .. } = &self.input;
        let value = |x: usize, y: usize, c: usize| {
            let color = if *channels == Channels::Bgr { 2 - c } else { c };
            (sample(x, y, color) - mean[c]) / std[c]
        };
        let mut values = Vec::with_capacity(3 * width * height);
        let shape = match layout {
            Layout::Nchw => {
                for c in 0..3 {
                    for y in 0..height {
                        values.extend((0..width).map(|x| value(x, y, c)));
                    }
                }
                [1, 3, height, width]
            }
            Layout::Nhwc => {
                for y in 0..height {
                    for x in 0..width {
                        values.extend([0, 1, 2].map(|c| value(x, y, c)));
                    }
                }
                [1, height, width, 3]
            }
        };
        self.shared.run(&[Tensor::new(name, &shape, &values)])
    }

    /// Runs the network on a crop, RGB 0..=255.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run_crop(&self, crop: &Planes) -> Result<Vec<Output>> {
        self.run((crop[0].width, crop[0].height), |x, y, c| crop[c].at(x, y))
    }

    /// An error that says what the network's outputs lack.
    pub fn misfit(&self, lacking: &str) -> Error {
        Error::failed(format!("the model {} does not fit its family: {lacking}", self.id))
            .hint("compare the family in its catalog entry with the file's outputs")
    }
}
