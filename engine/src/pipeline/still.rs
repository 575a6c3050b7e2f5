//! A picture in, a picture out.

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::media::image_file::{self, StillFormat};
use crate::media::output::Pending;
use crate::processors::Processor;

use super::look::Look;
use super::meter::{Busy, Clock, peak_memory};
use super::request::Request;
use super::single::choose;
use super::summary::{StageTime, Summary};
use super::{Engine, Observer};

/// Swaps the faces of a picture.
///
/// # Errors
/// When the picture is refused, shows no face, or cannot be read or written, the observer objects,
/// or the user stops the work. Nothing is written then.
pub fn run(
    request: &Request,
    format: StillFormat,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let clock = Clock::start(interrupt);
    let name = request.target.display().to_string();
    let (decode, analyze, process, encode) =
        (Busy::default(), Busy::default(), Busy::default(), Busy::default());
    observer.begin(Some(1), 0);
    let mut still = decode.time(|| image_file::read(&request.target))?;
    interrupt.check()?;
    let work = analyze.time(|| {
        engine.filter.check(&still.frame, &name)?;
        let chosen = choose(request, &still.frame, engine, observer)?;
        processor.prepare(&still.frame, &chosen)
    })?;
    interrupt.check()?;
    observer.progress(0, processor.name(), &[]);
    let changed = process.time(|| {
        let look = Look::before(&still.frame, observer);
        let changed = work.apply(&mut still.frame)?;
        if let Some(look) = look {
            look.after(&still.frame);
        }
        Ok::<_, Error>(changed)
    })?;
    if changed.faces == 0 {
        return Err(Error::no_face(format!("the face in {name} is too small to swap"))
            .hint("use a larger version of the picture"));
    }
    for note in image_file::notes(&still, format) {
        observer.note(&note);
    }
    interrupt.check()?;
    let quality = request.profile.video.quality;
    let pending = Pending::beside(&request.output)?;
    observer.writing(pending.path());
    let whole = encode.time(|| {
        image_file::write_hidden(&pending, &still, format, quality)?;
        pending.sync()
    })?;
    let stage = |stage, busy: &Busy| StageTime {
        stage,
        ms_per_frame: busy.total().as_secs_f64() * 1e3,
        threads: 1,
    };
    let summary = Summary {
        output: request.output.display().to_string(),
        frames: 1,
        frames_before: 0,
        frames_with_swap: 1,
        frames_without_swap: Vec::new(),
        faces_swapped: changed.faces as u64,
        frames_screened: 1,
        seconds: clock.seconds(),
        cpu_seconds: clock.cpu_seconds(),
        peak_memory: peak_memory(),
        stages: vec![
            stage("decode", &decode),
            stage("analyze", &analyze),
            stage(processor.name(), &process),
            stage("encode", &encode),
        ],
    };
    // The last moment to be held or stopped at.
    interrupt.check()?;
    observer.publishing(whole.path(), &summary)?;
    whole.publish(request.overwrite)?;
    observer.progress(1, "done", &[]);
    Ok(summary)
}
