//! Which part of the crop replaces the target.

use clap::builder::PossibleValuesParser;
use toml::Value;

use crate::profiles::schema::MASKS;

use super::{Layer, parse};

/// Which part of the crop replaces the target.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Masks (of the networks' crops)")]
pub struct MaskArgs {
    /// Masks; where they differ, the least is used
    #[arg(long, value_name = "KIND", num_args = 1.., value_parser = PossibleValuesParser::new(MASKS))]
    pub mask: Vec<String>,
    /// How soft the edges are, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub mask_blur: Option<f64>,
    /// What the box leaves out at top, right, bottom and left, in percent
    #[arg(long, value_name = "PERCENT[,…]", value_parser = parse::padding)]
    pub mask_padding: Option<[u8; 4]>,
}

impl MaskArgs {
    pub(super) fn fill(&self, layer: &mut Layer) {
        layer.list("mask.kinds", "--mask", &self.mask);
        layer.maybe("mask.blur", "--mask-blur", self.mask_blur);
        let sides = self.mask_padding.map(|sides| sides.map(|v| Value::Integer(v.into())).to_vec());
        layer.maybe("mask.padding", "--mask-padding", sides);
    }
}
