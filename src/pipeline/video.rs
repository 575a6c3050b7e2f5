//! A video in, a video out: decode → analyze → process → encode, each on its own threads.
//!
//! A fixed number of frame buffers goes round; channels between the stages are bounded, so memory
//! does not depend on the length of the film. Each stage ends when its neighbors are gone, so an
//! error anywhere ends all of them; the first one is reported.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::{Error, Result};
use crate::faces::Chosen;
use crate::faces::select::{Rule, Selector};
use crate::faces::track::Tracker;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;
use crate::interrupt::Interrupt;
use crate::media::decode::{DecodeOptions, Decoder};
use crate::media::encode::{EncodeOptions, Encoder};
use crate::media::info::{MediaInfo, MediaKind, VideoInfo};
use crate::media::kept_frames::{self, KeptFrames};
use crate::media::read_frame_at;
use crate::processors::{Processor, Work};
use crate::safety::filter::Screener;

use super::memory::Plan;
use super::meter::{Busy, cpu_seconds, peak_memory};
use super::request::{FaceChoice, Request};
use super::summary::{StageTime, Summary};
use super::target::find_reference;
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

/// Busy times of the stages.
#[derive(Default)]
struct Times {
    decode: Busy,
    analyze: Busy,
    process: Busy,
    encode: Busy,
}

impl Times {
    /// The stage that is busy the largest share of the time.
    fn limit(&self, process: &'static str, threads: usize) -> &'static str {
        let share = |busy: &Busy, threads: usize| busy.total().as_secs_f64() / threads as f64;
        let stages = [
            ("decode", share(&self.decode, 1)),
            ("analyze", share(&self.analyze, 1)),
            (process, share(&self.process, threads)),
            ("encode", share(&self.encode, 1)),
        ];
        stages.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |s| s.0)
    }
}

/// What came out of the last two stages for one frame.
struct Finished {
    frame: Frame,
    faces: usize,
}

/// Keeps the first error of any stage.
#[derive(Default)]
struct FirstError(Mutex<Option<Error>>);

