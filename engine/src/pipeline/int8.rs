//! The swapper in eight bits, where the profile asks for it: calibrated with frames of the target
//! before the job begins, so that all of its frames are made by the same network.

use crate::error::{Kind, Result};
use crate::inference::Pool;
use crate::inference::quantized::{self, Form, Known, LEAST, Recorded, Terms, Wanted};
use crate::interrupt::Interrupt;
use crate::media::info::{MediaInfo, MediaKind, VideoInfo};
use crate::media::read_frame_at;
use crate::models::Weights;
use crate::processors::{Person, Processor};
use crate::profiles::sections::MESH;
use crate::profiles::{Precision, Profile};

use super::checkpoint::Fingerprint;
use super::request::Request;
use super::target::Target;
use super::{Engine, Observer, build_chain, choice};

/// The processor that swaps.
const SWAPPER: &str = "face_swapper";
/// So many faces are looked at, if there are as many: every other one to calibrate, the others to
/// judge.
const FACES: usize = 16;
/// They are looked for in so many frames, evenly over the film.
const FRAMES: u64 = 32;

/// The form in eight bits that the job's swapper is to run in; `None` for single precision, and why,
/// where eight bits are asked for, is told.
///
/// # Errors
/// When a frame is refused, the model cannot be read, the cache cannot be written, or the user stops
/// the work.
pub fn prepare(
    request: &Request,
    target: &Target,
    engine: &mut Engine,
    people: &[Person],
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Option<Form>> {
    let profile = &request.profile;
    if profile.swap.precision != Precision::Int8 {
        return Ok(None);
    }
    let refused = |why: &str| {
        observer.note(&format!("int8 is not used: {why}"));
        Ok(None)
    };
    let model = &profile.swap.model;
    if !profile.processors.iter().any(|name| name == SWAPPER) || model == MESH {
        return refused("it is for swappers of the catalog");
    }
    let Target::Video { info, .. } = target else {
        return refused("it is for films: a picture is made before it could be calibrated");
    };
    if let Some(why) = quantized::impossible(engine.pool.settings()) {
        return refused(&why);
    }
    let Weights::File(path) = engine.pool.store().locate(model)? else {
        return refused("it is for networks of files");
    };
    // All that the faces depend on that it is calibrated with, and a little more.
    let job = Fingerprint::of(request, &engine.tools, engine.pool.store())?.hash();
    let settings = engine.pool.settings().clone();
    let job = job.get(..32).unwrap_or(&job);
    let wanted = Wanted { model, path: &path, job, settings: &settings };
    let mut known = quantized::known(&wanted)?;
    if let Known::Form(form) = &known
        && let Err(error) = engine.pool.with_form((**form).clone()).get(model)
    {
        tracing::warn!("{}: it is made anew", error.chain());
        known = Known::Nothing;
    }
    if matches!(known, Known::Nothing) {
        observer.note(&format!("{model} is calibrated for int8 with frames of the target, once"));
        let runs = runs(request, info, engine, people, observer, interrupt)?;
        if runs.len() < LEAST {
            return refused("too few faces were found to calibrate it with");
        }
        let range = engine.pool.store().entry(model)?.swapper.as_ref().map(|spec| spec.range);
        let terms = Terms::of(range.unwrap_or([0.0, 1.0]));
        let network = engine.pool.get(model)?;
        let plain = |inputs: &[crate::inference::Input<'_>]| network.run(inputs);
        known = quantized::make(&wanted, &runs, &terms, &plain, interrupt)?;
        drop(network);
    }
    match known {
        Known::Form(form) => {
            engine.pool.drop_unused(model);
            observer.note(&told(&form));
            Ok(Some(*form))
        }
        Known::Refused(why) => refused(&why),
        Known::Nothing => refused("it could not be made"),
    }
}

/// What is gained and what is lost, in words.
fn told(form: &Form) -> String {
    let verdict = &form.verdict;
    format!(
        "{} runs in int8: {:.0} % of fp32's time, {:.1} dB on your frames",
        verdict.model,
        verdict.ratio.unwrap_or(1.0) * 100.0,
        verdict.psnr.unwrap_or_default()
    )
}

/// What the swapper is run on in frames of the target, and what it gives.
fn runs(
    request: &Request,
    info: &VideoInfo,
    engine: &mut Engine,
    people: &[Person],
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Vec<Recorded>> {
    // Nothing but the swapper, once for a face: each part of a larger crop is a whole face, too.
    let mut profile = Profile { processors: vec![SWAPPER.into()], ..request.profile.clone() };
    profile.swap.pixel_boost = 1;
    let kind = MediaKind::Video(info.clone());
    let media = MediaInfo { path: request.target.clone(), kind };
    let whole =
        MediaInfo { path: request.target.clone(), kind: MediaKind::Video(info.clone().uncut()) };
    let mut frame_at = |engine: &Engine, index| read_frame_at(&engine.tools, &whole, index);
    let mut selector = choice::selector(request, engine, &mut frame_at, observer)?;
    let mut swapper = build_chain(&profile, engine, people, false, observer)?;
    let network = engine.pool.get(&profile.swap.model)?;
    let name = request.target.display().to_string();
    let _recording = Recording::of(&engine.pool, &profile.swap.model)?;
    for index in places(info) {
        interrupt.check()?;
        let mut frame = match read_frame_at(&engine.tools, &media, index) {
            Ok(frame) => frame,
            // A film may have fewer frames than it says.
            Err(error) if *error.kind() == Kind::Usage => break,
            Err(error) => return Err(error),
        };
        engine.filter.check(&frame, &name)?;
        let found = engine.models.analyze_still(&frame)?;
        let chosen = selector.select(&engine.models, &frame, found)?;
        swapper.prepare(&frame, &chosen)?.apply(&mut frame)?;
        if network.recorded_count() >= FACES {
            break;
        }
    }
    let mut runs = network.recorded();
    runs.truncate(FACES);
    Ok(runs)
}

/// A network whose runs are written down until this is dropped.
struct Recording(std::sync::Arc<crate::inference::Shared>);

impl Recording {
    fn of(pool: &Pool, id: &str) -> Result<Self> {
        let network = pool.get(id)?;
        network.record();
        Ok(Recording(network))
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        drop(self.0.recorded());
    }
}

/// The numbers of frames evenly over the film, so that those looked at first are all over it, too.
fn places(info: &VideoInfo) -> impl Iterator<Item = u64> {
    /// What a film is taken for that does not say how long it is.
    const UNKNOWN: u64 = 250;
    let count = info.frame_count.unwrap_or(UNKNOWN).max(1);
    let each = FRAMES.min(count);
    let at = move |i: u64| i * count / each;
    (0..each).step_by(2).chain((1..each).step_by(2)).map(at)
}
