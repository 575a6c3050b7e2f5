//! Goes on where an earlier run of the same job was cut off.

use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::media::decode::{DecodeOptions, Decoder, Place};
use crate::media::info::VideoInfo;
use crate::media::kept_frames::KeptFrames;
use crate::provision::FfmpegTools;

use super::Observer;
use super::checkpoint::{Film, Fingerprint, Found, Sealed, State, Work};
use super::request::{Request, Resume};
use super::segments::hash_of;

/// What a job that was found half done differs in, and what is to become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// What is there is thrown away.
    Anew,
    /// It goes on all the same.
    GoOn,
}

/// Where an earlier run was cut off.
pub struct Last {
    /// The last segment that is safe.
    pub sealed: Sealed,
    /// What the stages remembered at its end, where they can go on with it.
    pub state: Option<State>,
}

/// The work of a job: what is safe of an earlier run, or a new beginning.
///
/// # Errors
/// When another facedeck works on it; when the job was changed since and nobody says what is to
/// become of what is there; when nothing can be written beside the output.
pub fn open(
    request: &Request,
    print: &Fingerprint,
    film: &Film,
    kept: Option<&KeptFrames>,
    observer: &dyn Observer,
) -> Result<(Work, Option<Last>)> {
    let opened = find_or_begin(request, print, film, kept, observer);
    if let (Err(_), Some(kept)) = (&opened, kept) {
        kept.leave();
    }
    opened
}

fn find_or_begin(
    request: &Request,
    print: &Fingerprint,
    film: &Film,
    kept: Option<&KeptFrames>,
    observer: &dyn Observer,
) -> Result<(Work, Option<Last>)> {
    let found = match request.resume {
        Resume::Restart => Found::Nothing,
        _ => Work::find(&request.output, print)?,
    };
    if let Found::Work(work, changes) = found {
        let goes_on = changes.is_empty()
            || request.resume == Resume::Anyway
            || observer.stale(&changes)? == Stale::GoOn;
        if goes_on && let Some((sealed, state)) = work.last()? {
            let done = sealed.first_frame + sealed.frames;
            if kept.is_none_or(|kept| kept.hold(done)) {
                tell(&sealed, &work, observer)?;
                // What was remembered of other choices is of no use for these.
                let state = changes.is_empty().then_some(state);
                return Ok((*work, Some(Last { sealed, state })));
            }
            observer.note("frames that an earlier run has kept are gone: beginning anew");
        }
    }
    kept.map_or(Ok(()), KeptFrames::clear)?;
    Ok((Work::begin(&request.output, print, film)?, None))
}

fn tell(last: &Sealed, work: &Work, observer: &dyn Observer) -> Result<()> {
    let done = last.first_frame + last.frames;
    let of = match work.ledger().film()?.frames.filter(|frames| *frames >= done) {
        Some(frames) => format!(" of {frames}"),
        None => String::new(),
    };
    let text = if last.is_last {
        "every frame was made by an earlier run: the film is put together".to_owned()
    } else {
        format!("an earlier run made {done}{of} frames: going on after them")
    };
    observer.note(&text);
    Ok(())
}

/// The default answer to a job that was changed.
///
/// # Errors
/// Always.
pub fn refuse(changes: &[String]) -> Result<Stale> {
    Err(Error::usage("an earlier run left work that does not fit this one")
        .because(changes.join("; "))
        .hint("--restart throws it away and begins anew, --resume goes on with it all the same"))
}

/// A decoder whose next frame is the first after what was sealed.
///
/// # Errors
/// When the target cannot be decoded, or is not the film that it was.
pub fn decoder_after(
    tools: &FfmpegTools,
    video: &VideoInfo,
    last: &Sealed,
    options: &DecodeOptions,
    interrupt: &Interrupt,
) -> Result<Decoder> {
    let index = last.first_frame + last.frames - 1;
    let place = Place { index, pts: last.last_pts, origin: last.origin };
    let there = DecodeOptions { place: Some(place), ..options.clone() };
    let mut decoder = Decoder::open(tools, video, &there, interrupt.clone())?;
    // The frame before shows whether it is the right place, and whether it is decoded as it was.
    match decoder.next(Vec::new()) {
        Ok(Some(frame)) if frame.pts == last.last_pts && hash_of(&frame) == last.last_hash => {
            return Ok(decoder);
        }
        Err(error) if *error.kind() == Kind::Interrupted => return Err(error),
        _ => {}
    }
    drop(decoder);
    // Some files cannot be sought in exactly: then all of it is decoded again.
    let mut decoder = Decoder::open(tools, video, options, interrupt.clone())?;
    let mut buffer = Vec::new();
    while let Some(frame) = decoder.next(buffer)? {
        if frame.index == index {
            if hash_of(&frame) == last.last_hash {
                return Ok(decoder);
            }
            break;
        }
        buffer = frame.data;
    }
    let name = video.path.display();
    Err(Error::failed(format!("{name} is not the film that it was: frame {index} is another one"))
        .hint("begin anew with --restart"))
}

/// What becomes of the work of a job that ended with an error: it stays where it can be of use.
pub fn settle(work: Work, kept: Option<&KeptFrames>, error: &Error, observer: &dyn Observer) {
    let useless = matches!(error.kind(), Kind::Refused(_) | Kind::NoFace | Kind::Usage);
    let last = work.ledger().last().ok().flatten().filter(|_| !useless);
    match last {
        Some((last, _)) => {
            let done = last.first_frame + last.frames;
            observer.note(&format!("{done} frames are kept: the same job goes on after them"));
        }
        None => {
            if let Err(error) = work.remove().and(kept.map_or(Ok(()), KeptFrames::remove)) {
                observer.note(&error.chain());
            }
        }
    }
}
