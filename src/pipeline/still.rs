//! A picture in, a picture out.

use std::time::Instant;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::media::image_file::{self, StillFormat};
use crate::processors::Processor;

use super::meter::{Busy, cpu_seconds, peak_memory};
use super::request::Request;
use super::single::choose;
use super::summary::{StageTime, Summary};
use super::{Engine, Observer};

/// Swaps the faces of a picture.
///
/// # Errors
/// When the picture is refused, shows no face, or cannot be read or written.
pub fn run(
    request: &Request,
    format: StillFormat,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let start = Instant::now();
    let cpu = cpu_seconds();
    let name = request.target.display().to_string();
    let (decode, analyze, process, encode) =
        (Busy::default(), Busy::default(), Busy::default(), Busy::default());
    observer.begin(Some(1));
    let mut still = decode.time(|| image_file::read(&request.target))?;
    interrupt.check()?;
    let work = analyze.time(|| {
        engine.filter.check(&still.frame, &name)?;
        let chosen = choose(request, &still.frame, engine, observer)?;
        processor.prepare(&still.frame, &chosen)
    })?;
    interrupt.check()?;
    observer.progress(0, processor.name());
    let changed = process.time(|| work.apply(&mut still.frame))?;
    if changed.faces == 0 {
        return Err(Error::no_face(format!("the face in {name} is too small to swap"))
            .hint("use a larger version of the picture"));
    }
    for note in image_file::notes(&still, format) {
        observer.note(&note);
    }
    interrupt.check()?;
    let quality = request.profile.video.quality;
    encode.time(|| image_file::write(&request.output, &still, format, quality))?;
    observer.progress(1, "done");
    let stage = |stage, busy: &Busy| StageTime {
        stage,
        ms_per_frame: busy.total().as_secs_f64() * 1e3,
        threads: 1,
    };
    let now = cpu_seconds();
    Ok(Summary {
        output: request.output.display().to_string(),
        frames: 1,
        frames_with_swap: 1,
        faces_swapped: changed.faces as u64,
        frames_screened: 1,
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: (now.0 - cpu.0, now.1 - cpu.1),
        peak_memory: peak_memory(),
        stages: vec![
            stage("decode", &decode),
            stage("analyze", &analyze),
            stage(processor.name(), &process),
            stage("encode", &encode),
        ],
    })
}
