//! What a hot folder would do with what lies in it: one line for each thing, and nothing done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::jobs::JobId;
use crate::service::Core;
use crate::settings::config::{Rule, Watch};

use super::area::{Area, Found};
use super::ledger::{Book, Ledger};
use super::output::{self, Parts};
use super::rules::{self, Plan, Unit};
use super::settling::Settling;

/// So many lines are said.
const MOST: usize = 10_000;

/// See the module.
///
/// # Errors
/// When the folder cannot be read or the store not be asked.
pub(super) fn rehearse(core: &Arc<Core>, watch: &Watch) -> Result<Vec<String>> {
    let book = Book { core: Arc::clone(core), name: watch.name.clone() };
    lines(&book, watch)
}

fn lines(book: &impl Ledger, watch: &Watch) -> Result<Vec<String>> {
    let area = Area::of(watch);
    let mut files = Settling::new(Duration::ZERO);
    let mut said: BTreeMap<PathBuf, String> = BTreeMap::new();
    let now = Instant::now();
    area.scan(&mut |path, found| match found {
        Found::File(stamp) => {
            let what = if stamp.size == 0 {
                "is empty: it waits for its content"
            } else {
                "is nothing that the rule takes: it stays"
            };
            files.seen(&path, stamp, now);
            said.insert(path, what.to_owned());
        }
        Found::Other(why) => _ = said.insert(path, format!("is never taken: {why}")),
    })
    .map_err(|e| {
        Error::usage(format!("cannot read the folder {}", watch.folder.display()))
            .because(e)
            .hint("make it first, or check its permissions")
    })?;
    let mut outputs: Vec<PathBuf> = Vec::new();
    let mut units = rules::units(watch, &area, &files);
    units.sort_by(|a, b| a.path.cmp(&b.path));
    for unit in &units {
        if unit.members.iter().any(|(_, stamp)| stamp.size == 0) {
            continue;
        }
        let what = said_of(book, watch, &area, unit, &mut outputs)?;
        for (member, _) in &unit.members {
            said.insert(member.clone(), format!("belongs to {}", area.below(&unit.path).display()));
        }
        said.insert(unit.path.clone(), what);
    }
    let mut lines: Vec<String> = said
        .iter()
        .take(MOST)
        .map(|(path, what)| format!("{} {what}", area.below(path).display()))
        .collect();
    if said.len() > MOST {
        lines.push(format!("and {} more", said.len() - MOST));
    }
    Ok(lines)
}

fn said_of(
    book: &impl Ledger,
    watch: &Watch,
    area: &Area,
    unit: &Unit,
    outputs: &mut Vec<PathBuf>,
) -> Result<String> {
    if book.was_taken(&unit.path, &unit.stamp)? {
        return Ok("was taken before".to_owned());
    }
    let fails = |error: &Error| format!("would go to failed: {}", error.chain());
    let (sources, target, given) = match &unit.plan {
        Plan::Waits(why) => return Ok(format!("waits: {why}")),
        Plan::Unfit(why) => return Ok(format!("would go to failed: {why}")),
        Plan::Swap { sources, target } => (sources.clone(), target.clone(), None),
        Plan::JobFile => match rules::read_job_file(&unit.path) {
            Err(error) => return Ok(fails(&error)),
            Ok(file) => {
                let sources = file.job.sources.iter().map(PathBuf::from).collect();
                (sources, PathBuf::from(&file.job.target), file.job.output.map(PathBuf::from))
            }
        },
    };
    if let Some(missing) = sources.iter().chain([&target]).find(|path| !path.exists()) {
        return Ok(format!("waits for {}", missing.display()));
    }
    let output = match given {
        Some(output) => output,
        None => {
            let (id, source) = (JobId::generate(), sources.first().map(PathBuf::as_path));
            let parts = Parts { target: &target, source, id, now: Timestamp::now() };
            output::choose(watch, parts, &|path| {
                Ok(outputs.iter().any(|other| other == path)
                    || path.symlink_metadata().is_ok()
                    || book.is_claimed(path)?)
            })?
        }
    };
    outputs.push(output.clone());
    let names = |path: &Path| match path.starts_with(&area.folder) {
        true => area.below(path).display().to_string(),
        false => path.display().to_string(),
    };
    let from: Vec<String> = sources.iter().map(|path| names(path)).collect();
    let into = match watch.rule {
        Rule::Source => String::new(),
        _ => format!(" into {}", names(&target)),
    };
    Ok(format!("would become {} (from {}{into})", output.display(), from.join(", ")))
}
