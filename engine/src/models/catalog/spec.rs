//! What is declared of swappers and enhancers, the roles whose networks differ only in data.

use serde::{Deserialize, Serialize};

use crate::imaging::template::Template;

/// What a swapper is told about the person who is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The recognizer's vector.
    Embedding,
    /// The recognizer's vector times the matrix that lies in the swapper's own file, the "emap".
    Emap,
    /// The aligned picture of the face.
    Image,
}

/// How a swapper that works on aligned crops is used; its target input is
/// [`Entry::input`](super::Entry::input).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapperSpec {
    /// How the target's crop is aligned; its size is the input's.
    pub template: Template,
    /// What it is told about the source.
    pub source: SourceKind,
    /// The name of the input that takes it.
    pub source_input: String,
    /// Vectors: whether they are scaled to unit length (after the converter, where there is one).
    #[serde(default = "yes")]
    pub normalize: bool,
    /// Vectors: the catalog id of the network that converts them first.
    pub converter: Option<String>,
    /// Pictures: how they are aligned.
    pub source_template: Option<Template>,
    /// Pictures: their side in pixels. Their samples are fed as 0..=1, in the channel order of the
    /// target's input.
    pub source_size: Option<usize>,
    /// The name of the output with the swapped crop; the graph's first output when not given.
    pub output: Option<String>,
    /// The output's values for black and white.
    pub range: [f32; 2],
    /// The name of an output that says, 0..=1 per pixel, where the swapped crop is to be used.
    pub mask_output: Option<String>,
    /// The catalog id of the same network in single precision, for graphics processors on which
    /// half precision overflows.
    pub single_precision: Option<String>,
}

/// How an enhancer is used; its picture input is [`Entry::input`](super::Entry::input).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnhancerSpec {
    /// How the crop is aligned; its size is the input's.
    pub template: Template,
    /// The name of the output; the graph's first output when not given.
    pub output: Option<String>,
    /// The output's values for black and white.
    pub range: [f32; 2],
    /// The name of a double-precision input of one number, 0..=1: how much to trust the picture
    /// (1) over what faces look like (0).
    pub weight_input: Option<String>,
}

fn yes() -> bool {
    true
}
