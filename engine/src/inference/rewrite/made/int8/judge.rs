//! Whether a form in eight bits is near enough, and fast enough.

use std::collections::HashSet;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prost::Message;
use prost::bytes::Bytes;

use super::choose::{Harm, left_out};
use super::observe::{Ranges, observe};
use super::{Recorded, Wanted};
use crate::error::{Context, Result};
use crate::inference::int8::{Set, fits};
use crate::inference::rewrite::convolution::{self, Candidate, Form, Numbers};
use crate::inference::rewrite::made::proof::BLOCKS;
use crate::inference::rewrite::made::{FOLDED, Made, NETWORK, NUMBERS, Verdict, fold, settled};
use crate::inference::rewrite::{proto, understood, with_operators};
use crate::inference::session::{Input, Output, Session};
use crate::inference::settings::Settings;
use crate::inference::winograd::Blocks;
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
    let made = Made { folder: work.to_owned(), blocks };
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

/// Makes networks of some convolutions in bytes.
struct Maker<'a> {
    model: &'a str,
    work: &'a Path,
    settings: Settings,
    blocks: Blocks,
    network: Bytes,
    candidates: Vec<Candidate>,
    /// Those of a stride of 1 that gain nothing from the kernel of single precision.
    left: HashSet<usize>,
    ranges: Ranges,
    numbers: Numbers<BufWriter<fs::File>>,
}

impl<'a> Maker<'a> {
    /// `None` when the network is not understood.
    fn new(wanted: &Wanted<'a>, work: &'a Path) -> Result<Option<Self>> {
        let Wanted { model, path, settings, .. } = *wanted;
        // How it is run in single precision.
        let faster = super::super::verdict_of(path, settings)?.filter(|verdict| verdict.faster);
        let blocks = faster.as_ref().and_then(|verdict| verdict.blocks).unwrap_or(BLOCKS[0]);
        let settings = Settings { faster: None, ..settings.clone() };
        let folded = work.join(FOLDED);
        fold(model, path, &folded)?;
        let unreadable = || format!("cannot read {}", folded.display());
        let network = Bytes::from(fs::read(&folded).context(unreadable)?);
        fs::remove_file(&folded).context(unreadable)?;
        let Some(graph) = understood(network.clone()).and_then(|model| model.graph) else {
            return Ok(None);
        };
        let mut candidates = convolution::candidates(&graph);
        let left = match &faster {
            Some(verdict) => verdict.left.iter().copied().collect(),
            None => candidates.iter().map(|one| one.node).collect(),
        };
        candidates.retain(|one| fits(one.channels));
        if convolution::has_branches(&graph) {
            candidates.clear();
        }
        let numbers = Numbers::new(created(work)?);
        let ranges = Ranges::new();
        Ok(Some(Maker {
            model,
            work,
            settings,
            blocks,
            network,
            candidates,
            left,
            ranges,
            numbers,
        }))
    }

    /// The network with these convolutions in bytes; `None` when there would be nothing of ours in it.
    fn with(&mut self, bytes: &HashSet<usize>) -> Result<Option<proto::Model>> {
        let (ranges, left) = (&self.ranges, &self.left);
        let choose = |one: &Candidate| match ranges.get(&one.node) {
            Some(ranges) if bytes.contains(&one.node) => Some(Form::Int8(ranges)),
            _ => (one.stride == 1 && !left.contains(&one.node)).then_some(Form::Winograd),
        };
        let unwritable = || format!("cannot write to {}", self.work.display());
        let made = with_operators(self.network.clone(), &choose, &mut self.numbers);
        let made = made.context(unwritable)?;
        self.numbers.flush().context(unwritable)?;
        Ok(made.map(|(model, _)| model))
    }

    /// Looks at what the convolutions read; those that are never run are candidates no longer.
    fn observe(&mut self, runs: &[&Recorded], interrupt: &Interrupt) -> Result<()> {
        let network = match self.with(&HashSet::new())? {
            Some(network) => Some(network),
            None => understood(self.network.clone()),
        };
        let Some(network) = network else { return Ok(()) };
        let place = (self.work, self.blocks, &self.settings);
        self.ranges = observe(self.model, network, &self.candidates, runs, place, interrupt)?;
        let ranges = &self.ranges;
        self.candidates.retain(|one| ranges.contains_key(&one.node));
        Ok(())
    }

    /// By how much results are off on the worst of the runs: the mean of the squares, of a range of 1.
    fn apart(
        &mut self,
        bytes: &HashSet<usize>,
        runs: &[&Recorded],
        range: [f32; 2],
        interrupt: &Interrupt,
    ) -> Result<f64> {
        let Some(network) = self.with(bytes)? else { return Ok(0.0) };
        self.write(&network)?;
        drop(network);
        let made = Made { folder: self.work.to_owned(), blocks: self.blocks };
        let mut session = Session::of_made(self.model, &made, &self.settings)?;
        let mut most = 0.0f64;
        for run in runs {
            interrupt.check()?;
            let outputs = session.run_inputs(&run.inputs())?;
            most = most.max(off(&run.outputs, &outputs, range));
        }
        Ok(most)
    }

    fn write(&self, network: &proto::Model) -> Result<PathBuf> {
        let file = self.work.join(NETWORK);
        fs::write(&file, network.encode_to_vec())
            .context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Writes the form with nothing but what it needs; its name.
    fn settle(&mut self, bytes: &HashSet<usize>) -> Result<String> {
        self.numbers = Numbers::new(created(self.work)?);
        let network = self.with(bytes)?.unwrap_or_default();
        let network = self.write(&network)?;
        let empty = Numbers::new(BufWriter::new(
            tempfile::tempfile().context(|| "cannot write a file".into())?,
        ));
        settled(std::mem::replace(&mut self.numbers, empty))
            .context(|| format!("cannot write to {}", self.work.display()))?;
        super::super::hash_of(&[network, self.work.join(NUMBERS)])
    }
}

fn created(work: &Path) -> Result<BufWriter<fs::File>> {
    let file = work.join(NUMBERS);
    let created = fs::File::create(&file).context(|| format!("cannot write {}", file.display()));
    created.map(BufWriter::new)
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
