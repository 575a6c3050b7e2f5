//! What the threads of a video job do: decode, analyze, process, encode.
//!
//! Every stage looks at the interrupt before each frame, so work that is held makes no more of
//! them, and the time that it waits does not count as work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use twox_hash::XxHash3_128;

use crate::error::{Error, Result};
use crate::faces::select::Selector;
use crate::faces::track::Tracker;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;
use crate::interrupt::Interrupt;
use crate::media::decode::Decoder;
use crate::media::kept_frames::KeptFrames;
use crate::processors::{Processor, Work};
use crate::safety::filter::Screener;

use super::checkpoint::State;
use super::guard::guarded;
use super::look::Look;
use super::meter::Busy;
use super::segments::{Mark, Segments, hash_of};
use super::summary::StageShare;
use super::{Engine, Observer};

/// Busy times of the stages.
#[derive(Default)]
pub struct Times {
    pub decode: Busy,
    pub analyze: Busy,
    pub process: Busy,
    pub encode: Busy,
}

impl Times {
    /// How busy each stage was in so many seconds.
    pub fn shares(&self, process: &'static str, threads: usize, seconds: f64) -> [StageShare; 4] {
        let share = |stage, busy: &Busy, threads: usize| {
            let most = seconds.max(1e-9) * threads as f64;
            StageShare { stage, busy: (busy.total().as_secs_f64() / most).clamp(0.0, 1.0) }
        };
        [
            share("decode", &self.decode, 1),
            share("analyze", &self.analyze, 1),
            share(process, &self.process, threads),
            share("encode", &self.encode, 1),
        ]
    }
}

/// The stage that is busy the largest share of the time.
pub fn limit(shares: &[StageShare]) -> &'static str {
    shares.iter().max_by(|a, b| a.busy.total_cmp(&b.busy)).map_or("", |share| share.stage)
}

/// Keeps the first error of any stage.
#[derive(Default)]
pub struct FirstError(Mutex<Option<Error>>);

impl FirstError {
    /// Runs a stage; its error is kept unless there was one before. That it broke is one, too.
    pub fn catch(&self, stage: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = guarded(&format!("the {stage} stage"), work) {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error);
        }
    }

    /// The error, if there was one.
    pub fn into_result(self) -> Result<()> {
        match self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// The end of a film: how many frames it has, once its decoder has come there.
pub struct End(AtomicU64);

impl End {
    /// Of a film that goes on.
    pub fn unknown() -> Self {
        End(AtomicU64::new(u64::MAX))
    }

    /// Whether the film ends before this frame.
    pub fn is_before(&self, index: u64) -> bool {
        self.0.load(Ordering::SeqCst) == index
    }
}

/// Fills free buffers with frames.
pub fn decode(
    decoder: &mut Decoder,
    free: &Receiver<Vec<u8>>,
    decoded: &Sender<Frame>,
    end: &End,
    busy: &Busy,
    interrupt: &Interrupt,
) -> Result<()> {
    while let Ok(buffer) = free.recv() {
        interrupt.check()?;
        let Some(frame) = busy.time(|| decoder.next(buffer))? else {
            end.0.store(decoder.position(), Ordering::SeqCst);
            break;
        };
        if decoded.send(frame).is_err() {
            break;
        }
    }
    Ok(())
}

/// A frame with what is to be done to it, and what is remembered at it where a segment ends.
pub struct Planned {
    frame: Frame,
    deed: Deed,
    mark: Option<Mark>,
}

/// What is to be done to a frame.
enum Deed {
    /// This.
    Work(Box<dyn Work>),
    /// Nothing: it is the frame before it once more, and so is what comes of it.
    Repeat,
}

/// What looks at the frames in their order.
pub struct Analyst<'a> {
    pub engine: &'a mut Engine,
    pub processor: &'a mut dyn Processor,
    pub tracker: Tracker,
    pub selector: Selector,
    pub screener: Screener,
    /// The target's name, for messages.
    pub name: &'a str,
    /// The number and the time that the first frame has in the film.
    pub begins_at: (u64, f64),
    /// Frames of a segment.
    pub per_segment: u64,
    /// The last frame's samples, hashed.
    pub last: Option<u128>,
}

