//! The part of a film that is worked on.
//!
//! Frames keep the timestamps that they have in the film, so that whoever goes on later goes on at
//! the same place; their numbers count from the first one of the part.

use crate::error::{Error, Result};
use crate::provision::FfmpegTools;

use super::frame_times::FrameTimes;
use super::info::VideoInfo;
use super::moment::Moment;

/// Times are typed and shown to the millisecond: a frame that is this much earlier, in seconds, is
/// still meant.
const TYPED: f64 = 0.001;

/// Where a film is cut, as the user says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    /// The first frame is the one that is shown here, or the next one.
    pub start: Option<Moment>,
    /// The first frame that is left out again.
    pub end: Option<Moment>,
}

/// What the whole film has.
#[derive(Debug, Clone, PartialEq)]
struct Whole {
    frames: Option<u64>,
    counted: bool,
    duration: Option<f64>,
    shown: Option<f64>,
}

/// A part of a film.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The number that its first frame has in the film.
    pub first: u64,
    /// Seconds from the film's first frame to its own.
    pub since: f64,
    /// The timestamp of its first frame, in ticks of the film; the film's own beginning when not
    /// given.
    pub(super) from: Option<i64>,
    /// The timestamp of the first frame after it; the film's own end when not given.
    pub(super) until: Option<i64>,
    /// By how many ticks frames may be earlier than they should be.
    pub(super) slack: i64,
    whole: Whole,
}

impl VideoInfo {
    /// The part of a film between two moments, and what the user should know of it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when nothing lies between them, or the film ends before the
    /// first; when ffprobe cannot read the timestamps of an uneven film.
    pub fn cut(mut self, tools: &FfmpegTools, cut: &Cut) -> Result<(Self, Vec<String>)> {
        let Cut { start, end } = *cut;
        if start.is_none() && end.is_none() {
            return Ok((self, Vec::new()));
        }
        check_order(cut)?;
        let even = lies_on_a_grid(&self);
        let found = if even { even_cut(&self, cut) } else { uneven_cut(tools, &self, cut)? };
        let name = self.path.display();
        let Found { first, last, frames, exact } = found;
        let (index, from) = first.unwrap_or((0, self.start_pts));
        // An estimate may be wrong by a frame; whether one is there shows when it is decoded.
        if frames.is_some_and(|frames| index >= if exact { frames } else { frames + 2 }) {
            let frames = frames.unwrap_or(0);
            let start = start.map_or_else(String::new, |start| start.to_string());
            let seconds = self.duration.map(|d| format!(" and {d:.2} s")).unwrap_or_default();
            return Err(Error::usage(format!(
                "--start {start} lies beyond the end of {name}, which has {frames} frames{seconds}"
            ))
            .hint("frames and times are counted from 0 at the first frame"));
        }
        if last.is_some_and(|(last, _)| last <= index) {
            return Err(nothing_between(cut));
        }
        let mut notes = Vec::new();
        // An estimate is no reason to say that the film ends earlier.
        let beyond = last.is_none() && exact
            || last.is_some_and(|l| frames.is_some_and(|n| exact && l.0 > n));
        if let Some(end) = end.filter(|_| beyond) {
            notes.push(format!("{name} ends before --end {end}: all of the rest is taken"));
        }
        let tick = self.time_base.as_f64();
        let half = (0.5 / self.fps.as_f64() / tick) as i64;
        self.span = Some(Span {
            first: index,
            since: (from - self.start_pts) as f64 * tick,
            from: first.map(|(_, pts)| pts).filter(|_| index > 0),
            until: last.map(|(_, pts)| pts),
            slack: if even { half } else { 0 },
            whole: Whole {
                frames: self.frame_count,
                counted: self.frame_count_exact,
                duration: self.duration,
                shown: self.shown,
            },
        });
        let ends = match (last, frames) {
            (Some((last, _)), Some(frames)) => Some(last.min(frames)),
            (Some((last, _)), None) => Some(last),
            (None, frames) => frames,
        };
        self.frame_count = ends.map(|ends| ends.saturating_sub(index).max(1));
        self.frame_count_exact = exact;
        let since = (from - self.start_pts) as f64 * tick;
        let part = last.map(|(_, until)| (until - from) as f64 * tick);
        let within = |whole: f64| part.map_or(whole - since, |part| part.min(whole - since));
        self.duration = self.duration.map(within).or(part);
        self.shown = self.shown.map(within);
        if index > 0 && self.tags.iter().any(|(tag, _)| tag == "timecode") {
            self.tags.retain(|(tag, _)| tag != "timecode");
            notes.push("the timecode is that of another frame: it is left out".to_owned());
        }
        Ok((self, notes))
    }

    /// The whole film again.
    #[must_use]
    pub fn uncut(mut self) -> Self {
        if let Some(span) = self.span.take() {
            let Whole { frames, counted, duration, shown } = span.whole;
            (self.frame_count, self.frame_count_exact) = (frames, counted);
            (self.duration, self.shown) = (duration, shown);
        }
        self
    }

