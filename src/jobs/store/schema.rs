//! The tables, as migrations: each one is applied once, in this order, and none is ever changed.
//!
//! What `next`, `counts` and `list` need is kept ready by triggers, generated columns and indexes,
//! so that none of them looks at every job of a long queue:
//! - `blocked` counts the jobs before a job that are not done, a job that was removed among them;
//! - `wait_until` is the later one of `not_before` and `retry_at`, and null again once that time
//!   has come; see [`super::next`];
//! - `counters` has the number of jobs in each state;
//! - `list_rank`, `list_key` and `list_tie` sort the jobs as people look at a queue.

use rusqlite_migration::{M, Migrations};

/// Says that a SQLite file is a store of facedeck: the letters `FDJS`.
pub(super) const APPLICATION: i32 = 0x4644_4a53;

/// The newest version of the tables that this facedeck knows.
pub(super) const VERSION: i32 = 1;

/// All migrations; the n-th one makes version n.
pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(FIRST)])
}

/// Version 1. The application's number in it is [`APPLICATION`].
const FIRST: &str = "
PRAGMA application_id = 1178880595;

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    profile_name TEXT NOT NULL,
    watch TEXT,
    target TEXT NOT NULL,
    output TEXT NOT NULL,
    search TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'paused', 'done', 'failed', 'refused', 'cancelled')),
    priority INTEGER NOT NULL,
    place INTEGER NOT NULL,
    device TEXT NOT NULL,
    not_before INTEGER,
    retry_at INTEGER,
    wait_until INTEGER,
    blocked INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL DEFAULT 0,
    from_scratch INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    failure TEXT,
    summary TEXT,
    list_rank INTEGER NOT NULL AS (CASE state
        WHEN 'running' THEN 0 WHEN 'paused' THEN 1 WHEN 'queued' THEN 2 ELSE 3 END),
    list_key INTEGER NOT NULL AS (CASE WHEN state IN ('running', 'paused', 'queued')
        THEN (crashes = 0) * 10000000000 - priority ELSE -coalesce(ended, 0) END),
    list_tie INTEGER NOT NULL AS (CASE WHEN state IN ('running', 'paused', 'queued')
        THEN place ELSE -seq END)
) STRICT;

CREATE INDEX jobs_listed
    ON jobs (list_rank, list_key, list_tie, state, profile_name, watch);
CREATE INDEX jobs_open
    ON jobs (device, (crashes > 0) DESC, priority DESC, place)
    WHERE state = 'queued' AND blocked = 0 AND wait_until IS NULL;
CREATE INDEX jobs_timed
    ON jobs (device, wait_until, retry_at, not_before, crashes, priority, place)
    WHERE state = 'queued' AND blocked = 0 AND wait_until IS NOT NULL;
CREATE INDEX jobs_retried
    ON jobs (retry_at)
    WHERE state = 'queued' AND blocked = 0 AND retry_at IS NOT NULL;
CREATE INDEX jobs_places
    ON jobs (priority, place)
    WHERE state IN ('queued', 'running', 'paused');
CREATE INDEX jobs_outputs
    ON jobs (output)
    WHERE state IN ('queued', 'running', 'paused');

-- What was asked for, apart from the rest: it is large, and never read to sort or to count.
CREATE TABLE specs (
    job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    spec TEXT NOT NULL
) STRICT;

-- `before` may name a job that was removed.
CREATE TABLE dependencies (
    seq INTEGER PRIMARY KEY,
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    before TEXT NOT NULL,
    UNIQUE (job, before)
) STRICT;
CREATE INDEX dependencies_before ON dependencies (before, job);

CREATE TABLE transitions (
    seq INTEGER PRIMARY KEY,
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX transitions_job ON transitions (job);

-- A path is text where it is UTF-8, and bytes where it is not.
CREATE TABLE published (
    job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    hidden ANY NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    summary TEXT NOT NULL
) STRICT;
CREATE TABLE hidden (
    job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    path ANY NOT NULL
) STRICT;

-- It remembers a file when the job is long gone, so that the file is not taken again.
CREATE TABLE taken (
    watch TEXT NOT NULL,
    path ANY NOT NULL,
    stamp TEXT NOT NULL,
    job TEXT,
    state TEXT NOT NULL CHECK (state IN ('working', 'settled', 'rejected')),
    at INTEGER NOT NULL,
    UNIQUE (watch, path, stamp)
) STRICT;
CREATE INDEX taken_states ON taken (watch, state);
CREATE INDEX taken_jobs ON taken (job) WHERE job IS NOT NULL;

CREATE TABLE counters (
    state TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
INSERT INTO counters (state, number) VALUES ('queued', 0), ('running', 0), ('paused', 0),
    ('done', 0), ('failed', 0), ('refused', 0), ('cancelled', 0);

CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
    UPDATE counters SET number = number + 1 WHERE state = new.state;
END;
CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
    UPDATE counters SET number = number - 1 WHERE state = old.state;
END;
CREATE TRIGGER jobs_changed AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
    UPDATE counters SET number = number - 1 WHERE state = old.state;
    UPDATE counters SET number = number + 1 WHERE state = new.state;
END;

-- What is done stays done, so that there is no way back to count.
CREATE TRIGGER jobs_done AFTER UPDATE OF state ON jobs
WHEN new.state = 'done' AND old.state <> 'done' BEGIN
    UPDATE jobs SET blocked = blocked - 1
        WHERE id IN (SELECT job FROM dependencies WHERE before = new.id);
END;
CREATE TRIGGER dependencies_added AFTER INSERT ON dependencies
WHEN NOT EXISTS (SELECT 1 FROM jobs WHERE id = new.before AND state = 'done') BEGIN
    UPDATE jobs SET blocked = blocked + 1 WHERE id = new.job;
END;
CREATE TRIGGER dependencies_removed AFTER DELETE ON dependencies
WHEN NOT EXISTS (SELECT 1 FROM jobs WHERE id = old.before AND state = 'done') BEGIN
    UPDATE jobs SET blocked = blocked - 1 WHERE id = old.job;
END;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_end_at_the_version_that_is_checked() {
        migrations().validate().unwrap();
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        migrations().to_latest(&mut connection).unwrap();
        let number = |name| connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        let (version, application): (i32, i32) = (number("user_version"), number("application_id"));
        assert_eq!((version, application), (VERSION, APPLICATION));
    }
}
