//! One frame of a picture or video, looked at or swapped by itself.

use std::path::Path;

use crate::error::{Error, Result};
use crate::faces::Chosen;
use crate::imaging::frame::Frame;
use crate::media::probe::probe;
use crate::media::{image_file, read_frame_at};
use crate::processors::Processor;
use crate::provision::FfmpegTools;

use super::choice::selector;
use super::request::{Request, check_input};
use super::sources::load as load_sources;
use super::{Engine, Observer, build_chain};

/// Reads a frame: of a video the one with this number, of a picture the only one.
///
/// # Errors
/// When the file cannot be read or has no such frame.
pub fn read_frame(tools: &FfmpegTools, path: &Path, index: u64) -> Result<Frame> {
    check_input("file", path)?;
    let media = probe(tools, path)?;
    if !media.is_still() {
        return read_frame_at(tools, &media, index);
    }
    if index > 0 {
        return Err(Error::usage(format!("{} is a picture, it has only frame 0", path.display())));
    }
    Ok(image_file::read(path)?.frame)
}

/// A frame as it is, and as a job would make it.
#[derive(Debug, Clone)]
pub struct Previewed {
    /// As it is.
    pub before: Frame,
    /// As it would be.
    pub after: Frame,
    /// How many faces were changed.
    pub faces: usize,
}

/// What a job would make of the frame of its target with this number. The output of the request is
/// not looked at.
///
/// # Errors
/// Everything that can go wrong with a job of one frame.
pub fn preview(
    request: &Request,
    engine: &mut Engine,
    index: u64,
    observer: &dyn Observer,
) -> Result<Previewed> {
    let before = read_frame(&engine.tools, &request.target, index)?;
    let people = load_sources(request, engine, observer)?;
    let mut chain = build_chain(&request.profile, engine, &people, true, observer)?;
    let mut after = before.clone();
    let faces = swap_frame(&mut after, request, engine, &mut chain, observer)?.len();
    Ok(Previewed { before, after, faces })
}

/// Swaps the chosen faces of one frame of the target in place and returns them as they were found.
///
/// # Errors
/// When the frame is refused or shows no face to swap.
pub fn swap_frame(
    frame: &mut Frame,
    request: &Request,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
) -> Result<Vec<Chosen>> {
    let name = request.target.display().to_string();
    engine.filter.check(frame, &name)?;
    let chosen = choose(request, frame, engine, observer)?;
    let changed = processor.prepare(frame, &chosen)?.apply(frame)?;
    if changed.faces == 0 {
        let message = format!("the face in frame {} of {name} is too small to swap", frame.index);
        return Err(Error::no_face(message).hint("use a larger version of the picture"));
    }
    Ok(chosen)
}

/// The faces of a frame of the target that are to be swapped, at least one.
///
/// # Errors
/// [`crate::error::Kind::NoFace`] when there is none.
pub fn choose(
    request: &Request,
    frame: &Frame,
    engine: &mut Engine,
    observer: &dyn Observer,
) -> Result<Vec<Chosen>> {
    engine.adapt(&request.profile)?;
    // A frame that is looked at alone is its own reference.
    let itself = &mut |_: &Engine, _| Ok(frame.clone());
    let mut selector = selector(request, engine, itself, observer)?;
    let found = engine.models.analyze_still(frame)?;
    let chosen = selector.select(&engine.models, frame, found)?;
    if chosen.is_empty() {
        let name = request.target.display();
        let message = format!("there is no face to swap in frame {} of {name}", frame.index);
        return Err(Error::no_face(message).hint(format!(
            "see what facedeck sees: facedeck faces {name} --frame {}",
            frame.index
        )));
    }
    Ok(chosen)
}
