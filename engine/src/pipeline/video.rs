//! A video in, a video out: decode → analyze → process → encode → seal, each on its own threads.
//!
//! A fixed number of frame buffers goes round; channels between the stages are bounded, so memory
//! does not depend on the length of the film. Each stage ends when its neighbors are gone, so an
//! error anywhere ends all of them; the first one is reported.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Scope};

use crossbeam_channel::bounded;

use crate::error::{Context, Error, Result};
use crate::faces::select::Selector;
use crate::faces::track::Tracker;
use crate::interrupt::Interrupt;
use crate::media::decode::{DecodeOptions, Decoder};
use crate::media::encode::{self, EncodeOptions, Setting};
use crate::media::info::{MediaInfo, MediaKind, VideoInfo};
use crate::media::kept_frames::KeptFrames;
use crate::media::mux::{self, Segment};
use crate::media::{Clock, Made, read_frame_at};
use crate::processors::Processor;
use crate::provision::FfmpegTools;
use crate::safety::filter::Screener;

use super::checkpoint::{self, Counts, Film, Fingerprint, Sealed, Work};
use super::choice;
use super::memory::Plan;
use super::meter::{Busy, Clock as Stopwatch, peak_memory};
use super::request::Request;
use super::resume::{self, Last};
use super::segments::{self, Segments};
use super::stages::{self, Analyst, End, FirstError, Times, Worker};
use super::summary::{StageTime, Summary};
use super::{Engine, Observer};

/// A video job with everything looked up.
pub struct Job<'a> {
    /// What was asked for.
    pub request: &'a Request,
    /// The target.
    pub info: &'a VideoInfo,
    /// How the output is encoded.
    pub options: &'a EncodeOptions,
    /// How many frames are worked on at a time.
    pub plan: Plan,
    /// Frames of a segment.
    pub per_segment: u64,
    /// Which form in eight bits the swapper runs in.
    pub form: Option<String>,
}

/// A decoder at the beginning of the film, for a job that has no unfinished work.
///
/// # Errors
/// When ffmpeg cannot be started.
pub fn decode_early(
    request: &Request,
    info: &VideoInfo,
    options: &EncodeOptions,
    tools: &FfmpegTools,
    interrupt: &Interrupt,
) -> Result<Option<Decoder>> {
    if checkpoint::is_there(&request.output) {
        return Ok(None);
    }
    Decoder::open(tools, info, &decoding(options), interrupt.clone()).map(Some)
}

fn decoding(options: &EncodeOptions) -> DecodeOptions {
    DecodeOptions { patience: options.patience, ..DecodeOptions::default() }
}

/// Swaps the faces of a video; `early` is a decoder at the beginning of the film. What an earlier run of the same job made is not made again.
///
/// # Errors
/// When a frame is refused, no frame shows a face, a file cannot be read or written, an ffmpeg
/// dies, a stage breaks, the observer objects, or the user stops the work. The output is not
/// written then, and what is finished of it stays in its work folder, unless it can be of no use.
pub fn run(
    job: &Job<'_>,
    early: Option<Decoder>,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let mut print = Fingerprint::of(job.request, &engine.tools, engine.pool.store())?;
    if let Some(form) = &job.form {
        print = print.with("swapper in int8", form);
    }
    let film = Film {
        target: in_full(&job.request.target),
        output: in_full(&job.request.output),
        frames: job.info.frame_count,
        per_segment: job.per_segment,
    };
    let kept = kept_frames(job.request)?;
    let (mut work, last) = resume::open(job.request, &print, &film, kept.as_ref(), observer)?;
    let kept = kept.as_ref();
    let made = make(job, early, &mut work, last, kept, engine, processor, observer, interrupt);
    match made {
        Ok(summary) => {
            if let Err(error) = work.remove() {
                observer.note(&error.chain());
            }
            Ok(summary)
        }
        Err(error) => {
            resume::settle(work, kept, &error, observer);
            Err(error)
        }
    }
}

