//! Networks with some of their convolutions in eight bits.

use std::collections::HashSet;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use prost::Message;
use prost::bytes::Bytes;

use super::judge::off;
use super::observe::{Ranges, observe};
use super::{Recorded, Wanted};
use crate::error::{Context, Result};
use crate::inference::int8::fits;
use crate::inference::rewrite::convolution::{self, Candidate, Form, Numbers};
use crate::inference::rewrite::made::proof::BLOCKS;
use crate::inference::rewrite::made::{
    FOLDED, Made, NETWORK, NUMBERS, fold, hash_of, settled, verdict_of,
};
use crate::inference::rewrite::{proto, understood, with_operators};
use crate::inference::session::Session;
use crate::inference::settings::Settings;
use crate::inference::winograd::Blocks;
use crate::interrupt::Interrupt;

/// Makes networks of some convolutions in bytes.
pub(super) struct Maker<'a> {
    model: &'a str,
    work: &'a Path,
    /// How it is run.
    pub settings: Settings,
    /// As in single precision.
    pub blocks: Blocks,
    network: Bytes,
    /// The convolutions that can be computed in bytes.
    pub candidates: Vec<Candidate>,
    /// Those of a stride of 1 that gain nothing from the kernel of single precision.
    left: HashSet<usize>,
    ranges: Ranges,
    numbers: Numbers<BufWriter<fs::File>>,
}

impl<'a> Maker<'a> {
    /// `None` when the network is not understood.
    pub fn new(wanted: &Wanted<'a>, work: &'a Path) -> Result<Option<Self>> {
        let Wanted { model, path, settings, .. } = *wanted;
        // How it is run in single precision.
        let faster = verdict_of(path, settings)?.filter(|verdict| verdict.faster);
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
        candidates.retain(|one| one.channels.is_some_and(fits));
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
    pub fn observe(&mut self, runs: &[&Recorded], interrupt: &Interrupt) -> Result<()> {
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
    pub fn apart(
        &mut self,
        bytes: &HashSet<usize>,
        runs: &[&Recorded],
        range: [f32; 2],
        interrupt: &Interrupt,
    ) -> Result<f64> {
        let Some(network) = self.with(bytes)? else { return Ok(0.0) };
        self.write(&network)?;
        drop(network);
        let made = Made::alone(self.work, self.blocks);
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
    pub fn settle(&mut self, bytes: &HashSet<usize>) -> Result<String> {
        self.numbers = Numbers::new(created(self.work)?);
        let network = self.with(bytes)?.unwrap_or_default();
        let network = self.write(&network)?;
        let empty = Numbers::new(BufWriter::new(
            tempfile::tempfile().context(|| "cannot write a file".into())?,
        ));
        settled(std::mem::replace(&mut self.numbers, empty))
            .context(|| format!("cannot write to {}", self.work.display()))?;
        hash_of(&[network, self.work.join(NUMBERS)])
    }
}

fn created(work: &Path) -> Result<BufWriter<fs::File>> {
    let file = work.join(NUMBERS);
    let created = fs::File::create(&file).context(|| format!("cannot write {}", file.display()));
    created.map(BufWriter::new)
}
