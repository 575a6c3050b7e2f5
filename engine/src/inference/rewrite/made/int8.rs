//! A network in eight bits: calibrated with what it is run on, judged on other runs of the same job,
//! kept beside the forms in single precision.

mod choose;
mod judge;
mod maker;
mod observe;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Context, Result};
use crate::inference::environment;
use crate::inference::int8::Set;
use crate::inference::session::{Input, Output, Session};
use crate::inference::settings::Settings;
use crate::interrupt::Interrupt;

use super::{Made, Verdict};
pub use judge::Terms;

/// So many forms of a network are kept, each of another job: the last ones.
const MOST: usize = 4;
/// Fewer runs say too little.
pub const LEAST: usize = 4;

/// A run of a network in single precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What went in: names, shapes, numbers.
    pub inputs: Vec<(String, Vec<usize>, Vec<f32>)>,
    /// What came out.
    pub outputs: Vec<Output>,
}

impl Recorded {
    /// As a session takes it.
    pub fn inputs(&self) -> Vec<Input<'_>> {
        self.inputs.iter().map(|(name, shape, data)| Input::new(name, shape, data)).collect()
    }
}

/// A network in eight bits, ready to be loaded.
#[derive(Debug, Clone)]
pub struct Form {
    pub(in crate::inference) made: Made,
    /// Of all its numbers: what was computed by two forms of the same name is the same.
    pub name: String,
    /// What came of making it.
    pub verdict: Verdict,
}

/// Which form it is.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The catalog id.
    pub model: &'a str,
    /// The file.
    pub path: &'a Path,
    /// What all runs have in common that it is calibrated with: a hash.
    pub job: &'a str,
    /// Where and how networks are run.
    pub settings: &'a Settings,
}

/// What is known of a form.
#[derive(Debug, Clone)]
pub enum Known {
    /// Nothing: it is to be made.
    Nothing,
    /// It is worth it.
    Form(Box<Form>),
    /// It is not, and why.
    Refused(String),
}

/// Why there is no such form here; `None` when there may be one.
pub fn impossible(settings: &Settings) -> Option<String> {
    if settings.provider() != crate::inference::provider::Provider::Cpu {
        return Some(format!("networks run on {}", settings.provider()));
    }
    if settings.faster.is_none() {
        return Some("networks are to be run as ONNX Runtime computes them".into());
    }
    Set::best().is_none().then(|| "this processor has no instructions for it (VNNI)".into())
}

/// What is known of it.
///
/// # Errors
/// When the model's file cannot be read.
pub fn known(wanted: &Wanted<'_>) -> Result<Known> {
    let Some(folder) = folder_of(wanted)? else {
        return Ok(Known::Refused(impossible(wanted.settings).unwrap_or_default()));
    };
    Ok(super::read(&folder).map_or(Known::Nothing, |verdict| of(folder, verdict)))
}

fn of(folder: PathBuf, verdict: Verdict) -> Known {
    match (verdict.blocks, &verdict.name) {
        (Some(blocks), Some(name)) if verdict.faster => {
            let (made, name) = (Made::alone(&folder, blocks), name.clone());
            Known::Form(Box::new(Form { made, name, verdict }))
        }
        _ => Known::Refused(verdict.why.unwrap_or_else(|| "nobody knows why".into())),
    }
}

/// Makes it: every other run shows what the convolutions are run on, the ones between are those that
/// it is judged on. `plain` runs the network in single precision.
///
/// # Errors
/// When the network cannot be read or the cache not be written; when the user stopped it.
pub fn make(
    wanted: &Wanted<'_>,
    runs: &[Recorded],
    terms: &Terms,
    plain: &dyn Fn(&[Input<'_>]) -> Result<Vec<Output>>,
    interrupt: &Interrupt,
) -> Result<Known> {
    let Some(folder) = folder_of(wanted)? else { return known(wanted) };
    let cache = folder.parent().unwrap_or(Path::new("."));
    let unwritable = || format!("cannot write to {}", cache.display());
    fs::create_dir_all(cache).context(unwritable)?;
    let work = tempfile::Builder::new().prefix(".making-").tempdir_in(cache).context(unwritable)?;
    let verdict = judge::judge(wanted, work.path(), runs, terms, plain, interrupt)?;
    // A network was loaded many times.
    environment::give_back();
    super::keep(&verdict, work, &folder)?;
    drop_old(&folder);
    Ok(of(folder, verdict))
}

/// Loads a form.
///
/// # Errors
/// As [`Session::open`]; it is thrown away then.
pub(in crate::inference) fn open(model: &str, form: &Form, settings: &Settings) -> Result<Session> {
    Session::of_made(model, &form.made, settings).inspect_err(|error| form.made.forget(error))
}

/// Where it is kept; `None` where there can be none.
fn folder_of(wanted: &Wanted<'_>) -> Result<Option<PathBuf>> {
    let Wanted { path, job, settings, .. } = *wanted;
    let (Some(cache), Some(set), None) = (&settings.faster, Set::best(), impossible(settings))
    else {
        return Ok(None);
    };
    let mut name = super::folder_of(cache, path)?.into_os_string();
    name.push(format!("-{}-{job}", vectors(set)));
    Ok(Some(name.into()))
}

/// An instruction set's name, among those of forms in single precision.
fn vectors(set: &Set) -> String {
    format!("int8-{}", set.name)
}

/// Removes all but the last forms of a network.
fn drop_old(folder: &Path) {
    let Some((cache, name)) = folder.parent().zip(folder.file_name().and_then(|n| n.to_str()))
    else {
        return;
    };
    // All but the job.
    let of_network = name.rsplit_once('-').map_or(name, |(start, _)| start);
    let all = fs::read_dir(cache).into_iter().flatten().flatten();
    let mut forms: Vec<(SystemTime, PathBuf)> = all
        .filter(|one| {
            let name = one.file_name();
            name.to_str()
                .and_then(|n| n.rsplit_once('-'))
                .is_some_and(|(start, _)| start == of_network)
        })
        .filter_map(|one| Some((one.metadata().ok()?.modified().ok()?, one.path())))
        .collect();
    forms.sort_unstable_by(|a, b| b.cmp(a));
    for (_, old) in forms.iter().skip(MOST) {
        if let Err(error) = fs::remove_dir_all(old) {
            tracing::debug!("{} stays: {error}", old.display());
        }
    }
}

#[cfg(test)]
mod tests;
