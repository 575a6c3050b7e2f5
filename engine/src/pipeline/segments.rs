//! The frames of a film written as segments, and each segment sealed when it is whole.
//!
//! The encoder of the next segment starts while the last one is still finished, checked and synced
//! on a thread of its own. Nobody runs far ahead of it: after a quarter of a segment the frames wait
//! until what was before them is safe.

use crossbeam_channel::{Receiver, Sender};

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::media::Clock;
use crate::media::encode::{SegmentEncoder, Setting};
use crate::media::kept_frames::KeptFrames;
use crate::media::mux;
use crate::models::hash;

use super::Observer;
use super::checkpoint::{Counts, Sealed, State, Work};
use super::meter::Busy;
use super::request::AHEAD;

/// What is remembered at a frame, so that others can go on after it.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What the stages remember.
    pub state: State,
    /// The frame as it was decoded.
    pub hash: String,
    /// Frames that the content filter has looked at.
    pub screened: u64,
}

/// SHA-256 of a frame's samples, in hex.
pub fn hash_of(frame: &Frame) -> String {
    hash::of_bytes(&frame.data)
}

/// A segment whose frames all are with its encoder.
pub struct Sealing {
    encoder: SegmentEncoder,
    sealed: Sealed,
    state: State,
}

/// Finishes, checks and records segments, one after the other.
///
/// # Errors
/// When an encoder failed, a segment is not what it should be, or the disk takes no more.
pub fn seal(
    setting: &Setting<'_>,
    work: &mut Work,
    kept: Option<&KeptFrames>,
    observer: &dyn Observer,
    segments: &Receiver<Sealing>,
    done: &Sender<u64>,
    interrupt: &Interrupt,
) -> Result<()> {
    let per_segment = work.ledger().film()?.per_segment;
    for Sealing { encoder, mut sealed, state } in segments {
        encoder.finish()?;
        let part = work.part(sealed.number);
        sealed.bytes = mux::check(setting, &part, sealed.frames, interrupt)?;
        kept.map_or(Ok(()), KeptFrames::sync)?;
        work.seal(&sealed, &state)?;
        observer.safe(sealed.first_frame + sealed.frames, per_segment);
        if done.send(sealed.number).is_err() {
            break;
        }
    }
    Ok(())
}

/// The segment that is written now.
struct Open {
    encoder: SegmentEncoder,
    number: u64,
    first_frame: u64,
    first_tick: i64,
    last_tick: i64,
    last_pts: i64,
    /// Set when its last frame was written: it is closed when the next one comes.
    mark: Option<Mark>,
}

/// Takes the frames of a film in their order.
pub struct Segments<'a> {
    setting: Setting<'a>,
    /// Where the segments lie.
    part: &'a (dyn Fn(u64) -> std::path::PathBuf + Sync),
    per_segment: u64,
    clock: Option<Clock>,
    origin: Option<i64>,
    open: Option<Open>,
    number: u64,
    counts: Counts,
    to_seal: Sender<Sealing>,
    sealed: Receiver<u64>,
    waits_for: Option<u64>,
    interrupt: Interrupt,
}

impl<'a> Segments<'a> {
    /// Goes on after what was sealed, or begins.
    pub fn new(
        setting: Setting<'a>,
        part: &'a (dyn Fn(u64) -> std::path::PathBuf + Sync),
        per_segment: u64,
        after: Option<&Sealed>,
        (to_seal, sealed): (Sender<Sealing>, Receiver<u64>),
        interrupt: Interrupt,
    ) -> Self {
        let clock = after.map(|after| {
            let clock = Clock::new(setting.target, setting.job.container, after.origin);
            clock.after(after.last_tick)
        });
        Segments {
            setting,
            part,
            per_segment,
            clock,
            origin: after.map(|after| after.origin),
            open: None,
            number: after.map_or(0, |after| after.number + 1),
            counts: after.map(|after| after.counts.clone()).unwrap_or_default(),
            to_seal,
            sealed,
            waits_for: None,
            interrupt,
        }
    }

    /// Writes the next frame, in which so many faces were changed. `false` when nobody seals any
    /// more, which has its own error.
    ///
    /// # Errors
    /// As [`SegmentEncoder::write`].
    pub fn write(
        &mut self,
        frame: &Frame,
        faces: usize,
        mark: Option<Mark>,
        busy: &Busy,
    ) -> Result<bool> {
        if self.open.as_ref().is_some_and(|open| open.mark.is_some()) && !self.close(None) {
            return Ok(false);
        }
        let Segments { setting, clock, .. } = self;
        let clock = clock
            .get_or_insert_with(|| Clock::new(setting.target, setting.job.container, frame.pts));
        let tick = clock.tick(frame.pts);
        self.origin.get_or_insert(frame.pts);
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let file = (self.part)(self.number);
                let encoder = SegmentEncoder::start(setting, clock, &file, self.interrupt.clone())?;
                none.insert(Open {
                    encoder,
                    number: self.number,
                    first_frame: frame.index,
                    first_tick: tick,
                    last_tick: tick,
                    last_pts: frame.pts,
                    mark: None,
                })
            }
        };
        busy.time(|| open.encoder.write(frame, tick - open.first_tick))?;
        (open.last_tick, open.last_pts, open.mark) = (tick, frame.pts, mark);
        let written = open.encoder.written();
        self.counts.gaps.frame(frame.index, faces > 0);
        self.counts.frames = frame.index + 1;
        self.counts.frames_with_swap += u64::from(faces > 0);
        self.counts.faces_swapped += faces as u64;
        if written as f64 >= self.per_segment as f64 * AHEAD {
            return Ok(self.wait());
        }
        Ok(true)
    }

    /// Ends the film, of which `screened` frames were looked at by the content filter.
    pub fn finish(&mut self, screened: u64) -> bool {
        self.open.is_none() || (self.close(Some(screened)) && self.wait())
    }

    /// Hands the open segment over to be sealed; the film ends with it when `screened` is given.
    fn close(&mut self, screened: Option<u64>) -> bool {
        let Some(open) = self.open.take() else { return true };
        if !self.wait() {
            return false;
        }
        let Open { encoder, number, first_frame, first_tick, last_tick, last_pts, mark } = open;
        let mark = mark.unwrap_or_else(|| Mark {
            state: State::default(),
            hash: String::new(),
            screened: 0,
        });
        self.counts.screened = screened.unwrap_or(mark.screened);
        let sealed = Sealed {
            number,
            first_frame,
            frames: encoder.written(),
            first_tick,
            last_tick,
            last_pts,
            origin: self.origin.unwrap_or(0),
            last_hash: mark.hash,
            bytes: 0,
            is_last: screened.is_some(),
            counts: self.counts.clone(),
        };
        self.number = number + 1;
        self.waits_for = Some(number);
        self.to_seal.send(Sealing { encoder, sealed, state: mark.state }).is_ok()
    }

    /// Waits until the segment before the open one is safe.
    fn wait(&mut self) -> bool {
        match self.waits_for.take() {
            Some(_) => self.sealed.recv().is_ok(),
            None => true,
        }
    }
}
