//! What `[swapper]` and `[enhancer]` must say.

use super::super::entry::Entry;
use super::super::spec::{EnhancerSpec, SourceKind, SwapperSpec};
use super::{Checked, LARGEST_SIDE, require};

/// The values for black and white.
fn range(range: [f32; 2], key: &str) -> Checked {
    let good = range.iter().all(|v| v.is_finite()) && range[0] != range[1];
    require(good, key, "black and white must be two different finite values")
}

fn filled(name: Option<&str>, key: &str) -> Checked {
    require(name != Some(""), key, "must not be empty; leave it out where there is none")
}

/// `[swapper]`
pub(super) fn swapper(entry: &Entry, spec: &SwapperSpec) -> Checked {
    range(spec.range, "swapper.range")?;
    require(!spec.source_input.is_empty(), "swapper.source_input", "must not be empty")?;
    let taken = entry.input.as_ref().is_some_and(|input| input.name == spec.source_input);
    require(!taken, "swapper.source_input", "is the name of the target's input")?;
    filled(spec.output.as_deref(), "swapper.output")?;
    filled(spec.mask_output.as_deref(), "swapper.mask_output")?;
    let both = spec.mask_output.is_some() && spec.mask_output == spec.output;
    require(!both, "swapper.mask_output", "is the name of the output with the crop")?;
    if spec.source == SourceKind::Image {
        let why = "is missing: a source that is a picture has to be aligned";
        require(spec.source_template.is_some(), "swapper.source_template", why)?;
        require(spec.source_size.is_some(), "swapper.source_size", why)?;
        require(
            spec.converter.is_none(),
            "swapper.converter",
            "converts vectors, and the source is a picture",
        )?;
    } else {
        let why = "is for sources that are pictures";
        require(spec.source_template.is_none(), "swapper.source_template", why)?;
        require(spec.source_size.is_none(), "swapper.source_size", why)?;
    }
    let side = spec.source_size.unwrap_or(1);
    require((1..=LARGEST_SIDE).contains(&side), "swapper.source_size", "must be 1 to 8192 pixels")?;
    let emap = spec.source == SourceKind::Emap;
    require(
        !emap || spec.converter.is_none(),
        "swapper.converter",
        "does not go with an emap, which converts already",
    )?;
    if let Some(converter) = &spec.converter {
        require(
            entry.needs.contains(converter),
            "swapper.converter",
            "must be listed in needs as well",
        )?;
    }
    let itself = spec.single_precision.as_ref() == Some(&entry.id);
    require(!itself, "swapper.single_precision", "is the entry itself")
}

/// `[enhancer]`
pub(super) fn enhancer(entry: &Entry, spec: &EnhancerSpec) -> Checked {
    range(spec.range, "enhancer.range")?;
    filled(spec.output.as_deref(), "enhancer.output")?;
    filled(spec.weight_input.as_deref(), "enhancer.weight_input")?;
    let taken = spec.weight_input.is_some()
        && spec.weight_input.as_ref() == entry.input.as_ref().map(|i| &i.name);
    require(!taken, "enhancer.weight_input", "is the name of the picture's input")
}
