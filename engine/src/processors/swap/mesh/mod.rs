//! The embedded swapper: the source's skin laid over the target's expression by a face mesh.
//!
//! No generator and no training: a photo is warped, lit like the target and blended, so it runs
//! everywhere and its license is permissive.

mod choose;
mod compose;
mod details;
mod examine;
mod features;
mod geometry;
mod glasses;
mod grid;
mod hair;
mod lids;
mod light;
mod mend;
mod morph;
mod occlusion;
#[cfg(test)]
mod portraits;
mod pose;
mod processor;
mod raster;
mod render;
#[cfg(test)]
mod resumed;
mod rigid;
mod sampler;
mod shading;
mod source;
mod target;
mod texture;
pub(super) mod topology;
mod warp;

pub use processor::MeshSwapper;
pub use source::SourceFace;
