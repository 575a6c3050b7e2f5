//! How the swapped face is made.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Layer;
use super::parse::Names;

/// How the swapped face is made.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "How the face is made")]
pub struct SwapperArgs {
    /// What is done to the faces, in this order [default: face_swapper]
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = Names::processors())]
    pub frame_processor: Vec<String>,
    /// The swapper: "mesh", which is embedded, or a network of the catalog
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Make the crop this many times larger than the network's own
    #[arg(long, value_name = "TIMES", value_parser = boosts())]
    pub pixel_boost: Option<i64>,
    /// How much of the source's identity goes in, 0 to 1
    #[arg(long, value_name = "W")]
    pub weight: Option<f64>,
    /// How much of the target's color the face takes over, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub color_match: Option<f64>,
    /// Keep the target's own mouth
    #[arg(long)]
    pub keep_mouth: bool,
    /// Keep the target's own eyes
    #[arg(long)]
    pub keep_eyes: bool,
}

fn boosts() -> impl TypedValueParser<Value = i64> {
    PossibleValuesParser::new(["1", "2", "3", "4", "6", "8"]).try_map(|text| text.parse::<i64>())
}

impl SwapperArgs {
    pub(super) fn fill(&self, layer: &mut Layer) {
        layer.list("processors", "--frame-processor", &self.frame_processor);
        layer.maybe("swap.model", "--model", self.model.clone());
        layer.maybe("swap.pixel_boost", "--pixel-boost", self.pixel_boost);
        layer.maybe("swap.weight", "--weight", self.weight);
        layer.maybe("swap.color_match", "--color-match", self.color_match);
        layer.maybe("swap.keep_mouth", "--keep-mouth", self.keep_mouth.then_some(true));
        layer.maybe("swap.keep_eyes", "--keep-eyes", self.keep_eyes.then_some(true));
    }
}
