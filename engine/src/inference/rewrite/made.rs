//! Networks of files in their faster form: made once, proven against the runtime, kept.
//!
//! `CACHE/networks/HASH/` has what was made of the file with these contents: `verdict.json` says whether
//! it computes the same, and how much faster; where it is worth it, `network.onnx` and `numbers.bin`
//! lie beside it. Everything else is run as it is.

pub mod compare;
mod contents;
mod example;
mod gain;
pub mod int8;
mod lanes;
mod proof;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use ort::session::builder::GraphOptimizationLevel;
use prost::Message;
use prost::bytes::Bytes;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use contents::{contents_of, hash_of};

use super::convolution::{Candidate, Form, Numbers, Replaced};
use crate::error::{Context, Error, Result};
use crate::inference::environment;
use crate::inference::provider::Provider;
use crate::inference::settings::Settings;
use crate::inference::winograd::{Blocks, Set};
use crate::models::Weights;

/// Raised whenever the rules, the kernel or the files change: what was made before is made anew.
const RULES: u32 = 4;
const VERDICT: &str = "verdict.json";
const NETWORK: &str = "network.onnx";
const NUMBERS: &str = "numbers.bin";
/// What the runtime has computed of a network before the rules look at it.
const FOLDED: &str = "folded.onnx";

/// A network in its faster form.
#[derive(Debug, Clone)]
pub(in crate::inference) struct Made {
    folder: PathBuf,
    /// How much its convolutions work on at a time.
    pub blocks: Blocks,
    /// How many sessions of it are worth running side by side.
    pub lanes: usize,
}

impl Made {
    /// A form in a folder, of which one session runs at a time.
    fn alone(folder: &Path, blocks: Blocks) -> Made {
        Made { folder: folder.to_owned(), blocks, lanes: 1 }
    }

    /// The network.
    pub fn network(&self) -> PathBuf {
        self.folder.join(NETWORK)
    }

    /// The numbers of its convolutions.
    pub fn numbers(&self) -> PathBuf {
        self.folder.join(NUMBERS)
    }

    /// It cannot be loaded: it is thrown away, to be made anew next time.
    pub fn forget(&self, error: &Error) {
        tracing::warn!("{}: the network is run as it is", error.chain());
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::debug!("{} stays: {error}", self.folder.display());
        }
    }
}

/// What came of making a network faster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Its catalog id.
    pub model: String,
    /// The instruction set that it was made for.
    pub vectors: String,
    /// Whether it is run in its faster form.
    pub faster: bool,
    /// How many convolutions were replaced.
    pub convolutions: usize,
    /// Its time, of the time of the network as it is; measured once.
    pub ratio: Option<f64>,
    /// By how much its results differ at most, of the largest result, or of 1 where that is smaller.
    pub difference: Option<f64>,
    /// Decibels over the differences, of a form in eight bits.
    #[serde(default)]
    pub psnr: Option<f64>,
    /// Why it is run as it is.
    pub why: Option<String>,
    /// Convolutions that would have gained nothing, as nodes of the graph.
    #[serde(default)]
    left: Vec<usize>,
    /// Which of those of eight bits it is: its numbers' hash.
    #[serde(default)]
    name: Option<String>,
    blocks: Option<Blocks>,
    /// How many sessions are worth running side by side, by the threads that they share; measured
    /// when a job with so many threads comes.
    #[serde(default)]
    lanes: BTreeMap<usize, usize>,
}

impl Verdict {
    fn refused(model: &str, convolutions: usize, why: &str) -> Verdict {
        Verdict {
            model: model.to_owned(),
            vectors: Set::best().name.to_owned(),
            faster: false,
            convolutions,
            ratio: None,
            difference: None,
            psnr: None,
            why: Some(why.to_owned()),
            left: Vec::new(),
            name: None,
            blocks: None,
            lanes: BTreeMap::new(),
        }
    }

    /// How many sessions these settings ask for, where that is known.
    fn lanes_on(&self, settings: &Settings) -> Option<usize> {
        if settings.alone || settings.threads == 1 {
            return Some(1);
        }
        self.lanes.get(&settings.threads).copied()
    }
}

/// What is known of networks, of those that somebody has run on this processor.
pub fn verdicts(cache: &Path) -> Vec<Verdict> {
    let folders = fs::read_dir(cache.join("networks")).into_iter().flatten().flatten();
    let mut all: Vec<Verdict> = folders.filter_map(|one| read(&one.path())).collect();
    all.sort_by(|a, b| (&a.model, &a.vectors).cmp(&(&b.model, &b.vectors)));
    all
}