    /// The number in the film of the frame that is the first one here, and the seconds from the
    /// film's first frame to it.
    pub fn begins_at(&self) -> (u64, f64) {
        self.span.as_ref().map_or((0, 0.0), |span| (span.first, span.since))
    }

    /// Follows a change of the film's clock, from `old` seconds a tick: its frames come at the times
    /// that whole ticks of the new one stand for. Called with the new clock in place.
    pub(super) fn respan(&mut self, old: f64) {
        let (tick, start) = (self.time_base.as_f64(), self.start_pts);
        let Some(span) = &mut self.span else { return };
        // A hair early, so that what is on a tick stays on it.
        let later = |pts: i64| (pts as f64 * old / tick - 1e-6).ceil() as i64;
        span.from = span.from.map(later);
        span.until = span.until.map(later);
        let duration = span.whole.duration;
        let frames = duration.map(|s| (s / tick).round().max(1.0) as u64);
        span.whole = Whole { frames, counted: false, duration, shown: None };
        span.slack = 0;
        if let Some(from) = span.from {
            span.first = (from - start).max(0).unsigned_abs();
        }
    }
}

/// Where a part begins and ends: numbers and timestamps of frames.
struct Found {
    first: Option<(u64, i64)>,
    last: Option<(u64, i64)>,
    /// Frames of the whole film, where that is known.
    frames: Option<u64>,
    exact: bool,
}

/// Whether the number of a frame says when it is shown. A rate alone does not: that of Matroska is
/// what somebody had in mind. Counted frames that fill the film's time at that rate do, and AVI has no
/// other times.
fn lies_on_a_grid(film: &VideoInfo) -> bool {
    !film.variable_rate && (film.frame_count_exact || film.container == "avi")
}

/// Of a film whose frames lie on a grid.
fn even_cut(film: &VideoInfo, cut: &Cut) -> Found {
    let rate = film.fps.as_f64();
    let find = |moment: Moment| {
        let index = match moment {
            Moment::Frame(index) => index,
            Moment::Time(time) => {
                let early = (TYPED * rate).min(0.25);
                (time.as_secs_f64() * rate - early).ceil().max(0.0) as u64
            }
        };
        (index, film.pts_of(index))
    };
    Found {
        first: cut.start.map(find),
        last: cut.end.map(find),
        frames: film.frame_count,
        exact: film.frame_count_exact,
    }
}

/// Of a film in which only the timestamps tell where a frame lies.
fn uneven_cut(tools: &FfmpegTools, film: &VideoInfo, cut: &Cut) -> Result<Found> {
    let tick = film.time_base.as_f64();
    let (mut first, mut last) = (None, None);
    let mut origin = None;
    let mut count = 0;
    for pts in FrameTimes::of(tools, film)? {
        let pts = pts?;
        let since = (pts - *origin.get_or_insert(pts)) as f64 * tick;
        let comes = |moment: Option<Moment>| match moment {
            Some(Moment::Frame(index)) => count >= index,
            Some(Moment::Time(time)) => since >= time.as_secs_f64() - TYPED,
            None => false,
        };
        if first.is_none() && comes(cut.start) {
            first = Some((count, pts));
        }
        if last.is_none() && comes(cut.end) {
            last = Some((count, pts));
        }
        let begun = first.is_some() || cut.start.is_none();
        // What comes after a part is not looked at.
        if begun && (last.is_some() || cut.end.is_none()) {
            let (frames, exact) = (film.frame_count, film.frame_count_exact);
            return Ok(Found { first, last, frames: frames.map(|n| n.max(count + 1)), exact });
        }
        count += 1;
    }
    if first.is_none() && cut.start.is_some() {
        first = Some((count, film.start_pts));
    }
    Ok(Found { first, last, frames: Some(count), exact: true })
}

/// Refuses what is the wrong way round whatever the film.
fn check_order(cut: &Cut) -> Result<()> {
    let wrong = match (cut.start, cut.end) {
        (Some(Moment::Time(start)), Some(Moment::Time(end))) => end <= start,
        (Some(Moment::Frame(start)), Some(Moment::Frame(end))) => end <= start,
        (_, Some(Moment::Time(end))) => end.is_zero(),
        (_, Some(Moment::Frame(end))) => end == 0,
        (_, None) => false,
    };
    if wrong { Err(nothing_between(cut)) } else { Ok(()) }
}

fn nothing_between(cut: &Cut) -> Error {
    let word = |moment: Option<Moment>| moment.map_or_else(|| "0".to_owned(), |m| m.to_string());
    Error::usage(format!(
        "no frame lies between --start {} and --end {}",
        word(cut.start),
        word(cut.end)
    ))
    .hint("the end is the first frame that is left out again, so it comes after the start")
}

#[cfg(test)]
#[path = "span_tests.rs"]
mod tests;