impl FirstError {
    /// Runs a stage; its error is kept unless there was one before.
    fn catch(&self, stage: impl FnOnce() -> Result<()>) {
        if let Err(error) = stage() {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error);
        }
    }

    fn into_result(self) -> Result<()> {
        match self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// Swaps the faces of a video.
///
/// # Errors
/// When a frame is refused, no frame shows a face, a file cannot be read or written, an ffmpeg
/// dies, or the user stops the work. Nothing is written then.
pub fn run(
    job: &Job<'_>,
    engine: &mut Engine,
    processor: &mut dyn Processor,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Summary> {
    let start = Instant::now();
    let cpu = cpu_seconds();
    let rule = rule(job, engine)?;
    let name = job.request.target.display().to_string();
    let Plan { threads, waiting } = job.plan;
    let process_name = processor.name();
    let times = Times::default();
    let first_error = FirstError::default();
    let tools = engine.tools.clone();
    let mut screened = 0;
    let mut written = (0u64, 0u64, 0u64);
    let mut decoder =
        Decoder::open(&tools, job.info, &DecodeOptions::default(), interrupt.clone())?;
    let mut encoder =
        Encoder::start(&tools, job.info, &job.request.output, job.options, interrupt.clone())?;
    let kept = match job.request.video_options()?.keep_frames {
        Some(file) => {
            let folder = kept_frames::folder_of(&job.request.target);
            Some(KeptFrames::start(&folder, file, job.request.overwrite)?)
        }
        None => None,
    };
    observer.begin(job.info.frame_count);

    let buffers = job.plan.buffers();
    let (give_back, free) = bounded::<Vec<u8>>(buffers);
    for _ in 0..buffers {
        // Buffers grow to a frame's size when the decoder first fills them.
        let _ = give_back.send(Vec::new());
    }
    let (decoded_in, decoded) = bounded::<Frame>(waiting);
    let (planned_in, planned) = bounded::<(Frame, Box<dyn Work>)>(waiting);
    let (finished_in, finished) = bounded::<Finished>(waiting);

    thread::scope(|scope| {
        let (times, first_error) = (&times, &first_error);
        scope.spawn(move || {
            first_error.catch(|| decode(&mut decoder, &free, &decoded_in, &times.decode));
        });
        let (screened, name) = (&mut screened, &name);
        scope.spawn(move || {
            let mut analyst = Analyst {
                engine,
                processor,
                tracker: Tracker::new(1.0 / job.info.fps.as_f64() as f32),
                selector: Selector::new(rule),
                screener: Screener::default(),
                name,
            };
            first_error.catch(|| analyze(&mut analyst, &decoded, &planned_in, &times.analyze));
            *screened = analyst.screener.looked();
        });
        for _ in 0..threads {
            let (planned, finished_in) = (planned.clone(), finished_in.clone());
            let kept = kept.as_ref();
            scope.spawn(move || {
                first_error.catch(|| process(&planned, &finished_in, kept, &times.process));
            });
        }
        // Only the workers may hold these, or nobody sees them leave.
        drop((planned, finished_in));
        first_error.catch(|| {
            let mut done = 0;
            let mut tell = |faces: usize| {
                done += 1;
                written.0 = done;
                written.1 += u64::from(faces > 0);
                written.2 += faces as u64;
                observer.progress(done, times.limit(process_name, threads));
            };
            encode(&mut encoder, &finished, &give_back, &times.encode, &mut tell)
        });
        drop((finished, give_back));
    });
    first_error.into_result()?;
    interrupt.check()?;
    let (frames, frames_with_swap, faces_swapped) = written;
    if faces_swapped == 0 {
        return Err(Error::no_face(format!("there is no face to swap in any frame of {name}"))
            .hint(format!("see what facedeck sees: facedeck faces {name} --frame 0")));
    }
    encoder.finish()?;
    if let Some(kept) = kept {
        let folder = kept.finish()?;
        observer.note(&format!("the frames are in {}", folder.display()));
    }
    let now = cpu_seconds();
    let stage = |stage, busy: &Busy, threads| StageTime {
        stage,
        ms_per_frame: busy.total().as_secs_f64() * 1e3 / frames.max(1) as f64,
        threads,
    };
    Ok(Summary {
        output: job.request.output.display().to_string(),
        frames,
        frames_with_swap,
        faces_swapped,
        frames_screened: screened,
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: (now.0 - cpu.0, now.1 - cpu.1),
        peak_memory: peak_memory(),
        stages: vec![
            stage("decode", &times.decode, 1),
            stage("analyze", &times.analyze, 1),
            stage(process_name, &times.process, threads),
            stage("encode", &times.encode, 1),
        ],
    })
}

/// The rule that picks faces, with the reference face looked up.
fn rule(job: &Job<'_>, engine: &mut Engine) -> Result<Rule> {
    Ok(match job.request.faces() {
        FaceChoice::One => Rule::One,
        FaceChoice::Many => Rule::Many,
        FaceChoice::Reference { position, frame, distance } => {
            let path = job.request.target.clone();
            let name = path.display().to_string();
            let media = MediaInfo { path, kind: MediaKind::Video(job.info.clone()) };
            let frame = read_frame_at(&engine.tools, &media, frame)?;
            engine.filter.check(&frame, &name)?;
            find_reference(engine, &frame, &name, position, distance)?
        }
    })
}

fn decode(
    decoder: &mut Decoder,
    free: &Receiver<Vec<u8>>,
    decoded: &Sender<Frame>,
    busy: &Busy,
) -> Result<()> {
    while let Ok(buffer) = free.recv() {
        let Some(frame) = busy.time(|| decoder.next(buffer))? else { break };
        if decoded.send(frame).is_err() {
            break;
        }
    }
    Ok(())
}

/// What looks at the frames in their order.
struct Analyst<'a> {
    engine: &'a mut Engine,
    processor: &'a mut dyn Processor,
    tracker: Tracker,
    selector: Selector,
    screener: Screener,
    name: &'a str,
}

impl Analyst<'_> {
    fn look(&mut self, frame: &Frame) -> Result<Box<dyn Work>> {
        let signature = Signature::of(frame);
        if self.screener.wants(&signature) {
            self.engine.filter.check(frame, self.name)?;
        }
        let models = &mut self.engine.models;
        let found = self.tracker.next(models, frame, signature)?;
        let chosen = self.selector.select(&mut models.recognizer, frame, found)?;
        let chosen: Vec<Chosen> =
            chosen.into_iter().map(|face| Chosen { face, person: 0 }).collect();
        self.processor.prepare(frame, &chosen)
    }
}

fn analyze(
    analyst: &mut Analyst<'_>,
    decoded: &Receiver<Frame>,
    planned: &Sender<(Frame, Box<dyn Work>)>,
    busy: &Busy,
) -> Result<()> {
    for frame in decoded {
        let work = busy.time(|| analyst.look(&frame))?;
        if planned.send((frame, work)).is_err() {
            break;
        }
    }
    Ok(())
}

fn process(
    planned: &Receiver<(Frame, Box<dyn Work>)>,
    finished: &Sender<Finished>,
    kept: Option<&KeptFrames>,
    busy: &Busy,
) -> Result<()> {
    for (mut frame, work) in planned {
        let changed = busy.time(|| {
            let changed = work.apply(&mut frame)?;
            // Here and not where they are written, so that several are compressed at a time.
            kept.map_or(Ok(()), |kept| kept.write(&frame))?;
            Ok::<_, Error>(changed)
        })?;
        if finished.send(Finished { frame, faces: changed.faces }).is_err() {
            break;
        }
    }
    Ok(())
}

/// Writes frames in the order of their index; those that come early wait, at most as many as
/// there are buffers.
fn encode(
    encoder: &mut Encoder,
    finished: &Receiver<Finished>,
    give_back: &Sender<Vec<u8>>,
    busy: &Busy,
    tell: &mut dyn FnMut(usize),
) -> Result<()> {
    let mut early: BTreeMap<u64, Finished> = BTreeMap::new();
    let mut next = 0;
    for item in finished {
        early.insert(item.frame.index, item);
        while let Some(item) = early.remove(&next) {
            busy.time(|| encoder.write(&item.frame))?;
            next += 1;
            tell(item.faces);
            // The decoder may be done and gone.
            let _ = give_back.send(item.frame.data);
        }
    }
    Ok(())
}
