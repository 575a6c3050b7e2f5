//! Whether a form in eight bits is near enough, and fast enough.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use super::choose::{Harm, left_out};
use super::maker::Maker;
use super::{Recorded, Wanted};
use crate::error::Result;
use crate::inference::int8::Set;
use crate::inference::rewrite::made::{Made, Verdict};
use crate::inference::session::{Input, Output, Session};
use crate::interrupt::Interrupt;

/// What is asked of a form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Decibels over the differences, on every run that it is judged on.
    pub decibels: f64,
    /// It may take this much of the time at most.
    pub ratio: f64,
    /// The numbers of black and white in what the network gives.
    pub range: [f32; 2],
}

impl Terms {
    /// The usual ones, for results of this range.
    pub fn of(range: [f32; 2]) -> Terms {
        Terms { decibels: 38.0, ratio: 0.9, range }
    }

    /// What is aimed at: frames that nobody has looked at may be a little worse.
    fn aim(&self) -> f64 {
        self.decibels + 0.7
    }
}

/// Of so many runs each convolution's harm is measured.
const TRIALS: usize = 2;
/// The middle of so many runs is taken, in turns.
const ROUNDS: usize = 5;
/// How often other convolutions are left out when it is still too far off.
const TRIES: usize = 4;

/// Makes the form in a folder.
///
/// # Errors
/// When the network cannot be read or run, or the folder not be written; when the user stopped it.
pub(super) fn judge(
    wanted: &Wanted<'_>,
    work: &Path,
    runs: &[Recorded],
    terms: &Terms,
    plain: &dyn Fn(&[Input<'_>]) -> Result<Vec<Output>>,
    interrupt: &Interrupt,
) -> Result<Verdict> {
    let model = wanted.model;
    let refused = |convolutions: usize, why: &str| {
        Ok(Verdict { vectors: vectors(), ..Verdict::refused(model, convolutions, why) })
    };
    if runs.len() < super::LEAST {
        return refused(0, "there are too few faces to calibrate it with");
    }
    let Some(mut maker) = Maker::new(wanted, work)? else {
        return refused(0, "the network is not understood");
    };
    if maker.candidates.is_empty() {
        return refused(0, "it has no convolutions that would gain");
    }
    let seen: Vec<&Recorded> = runs.iter().step_by(2).collect();
    let held: Vec<&Recorded> = runs.iter().skip(1).step_by(2).collect();
    maker.observe(&seen, interrupt)?;
    let all: HashSet<usize> = maker.candidates.iter().map(|one| one.node).collect();
    let mut chosen = all.clone();
    let mut least = maker.apart(&chosen, &held, terms.range, interrupt)?;
    if decibels(least) < terms.aim() {
        let few = &held[..held.len().min(TRIALS)];
        let mut harms = Vec::with_capacity(all.len());
        for node in maker.candidates.iter().map(|one| one.node).collect::<Vec<_>>() {
            let squares = maker.apart(&HashSet::from([node]), few, terms.range, interrupt)?;
            tracing::debug!(node, decibels = decibels(squares), "a convolution of {model} in int8");
            harms.push(Harm { node, squares });
        }
        let mut allowed = squares(terms.aim());
        for _ in 0..TRIES {
            let left = left_out(&harms, together(least, &harms, &chosen, &all), allowed);
            chosen = all.difference(&left).copied().collect();
            if chosen.is_empty() {
                break;
            }
            least = maker.apart(&chosen, &held, terms.range, interrupt)?;
            if decibels(least) >= terms.decibels {
                break;
            }
            // What was expected was too little: as much less is allowed.
            allowed *= squares(terms.aim()) / least;
        }
    }
    let psnr = decibels(least);
    tracing::info!(psnr, convolutions = chosen.len(), of = all.len(), "{model} in int8");
    if chosen.is_empty() || psnr < terms.decibels {
        let psnr = if chosen.is_empty() {
            decibels(maker.apart(&all, &held, terms.range, interrupt)?)
        } else {
            psnr
        };
        let (asked, many) = (terms.decibels, all.len());
        let why = format!("{psnr:.1} dB on your frames, {asked:.0} are asked");
        return Ok(Verdict { psnr: Some(psnr), ..refused(many, &why)? });
    }
    let name = maker.settle(&chosen)?;
    let (blocks, settings) = (maker.blocks, maker.settings.clone());
    drop(maker);
    let made = Made::alone(work, blocks);
    let ratio = ratio(&mut Session::of_made(model, &made, &settings)?, held[0], plain, interrupt)?;
    let slow = (ratio > terms.ratio).then(|| {
        format!("it takes {:.0} % of the time that single precision takes", ratio * 100.0)
    });
    Ok(Verdict {
        model: model.to_owned(),
        vectors: vectors(),
        faster: slow.is_none(),
        convolutions: chosen.len(),
        ratio: Some(ratio),
        difference: None,
        psnr: Some(psnr),
        why: slow,
        left: Vec::new(),
        name: Some(name),
        blocks: Some(blocks),
        lanes: BTreeMap::new(),
    })
}

fn vectors() -> String {
    Set::best().map_or_else(String::new, |set| format!("int8 {}", set.name))
}

/// What all convolutions would do together, by what some of them do.
fn together(least: f64, harms: &[Harm], chosen: &HashSet<usize>, all: &HashSet<usize>) -> f64 {
    let sum = |of: &HashSet<usize>| -> f64 {
        harms.iter().filter(|harm| of.contains(&harm.node)).map(|harm| harm.squares).sum()
    };
    let (some, every) = (sum(chosen), sum(all));
    if some > 0.0 { least * every / some } else { every }
}

/// Decibels of a difference whose squares' mean this is, of a range of 1.
fn decibels(squares: f64) -> f64 {
    -10.0 * squares.max(f64::MIN_POSITIVE).log10()
}

/// The reverse of [`decibels`].
fn squares(decibels: f64) -> f64 {
    10f64.powf(-decibels / 10.0)
}

/// The mean of the differences' squares, of a range of 1, of the output that is the furthest off;
/// without end where one is no number. Pictures have the range that they are said to have.
pub(super) fn off(wanted: &[Output], got: &[Output], range: [f32; 2]) -> f64 {
    if wanted.len() != got.len() {
        return f64::INFINITY;
    }
    let mut most = 0.0f64;
    for (wanted, got) in wanted.iter().zip(got) {
        if wanted.shape != got.shape {
            return f64::INFINITY;
        }
        let picture = wanted.shape.len() == 4 && wanted.shape[1] == 3;
        let [black, white] = if picture { range } else { [0.0, 1.0] };
        let (low, high) = (black.min(white), black.max(white));
        let mut sum = 0.0f64;
        for (a, b) in wanted.data.iter().zip(&got.data) {
            if !b.is_finite() {
                return f64::INFINITY;
            }
            let off = f64::from(a.clamp(low, high)) - f64::from(b.clamp(low, high));
            sum += off * off;
        }
        let span = f64::from(high - low);
        most = most.max(sum / wanted.data.len().max(1) as f64 / (span * span));
    }
    most
}

/// Its time, of that in single precision.
fn ratio(
    session: &mut Session,
    run: &Recorded,
    plain: &dyn Fn(&[Input<'_>]) -> Result<Vec<Output>>,
    interrupt: &Interrupt,
) -> Result<f64> {
    let inputs = run.inputs();
    let (mut theirs, mut ours) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    session.run_inputs(&inputs)?;
    for _ in 0..ROUNDS {
        interrupt.check()?;
        let start = Instant::now();
        plain(&inputs)?;
        theirs.push(start.elapsed());
        let start = Instant::now();
        session.run_inputs(&inputs)?;
        ours.push(start.elapsed());
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64()
    };
    Ok(middle(&mut ours) / middle(&mut theirs).max(f64::EPSILON))
}
