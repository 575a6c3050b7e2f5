//! A store that the first release wrote opens in this one and all of it is there.
//!
//! `tests/fixtures/store-v1.sqlite3` was written by [`write_the_fixture`] and never changes. What it
//! holds is written down here by hand, not made by the code that is tested.

use sha2::{Digest, Sha256};

use super::*;
use crate::jobs::store::{Counts, Filter, Published, Sort, Taken, TakenState};

const SUM: &str = "52eafe8e28414b9c0db98aed14cbce28d16dfa56d29f9ae55865b1f3dd2277c3";

const IDS: [&str; 8] = [
    "01M0000000000000000000000A",
    "01M0000000000000000000000B",
    "01M0000000000000000000000C",
    "01M0000000000000000000000D",
    "01M0000000000000000000000E",
    "01M0000000000000000000000F",
    "01M0000000000000000000000G",
    "01M0000000000000000000000H",
];

fn id(index: usize) -> JobId {
    IDS[index].parse().unwrap()
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store-v1.sqlite3")
}

fn published() -> Published {
    Published {
        hidden: "/out/.running.mp4.part".into(),
        device: 2049,
        inode: 1_234_567,
        bytes: 9_876,
        summary: json!({"frames": 90}),
    }
}

fn taken(index: usize, state: TakenState) -> Taken {
    Taken {
        watch: "inbox".into(),
        path: format!("/inbox/{index}.png").into(),
        stamp: format!("100-{index}-7"),
        job: (state != TakenState::Rejected).then(|| id(index)),
        state,
        at: at(3),
    }
}

/// A copy of the fixture, opened.
fn opened() -> Home {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture(), file(folder.path())).unwrap();
    let store = Store::open(&file(folder.path())).unwrap();
    Home { store, folder }
}

#[test]
fn the_fixture_is_the_one_that_was_released() {
    let bytes = std::fs::read(fixture()).unwrap();
    let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sum, SUM);
}

#[test]
fn every_job_of_the_first_release_is_read() {
    let home = opened();
    let rows: [(&str, State, u32, u32, i32); 8] = [
        ("done", State::Done, 2, 0, 0),
        ("failed", State::Failed, 1, 0, 0),
        ("refused", State::Refused, 1, 0, 0),
        ("cancelled", State::Cancelled, 0, 0, 0),
        ("paused", State::Paused, 1, 0, -10),
        ("running", State::Running, 1, 1, 0),
        ("waits for two", State::Queued, 0, 0, 100),
        ("tried again", State::Queued, 1, 0, 0),
    ];
    for (index, (name, state, attempts, crashes, priority)) in rows.into_iter().enumerate() {
        let job = home.job(id(index)).unwrap().unwrap();
        assert_eq!((job.spec.name.as_str(), job.state), (name, state));
        assert_eq!((job.attempts, job.crashes, job.priority), (attempts, crashes, priority));
        assert_eq!((job.max_attempts, job.created), (3, at(0)), "{name}");
        assert_eq!(job.spec.target, Path::new(&format!("/films/{name}.mp4")));
        assert_eq!(job.spec.output, Path::new(&format!("/out/{name}.mp4")));
        assert_eq!(job.spec.sources, [Path::new("/photos/ada.png")]);
        assert_eq!(job.ended.is_some(), state.is_final());
    }
    let job = |index| home.job(id(index)).unwrap().unwrap();
    assert_eq!((job(0).started, job(0).ended), (Some(at(20)), Some(at(30))));
    assert_eq!(job(0).summary, Some(json!({"frames": 3})));
    assert_eq!(job(1).failure, Some(failure("no face in the photo")));
    assert_eq!(job(1).reason, "no face in the photo");
    let refusal = json!({"file": "/films/refused.mp4", "frame": 7, "time": 0.25, "score": 0.5});
    assert_eq!(job(2).failure.unwrap().refusal, Some(refusal));
    assert_eq!((job(3).reason.as_str(), job(3).started), ("of no use", None));
    assert_eq!((job(6).after, job(6).not_before), (vec![id(0), id(4)], Some(at(3600))));
    assert_eq!(home.waits_for(id(6)).unwrap(), [(id(4), State::Paused)]);
    assert_eq!((job(7).retry_at, job(7).from_scratch), (Some(at(90)), true));
    let spec = job(5).spec;
    assert_eq!(spec.origin, Origin::Watch { name: "inbox".into() });
    assert_eq!((spec.source_face, spec.overwrite), (Some(1), true));
    assert_eq!((spec.profile_name.as_str(), spec.profile.run.device), ("mine", 1));
    assert_eq!((spec.profile.swap.weight, job(5).device.as_str()), (Some(0.75), "gpu:1"));
    assert_eq!(job(4).spec.origin, Origin::Network);
}

#[test]
fn nothing_of_the_stored_specs_is_lost() {
    let home = opened();
    for index in 0..IDS.len() {
        let sql = "SELECT spec FROM specs WHERE job = ?1";
        let stored: String = home.raw().query_row(sql, [IDS[index]], |row| row.get(0)).unwrap();
        let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
        let read = serde_json::to_string(&home.job(id(index)).unwrap().unwrap().spec).unwrap();
        let read: serde_json::Value = serde_json::from_str(&read).unwrap();
        assert!(holds(&read, &stored), "{read}\nis not all of\n{stored}");
    }
}

/// Whether everything in the second value is in the first, which may have keys besides.
fn holds(all: &serde_json::Value, part: &serde_json::Value) -> bool {
    match (all.as_object(), part.as_object()) {
        (Some(all), Some(part)) => {
            part.iter().all(|(key, value)| all.get(key).is_some_and(|other| holds(other, value)))
        }
        _ => all == part,
    }
}

