//! Ten thousand jobs: every query that the service makes all the time uses an index, and none looks
//! at a whole queue that waits.

use std::time::Instant;

use super::*;
use crate::jobs::store::{Edit, Filter, Place, Sort, list, next, read};

/// How SQLite would do this; whether an index holds all that is asked for does not matter.
fn plan(home: &Home, sql: &str) -> String {
    let raw = home.raw();
    let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    let mut rows = statement.query(rusqlite::params_from_iter(nulls)).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get::<_, String>(3).unwrap());
    }
    lines.join("; ").replace("COVERING ", "")
}

#[test]
fn every_query_uses_its_index() {
    let home = home();
    for (sql, index) in [
        (next::sql::OPEN_DEVICES, "SEARCH jobs USING INDEX jobs_open (device>?)"),
        (next::sql::OPEN, "SEARCH jobs USING INDEX jobs_open (device=?)"),
        (next::sql::TIMED_DEVICES, "SEARCH jobs USING INDEX jobs_timed (device>?)"),
        (next::sql::TIMED, "SEARCH jobs USING INDEX jobs_timed (device=? AND wait_until<?)"),
        (next::sql::DUE, "SEARCH jobs USING INDEX jobs_timed (device=? AND wait_until>?)"),
        (next::sql::RETRIED, "SEARCH jobs USING INDEX jobs_retried (retry_at>?)"),
        (next::sql::RETRIED_DUE, "SEARCH jobs USING INDEX jobs_retried (retry_at>?)"),
        (next::sql::MOVE, "jobs_timed (device=? AND wait_until<?)"),
        (read::sql::FIND, "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (id>? AND id<?)"),
        (read::sql::WRITER_OF, "SEARCH jobs USING INDEX jobs_outputs (output=?)"),
        (read::sql::IN_STATE, "SEARCH jobs USING INDEX jobs_listed (list_rank=?)"),
        (read::sql::WAITS_FOR, "SEARCH dependencies USING INDEX sqlite_autoindex_dependencies_1"),
        (read::sql::FOLLOWERS, "INDEX dependencies_before (before=?)"),
        (read::sql::HISTORY, "SEARCH transitions USING INDEX transitions_job (job=?)"),
    ] {
        let plan = plan(&home, sql);
        assert!(plan.contains(index), "{sql}: {plan}");
        let sorts = sql == next::sql::TIMED || sql == read::sql::WAITS_FOR;
        assert!(sorts || !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        assert!(!plan.contains("SCAN jobs"), "{sql}: {plan}");
    }
    // Seven rows, whatever the number of jobs.
    assert_eq!(plan(&home, read::sql::COUNTS), "SCAN counters");
    let all = Filter::default();
    let states = Filter { states: vec![State::Failed, State::Refused], ..Filter::default() };
    let watch = Filter { watch: Some("w".into()), profile: Some("p".into()), ..states.clone() };
    for (filter, index) in [
        (&all, "SCAN jobs USING INDEX jobs_listed"),
        (&states, "SEARCH jobs USING INDEX jobs_listed (list_rank>? AND list_rank<?)"),
        (&watch, "SEARCH jobs USING INDEX jobs_listed (list_rank>? AND list_rank<?)"),
    ] {
        assert_eq!(plan(&home, &list::Query::of(filter).page_sql(Sort::Queue)), index);
    }
    for sort in [Sort::Newest, Sort::Oldest] {
        assert_eq!(plan(&home, &list::Query::of(&all).page_sql(sort)), "SCAN jobs");
    }
}

/// How many steps SQLite's machine makes for this look-up.
fn steps(home: &Home, sql: &str, values: &[&dyn rusqlite::ToSql]) -> i32 {
    let raw = home.raw();
    let mut statement = raw.prepare(sql).unwrap();
    let mut rows = statement.query(values).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    statement.get_status(rusqlite::StatementStatus::VmStep)
}

#[test]
fn ten_thousand_jobs_that_cannot_run_are_not_looked_at() {
    let home = home();
    let mut rows: Vec<NewRow> = Vec::new();
    for number in 0..2_500 {
        // Those that wait for one another, for a time, and for a device that is busy.
        let mut chain = row(&format!("chain {number}"));
        chain.priority = 9;
        chain.after = rows.iter().rev().nth(2).map(|row| row.id).into_iter().collect();
        let mut timed = row(&format!("timed {number}"));
        (timed.priority, timed.not_before) = (8, Some(at(1000 + number)));
        let mut busy = row(&format!("busy {number}"));
        (busy.priority, busy.spec.profile) = (7, on("gpu:0"));
        let mut due = row(&format!("due {number}"));
        (due.priority, due.not_before) = (6, Some(at(0)));
        due.spec.profile = on("gpu:0");
        rows.extend([chain, timed, busy, due]);
    }
    home.add(&rows, at(0)).unwrap();
    home.jobs(["free"]);
    home.step(rows[0].id, &Change::Start);
    assert_eq!(home.next_name(5, &["gpu:0"]).as_deref(), Some("free"));
    let now = at(5).as_millisecond();
    let (none, cpu): (&dyn rusqlite::ToSql, &dyn rusqlite::ToSql) = (&"", &"cpu");
    let looks: [(&str, Vec<&dyn rusqlite::ToSql>); 9] = [
        (next::sql::OPEN_DEVICES, vec![none]),
        (next::sql::OPEN_DEVICES, vec![cpu]),
        (next::sql::OPEN, vec![cpu]),
        (next::sql::TIMED_DEVICES, vec![none]),
        (next::sql::TIMED_DEVICES, vec![cpu]),
        (next::sql::TIMED, vec![cpu, &now]),
        (next::sql::RETRIED, vec![&now, &now]),
        (next::sql::DUE, vec![cpu, &now, &now]),
        (read::sql::COUNTS, vec![]),
    ];
    for (sql, values) in looks {
        let steps = steps(&home, sql, &values);
        assert!(steps < 100, "{steps} steps: {sql}");
    }
    // Those whose time has come are sorted once, and then move to those that can run.
    home.step(home.next(at(9000), &["cpu".into()]).unwrap().unwrap().id, &Change::Start);
    let due = "SELECT count(*) FROM jobs WHERE wait_until IS NOT NULL AND device = 'gpu:0'";
    let left: i64 = home.raw().query_row(due, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 2_500 - 512);
}

/// Prints how long everything takes: `cargo test --lib ten_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_everything_takes_with_ten_thousand_jobs() {
    let home = home();
    let rows: Vec<NewRow> = (0..10_000).map(|number| row(&format!("film {number}"))).collect();
    let time = |what: &str, times: u32, work: &mut dyn FnMut()| {
        let begin = Instant::now();
        (0..times).for_each(|_| work());
        println!("{what}: {:?}", begin.elapsed() / times);
    };
    time("add 10,000 in one call", 1, &mut || drop(home.add(&rows, at(0)).unwrap()));
    let mut ids = rows[..3_000].iter().map(|row| row.id);
    time("start", 1000, &mut || drop(home.step(ids.next().unwrap(), &Change::Start)));
    for row in &rows[..1000] {
        home.step(row.id, &finish());
    }
    time("next", 1000, &mut || drop(home.next(at(1), &[]).unwrap()));
    time("next_due", 1000, &mut || drop(home.next_due(at(1)).unwrap()));
    time("counts", 1000, &mut || drop(home.counts().unwrap()));
    let page = Filter { limit: 50, ..Filter::default() };
    time("list 50", 100, &mut || drop(home.list(&page).unwrap()));
    let last = Filter { offset: 9_900, ..page.clone() };
    time("list the last 50", 100, &mut || drop(home.list(&last).unwrap()));
    let text = Filter { text: Some("film 99".into()), ..page.clone() };
    time("list 50 with a text", 100, &mut || drop(home.list(&text).unwrap()));
    let done = Filter { states: vec![State::Done], ..page.clone() };
    time("list 50 that are done", 100, &mut || drop(home.list(&done).unwrap()));
    time("list 1000", 10, &mut || {
        drop(home.list(&Filter { limit: 1000, ..Filter::default() }).unwrap());
    });
    let output = Path::new("/out/film 7777.mp4");
    time("writer_of", 1000, &mut || drop(home.writer_of(output).unwrap()));
    let edit = Edit { place: Some(Place::Behind(rows[5000].id)), ..Edit::default() };
    let mut ids = rows[6_000..6_100].iter().map(|row| row.id);
    time("edit a place, with numbering anew", 100, &mut || {
        drop(home.edit(ids.next().unwrap(), &edit).unwrap().unwrap());
    });
    println!("file: {} bytes", std::fs::metadata(home.path()).unwrap().len());
    let mut home = Some(home);
    time("close and open", 1, &mut || home = home.take().map(|home| home.again().unwrap()));
    let home = home.unwrap();
    home.raw().execute("UPDATE meta SET value = '0' WHERE key = 'clean'", []).unwrap();
    let copy = tempfile::tempdir().unwrap();
    for name in ["jobs.sqlite3", "jobs.sqlite3-wal"] {
        std::fs::copy(home.folder.path().join(name), copy.path().join(name)).unwrap();
    }
    time("open after a crash", 1, &mut || drop(Store::open(&file(copy.path())).unwrap()));
}
