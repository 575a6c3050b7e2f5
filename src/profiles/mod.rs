//! Profiles: everything about a job that is not its files, as one TOML document.
//!
//! Layers, later wins: the built-in defaults, a built-in or user profile, `FACEDECK_…` variables,
//! flags. A job works on the resolved [`Profile`] and on nothing else.

pub mod sections;

pub use sections::{
    Audio, Debug, Detection, Enhance, Faces, LatentRule, Map, Mask, MaskKind, Order, PasteRule,
    Profile, Run, Select, Sex, Swap, Video,
};
