//! The parts of a face that a parsing network names (BiSeNet with the classes of CelebAMask-HQ).

use crate::error::{Error, Result};
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::inference::Pool;
use crate::processors::network::{PictureNetwork, output_named, resized};
use crate::profiles::sections::Mask as Section;

use super::soften::soften;

/// The classes that are part of a face, by their names in `mask.regions`.
pub const REGIONS: [(&str, usize); 10] = [
    ("skin", 1),
    ("left-brow", 2),
    ("right-brow", 3),
    ("left-eye", 4),
    ("right-eye", 5),
    ("glasses", 6),
    ("nose", 10),
    ("mouth", 11),
    ("upper-lip", 12),
    ("lower-lip", 13),
];

/// How many classes the network tells apart.
const CLASSES: usize = 19;

/// The parsing network and the classes that count.
pub struct Parser {
    network: PictureNetwork,
    wanted: [bool; CLASSES],
}

impl Parser {
    /// The network and the regions of `[mask]`.
    ///
    /// # Errors
    /// When a region is unknown or the network is missing.
    pub fn build(section: &Section, pool: &Pool) -> Result<Self> {
        let mut wanted = [false; CLASSES];
        for name in &section.regions {
            let known = REGIONS.iter().find(|(known, _)| known == name);
            let (_, class) = known.ok_or_else(|| unknown(name))?;
            wanted[*class] = true;
        }
        Ok(Parser { network: PictureNetwork::load(pool, &section.parser)?, wanted })
    }

    /// 1 where the crop shows one of the regions, softened.
    ///
    /// # Errors
    /// When the network fails.
    pub fn mask(&self, crop: &Planes) -> Result<Field> {
        let outputs = self.network.run(crop)?;
        let logits = output_named(outputs, None, self.network.id())?;
        let (width, height) = self.network.size();
        let pixels = width * height;
        if logits.shape != [1, CLASSES, height, width] || logits.data.len() != CLASSES * pixels {
            return Err(self.network.unexpected(&logits));
        }
        // Class by class, so that memory is read in its order.
        let mut best = logits.data[..pixels].to_vec();
        let mut class = vec![0usize; pixels];
        for (k, plane) in logits.data.chunks_exact(pixels).enumerate().skip(1) {
            for ((best, class), &v) in best.iter_mut().zip(&mut class).zip(plane) {
                if v > *best {
                    (*best, *class) = (v, k);
                }
            }
        }
        let data = class.into_iter().map(|k| f32::from(u8::from(self.wanted[k]))).collect();
        let parts = Field { width, height, data };
        Ok(soften(&resized(&parts, crop[0].width, crop[0].height)))
    }
}

fn unknown(name: &str) -> Error {
    let known: Vec<&str> = REGIONS.iter().map(|(name, _)| *name).collect();
    Error::usage(format!("mask.regions: there is no region \"{name}\""))
        .hint(format!("known ones: {}", known.join(", ")))
}