/// Whether [`of`] would have to make it first, which takes seconds.
pub(in crate::inference) fn is_to_be_made(weights: &Weights, settings: &Settings) -> bool {
    let (Weights::File(path), Some(cache)) = (weights, cache_of(settings)) else { return false };
    let is_ready = |verdict: Verdict| !verdict.faster || verdict.lanes_on(settings).is_some();
    folder_of(cache, path).is_ok_and(|folder| !read(&folder).is_some_and(is_ready))
}

/// The faster form of the network in a file, which is made when it is not there; `None` when there is
/// none, and why is told once.
pub(in crate::inference) fn of(model: &str, path: &Path, settings: &Settings) -> Option<Made> {
    let cache = cache_of(settings)?;
    let look = || -> Result<Option<Made>> {
        let folder = folder_of(cache, path)?;
        let verdict = match read(&folder) {
            Some(verdict) => verdict,
            None => make_alone(model, path, &folder, settings)?,
        };
        let Some(blocks) = verdict.blocks.filter(|_| verdict.faster) else { return Ok(None) };
        let made = Made::alone(&folder, blocks);
        let lanes = verdict.lanes_on(settings).map_or_else(|| measure(model, &made, settings), Ok);
        let lanes = lanes.unwrap_or_else(|error| {
            tracing::warn!("{model} runs one face at a time: {}", error.chain());
            1
        });
        Ok(Some(Made { lanes, ..made }))
    };
    look().unwrap_or_else(|error| {
        tracing::warn!("the model {model} is run as it is: {}", error.chain());
        None
    })
}

fn cache_of(settings: &Settings) -> Option<&Path> {
    let cache = settings.faster.as_deref()?;
    (settings.provider() == Provider::Cpu && Set::best().has_vectors()).then_some(cache)
}

fn read(folder: &Path) -> Option<Verdict> {
    let verdict: Verdict = serde_json::from_slice(&fs::read(folder.join(VERDICT)).ok()?).ok()?;
    // A file that somebody has removed is as good as none.
    let there = !verdict.faster || (folder.join(NETWORK).exists() && folder.join(NUMBERS).exists());
    there.then_some(verdict)
}

/// Where the form of this file is kept: by its contents, the rules, the runtime and the processor.
fn folder_of(cache: &Path, path: &Path) -> Result<PathBuf> {
    let runtime = &environment::loaded()?.version;
    let contents = contents_of(cache, path)?;
    Ok(cache.join(format!("{contents:032x}-{RULES}-{runtime}-{}", Set::best().name)))
}

/// Does something in the cache that one process is to do at a time.
fn alone<T>(cache: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let unwritable = || format!("cannot write to {}", cache.display());
    fs::create_dir_all(cache).context(unwritable)?;
    let lock = cache.join(".lock");
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(lock);
    let mut lock = fd_lock::RwLock::new(file.context(unwritable)?);
    let _held = lock.write().context(unwritable)?;
    work()
}

/// Measures how many sessions are worth running side by side on the settings' threads, unless another
/// process has done so in the meantime.
fn measure(model: &str, made: &Made, settings: &Settings) -> Result<usize> {
    let folder = &made.folder;
    let cache = folder.parent().unwrap_or(Path::new("."));
    let unwritable = || format!("cannot write to {}", folder.display());
    alone(cache, || {
        let known = read(folder);
        if let Some(lanes) = known.as_ref().and_then(|verdict| verdict.lanes_on(settings)) {
            return Ok(lanes);
        }
        let lanes = lanes::measure(model, made, settings)?;
        tracing::info!(threads = settings.threads, "{model} runs {lanes} at a time");
        if let Some(mut verdict) = known {
            verdict.lanes.insert(settings.threads, lanes);
            let mut file = tempfile::NamedTempFile::new_in(cache).context(unwritable)?;
            serde_json::to_writer_pretty(&mut file, &verdict).context(unwritable)?;
            file.persist(folder.join(VERDICT)).context(unwritable)?;
        }
        Ok(lanes)
    })
}

/// Makes it, unless another process has done so in the meantime.
fn make_alone(model: &str, path: &Path, folder: &Path, settings: &Settings) -> Result<Verdict> {
    let cache = folder.parent().unwrap_or(Path::new("."));
    alone(cache, || match read(folder) {
        Some(verdict) => Ok(verdict),
        None => make_kept(model, path, folder, cache, settings),
    })
}

