//! The reference outputs: see `tests/golden/README.md`.

use std::path::{Path, PathBuf};

use facedeck::imaging::color::Planes;
use facedeck::imaging::field::Field;
use facedeck::imaging::frame::Frame;
use facedeck::imaging::region::{Rect, read_rgb};
use facedeck::imaging::similarity::Point;
use serde::Deserialize;

use crate::common::picture;

/// The four pictures.
pub const CASES: [&str; 4] = ["720p", "1080p", "small", "edge"];

/// What `golden.json` says.
#[derive(Deserialize)]
pub struct Golden {
    pub source: Source,
    cases: std::collections::HashMap<String, Case>,
}

/// The person who is put in.
#[derive(Deserialize)]
pub struct Source {
    pub embedding: Vec<f32>,
    pub normed_embedding: Vec<f32>,
    pub latent: Vec<f32>,
}

/// One picture's numbers.
#[derive(Deserialize)]
pub struct Case {
    pub kps: [Point; 5],
    #[serde(rename = "M128")]
    pub matrix: [[f64; 3]; 2],
    pub embedding: Vec<f32>,
    /// x1, y1, x2, y2; both ends included.
    pub changed_box: [usize; 4],
}

impl Golden {
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path("golden.json")).expect("golden.json");
        serde_json::from_str(&text).expect("golden.json as the README says")
    }

    pub fn case(&self, name: &str) -> &Case {
        &self.cases[name]
    }
}

impl Case {
    /// The box that changed.
    pub fn changed(&self) -> Rect {
        let [x1, y1, x2, y2] = self.changed_box;
        Rect { x: x1, y: y1, width: x2 + 1 - x1, height: y2 + 1 - y1 }
    }
}

/// A file of `tests/golden`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A picture of `tests/golden`.
pub fn frame(name: &str) -> Frame {
    picture(&path(name))
}

/// A picture of `tests/golden` as RGB 0..=255.
pub fn planes(name: &str) -> Planes {
    whole(&frame(name))
}

/// A whole frame as RGB 0..=255.
pub fn whole(frame: &Frame) -> Planes {
    let (width, height) = (frame.format.width as usize, frame.format.height as usize);
    read_rgb(frame, Rect { x: 0, y: 0, width, height })
}

/// A file of little-endian floats.
pub fn floats(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(path(name)).expect("a file of floats");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// How two pictures differ.
pub struct Apart {
    /// Peak signal-to-noise ratio in dB, of 255; infinite for equal pictures.
    pub psnr: f64,
    /// The largest difference.
    pub most: f32,
    /// How many pixels differ.
    pub pixels: usize,
}

/// Compares two pictures of one size.
pub fn apart(a: &Planes, b: &Planes) -> Apart {
    let n = a[0].data.len();
    let difference = |c: usize, i: usize| (a[c].data[i] - b[c].data[i]).abs();
    let (mut sum, mut most, mut pixels) = (0.0f64, 0.0f32, 0);
    for i in 0..n {
        let all = [0, 1, 2].map(|c| difference(c, i));
        sum += all.iter().map(|&d| f64::from(d).powi(2)).sum::<f64>();
        let largest = all.into_iter().fold(0.0, f32::max);
        most = most.max(largest);
        pixels += usize::from(largest > 0.0);
    }
    Apart { psnr: 10.0 * (255.0f64.powi(2) * 3.0 * n as f64 / sum).log10(), most, pixels }
}

/// The largest difference of two lists.
pub fn most(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// RGB planes one after the other, each sample through a function.
pub fn flat(planes: &Planes, f: impl Fn(f32) -> f32) -> Vec<f32> {
    planes.iter().flat_map(|plane: &Field| plane.data.iter().map(|&v| f(v))).collect()
}
