//! Edits: places, names, times, dependencies.

use super::*;
use crate::error::Kind;
use crate::jobs::store::{Edit, Filter, Place};

fn place(place: Place) -> Edit {
    Edit { place: Some(place), ..Edit::default() }
}

#[test]
fn jobs_move_in_the_queue() {
    let home = home();
    let [a, b, c, d] = home.jobs(["a", "b", "c", "d"]);
    let moves = [
        (d, Place::Top, ["d", "a", "b", "c"]),
        (d, Place::Up, ["d", "a", "b", "c"]),
        (d, Place::Down, ["a", "d", "b", "c"]),
        (a, Place::Bottom, ["d", "b", "c", "a"]),
        (a, Place::Bottom, ["d", "b", "c", "a"]),
        (a, Place::Down, ["d", "b", "c", "a"]),
        (c, Place::Up, ["d", "c", "b", "a"]),
        (a, Place::Before(c), ["d", "a", "c", "b"]),
        (d, Place::Behind(b), ["a", "c", "b", "d"]),
        (d, Place::Behind(d), ["a", "c", "b", "d"]),
        (c, Place::Top, ["c", "a", "b", "d"]),
    ];
    for (id, to, expected) in moves {
        home.edit(id, &place(to)).unwrap().unwrap();
        assert_eq!(home.queue(), expected, "{to:?}");
    }
    // A job that runs is not passed by one place, and comes back to where it was.
    home.step(a, &Change::Start);
    home.edit(b, &place(Place::Up)).unwrap().unwrap();
    assert_eq!(home.queue(), ["b", "c", "d"]);
    assert_eq!(home.edit(a, &place(Place::Top)).unwrap(), None);
    home.step(a, &Change::Requeue { reason: because("") });
    assert_eq!(home.queue(), ["b", "c", "a", "d"]);
    home.step(c, &Change::Pause { reason: because("") });
    assert!(home.edit(c, &place(Place::Bottom)).unwrap().is_some());
}

#[test]
fn a_job_can_always_be_put_between_two_others() {
    let home = home();
    let [a, b, c] = home.jobs(["a", "b", "c"]);
    // Halving the gap would end after twenty of these.
    for round in 0..100 {
        let (job, before) = if round % 2 == 0 { (b, c) } else { (c, b) };
        home.edit(job, &place(Place::Behind(a))).unwrap().unwrap();
        let expected = if round % 2 == 0 { ["a", "b", "c"] } else { ["a", "c", "b"] };
        assert_eq!(home.queue(), expected, "{before}");
    }
    // Nor at the very ends of the numbers.
    let set = |id: JobId, place: i64| {
        let sql = "UPDATE jobs SET place = ?2 WHERE id = ?1";
        home.raw().execute(sql, (id.to_string(), place)).unwrap();
    };
    set(a, i64::MIN + 1);
    set(b, i64::MAX - 1);
    home.edit(c, &place(Place::Top)).unwrap().unwrap();
    assert_eq!(home.queue(), ["c", "a", "b"]);
    set(b, i64::MAX - 1);
    home.jobs(["d"]);
    assert_eq!(home.queue(), ["c", "a", "b", "d"]);
}

#[test]
fn a_new_priority_means_the_end_of_it_unless_a_place_is_named() {
    let home = home();
    let [a, b] = home.jobs(["a", "b"]);
    let [x, y] = ["x", "y"].map(|name| home.put(NewRow { priority: 5, ..row(name) }));
    let priority = |priority| Edit { priority: Some(priority), ..Edit::default() };
    let job = home.edit(a, &priority(5)).unwrap().unwrap();
    assert_eq!((job.priority, home.queue()), (5, ["x", "y", "a", "b"].map(String::from).to_vec()));
    home.edit(x, &priority(5)).unwrap().unwrap();
    assert_eq!(home.queue(), ["x", "y", "a", "b"], "it has that priority");
    home.edit(b, &Edit { place: Some(Place::Up), ..priority(5) }).unwrap().unwrap();
    assert_eq!(home.queue(), ["x", "y", "b", "a"]);
    // The priority of the job beside which it stands, whatever was said.
    let edit = Edit { place: Some(Place::Before(y)), ..priority(-3) };
    assert_eq!(home.edit(a, &edit).unwrap().unwrap().priority, 5);
    assert_eq!(home.queue(), ["x", "a", "y", "b"]);
}

