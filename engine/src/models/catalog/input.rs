//! How a picture is fed to a network.

use serde::{Deserialize, Serialize};

/// The order of an input's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Batch, rows, columns, channels.
    Nhwc,
    /// Batch, channels, rows, columns.
    Nchw,
}

/// The order of an input's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// How a picture is fed to a network: `(sample − mean) / std`, samples 0..=255.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The input's name in the graph. Exports of one network differ in it: where the graph has a
    /// single input, that one is meant.
    pub name: String,
    /// The tensor's shape; 0 where the batch may have any size.
    pub shape: [usize; 4],
    /// The order of the axes.
    pub layout: Layout,
    /// The order of the channels.
    pub channels: Channels,
    /// Subtracted from the samples, per channel in the order of `channels`.
    #[serde(deserialize_with = "one_or_three")]
    pub mean: [f32; 3],
    /// The difference is divided by this, per channel in the order of `channels`.
    #[serde(deserialize_with = "one_or_three")]
    pub std: [f32; 3],
}

impl Input {
    /// Columns and rows of the picture.
    pub fn size(&self) -> (usize, usize) {
        match self.layout {
            Layout::Nhwc => (self.shape[2], self.shape[1]),
            Layout::Nchw => (self.shape[3], self.shape[2]),
        }
    }

    /// How many channels the shape has; three for every picture.
    pub fn depth(&self) -> usize {
        match self.layout {
            Layout::Nhwc => self.shape[3],
            Layout::Nchw => self.shape[1],
        }
    }
}

/// A number for all channels, or one for each.
fn one_or_three<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[f32; 3], D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number or a list of three numbers")]
    enum Either {
        One(f32),
        Three([f32; 3]),
    }
    Ok(match Either::deserialize(from)? {
        Either::One(v) => [v; 3],
        Either::Three(v) => v,
    })
}
