//! What facedeck reads from a network's file itself, without loading the network: the names and
//! shapes of its graph, and InSwapper's emap.
//!
//! ONNX files are protocol buffers. Generated decoders hold the whole message; the crates' readers
//! skip by reading. A file of half a gigabyte is walked here by seeking over its weights, so that
//! it costs a few pages of reading and no memory.

mod emap;
mod summary;
#[cfg(test)]
mod tests;
mod wire;

use std::fs::File;
use std::io::{self, Cursor};

use crate::error::{Error, Result};

use super::store::Weights;

pub use emap::SIDE as EMAP_SIDE;
pub use summary::{Element, Initializer, Port, Summary};

use wire::Wire;

/// What a network's file says about its graph.
///
/// # Errors
/// When the file cannot be read or is no ONNX network.
pub fn summary(weights: &Weights) -> Result<Summary> {
    match weights {
        Weights::Embedded(bytes) => summarize(Cursor::new(*bytes)),
        Weights::File(path) => File::open(path).and_then(summarize),
    }
    .map_err(|why| unreadable(&label(weights), why))
}

/// InSwapper's matrix, [`EMAP_SIDE`]² numbers by rows, all finite. For a unit embedding `e`,
/// `latent[j] = Σᵢ e[i] · emap[i][j]`.
///
/// # Errors
/// When the file cannot be read, is no ONNX network, or has no emap in the place where it is
/// published: as the last initializer.
pub fn emap(weights: &Weights) -> Result<Vec<f32>> {
    let label = label(weights);
    match weights {
        Weights::Embedded(bytes) => read_emap(Cursor::new(*bytes), &label),
        Weights::File(path) => {
            read_emap(File::open(path).map_err(|why| unreadable(&label, why))?, &label)
        }
    }
}

/// As [`summary`], of anything that can be read and sought in.
///
/// # Errors
/// When it is no ONNX network.
pub fn summarize(from: impl io::Read + io::Seek) -> io::Result<Summary> {
    summary::read(&mut Wire::new(from)?)
}

fn read_emap(from: impl io::Read + io::Seek, label: &str) -> Result<Vec<f32>> {
    let mut wire = Wire::new(from).map_err(|why| unreadable(label, why))?;
    let summary = summary::read(&mut wire).map_err(|why| unreadable(label, why))?;
    let initializer = emap::find(&summary).map_err(|what| {
        Error::failed(format!("{label} cannot be used for swapping: {what}"))
            .hint("take the file as it was published: facedeck models pull inswapper_128")
    })?;
    emap::values(&mut wire, initializer).map_err(|why| unreadable(label, why))
}

fn label(weights: &Weights) -> String {
    match weights {
        Weights::Embedded(_) => "the embedded network".into(),
        Weights::File(path) => path.display().to_string(),
    }
}

fn unreadable(label: &str, why: io::Error) -> Error {
    Error::failed(format!("cannot read {label} as an ONNX network")).because(why)
}