fn in_full(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Where the frames are kept, when they are.
fn kept_frames(request: &Request) -> Result<Option<KeptFrames>> {
    let Some(file) = request.video_options()?.keep_frames else { return Ok(None) };
    KeptFrames::start(&request.target, &request.output, file, request.overwrite).map(Some)
}

/// Makes what is left to be made, and the output.
#[allow(clippy::too_many_arguments)]
fn make(
    job: &Job<'_>,
    early: Option<Decoder>,
    work: &mut Work,
    last: Option<Last>,
    kept: Option<&KeptFrames>,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let clock = Stopwatch::start(interrupt);
    let name = job.request.target.display().to_string();
    let process_name = processor.name();
    let times = Times::default();
    let tools = engine.tools.clone();
    let plan = encode::plan(&tools, job.info, &job.request.output, job.options)?;
    let setting = Setting {
        tools: &tools,
        target: job.info,
        job: &plan,
        options: job.options,
        output: &job.request.output,
    };
    let before = last.as_ref().map_or(0, |last| last.sealed.first_frame + last.sealed.frames);
    observer.begin(job.info.frame_count, before);
    observer.safe(before, work.ledger().film()?.per_segment);
    if !last.as_ref().is_some_and(|last| last.sealed.is_last) {
        let selector = selector(job, engine, observer)?;
        let faces = &job.request.profile.faces;
        let tracker = Tracker::new(faces, &engine.models, 1.0 / job.info.fps.as_f64() as f32);
        let decoding = decoding(job.options);
        let decoder = match (&last, early) {
            (Some(last), _) => {
                resume::decoder_after(&tools, job.info, &last.sealed, &decoding, interrupt)?
            }
            (None, Some(early)) => early,
            (None, None) => Decoder::open(&tools, job.info, &decoding, interrupt.clone())?,
        };
        let screener = Screener::default();
        let begins_at = job.info.begins_at();
        let per_segment = work.ledger().film()?.per_segment;
        let name = &name;
        let mut analyst = Analyst {
            engine,
            processor,
            tracker,
            selector,
            screener,
            name,
            begins_at,
            per_segment,
            last: None,
        };
        if let Some(state) = last.as_ref().and_then(|last| last.state.as_ref()) {
            analyst.restore(state)?;
        }
        let flow = Flow { job, setting, kept, times: &times, clock: &clock, observer, interrupt };
        flow.run(decoder, work, last.as_ref().map(|last| &last.sealed), analyst)?;
    }
    interrupt.check()?;
    let (end, _) = work
        .ledger()
        .last()?
        .ok_or_else(|| Error::failed(format!("{name} holds no frames that can be decoded")))?;
    if end.counts.faces_swapped == 0 {
        return Err(Error::no_face(format!("there is no face to swap in any frame of {name}"))
            .hint(format!(
                "see what facedeck sees: facedeck faces {name} --frame {}",
                job.info.begins_at().0
            )));
    }
    let whole = assemble(&setting, work, &end, observer, interrupt)?;
    let summary = summary(job, &end.counts, before, &times, process_name, &clock);
    let frames = kept.map(KeptFrames::finish).transpose()?;
    // The last moment to be held or stopped at.
    interrupt.check()?;
    observer.publishing(whole.path(), &summary)?;
    whole.publish(job.request.overwrite)?;
    if let Some(frames) = frames {
        observer.note(&format!("the frames are in {}", frames.keep().display()));
    }
    Ok(summary)
}

/// Puts the output together from its segments and what else the target holds.
fn assemble(
    setting: &Setting<'_>,
    work: &Work,
    end: &Sealed,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Made> {
    let clock = Clock::new(setting.target, setting.job.container, end.origin);
    let mut segments = (0..=end.number).map(|number| {
        let (first_tick, _) = work.ledger().segment(number)?;
        Ok(Segment { file: work.segment(number), first_tick })
    });
    let tell = |hidden: &Path| observer.writing(hidden);
    mux::join(setting, &clock, &mut segments, work.folder(), &tell, interrupt)
}

/// What picks faces; a reference face is looked up in its frame.
fn selector(job: &Job<'_>, engine: &mut Engine, observer: &dyn Observer) -> Result<Selector> {
    let mut frame_at = |engine: &Engine, index| {
        let path = job.request.target.clone();
        // The frame that the user named is one of the whole film.
        let media = MediaInfo { path, kind: MediaKind::Video(job.info.clone().uncut()) };
        read_frame_at(&engine.tools, &media, index)
    };
    choice::selector(job.request, engine, &mut frame_at, observer)
}

/// The frames on their way through the stages.
struct Flow<'a> {
    job: &'a Job<'a>,
    setting: Setting<'a>,
    kept: Option<&'a KeptFrames>,
    times: &'a Times,
    clock: &'a Stopwatch<'a>,
    observer: &'a dyn Observer,
    interrupt: &'a Interrupt,
}

impl Flow<'_> {
    /// Takes every frame that is left from the decoder into the ledger.
    fn run(
        &self,
        mut decoder: Decoder,
        work: &mut Work,
        last: Option<&Sealed>,
        mut analyst: Analyst<'_>,
    ) -> Result<()> {
        let Flow { times, interrupt, setting, .. } = *self;
        let Plan { threads, waiting } = self.job.plan;
        let buffers = self.job.plan.buffers();
        let (give_back, free) = bounded::<Vec<u8>>(buffers);
        for _ in 0..buffers {
            // Buffers grow to a frame's size when the decoder first fills them.
            let _ = give_back.send(Vec::new());
        }
        let (decoded_in, decoded) = bounded(waiting);
        let (planned_in, planned) = bounded(waiting);
        let (finished_in, finished) = bounded(waiting);
        // One segment at a time is sealed.
        let (to_seal, sealing) = bounded(1);
        let (sealed_in, sealed) = bounded(1);
        let process_name = analyst.processor.name();
        let per_segment = analyst.per_segment;
        let first_error = FirstError::default();
        let (end, screened) = (End::unknown(), AtomicU64::new(0));
        let first = decoder.position();
        let folder = work.folder().to_owned();
        let part = |number| checkpoint::part(&folder, number);
        thread::scope(|scope| {
            let (first_error, end, screened) = (&first_error, &end, &screened);
            spawn(scope, "decode", first_error, move || {
                first_error.catch("decode", || {
                    let busy = &times.decode;
                    stages::decode(&mut decoder, &free, &decoded_in, end, busy, interrupt)
                });
            });
            spawn(scope, "analyze", first_error, move || {
                first_error.catch("analyze", || {
                    let busy = &times.analyze;
                    stages::analyze(&mut analyst, &decoded, &planned_in, busy, interrupt)
                });
                screened.store(analyst.screener.looked(), Ordering::SeqCst);
            });
            for _ in 0..threads {
                let (planned, finished_in) = (planned.clone(), finished_in.clone());
                let (kept, observer, busy) = (self.kept, self.observer, &times.process);
                let worker = Worker { kept, observer, busy, interrupt };
                spawn(scope, "process", first_error, move || {
                    worker.process(&planned, &finished_in)
                });
            }
            spawn(scope, "seal", first_error, move || {
                first_error.catch("seal", || {
                    let (kept, observer) = (self.kept, self.observer);
                    segments::seal(&setting, work, kept, observer, &sealing, &sealed_in, interrupt)
                });
            });
            // Only the workers may hold these, or nobody sees them leave.
            drop((planned, finished_in));
            first_error.catch("encode", || {
                let channels = (to_seal, sealed);
                let mut segments =
                    Segments::new(setting, &part, per_segment, last, channels, interrupt.clone());
                let mut tell = |done: u64| {
                    let shares = times.shares(process_name, threads, self.clock.seconds());
                    self.observer.progress(done, stages::limit(&shares), &shares);
                };
                let busy = &times.encode;
                let next = stages::encode(
                    &mut segments,
                    self.kept,
                    first,
                    (&finished, &give_back),
                    busy,
                    interrupt,
                    &mut tell,
                )?;
                // Frames end, too, when a stage before has failed.
                if end.is_before(next) {
                    segments.finish(screened.load(Ordering::SeqCst));
                }
                Ok(())
            });
            drop((finished, give_back));
        });
        first_error.into_result()
    }
}

