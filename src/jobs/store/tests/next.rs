//! Which job runs next.

use super::*;
use crate::jobs::store::Edit;

#[test]
fn more_priority_goes_first_and_then_the_earlier_place() {
    let home = home();
    for (name, priority) in [("c", 0), ("d", 0), ("a", 5), ("e", -5), ("b", 5)] {
        home.put(NewRow { priority, ..row(name) });
    }
    assert_eq!(home.queue(), ["a", "b", "c", "d", "e"]);
    for name in ["a", "b", "c", "d", "e"] {
        let job = home.next(at(1), &[]).unwrap().unwrap();
        assert_eq!(job.spec.name, name);
        home.step(job.id, &Change::Start);
    }
    assert_eq!(home.next_name(1, &[]), None);
}

#[test]
fn a_job_of_which_the_service_may_have_died_is_first() {
    let home = home();
    home.put(NewRow { priority: 1000, ..row("urgent") });
    let [id] = home.jobs(["suspect"]);
    home.step(id, &Change::Start);
    home.step(id, &Change::Crashed { reason: because("") });
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("suspect"));
    assert_eq!(home.queue(), ["suspect", "urgent"]);
}

#[test]
fn a_busy_device_is_passed_over() {
    let home = home();
    for (name, device) in [("a", "gpu:0"), ("b", "gpu:0"), ("c", "cpu"), ("d", "gpu:1")] {
        let mut new = row(name);
        new.spec.profile = on(device);
        home.put(new);
    }
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("a"));
    assert_eq!(home.next_name(1, &["gpu:0"]).as_deref(), Some("c"));
    assert_eq!(home.next_name(1, &["gpu:0", "cpu"]).as_deref(), Some("d"));
    assert_eq!(home.next_name(1, &["gpu:0", "cpu", "gpu:1"]), None);
}

#[test]
fn a_job_waits_until_everything_before_it_is_done() {
    let home = home();
    let [a, b] = home.jobs(["a", "b"]);
    let c = home.put(NewRow { priority: 9, after: vec![a, b, a], ..row("c") });
    assert_eq!(home.job(c).unwrap().unwrap().after, [a, b]);
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("a"));
    assert_eq!(home.change(c, &Change::Start, at(1)).unwrap(), None);
    home.run_to_the_end(a);
    home.step(b, &Change::Start);
    home.step(b, &Change::Fail { failure: failure("no") });
    assert_eq!(home.next_name(1, &[]), None);
    assert_eq!(home.waits_for(c).unwrap(), [(b, State::Failed)]);
    home.step(b, &Change::Retry { from_scratch: false });
    home.run_to_the_end(b);
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("c"));
    // Added when what it waits for is done already.
    let d = home.put(NewRow { priority: 10, after: vec![a], ..row("d") });
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("d"));
    assert!(home.waits_for(d).unwrap().is_empty());
}

#[test]
fn a_job_waits_for_its_time() {
    let home = home();
    let id = home.put(NewRow { not_before: Some(at(100)), priority: 5, ..row("late") });
    let blocked = home.put(NewRow { not_before: Some(at(50)), ..row("blocked") });
    home.edit(blocked, &Edit { after: Some(vec![id]), ..Edit::default() }).unwrap().unwrap();
    home.jobs(["now"]);
    assert_eq!(home.next_name(99, &[]).as_deref(), Some("now"));
    // Not the time of one that waits for another one too.
    assert_eq!(home.next_due(at(0)).unwrap(), Some(at(100)));
    assert_eq!(home.next_due(at(100)).unwrap(), None);
    assert_eq!(home.next_name(100, &[]).as_deref(), Some("late"));
    assert_eq!(home.next_name(100, &["cpu"]), None);
    home.edit(id, &Edit { not_before: Some(None), ..Edit::default() }).unwrap().unwrap();
    assert_eq!(home.next_name(0, &[]).as_deref(), Some("late"));
}

#[test]
fn a_retry_waits_for_its_time_and_the_users_time_is_kept() {
    let home = home();
    let id = home.put(NewRow { not_before: Some(at(1)), ..row("job") });
    home.step(id, &Change::Start);
    home.step(id, &try_again(60));
    assert_eq!((home.next_name(59, &[]), home.next_due(at(2)).unwrap()), (None, Some(at(60))));
    assert_eq!(home.next_name(60, &[]).as_deref(), Some("job"));
    let job = home.change(id, &Change::Start, at(60)).unwrap().unwrap();
    assert_eq!((job.not_before, job.retry_at), (Some(at(1)), None));
}

#[test]
fn a_clock_that_was_put_back_makes_no_retry_wait_for_years() {
    let home = home();
    let year = 365 * 24 * 3600;
    let id = home.put(NewRow { not_before: Some(at(-2 * year)), ..row("job") });
    home.step(id, &Change::Start);
    home.step(id, &try_again(60));
    assert_eq!(home.next_name(-year, &[]).as_deref(), Some("job"));
    assert_eq!(home.next_name(-year, &["cpu"]), None);
    assert_eq!(home.next_due(at(-year)).unwrap(), None, "it is due");
    // A time that the user gave is waited for.
    assert_eq!(home.next_name(-3 * year, &[]), None);
    assert_eq!(home.next_due(at(-3 * year)).unwrap(), Some(at(-2 * year)));
    assert_eq!(home.change(id, &Change::Start, at(-3 * year)).unwrap(), None);
    assert!(home.change(id, &Change::Start, at(-year)).unwrap().is_some());
}

#[test]
fn jobs_whose_time_has_come_run_in_the_order_of_the_queue() {
    let home = home();
    for (name, priority, seconds) in [("c", 0, 10), ("d", 0, 5), ("b", 1, 20), ("a", 2, 15)] {
        home.put(NewRow { priority, not_before: Some(at(seconds)), ..row(name) });
    }
    home.jobs(["e"]);
    for name in ["a", "b", "c", "d", "e"] {
        let job = home.next(at(30), &[]).unwrap().unwrap();
        assert_eq!(job.spec.name, name);
        home.change(job.id, &Change::Start, at(30)).unwrap().unwrap();
    }
}
