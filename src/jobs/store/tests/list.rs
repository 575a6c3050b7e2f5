//! Lists, look-ups and counts.

use super::*;
use crate::jobs::store::{Counts, Filter, Sort};

fn names(home: &Home, filter: &Filter) -> (Vec<String>, u64) {
    let page = home.list(filter).unwrap();
    (page.jobs.into_iter().map(|job| job.spec.name).collect(), page.total)
}

/// One job in each state and some more; the names say where they stand.
fn full() -> Home {
    let home = home();
    let ids = home.jobs(["done", "refused", "failed", "cancelled", "running", "queued", "paused"]);
    let [done, refused, failed, cancelled, running, _, paused] = ids;
    home.put(NewRow { priority: 3, ..row("urgent") });
    for id in [done, refused, failed, running] {
        home.step(id, &Change::Start);
    }
    let end = |id, change: &Change, seconds| {
        home.change(id, change, at(seconds)).unwrap().unwrap();
    };
    end(failed, &Change::Fail { failure: failure("no") }, 10);
    end(refused, &Change::Fail { failure: Failure::of_kind("refused", "no", None) }, 20);
    end(done, &finish(), 30);
    end(cancelled, &Change::Cancel { reason: because("") }, 40);
    end(paused, &Change::Pause { reason: because("") }, 50);
    home
}

const ALL: [&str; 8] =
    ["running", "paused", "urgent", "queued", "cancelled", "done", "refused", "failed"];

#[test]
fn a_list_has_what_runs_first_and_what_ended_last_at_the_end() {
    let home = full();
    let filter = |sort| Filter { sort, limit: 100, ..Filter::default() };
    assert_eq!(names(&home, &filter(Sort::Queue)), (ALL.map(String::from).to_vec(), 8));
    let added = ["done", "refused", "failed", "cancelled", "running", "queued", "paused", "urgent"];
    assert_eq!(names(&home, &filter(Sort::Oldest)).0, added);
    let mut newest = added;
    newest.reverse();
    assert_eq!(names(&home, &filter(Sort::Newest)).0, newest);
}

#[test]
fn pages_follow_each_other_and_know_the_total() {
    let home = full();
    let page = |offset, limit| names(&home, &Filter { offset, limit, ..Filter::default() });
    assert_eq!(page(0, 3), (ALL[..3].iter().map(ToString::to_string).collect(), 8));
    assert_eq!(page(3, 3).0, ALL[3..6]);
    assert_eq!(page(6, 3).0, ALL[6..]);
    assert_eq!((page(8, 3), page(0, 0)), ((vec![], 8), (vec![], 8)));
    assert_eq!(page(u64::MAX, u64::MAX), (vec![], 8));
    assert_eq!(page(0, u64::MAX).0, ALL);
}

#[test]
fn a_list_is_filtered() {
    let home = full();
    let mut new = row("Überfahrt");
    new.spec.profile_name = "quality".into();
    new.spec.origin = Origin::Watch { name: "inbox".into() };
    new.spec.sources = vec!["/photos/100%_ada.png".into(), "/photos/Grace.png".into()];
    let id = home.put(new);
    let all = Filter { limit: 100, ..Filter::default() };
    let states =
        |states: &[State]| names(&home, &Filter { states: states.to_vec(), ..all.clone() });
    assert_eq!(states(&[State::Running]), (vec!["running".into()], 1));
    assert_eq!(states(&[State::Failed, State::Paused, State::Paused]).0, ["paused", "failed"]);
    assert_eq!(states(&State::ALL).1, 9);
    for state in State::ALL {
        assert_eq!(states(&[state]).1, home.counts().unwrap().of(state), "{state}");
    }
    let text = |text: &str| names(&home, &Filter { text: Some(text.into()), ..all.clone() });
    assert_eq!(text("überFAHRT"), (vec!["Überfahrt".into()], 1));
    assert_eq!(text("grace.PNG").1, 1);
    assert_eq!(text("%_").1, 1, "no wildcards");
    assert_eq!(text("/FILMS/").1, 9);
    assert_eq!(text(&id.to_string().to_lowercase()).1, 1);
    assert_eq!(text("' OR 1 --").1, 0);
    let profile = Filter { profile: Some("quality".into()), ..all.clone() };
    assert_eq!(names(&home, &profile), (vec!["Überfahrt".into()], 1));
    let watch = Filter { watch: Some("inbox".into()), ..all.clone() };
    assert_eq!(names(&home, &watch), (vec!["Überfahrt".into()], 1));
    let none = Filter { states: vec![State::Done], ..watch };
    assert_eq!(names(&home, &none), (vec![], 0));
}

#[test]
fn the_counts_are_those_of_the_rows() {
    let home = full();
    let expected =
        Counts { queued: 2, running: 1, paused: 1, done: 1, failed: 1, refused: 1, cancelled: 1 };
    assert_eq!(home.counts().unwrap(), expected);
    let id = home.in_state(State::Failed).unwrap()[0];
    home.remove(id).unwrap().unwrap();
    assert_eq!(home.counts().unwrap(), Counts { failed: 0, ..expected });
}

#[test]
fn an_id_is_found_by_its_beginning_and_by_its_end() {
    let home = home();
    let rows: Vec<NewRow> = (0..12)
        .map(|number| {
            let id = format!("01ARZ3NDEKTSV4RRFFQ69G5F{number:02}").parse().unwrap();
            NewRow { id, ..row("job") }
        })
        .collect();
    home.add(&rows, at(0)).unwrap();
    let find = |prefix: &str| home.find(prefix).unwrap();
    assert_eq!(find("01arz3ndektsv4rrffq69g5f07"), [rows[7].id]);
    assert_eq!(find("01ARZ3NDEKTSV4RRFFQ69G5F1"), [rows[11].id, rows[10].id]);
    let newest: Vec<JobId> = rows[2..].iter().rev().map(|row| row.id).collect();
    assert_eq!(find("01arz"), newest);
    assert_eq!(find("69g5f07"), [rows[7].id]);
    for nothing in ["12", "%", "01ARZ3NDEKTSV4RRFFQ69G5F077", "~", "ü", "' OR 1 --"] {
        assert_eq!(find(nothing), []);
    }
}

#[test]
fn an_output_has_a_writer_until_its_job_ends() {
    let home = home();
    let [id] = home.jobs(["job"]);
    let writer = || home.writer_of(Path::new("/out/job.mp4")).unwrap();
    assert_eq!(writer(), Some(id));
    home.step(id, &Change::Start);
    assert_eq!(writer(), Some(id));
    home.step(id, &Change::Pause { reason: because("") });
    assert_eq!(writer(), Some(id));
    home.step(id, &Change::Cancel { reason: because("") });
    assert_eq!(writer(), None);
    assert_eq!(home.writer_of(Path::new("/out/other.mp4")).unwrap(), None);
}