#[test]
fn nothing_changes_for_a_job_that_has_ended_or_a_place_beside_one() {
    let home = home();
    let [a, b] = home.jobs(["a", "b"]);
    home.run_to_the_end(a);
    let name = Edit { name: Some("other".into()), ..Edit::default() };
    assert_eq!(home.edit(a, &name).unwrap(), None);
    for other in [a, JobId::generate()] {
        let edit = Edit { place: Some(Place::Before(other)), priority: Some(7), ..name.clone() };
        assert_eq!(home.edit(b, &edit).unwrap(), None);
    }
    assert_eq!(home.edit(JobId::generate(), &name).unwrap(), None);
    let job = home.job(b).unwrap().unwrap();
    assert_eq!((job.priority, job.spec.name.as_str()), (0, "b"));
}

#[test]
fn a_name_a_time_and_a_number_of_attempts_are_changed() {
    let home = home();
    let [id] = home.jobs(["job"]);
    let edit = Edit {
        name: Some("Größe".into()),
        not_before: Some(Some(at(70))),
        max_attempts: Some(9),
        ..Edit::default()
    };
    let job = home.edit(id, &edit).unwrap().unwrap();
    assert_eq!(
        (job.spec.name.as_str(), job.not_before, job.max_attempts),
        ("Größe", Some(at(70)), 9)
    );
    assert_eq!(home.job(id).unwrap(), Some(job));
    let find = |text: &str| {
        let filter = Filter { text: Some(text.into()), limit: 9, ..Filter::default() };
        home.list(&filter).unwrap().total
    };
    assert_eq!((find("GRÖSSE"), find("GRÖßE"), find("größe")), (0, 1, 1));
    assert_eq!(home.history(id).unwrap().len(), 1, "no change of state");
}

#[test]
fn a_job_never_waits_for_itself() {
    let home = home();
    let [a, b, c] = home.jobs(["a", "b", "c"]);
    let after = |jobs: &[JobId]| Edit { after: Some(jobs.to_vec()), ..Edit::default() };
    home.edit(b, &after(&[a])).unwrap().unwrap();
    home.edit(c, &after(&[a, b])).unwrap().unwrap();
    let error = home.edit(a, &after(&[c])).unwrap_err();
    assert_eq!(error.kind(), &Kind::Usage);
    let way = format!("job {a} would wait for itself: {a} after {c} after {a}");
    assert_eq!(error.message(), way);
    assert_eq!(home.job(a).unwrap().unwrap().after, []);
    let error = home.edit(a, &after(&[a])).unwrap_err();
    assert!(error.message().ends_with(&format!("{a} after {a}")), "{}", error.message());
    let gone = JobId::generate();
    let error = home.edit(a, &after(&[gone])).unwrap_err();
    assert_eq!(error.kind(), &Kind::Usage);
    assert!(error.message().contains(&gone.to_string()));
    // Other jobs before it take the place of those that were there.
    assert_eq!(home.edit(c, &after(&[b])).unwrap().unwrap().after, [b]);
    assert_eq!(home.edit(b, &after(&[])).unwrap().unwrap().after, []);
    assert_eq!(home.edit(a, &after(&[b])).unwrap().unwrap().after, [b]);
    assert_eq!(home.next_name(1, &[]).as_deref(), Some("b"));
}

#[test]
fn a_long_circle_is_found_and_named_in_short() {
    let home = home();
    let rows: Vec<NewRow> = (0..2000).map(|number| row(&format!("{number}"))).collect();
    let ids: Vec<JobId> = rows.iter().map(|row| row.id).collect();
    // Each waits for the two before it, so that there are more ways than can be walked.
    let rows = rows.into_iter().enumerate().map(|(number, row)| {
        let after = ids[number.saturating_sub(2)..number].to_vec();
        NewRow { after, ..row }
    });
    home.add(&rows.collect::<Vec<_>>(), at(0)).unwrap();
    let edit = Edit { after: Some(vec![ids[1999]]), ..Edit::default() };
    let message = home.edit(ids[0], &edit).unwrap_err().message().to_owned();
    assert!(message.contains(&format!("{} after {} after", ids[0], ids[1999])), "{message}");
    assert!(message.ends_with(&format!("more after {}", ids[0])), "{message}");
    assert!(message.len() < 500, "{message}");
}
