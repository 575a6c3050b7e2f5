//! Runs one job: checks it, loads the sources, swaps a still or a video, reports.

mod ahead;
mod checkpoint;
mod choice;
mod fit;
mod gaps;
mod guard;
mod int8;
mod look;
mod memory;
mod meter;
mod needs;
mod ready;
mod request;
mod resume;
mod see;
mod segments;
mod single;
mod sources;
mod stages;
mod still;
mod suit;
mod summary;
mod target;
#[cfg(test)]
mod tests;
mod video;

pub use ahead::Ahead;
pub use checkpoint::{Unfinished, discard, unfinished, unfinished_of};
pub use fit::fit;
pub use meter::{Clock, peak_memory};
pub use needs::needs;
pub use ready::network_plan;
pub use request::{Request, Resume, VideoOptions, check_input, check_output};
pub use resume::{Stale, refuse as refuse_stale};
pub use see::{Seen, identity, see};
pub use single::{Previewed, preview, read_frame, swap_frame};
pub use sources::load as load_sources;
pub use summary::{StageShare, StageTime, Summary};

use std::path::Path;

use crate::error::{Error, Result};
use crate::faces::FaceModels;
use crate::imaging::picture::Picture;
use crate::inference::environment;
use crate::inference::{Pool, Settings};
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::processors::chain::Chain;
use crate::processors::{Person, Setup, cost};
use crate::profiles::{Precision, Profile};
use crate::provision::{FfmpegTools, Provisioned};
use crate::safety::filter::ContentFilter;

use ahead::Opened;
use guard::guarded;
use memory::Plan;

/// The programs and networks that a job runs on.
pub struct Engine {
    /// ffmpeg and ffprobe.
    pub tools: FfmpegTools,
    /// The networks that see faces.
    pub models: FaceModels,
    /// The content filter.
    pub filter: ContentFilter,
    /// The networks of processors.
    pub pool: Pool,
}

impl Engine {
    /// Starts ONNX Runtime and loads the networks that see faces for this profile.
    ///
    /// # Errors
    /// When the runtime or a network cannot be loaded; [`crate::error::Kind::Missing`] when a model
    /// is not here.
    pub fn start(found: &Provisioned, profile: &Profile) -> Result<Self> {
        environment::init(&found.runtime)?;
        Self::start_on(found, profile, Pool::new(Store::open()?, Settings::processor(1)))
    }

    /// As [`Self::start`], with networks from this pool; ONNX Runtime has been started.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_on(found: &Provisioned, profile: &Profile, pool: Pool) -> Result<Self> {
        let (models, filter) = std::thread::scope(|scope| {
            let filter = scope.spawn(ContentFilter::load);
            let models = FaceModels::load(&profile.faces, &pool);
            (models, filter.join())
        });
        let filter = filter.map_err(|_| Error::failed("the content filter broke on loading"))??;
        Ok(Engine { tools: found.ffmpeg.clone(), models: models?, filter, pool })
    }

    /// Changes the networks that see faces to those of another profile, where they differ.
    ///
    /// # Errors
    /// As [`FaceModels::load`].
    pub fn adapt(&mut self, profile: &Profile) -> Result<()> {
        if !self.models.fit(&profile.faces) {
            self.models = FaceModels::load(&profile.faces, &self.pool)?;
        }
        Ok(())
    }
}

/// Hears how a job goes. Called from several threads.
pub trait Observer: Sync {
    /// Something worth knowing that is no error.
    fn note(&self, text: &str);
    /// Frames are about to come; how many there are, when that is known, and how many of them an
    /// earlier run has made.
    fn begin(&self, frames: Option<u64>, before: u64);
    /// An earlier run left work that differs from this job in these points, told in words.
    ///
    /// # Errors
    /// An error ends the job with it, and the work stays.
    fn stale(&self, changes: &[String]) -> Result<Stale> {
        resume::refuse(changes)
    }
    /// So many frames are done; `stage` is the one that limits, `shares` says how busy each is.
    fn progress(&self, done: u64, stage: &str, shares: &[StageShare]);
    /// All frames up to this number are safe on the disk: nobody makes them again. Films are made
    /// safe in segments of `each` frames.
    fn safe(&self, frames: u64, each: u64) {
        let _ = (frames, each);
    }
    /// The output is being put together, under this hidden name on the same file system. The file is
    /// removed unless the job is done; it stays when the process is killed.
    fn writing(&self, hidden: &Path) {
        let _ = hidden;
    }
    /// The output is whole and safe on the disk, and is about to get its name. Nothing holds or
    /// stops the job between this and that.
    ///
    /// # Errors
    /// An error ends the job with it, and nothing is left of the output.
    fn publishing(&self, hidden: &Path, summary: &Summary) -> Result<()> {
        let _ = (hidden, summary);
        Ok(())
    }
    /// Whether [`Observer::frame`] is to be called for the frame that is worked on next. Asked for
    /// every frame; where the answer is no, nothing is copied.
    fn wants_frame(&self) -> bool {
        false
    }
    /// A frame before and after; the longer side of the pictures has at most 960 pixels. `index` is
    /// the number of the frame, from 0. Frames may come in another order than they are shown in, and
    /// the work waits until this returns.
    fn frame(&self, index: u64, before: Picture, after: Picture) {
        let _ = (index, before, after);
    }
}

