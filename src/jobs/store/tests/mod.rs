//! Tests of the store, by what they are about.

mod change;
mod edit;
mod faults;
mod fixture;
mod list;
mod many;
mod model;
mod next;
mod open;
mod taken;

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::json;

use crate::profiles::Profile;

use super::super::{Failure, Job, JobId, JobSpec, Origin, State};
use super::{Change, NewRow, Store};

/// A store in a folder of its own, which goes when this does.
struct Home {
    store: Store,
    folder: tempfile::TempDir,
}

impl std::ops::Deref for Home {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&file(folder.path())).unwrap();
    Home { store, folder }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("jobs.sqlite3")
}

/// The same time for all tests, so many seconds later.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

fn spec(name: &str) -> JobSpec {
    JobSpec {
        name: name.to_owned(),
        sources: vec!["/photos/ada.png".into()],
        source_face: None,
        target: format!("/films/{name}.mp4").into(),
        output: format!("/out/{name}.mp4").into(),
        overwrite: false,
        profile_name: "embedded".to_owned(),
        profile: on("cpu"),
        origin: Origin::Local,
    }
}

/// A profile that runs on this device: `cpu`, or `gpu:N`.
fn on(device: &str) -> Profile {
    let mut profile = Profile::default();
    match device.strip_prefix("gpu:") {
        Some(number) => {
            profile.run.providers = vec!["cuda".to_owned()];
            profile.run.device = number.parse().unwrap();
        }
        None => profile.run.providers = vec!["cpu".to_owned()],
    }
    profile
}

fn row(name: &str) -> NewRow {
    NewRow {
        id: JobId::generate(),
        spec: spec(name),
        state: State::Queued,
        priority: 0,
        after: Vec::new(),
        not_before: None,
        max_attempts: 3,
    }
}

impl Home {
    /// Adds jobs of these names; their ids.
    fn jobs<const N: usize>(&self, names: [&str; N]) -> [JobId; N] {
        names.map(|name| self.put(row(name)))
    }

    fn put(&self, row: NewRow) -> JobId {
        self.store.add(std::slice::from_ref(&row), at(0)).unwrap();
        row.id
    }

    /// Makes a change that must be allowed.
    fn step(&self, id: JobId, change: &Change) -> Job {
        self.change(id, change, at(1)).unwrap().unwrap()
    }

    fn run_to_the_end(&self, id: JobId) {
        self.step(id, &Change::Start);
        self.step(id, &finish());
    }

    /// The names of the queue, in the order in which they would run.
    fn queue(&self) -> Vec<String> {
        self.in_state(State::Queued)
            .unwrap()
            .into_iter()
            .map(|id| self.job(id).unwrap().unwrap().spec.name)
            .collect()
    }

    fn next_name(&self, seconds: i64, busy: &[&str]) -> Option<String> {
        let busy: Vec<String> = busy.iter().map(|device| (*device).to_owned()).collect();
        self.next(at(seconds), &busy).unwrap().map(|job| job.spec.name)
    }

    /// Another way into the file, for what the store does not do by itself.
    fn raw(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Closes the store and opens it again.
    fn again(self) -> crate::Result<Home> {
        let Home { store, folder } = self;
        drop(store);
        let store = Store::open(&file(folder.path()))?;
        Ok(Home { store, folder })
    }
}

fn finish() -> Change {
    Change::Finish { summary: json!({"frames": 3}) }
}

fn failure(message: &str) -> Failure {
    Failure::of_kind("failed", message, Some("look"))
}

fn try_again(seconds: i64) -> Change {
    Change::TryAgain { failure: failure("the disk went away"), not_before: at(seconds) }
}

fn because(reason: &str) -> String {
    reason.to_owned()
}
