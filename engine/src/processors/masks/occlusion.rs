//! What an occlusion network (XSeg) does not take for something in front of the face.

use crate::error::Result;
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::inference::Pool;
use crate::processors::network::{PictureNetwork, output_named, resized};

use super::soften::soften;

/// The occlusion network.
pub struct Occluder(PictureNetwork);

impl Occluder {
    /// The network with this catalog id.
    ///
    /// # Errors
    /// When it is missing.
    pub fn build(id: &str, pool: &Pool) -> Result<Self> {
        Ok(Occluder(PictureNetwork::load(pool, id)?))
    }

    /// 1 where the crop shows the bare face, softened.
    ///
    /// # Errors
    /// When the network fails.
    pub fn mask(&self, crop: &Planes) -> Result<Field> {
        let outputs = self.0.run(crop)?;
        let bare = output_named(outputs, None, self.0.id())?;
        let (width, height) = self.0.size();
        // One channel, wherever the export puts its axis.
        let square = [[1, height, width, 1], [1, 1, height, width]];
        if !square.iter().any(|s| bare.shape == s) || bare.data.len() != width * height {
            return Err(self.0.unexpected(&bare));
        }
        let data = bare.data.into_iter().map(|v| v.clamp(0.0, 1.0)).collect();
        let bare = Field { width, height, data };
        Ok(soften(&resized(&bare, crop[0].width, crop[0].height)))
    }
}
