//! Jobs whose stored profile this facedeck does not understand: another version wrote it.
//!
//! They are found when the store is opened, and failed, so that they never come up to be run, the
//! others are not held up, and people see why. Nothing is lost: the facedeck that understands them
//! can try them again.

use jiff::Timestamp;

use crate::error::Result;

use super::super::Failure;
use super::write::{Change, step};
use super::{Store, rows};

/// Fails the jobs that have not ended and are not understood.
pub(super) fn check(store: &Store) -> Result<()> {
    let sql = "SELECT seq FROM jobs WHERE state IN ('queued', 'running', 'paused')";
    let broken = store.read(|connection| {
        let mut statement = connection.prepare(sql)?;
        let mut seqs = statement.query([])?;
        let mut broken = Vec::new();
        while let Some(row) = seqs.next()? {
            let entry = rows::by_seq(connection, row.get(0)?)?;
            broken.extend(entry.and_then(|entry| Some((entry.job.id, entry.complaint()?))));
        }
        Ok(broken)
    })?;
    if broken.is_empty() {
        return Ok(());
    }
    store.write(|transaction| {
        for (id, complaint) in &broken {
            let change = Change::Fail { failure: Failure::from(complaint) };
            step(transaction, *id, &change, Timestamp::now())?;
        }
        Ok(())
    })
}
