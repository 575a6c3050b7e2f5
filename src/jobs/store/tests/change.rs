//! Adding jobs and changing their state.

use super::*;
use crate::error::Kind;
use crate::jobs::store::Published;

#[test]
fn an_added_job_is_read_as_it_was_given() {
    let home = home();
    let [first] = home.jobs(["first"]);
    let mut new = row("second");
    new.state = State::Paused;
    new.priority = -7;
    new.after = vec![first];
    new.not_before = Some(at(60));
    new.spec.origin = Origin::Watch { name: "inbox".into() };
    new.spec.source_face = Some(2);
    new.spec.profile = on("gpu:1");
    let added = home.add(std::slice::from_ref(&new), at(5)).unwrap().remove(0);
    assert_eq!(home.job(new.id).unwrap().unwrap(), added);
    assert_eq!((added.spec, added.after, added.state), (new.spec, vec![first], State::Paused));
    assert_eq!((added.priority, added.not_before, added.max_attempts), (-7, Some(at(60)), 3));
    assert_eq!((added.created, added.device.as_str(), added.attempts), (at(5), "gpu:1", 0));
    let history = home.history(new.id).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].from, history[0].to, history[0].at), (None, State::Paused, at(5)));
    assert_eq!(home.job(JobId::generate()).unwrap(), None);
}

#[test]
fn jobs_are_added_all_or_none() {
    let home = home();
    let (mut first, mut second) = (row("first"), row("second"));
    // One of the same call may be named, once it stands before.
    second.after = vec![first.id];
    let added = home.add(&[first.clone(), second.clone()], at(0)).unwrap();
    assert_eq!(added[1].after, [first.id]);
    assert_eq!(home.queue(), ["first", "second"]);

    let missing = JobId::generate();
    (first.id, second.id, second.after) = (JobId::generate(), JobId::generate(), vec![missing]);
    let error = home.add(&[first.clone(), second.clone()], at(0)).unwrap_err();
    assert_eq!(error.kind(), &Kind::Usage);
    assert!(error.message().contains(&missing.to_string()), "{}", error.message());
    assert_eq!(home.job(first.id).unwrap(), None);
    assert_eq!(home.counts().unwrap().queued, 2);

    second.after = vec![second.id];
    assert_eq!(home.add(&[second.clone()], at(0)).unwrap_err().kind(), &Kind::Usage);
    second.after.clear();
    second.state = State::Running;
    assert_eq!(home.add(&[second.clone()], at(0)).unwrap_err().kind(), &Kind::Usage);
    second.state = State::Queued;
    home.add(&[second.clone()], at(0)).unwrap();
    assert_eq!(home.add(&[second], at(0)).unwrap_err().kind(), &Kind::Usage);
}

#[test]
fn a_path_that_is_not_utf8_is_refused_as_a_job_and_nothing_is_added() {
    use std::os::unix::ffi::OsStrExt;
    let home = home();
    let mut bad = row("bad");
    bad.spec.target = std::ffi::OsStr::from_bytes(b"/films/\xff.mp4").into();
    let error = home.add(&[row("good"), bad], at(0)).unwrap_err();
    assert_eq!(error.kind(), &Kind::Usage);
    assert!(error.chain().contains("UTF-8"), "{}", error.chain());
    assert_eq!(home.counts().unwrap().queued, 0);
}