/// Makes it where it is kept.
fn make_kept(
    model: &str,
    path: &Path,
    folder: &Path,
    cache: &Path,
    settings: &Settings,
) -> Result<Verdict> {
    let unwritable = || format!("cannot write to {}", cache.display());
    tracing::info!("{model} is made faster for this processor, once");
    let work = tempfile::Builder::new().prefix(".making-").tempdir_in(cache).context(unwritable)?;
    let verdict = make(model, path, work.path(), settings)?;
    keep(&verdict, work, folder)?;
    match &verdict {
        Verdict { why: Some(why), .. } => tracing::info!("{model} is run as it is: {why}"),
        Verdict { ratio, convolutions, .. } => {
            tracing::info!(convolutions, ratio, "{model} has a faster form");
        }
    }
    Ok(verdict)
}

/// Keeps what was made with its verdict; of what is not worth it, the verdict alone.
fn keep(verdict: &Verdict, work: TempDir, folder: &Path) -> Result<()> {
    let unwritable = || format!("cannot write to {}", folder.display());
    let json = serde_json::to_vec_pretty(verdict).context(unwritable)?;
    fs::write(work.path().join(VERDICT), json).context(unwritable)?;
    if !verdict.faster {
        for name in [NETWORK, NUMBERS] {
            // Whatever is left lies in the cache.
            let _ = fs::remove_file(work.path().join(name));
        }
    }
    if folder.exists() {
        fs::remove_dir_all(folder).context(unwritable)?;
    }
    fs::rename(work.keep(), folder).context(unwritable)
}

/// What is known of the form of a file in single precision.
fn verdict_of(path: &Path, settings: &Settings) -> Result<Option<Verdict>> {
    let Some(cache) = cache_of(settings) else { return Ok(None) };
    Ok(read(&folder_of(cache, path)?))
}

/// Makes it in a folder of its own.
fn make(model: &str, path: &Path, work: &Path, settings: &Settings) -> Result<Verdict> {
    let (convolutions, but) = form(model, path, work, settings)?;
    if convolutions == 0 {
        return Ok(Verdict::refused(model, 0, "it has no convolutions that would gain"));
    }
    let mut left: Vec<usize> = but.into_iter().collect();
    left.sort_unstable();
    let verdict = proof::judge(model, path, work, convolutions, settings)?;
    Ok(Verdict { left, ..verdict })
}

/// Writes the form to a folder: the convolutions that gain, replaced; how many, and which are left.
fn form(
    model: &str,
    path: &Path,
    work: &Path,
    settings: &Settings,
) -> Result<(usize, HashSet<usize>)> {
    let folded = work.join(FOLDED);
    fold(model, path, &folded)?;
    let mut but = HashSet::new();
    let mut replaced = rewrite(&folded, &but, work)?;
    if !replaced.is_empty() {
        but = gain::without(model, &replaced, work, settings)?;
        if !but.is_empty() {
            replaced = rewrite(&folded, &but, work)?;
        }
    }
    fs::remove_file(&folded).context(|| format!("cannot remove {}", folded.display()))?;
    Ok((replaced.len(), but))
}

/// The network as the runtime sees it once what is constant is computed.
fn fold(model: &str, path: &Path, to: &Path) -> Result<()> {
    let fold = || -> ort::Result<()> {
        let mut builder = ort::session::Session::builder(
            environment::current().map_err(|e| ort::Error::new(e.chain()))?,
        )?
        .with_optimization_level(GraphOptimizationLevel::Level1)?
        .with_optimized_model_path(to)?;
        builder.commit_from_file(path)?;
        Ok(())
    };
    fold().map_err(|e| Error::failed(format!("cannot load the model {model}")).because(e))
}

/// Writes the network with the kernel's convolutions in place of all `but` some; which.
fn rewrite(folded: &Path, but: &HashSet<usize>, work: &Path) -> Result<Replaced> {
    let network = fs::read(folded).context(|| format!("cannot read {}", folded.display()))?;
    let unwritable = || format!("cannot write to {}", work.display());
    let numbers = fs::File::create(work.join(NUMBERS)).context(unwritable)?;
    let mut numbers = Numbers::new(BufWriter::new(numbers));
    let choose =
        |one: &Candidate| (one.stride == 1 && !but.contains(&one.node)).then_some(Form::Winograd);
    let rewritten =
        super::with_operators(Bytes::from(network), &choose, &mut numbers).context(unwritable)?;
    settled(numbers).context(unwritable)?;
    let Some((network, replaced)) = rewritten else { return Ok(Vec::new()) };
    fs::write(work.join(NETWORK), network.encode_to_vec()).context(unwritable)?;
    Ok(replaced)
}

/// Numbers that are safe on the disk.
fn settled(numbers: Numbers<BufWriter<fs::File>>) -> std::io::Result<()> {
    let file = numbers.into_inner().into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
