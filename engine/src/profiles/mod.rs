//! Profiles: everything about a job that is not its files, as one TOML document.
//!
//! Layers, later wins: the built-in defaults, a built-in or user profile with the ones that it
//! `extends`, `FACEDECK_…` variables, flags. A job works on the resolved [`Profile`] and on nothing
//! else. Every layer is checked against the [`schema`] key by key, so that each complaint names the
//! file, the line and the key.

pub mod complaint;
pub mod document;
pub mod layers;
pub mod library;
pub mod own;
pub mod render;
pub mod schema;
pub mod sections;
pub mod value;
pub mod variables;

pub use complaint::{Complaint, Complaints, Origin};
pub use document::Setting;
pub use layers::{Resolved, resolve};
pub use library::{Library, Preset};
pub use sections::{
    Audio, Debug, Detection, Enhance, Faces, LatentRule, Map, Mask, MaskKind, Order, PasteRule,
    Precision, Profile, Run, Select, Sex, Swap, Video,
};