#[test]
fn every_change_is_allowed_from_its_states_and_from_no_other() {
    let changes = [
        (Change::Start, vec![State::Queued]),
        (Change::Continue, vec![State::Paused]),
        (Change::Pause { reason: because("") }, vec![State::Queued, State::Running]),
        (Change::Requeue { reason: because("") }, vec![State::Running, State::Paused]),
        (try_again(5), vec![State::Running]),
        (Change::Crashed { reason: because("") }, vec![State::Running]),
        (
            Change::Retry { from_scratch: false },
            vec![State::Failed, State::Refused, State::Cancelled],
        ),
        (finish(), vec![State::Running]),
        (
            Change::Fail { failure: failure("no") },
            vec![State::Queued, State::Running, State::Paused],
        ),
        (Change::Fail { failure: Failure::of_kind("refused", "no", None) }, vec![State::Running]),
        (
            Change::Cancel { reason: because("") },
            vec![State::Queued, State::Running, State::Paused],
        ),
    ];
    let home = home();
    for state in State::ALL {
        for (change, from) in &changes {
            let [id] = home.jobs(["job"]);
            if state != State::Queued {
                home.step(id, &Change::Start);
            }
            match state {
                State::Queued | State::Running => {}
                State::Paused => drop(home.step(id, &Change::Pause { reason: because("") })),
                State::Done => drop(home.step(id, &finish())),
                State::Failed => drop(home.step(id, &Change::Fail { failure: failure("no") })),
                State::Refused => {
                    let failure = Failure::of_kind("refused", "no", None);
                    home.step(id, &Change::Fail { failure });
                }
                State::Cancelled => drop(home.step(id, &Change::Cancel { reason: because("") })),
            }
            let before = home.job(id).unwrap();
            let rows = home.history(id).unwrap().len();
            let changed = home.change(id, change, at(9)).unwrap();
            assert_eq!(changed.is_some(), from.contains(&state), "{state}: {change:?}");
            let (now, new_rows) = (home.job(id).unwrap(), home.history(id).unwrap().len() - rows);
            match changed {
                Some(changed) => assert_eq!((now, new_rows), (Some(changed), 1)),
                None => assert_eq!((now, new_rows), (before, 0)),
            }
        }
    }
    assert_eq!(home.change(JobId::generate(), &Change::Start, at(0)).unwrap(), None);
}

#[test]
fn only_a_job_that_was_paused_while_it_ran_continues() {
    let home = home();
    let [id] = home.jobs(["job"]);
    home.step(id, &Change::Pause { reason: because("held") });
    assert_eq!(home.change(id, &Change::Continue, at(1)).unwrap(), None);
    // No attempt was under way, so none is undone.
    assert_eq!(home.step(id, &Change::Requeue { reason: because("") }).attempts, 0);
    home.step(id, &Change::Start);
    home.step(id, &Change::Pause { reason: because("held") });
    assert_eq!(home.step(id, &Change::Continue).attempts, 1);
    home.step(id, &Change::Pause { reason: because("held") });
    let job = home.step(id, &Change::Requeue { reason: because("memory") });
    assert_eq!((job.attempts, job.reason.as_str(), job.started), (0, "memory", None));
}

#[test]
fn attempts_and_crashes_are_counted_and_a_retry_counts_from_nothing() {
    let home = home();
    let [id] = home.jobs(["job"]);
    let job = home.step(id, &Change::Start);
    assert_eq!((job.attempts, job.started), (1, Some(at(1))));
    let job = home.step(id, &try_again(30));
    assert_eq!((job.attempts, job.retry_at, job.not_before), (1, Some(at(30)), None));
    assert_eq!(job.failure, Some(failure("the disk went away")));
    // Its time has not come.
    assert_eq!(home.change(id, &Change::Start, at(29)).unwrap(), None);
    let job = home.change(id, &Change::Start, at(30)).unwrap().unwrap();
    assert_eq!((job.attempts, job.retry_at, job.failure, job.reason.as_str()), (2, None, None, ""));
    let job = home.step(id, &Change::Crashed { reason: because("it ended while this ran") });
    assert_eq!((job.attempts, job.crashes), (1, 1));
    home.step(id, &Change::Start);
    let job = home.change(id, &Change::Fail { failure: failure("no") }, at(40)).unwrap().unwrap();
    assert_eq!((job.attempts, job.ended, job.reason.as_str()), (2, Some(at(40)), "no"));
    let job = home.step(id, &Change::Retry { from_scratch: true });
    assert_eq!((job.attempts, job.crashes, job.ended, job.failure), (0, 0, None, None));
    assert!(job.from_scratch);
    assert!(home.step(id, &Change::Start).from_scratch);
    let job = home.change(id, &finish(), at(50)).unwrap().unwrap();
    assert!(!job.from_scratch);
    assert_eq!((job.ended, job.summary), (Some(at(50)), Some(json!({"frames": 3}))));
    let states: Vec<State> = home.history(id).unwrap().iter().map(|row| row.to).collect();
    use State::{Done, Failed, Queued, Running};
    let all = [Queued, Running, Queued, Running, Queued, Running, Failed, Queued, Running, Done];
    assert_eq!(states, all);
}