/// Starts a stage on a thread of its own, under a name that `top -H` shows. Where it cannot be started
/// its ends of the channels go, and with them the other stages.
fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    first_error: &FirstError,
    stage: impl FnOnce() + Send + 'scope,
) {
    let started = thread::Builder::new().name(name.into()).spawn_scoped(scope, stage);
    first_error.catch(name, || {
        started.map(drop).context(|| format!("cannot start a thread for the {name} stage"))
    });
}

fn summary(
    job: &Job<'_>,
    counts: &Counts,
    before: u64,
    times: &Times,
    process_name: &'static str,
    clock: &Stopwatch<'_>,
) -> Summary {
    let stage = |stage, busy: &Busy, threads| StageTime {
        stage,
        ms_per_frame: busy.total().as_secs_f64() * 1e3
            / counts.frames.saturating_sub(before).max(1) as f64,
        threads,
    };
    Summary {
        output: job.request.output.display().to_string(),
        frames: counts.frames,
        frames_before: before,
        frames_with_swap: counts.frames_with_swap,
        frames_without_swap: counts.gaps.clone().into_ranges(),
        faces_swapped: counts.faces_swapped,
        frames_screened: counts.screened,
        seconds: clock.seconds(),
        cpu_seconds: clock.cpu_seconds(),
        peak_memory: peak_memory(),
        stages: vec![
            stage("decode", &times.decode, 1),
            stage("analyze", &times.analyze, 1),
            stage(process_name, &times.process, job.plan.threads),
            stage("encode", &times.encode, 1),
        ],
    }
}