impl Analyst<'_> {
    /// What is to be done to the next frame. The first one of a segment is looked at whatever was
    /// before it: whoever goes on there later has not seen that.
    fn look(&mut self, frame: &Frame) -> Result<Deed> {
        let hash = XxHash3_128::oneshot(&frame.data);
        let same = self.last.replace(hash) == Some(hash);
        if same && !frame.index.is_multiple_of(self.per_segment) {
            return Ok(Deed::Repeat);
        }
        let signature = Signature::of(frame);
        if self.screener.wants(&signature, frame.time) {
            self.engine.filter.check_part(frame, self.name, self.begins_at)?;
        }
        let models = &self.engine.models;
        let found = self.tracker.next(models, frame, signature)?;
        let chosen = self.selector.select(models, frame, found)?;
        self.processor.prepare(frame, &chosen).map(Deed::Work)
    }

    /// What is remembered at the last frame of a segment.
    fn mark(&self, frame: &Frame) -> Result<Option<Mark>> {
        if !(frame.index + 1).is_multiple_of(self.per_segment) {
            return Ok(None);
        }
        let state = State {
            tracker: self.tracker.save()?,
            selector: self.selector.save()?,
            screener: self.screener.save()?,
            processor: self.processor.save()?,
        };
        Ok(Some(Mark { state, hash: hash_of(frame), screened: self.screener.looked() }))
    }

    /// Goes on from what was remembered.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn restore(&mut self, state: &State) -> Result<()> {
        self.tracker.restore(&state.tracker)?;
        self.selector.restore(&state.selector)?;
        self.screener.restore(&state.screener)?;
        self.processor.restore(&state.processor)
    }
}

/// Finds out what is to be done to each frame.
pub fn analyze(
    analyst: &mut Analyst<'_>,
    decoded: &Receiver<Frame>,
    planned: &Sender<Planned>,
    busy: &Busy,
    interrupt: &Interrupt,
) -> Result<()> {
    for frame in decoded {
        interrupt.check()?;
        let deed = busy.time(|| analyst.look(&frame))?;
        let mark = analyst.mark(&frame)?;
        if planned.send(Planned { frame, deed, mark }).is_err() {
            break;
        }
    }
    Ok(())
}

/// What came of one frame.
pub struct Finished {
    frame: Frame,
    /// How many faces were changed; nothing where it is what the frame before it became.
    faces: Option<usize>,
    mark: Option<Mark>,
}

/// What works on frames, on one of several threads.
pub struct Worker<'a> {
    pub kept: Option<&'a KeptFrames>,
    pub observer: &'a dyn Observer,
    pub busy: &'a Busy,
    pub interrupt: &'a Interrupt,
}

impl Worker<'_> {
    /// Does what is to be done. An error goes the way of the frame, whose place it takes: the
    /// others would wait for that frame for ever.
    pub fn process(&self, planned: &Receiver<Planned>, finished: &Sender<Result<Finished>>) {
        for Planned { frame, deed, mark } in planned {
            let done = guarded("the process stage", || {
                self.interrupt.check()?;
                match deed {
                    Deed::Work(work) => self.busy.time(|| self.work(frame, work, mark)),
                    Deed::Repeat => Ok(Finished { frame, faces: None, mark }),
                }
            });
            let failed = done.is_err();
            if finished.send(done).is_err() || failed {
                break;
            }
        }
    }

    fn work(&self, mut frame: Frame, work: Box<dyn Work>, mark: Option<Mark>) -> Result<Finished> {
        let look = Look::before(&frame, self.observer);
        let faces = work.apply(&mut frame)?.faces;
        if let Some(look) = look {
            look.after(&frame);
        }
        // Here and not where they are written, so that several are compressed at a time.
        self.kept.map_or(Ok(()), |kept| kept.write(&frame))?;
        Ok(Finished { frame, faces: Some(faces), mark })
    }
}

/// The last frame that was written, for those that repeat it.
#[derive(Default)]
struct Shown {
    data: Vec<u8>,
    faces: usize,
}

/// Writes frames in the order of their index, from `next` on; those that come early wait, at most as
/// many as there are buffers. `tell` hears how many are done. Returns the number of frames when
/// there are no more.
///
/// # Errors
/// The first of a worker, of the encoder, or that the user stopped the work.
pub fn encode(
    segments: &mut Segments<'_>,
    kept: Option<&KeptFrames>,
    mut next: u64,
    (finished, give_back): (&Receiver<Result<Finished>>, &Sender<Vec<u8>>),
    busy: &Busy,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(u64),
) -> Result<u64> {
    let mut early: BTreeMap<u64, Finished> = BTreeMap::new();
    let mut shown = Shown::default();
    for item in finished {
        let item = item?;
        early.insert(item.frame.index, item);
        while let Some(Finished { mut frame, faces, mark }) = early.remove(&next) {
            interrupt.check()?;
            match faces {
                Some(faces) => shown.faces = faces,
                None => {
                    std::mem::swap(&mut frame.data, &mut shown.data);
                    kept.map_or(Ok(()), |kept| kept.write(&frame))?;
                }
            }
            if !segments.write(&frame, shown.faces, mark, busy)? {
                return Ok(next);
            }
            next += 1;
            tell(next);
            // What was shown before this is of no more use; the decoder may be done and gone.
            let _ = give_back.send(std::mem::replace(&mut shown.data, frame.data));
        }
    }
    Ok(next)
}