#[test]
fn a_retry_goes_to_the_end_and_a_requeued_job_keeps_its_place() {
    let home = home();
    let [a, b, _] = home.jobs(["a", "b", "c"]);
    home.step(a, &Change::Start);
    home.step(b, &Change::Start);
    home.step(b, &Change::Fail { failure: failure("no") });
    home.step(b, &Change::Retry { from_scratch: false });
    home.step(a, &Change::Requeue { reason: because("stop") });
    assert_eq!(home.queue(), ["a", "c", "b"]);
}

#[test]
fn the_history_keeps_its_order_when_the_clock_jumps_back() {
    let home = home();
    let [id] = home.jobs(["job"]);
    home.change(id, &Change::Start, at(500)).unwrap().unwrap();
    home.change(id, &Change::Pause { reason: because("x") }, at(-9_000)).unwrap().unwrap();
    home.change(id, &Change::Continue, at(3)).unwrap().unwrap();
    let history = home.history(id).unwrap();
    let times: Vec<_> = history.iter().map(|row| row.at).collect();
    assert_eq!(times, [at(0), at(500), at(-9_000), at(3)]);
    for pair in history.windows(2) {
        assert_eq!(pair[1].from, Some(pair[0].to));
    }
}

#[test]
fn what_an_attempt_left_is_known_until_the_next_one_begins() {
    let home = home();
    let [id] = home.jobs(["job"]);
    let hidden = Path::new("/out/.job.mp4.part");
    let published = Published {
        hidden: hidden.to_owned(),
        device: u64::MAX,
        inode: 1 << 63,
        bytes: 7,
        summary: json!({"frames": 3}),
    };
    home.step(id, &Change::Start);
    home.hidden(id, Some(hidden)).unwrap();
    home.publishing(id, &published).unwrap();
    home.step(id, &Change::Crashed { reason: because("") });
    assert_eq!(home.left_behind(id).unwrap().as_deref(), Some(hidden));
    assert_eq!(home.published(id).unwrap(), Some(published.clone()));
    home.step(id, &Change::Start);
    assert_eq!((home.left_behind(id).unwrap(), home.published(id).unwrap()), (None, None));
    home.hidden(id, Some(hidden)).unwrap();
    home.hidden(id, None).unwrap();
    assert_eq!(home.left_behind(id).unwrap(), None);
    home.hidden(id, Some(hidden)).unwrap();
    home.publishing(id, &published).unwrap();
    home.step(id, &finish());
    assert_eq!((home.left_behind(id).unwrap(), home.published(id).unwrap()), (None, None));
    let gone = JobId::generate();
    assert!(home.publishing(gone, &published).unwrap_err().message().contains(&gone.to_string()));
    assert!(home.hidden(gone, Some(hidden)).is_err());
}

#[test]
fn a_removed_job_is_gone_with_its_history_and_those_that_wait_for_it_name_it() {
    let home = home();
    let [a, b] = home.jobs(["a", "b"]);
    let mut after_a = row("after a");
    after_a.after = vec![a, b];
    let c = home.put(after_a);
    home.step(a, &Change::Start);
    assert_eq!(home.remove(a).unwrap(), None, "it runs");
    home.step(a, &Change::Cancel { reason: because("") });
    assert_eq!(home.remove(a).unwrap().unwrap().spec.name, "a");
    assert_eq!((home.job(a).unwrap(), home.remove(a).unwrap()), (None, None));
    assert!(home.history(a).unwrap().is_empty());
    assert_eq!(home.waits_for(c).unwrap(), [(a, State::Cancelled), (b, State::Queued)]);
    assert_eq!((home.followers(a).unwrap(), home.followers(b).unwrap()), (vec![c], vec![c]));
    home.run_to_the_end(b);
    assert_eq!(home.waits_for(c).unwrap(), [(a, State::Cancelled)]);
    assert_eq!(home.next_name(9, &[]), None);
    // What is done and removed is not waited for.
    home.remove(b).unwrap().unwrap();
    assert_eq!(home.job(c).unwrap().unwrap().after, [a]);
    let left: i64 = home
        .raw()
        .query_row("SELECT (SELECT count(*) FROM specs) + count(*) FROM jobs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2);
}