/// Runs a job from end to end. The engine may have served any other profile with the same
/// providers, and can serve another job after this one whatever becomes of it.
///
/// # Errors
/// Of every [`crate::error::Kind`]; nothing is written then. A bug that breaks the job is a
/// [`crate::error::Kind::Failed`].
pub fn run(
    request: &Request,
    engine: &mut Engine,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    guarded("the job", || {
        request.check()?;
        let opened = ahead::open(request, &engine.tools, interrupt)?;
        run_opened(request, opened, engine, observer, interrupt)
    })
}

/// As [`run`], for a target that is being looked into.
///
/// # Errors
/// As [`run`].
pub fn run_ahead(
    request: &Request,
    ahead: Ahead,
    engine: &mut Engine,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    guarded("the job", || run_opened(request, ahead.wait()?, engine, observer, interrupt))
}

fn run_opened(
    request: &Request,
    Opened { target, decoder }: Opened,
    engine: &mut Engine,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    for note in target.notes() {
        observer.note(&note);
    }
    let plan = plan(request, engine, &target)?;
    interrupt.check()?;
    engine.adapt(&request.profile)?;
    let people = sources::load(request, engine, observer)?;
    interrupt.check()?;
    let still = matches!(target, target::Target::Still(_));
    let form = int8::prepare(request, &target, engine, &people, observer, interrupt)?;
    let name = form.as_ref().map(|form| form.name.clone());
    let pool = form.map_or_else(|| engine.pool.clone(), |form| engine.pool.with_form(form));
    let mut chain = build_chain_of(&request.profile, &pool, &people, still, observer)?;
    match target {
        target::Target::Still(format) => {
            still::run(request, format, engine, &mut chain, observer, interrupt)
        }
        target::Target::Video { info, options, .. } => {
            let per_segment = request.segment_frames(info.fps.as_f64().min(60.0));
            let (info, options) = (&*info, &options);
            let job = video::Job { request, info, options, plan, per_segment, form: name };
            video::run(&job, decoder, engine, &mut chain, observer, interrupt)
        }
    }
}

/// How many frames are worked on at a time, so that the job stays within its memory.
fn plan(request: &Request, engine: &Engine, target: &target::Target) -> Result<Plan> {
    let mut models = cost::of(&engine.pool, &needs(&request.profile)?).model_bytes;
    let swap = &request.profile.swap;
    if swap.precision == Precision::Int8 {
        // While it is calibrated, it is there in both forms.
        models += cost::of(&engine.pool, std::slice::from_ref(&swap.model)).model_bytes;
    }
    let (threads, frame) = match target {
        // Its size is known when it is read; its pixels are few against those of a film.
        target::Target::Still(_) => (1, 0),
        target::Target::Video { info, .. } => (request.threads(), info.format.frame_bytes() as u64),
    };
    Plan::within(request.max_memory(), threads, frame, models)
}

/// The processors of a profile for these people.
///
/// # Errors
/// When a model is missing or a photo cannot be used.
pub fn build_chain(
    profile: &Profile,
    engine: &Engine,
    people: &[Person],
    still: bool,
    observer: &dyn Observer,
) -> Result<Chain> {
    build_chain_of(profile, &engine.pool, people, still, observer)
}

/// As [`build_chain`], with networks from this pool.
fn build_chain_of(
    profile: &Profile,
    pool: &Pool,
    people: &[Person],
    still: bool,
    observer: &dyn Observer,
) -> Result<Chain> {
    let note = |text: &str| observer.note(text);
    Chain::build(&Setup { profile, pool, people, still, note: &note })
}
