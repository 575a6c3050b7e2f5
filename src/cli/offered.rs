//! What the shell offers: ids of jobs, names of hot folders and profiles. Nothing is started for
//! that, and nobody waits for long.

use std::ffi::OsStr;
use std::time::Duration;

use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use crate::client::{Blocking, Client, Host, Options};
use crate::error::Result;
use crate::jobs::State;
use crate::profiles::Library;
use crate::service::wire::{JobView, ListQuery};

use super::jobs::words::{plain, short};

/// The service answers within this time, or not at all.
const PATIENCE: Duration = Duration::from_millis(200);
/// More jobs help nobody who presses Tab.
const MOST: u64 = 100;

/// Completes ids of jobs.
pub(super) fn jobs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let typed = current.to_string_lossy().to_uppercase();
        let query = ListQuery { limit: Some(MOST), ..ListQuery::default() };
        let page = ask(async |client| client.list(&query).await);
        let jobs = page.map(|page| page.jobs).unwrap_or_default();
        jobs.iter().filter_map(|job| candidate(job, &typed)).collect()
    })
}

/// A job by its short id, or by the whole one when that is being typed.
fn candidate(job: &JobView, typed: &str) -> Option<CompletionCandidate> {
    let short = short(&job.id);
    let id = [short, &job.id].into_iter().find(|id| id.starts_with(typed))?;
    let help = format!("{} {}", job.state, plain(&job.name));
    let rank = State::ALL.iter().position(|state| *state == job.state);
    Some(CompletionCandidate::new(id).help(Some(help.into())).display_order(rank))
}

/// Completes names of hot folders.
pub(super) fn watches() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let watches = ask(async |client| client.watches().await).unwrap_or_default();
        let candidate = |watch: crate::service::wire::WatchView| {
            CompletionCandidate::new(watch.name).help(Some(watch.folder.into()))
        };
        watches.into_iter().map(candidate).collect()
    })
}

/// Completes names of profiles.
pub(super) fn profiles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let names = Library::open().map(|library| library.names()).unwrap_or_default();
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// Asks the service of this machine, if it runs.
fn ask<T>(work: impl AsyncFnOnce(&Client) -> Result<T>) -> Option<T> {
    let options = Options { host: Host::Local, patience: Some(PATIENCE), ..Options::default() };
    let service = Blocking::connect(&options).ok()?;
    service
        .run(async |client| Ok(tokio::time::timeout(PATIENCE, work(client)).await.ok()))
        .ok()??
        .ok()
}
