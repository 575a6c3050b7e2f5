//! A video in, a video out: decode → analyze → process → encode, each on its own threads.
//!
//! A fixed number of frame buffers goes round; channels between the stages are bounded, so memory
//! does not depend on the length of the film. Each stage ends when its neighbors are gone, so an
//! error anywhere ends all of them; the first one is reported.

use std::thread;

use crossbeam_channel::bounded;

use crate::error::{Error, Result};
use crate::faces::select::Selector;
use crate::faces::track::Tracker;
use crate::interrupt::Interrupt;
use crate::media::decode::{DecodeOptions, Decoder};
use crate::media::encode::{EncodeOptions, Encoder};
use crate::media::info::{MediaInfo, MediaKind, VideoInfo};
use crate::media::kept_frames::{self, KeptFrames};
use crate::media::read_frame_at;
use crate::processors::Processor;
use crate::safety::filter::Screener;

use super::choice;
use super::gaps::Gaps;
use super::memory::Plan;
use super::meter::{Busy, Clock, peak_memory};
use super::request::Request;
use super::stages::{self, Analyst, FirstError, Times, Worker};
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
}

/// What was done to the frames.
#[derive(Default)]
struct Counts {
    frames: u64,
    frames_with_swap: u64,
    gaps: Gaps,
    faces_swapped: u64,
    screened: u64,
}

/// Swaps the faces of a video.
///
/// # Errors
/// When a frame is refused, no frame shows a face, a file cannot be read or written, an ffmpeg
/// dies, a stage breaks, the observer objects, or the user stops the work. Nothing is written then.
pub fn run(
    job: &Job<'_>,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let clock = Clock::start(interrupt);
    let selector = selector(job, engine, observer)?;
    let name = job.request.target.display().to_string();
    let tools = &engine.tools;
    let decoder = Decoder::open(tools, job.info, &DecodeOptions::default(), interrupt.clone())?;
    let mut encoder =
        Encoder::start(tools, job.info, &job.request.output, job.options, interrupt.clone())?;
    observer.writing(encoder.hidden());
    let kept = match job.request.video_options()?.keep_frames {
        Some(file) => {
            let folder = kept_frames::folder_of(&job.request.target);
            Some(KeptFrames::start(&folder, file, job.request.overwrite)?)
        }
        None => None,
    };
    observer.begin(job.info.frame_count);
    let process_name = processor.name();
    let times = Times::default();
    let flow = Flow { job, kept: kept.as_ref(), times: &times, clock: &clock, observer, interrupt };
    let faces = &job.request.profile.faces;
    let tracker = Tracker::new(faces, &engine.models, 1.0 / job.info.fps.as_f64() as f32);
    let screener = Screener::default();
    let analyst = Analyst { engine, processor, tracker, selector, screener, name: &name };
    let counts = flow.run(decoder, &mut encoder, analyst)?;
    interrupt.check()?;
    if counts.faces_swapped == 0 {
        return Err(Error::no_face(format!("there is no face to swap in any frame of {name}"))
            .hint(format!("see what facedeck sees: facedeck faces {name} --frame 0")));
    }
    let whole = encoder.finish()?;
    let summary = summary(job, &counts, &times, process_name, &clock);
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

/// What picks faces; a reference face is looked up in its frame.
fn selector(job: &Job<'_>, engine: &mut Engine, observer: &dyn Observer) -> Result<Selector> {
    let mut frame_at = |engine: &Engine, index| {
        let path = job.request.target.clone();
        let media = MediaInfo { path, kind: MediaKind::Video(job.info.clone()) };
        read_frame_at(&engine.tools, &media, index)
    };
    choice::selector(job.request, engine, &mut frame_at, observer)
}

/// The frames on their way through the stages.
struct Flow<'a> {
    job: &'a Job<'a>,
    kept: Option<&'a KeptFrames>,
    times: &'a Times,
    clock: &'a Clock<'a>,
    observer: &'a dyn Observer,
    interrupt: &'a Interrupt,
}

impl Flow<'_> {
    /// Takes every frame from the decoder to the encoder.
    fn run(
        &self,
        mut decoder: Decoder,
        encoder: &mut Encoder,
        mut analyst: Analyst<'_>,
    ) -> Result<Counts> {
        let Flow { times, interrupt, .. } = *self;
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
        let process_name = analyst.processor.name();
        let first_error = FirstError::default();
        let mut counts = Counts::default();
        let mut screened = 0;
        thread::scope(|scope| {
            let (first_error, screened) = (&first_error, &mut screened);
            scope.spawn(move || {
                first_error.catch("decode", || {
                    stages::decode(&mut decoder, &free, &decoded_in, &times.decode, interrupt)
                });
            });
            scope.spawn(move || {
                first_error.catch("analyze", || {
                    let busy = &times.analyze;
                    stages::analyze(&mut analyst, &decoded, &planned_in, busy, interrupt)
                });
                *screened = analyst.screener.looked();
            });
            for _ in 0..threads {
                let (planned, finished_in) = (planned.clone(), finished_in.clone());
                let (kept, observer, busy) = (self.kept, self.observer, &times.process);
                let worker = Worker { kept, observer, busy, interrupt };
                scope.spawn(move || worker.process(&planned, &finished_in));
            }
            // Only the workers may hold these, or nobody sees them leave.
            drop((planned, finished_in));
            first_error.catch("encode", || {
                let mut tell = |faces: usize| {
                    counts.gaps.frame(counts.frames, faces > 0);
                    counts.frames += 1;
                    counts.frames_with_swap += u64::from(faces > 0);
                    counts.faces_swapped += faces as u64;
                    let shares = times.shares(process_name, threads, self.clock.seconds());
                    self.observer.progress(counts.frames, stages::limit(&shares), &shares);
                };
                let busy = &times.encode;
                stages::encode(encoder, &finished, &give_back, busy, interrupt, &mut tell)
            });
            drop((finished, give_back));
        });
        first_error.into_result()?;
        counts.screened = screened;
        Ok(counts)
    }
}

fn summary(
    job: &Job<'_>,
    counts: &Counts,
    times: &Times,
    process_name: &'static str,
    clock: &Clock<'_>,
) -> Summary {
    let stage = |stage, busy: &Busy, threads| StageTime {
        stage,
        ms_per_frame: busy.total().as_secs_f64() * 1e3 / counts.frames.max(1) as f64,
        threads,
    };
    Summary {
        output: job.request.output.display().to_string(),
        frames: counts.frames,
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
