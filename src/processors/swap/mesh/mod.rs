//! The embedded swapper: the source's skin laid over the target's expression by a face mesh.
//!
//! No generator and no training: a photo is warped, lit like the target and blended, so it runs
//! everywhere and its license is permissive.

mod compose;
mod details;
mod features;
mod grid;
mod hair;
mod light;
mod morph;
mod processor;
mod raster;
mod rigid;
mod shading;
mod source;
mod texture;
mod topology;

pub use processor::MeshSwapper;
pub use source::SourceFace;