#[test]
fn everything_else_of_the_first_release_is_read() {
    let home = opened();
    let counts =
        Counts { queued: 2, running: 1, paused: 1, done: 1, failed: 1, refused: 1, cancelled: 1 };
    assert_eq!(home.counts().unwrap(), counts);
    let list = |sort| {
        let page = home.list(&Filter { sort, limit: 100, ..Filter::default() }).unwrap();
        page.jobs.into_iter().map(|job| job.spec.name).collect::<Vec<_>>()
    };
    let queue = ["running", "paused", "waits for two", "tried again"];
    assert_eq!(list(Sort::Queue)[..4], queue);
    assert_eq!(list(Sort::Queue)[4..], ["cancelled", "done", "refused", "failed"]);
    assert_eq!(list(Sort::Oldest)[0], "done");
    let history: Vec<_> = home
        .history(id(0))
        .unwrap()
        .into_iter()
        .map(|row| (row.at, row.from, row.to, row.reason))
        .collect();
    let no = String::new;
    use State::{Done, Queued, Running};
    let expected = [
        (at(0), None, Queued, no()),
        (at(10), Some(Queued), Running, no()),
        (at(15), Some(Running), Queued, "the disk went away".to_owned()),
        (at(20), Some(Queued), Running, no()),
        (at(30), Some(Running), Done, no()),
    ];
    assert_eq!(history, expected);
    assert_eq!(home.published(id(5)).unwrap(), Some(published()));
    assert_eq!(home.left_behind(id(5)).unwrap(), Some("/out/.running.mp4.part".into()));
    assert_eq!(home.taken_counts("inbox").unwrap(), (1, 1, 1));
    assert_eq!(home.taken_for(id(0)).unwrap(), Some(taken(0, TakenState::Settled)));
    assert_eq!(home.unsettled("inbox").unwrap(), [taken(5, TakenState::Working)]);
    assert!(home.was_taken("inbox", Path::new("/inbox/9.png"), "100-9-7").unwrap());
    // And the work goes on.
    assert_eq!(home.next_name(80, &[]), None);
    assert_eq!(home.next_name(90, &[]).as_deref(), Some("tried again"));
    home.step(id(4), &Change::Continue);
    home.step(id(4), &finish());
    assert_eq!(home.next_name(3600, &[]).as_deref(), Some("waits for two"));
}

/// Writes the fixture: `cargo test --lib write_the_fixture -- --ignored`. It was done once, before
/// the first release. A later version of the tables gets a file of its own beside it.
#[test]
#[ignore = "the fixture never changes"]
fn write_the_fixture() {
    assert!(!fixture().exists(), "the fixture never changes");
    let home = home();
    let mut rows: Vec<NewRow> = Vec::new();
    for (index, name) in [
        "done",
        "failed",
        "refused",
        "cancelled",
        "paused",
        "running",
        "waits for two",
        "tried again",
    ]
    .into_iter()
    .enumerate()
    {
        rows.push(NewRow { id: id(index), ..row(name) });
    }
    (rows[4].priority, rows[4].spec.origin) = (-10, Origin::Network);
    let spec = &mut rows[5].spec;
    spec.origin = Origin::Watch { name: "inbox".into() };
    (spec.source_face, spec.overwrite) = (Some(1), true);
    (spec.profile_name, spec.profile) = ("mine".into(), on("gpu:1"));
    spec.profile.swap.weight = Some(0.75);
    (rows[6].priority, rows[6].not_before) = (100, Some(at(3600)));
    rows[6].after = vec![id(0), id(4)];
    home.add(&rows, at(0)).unwrap();
    let step = |index, seconds, change: Change| {
        home.change(id(index), &change, at(seconds)).unwrap().unwrap();
    };
    step(0, 10, Change::Start);
    step(0, 15, try_again(18));
    step(0, 20, Change::Start);
    step(0, 30, finish());
    step(1, 11, Change::Start);
    step(1, 12, Change::Fail { failure: failure("no face in the photo") });
    step(2, 13, Change::Start);
    let refusal = json!({"file": "/films/refused.mp4", "frame": 7, "time": 0.25, "score": 0.5});
    let failure = Failure {
        refusal: Some(refusal),
        ..Failure::of_kind("refused", "the content filter refused it", None)
    };
    step(2, 14, Change::Fail { failure });
    step(3, 40, Change::Cancel { reason: because("of no use") });
    step(4, 41, Change::Start);
    step(4, 42, Change::Pause { reason: because("held by hand") });
    step(5, 43, Change::Start);
    step(5, 44, Change::Crashed { reason: because("the service ended while it ran") });
    step(5, 45, Change::Start);
    home.hidden(id(5), Some(Path::new("/out/.running.mp4.part"))).unwrap();
    home.publishing(id(5), &published()).unwrap();
    step(7, 46, Change::Cancel { reason: because("") });
    step(7, 47, Change::Retry { from_scratch: true });
    step(7, 48, Change::Start);
    step(7, 49, try_again(90));
    for file in [
        taken(0, TakenState::Settled),
        taken(5, TakenState::Working),
        taken(9, TakenState::Rejected),
    ] {
        home.take(&file, None, at(3)).unwrap().unwrap();
    }
    let Home { store, folder } = home;
    drop(store);
    let raw = Connection::open(file(folder.path())).unwrap();
    raw.execute_batch("VACUUM").unwrap();
    drop(raw);
    std::fs::create_dir_all(fixture().parent().unwrap()).unwrap();
    std::fs::copy(file(folder.path()), fixture()).unwrap();
}
