//! Hot folders on the real core and the real store; only the scheduler is played.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::*;
use crate::jobs::store::{Change, Filter};
use crate::jobs::{Failure, Job, State};
use crate::service::FaultKind;
use crate::settings::Directories;
use crate::settings::config::Input;

struct Home {
    home: tempfile::TempDir,
    core: Arc<Core>,
}

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("in")).unwrap();
        let core = Self::open(home.path());
        start(&core);
        Home { home, core }
    }

    fn open(home: &Path) -> Arc<Core> {
        let directories = Directories::beneath(home).unwrap();
        let config = Config::load(&directories.config).unwrap();
        Core::open(directories, config, home.join("socket")).unwrap()
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("in")
    }

    fn watch(&self) -> Watch {
        let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/grace_hopper.jpg");
        Watch {
            name: "in".into(),
            folder: self.folder(),
            sources: vec![photo],
            settle_seconds: 0.2,
            ..Watch::default()
        }
    }

    fn jobs(&self) -> Vec<Job> {
        let filter = Filter { limit: 1000, ..Filter::default() };
        self.core.store.list(&filter).unwrap().jobs
    }

    fn until(&self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is(self) {
            assert!(Instant::now() < deadline, "{what}: {:?}", self.core.watches.list());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn change(&self, job: &Job, change: &Change) {
        let job = self.core.store.change(job.id, change, Timestamp::now()).unwrap().unwrap();
        self.core.changed(&job);
    }

    fn finish(&self, job: &Job) {
        self.change(job, &Change::Start);
        fs::write(&job.spec.output, b"result").unwrap();
        self.change(job, &Change::Finish { summary: serde_json::json!({}) });
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.core.stop();
    }
}

#[test]
fn a_hot_folder_is_added_works_is_paused_and_removed() {
    let home = Home::new();
    let (core, folder) = (&home.core, home.folder());
    assert_eq!(add(core, home.watch()).unwrap().name, "in");
    let again = add(core, home.watch()).unwrap_err();
    assert_eq!(again.kind, FaultKind::Conflict);
    let same = Watch { name: "other".into(), ..home.watch() };
    assert_eq!(add(core, same).unwrap_err().kind, FaultKind::Conflict);
    fs::write(folder.join("a.png"), "x").unwrap();
    home.until("it was not taken", |home| home.jobs().len() == 1);
    let job = home.jobs().remove(0);
    assert_eq!(job.spec.output, folder.join("output/a-swapped.png"));
    assert_eq!(job.spec.origin, crate::jobs::Origin::Watch { name: "in".into() });
    home.finish(&job);
    home.until("it was not put away", |_| folder.join("done/a.png").exists());
    home.until("it was not told", |home| home.core.watches.list()[0].settled == 1);
    assert!(set_paused(core, "in", true).unwrap().paused);
    let saved = Config::load(&core.directories.config).unwrap();
    assert!(saved.watch[0].paused);
    fs::write(folder.join("b.png"), "x").unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(home.jobs().len(), 1, "a paused folder took a file");
    set_paused(core, "in", false).unwrap();
    home.until("it did not go on", |home| home.jobs().len() == 2);
    remove(core, "in").unwrap();
    assert!(core.watches.list().is_empty());
    assert!(Config::load(&core.directories.config).unwrap().watch.is_empty());
    assert_eq!(remove(core, "in").unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(set_paused(core, "in", true).unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(home.jobs().len(), 2);
}

#[test]
fn other_rules_begin_at_once_and_lose_nothing_of_what_was_done() {
    let home = Home::new();
    let (core, folder) = (&home.core, home.folder());
    let keeps = Watch { input: Input::Keep, ..home.watch() };
    add(core, keeps.clone()).unwrap();
    fs::write(folder.join("a.png"), "x").unwrap();
    home.until("it was not taken", |home| home.jobs().len() == 1);
    home.finish(&home.jobs()[0]);
    home.until("it was not settled", |home| home.core.watches.list()[0].settled == 1);
    let changed = Watch { pattern: "{target}-new.{ext}".into(), priority: 7, ..keeps.clone() };
    let view = change(core, "in", changed.clone()).unwrap();
    assert_eq!((view.settled, view.rules["priority"].as_i64()), (1, Some(7)));
    assert_eq!(Config::load(&core.directories.config).unwrap().watch, [changed]);
    fs::write(folder.join("b.png"), "x").unwrap();
    home.until("it does not go on", |home| home.jobs().len() == 2);
    let job = home.jobs().into_iter().find(|job| job.state == State::Queued).unwrap();
    assert_eq!(job.spec.output, folder.join("output/b-new.png"), "a.png was done before");
    assert_eq!(job.priority, 7);
    for other in [
        Watch { name: "other".into(), ..keeps.clone() },
        Watch { folder: home.home.path().into(), ..keeps.clone() },
    ] {
        assert_eq!(change(core, "in", other).unwrap_err().kind, FaultKind::Conflict);
    }
    let nonsense = Watch { profile: Some("nonsense".into()), ..keeps.clone() };
    assert_eq!(change(core, "in", nonsense).unwrap_err().kind, FaultKind::Invalid);
    assert_eq!(change(core, "nobody", keeps).unwrap_err().kind, FaultKind::NotFound);
}

#[test]
fn rules_that_make_no_sense_are_refused_and_nothing_is_written() {
    let home = Home::new();
    let kind = |change: &dyn Fn(&mut Watch)| {
        let mut watch = home.watch();
        change(&mut watch);
        add(&home.core, watch).unwrap_err().kind
    };
    assert_eq!(kind(&|watch| watch.name = "No Name".into()), FaultKind::Invalid);
    assert_eq!(kind(&|watch| watch.folder = "/nowhere/at/all".into()), FaultKind::Invalid);
    assert_eq!(kind(&|watch| watch.sources = vec!["/nowhere.jpg".into()]), FaultKind::Invalid);
    assert_eq!(kind(&|watch| watch.sources.clear()), FaultKind::Invalid);
    assert_eq!(kind(&|watch| watch.profile = Some("nonsense".into())), FaultKind::Invalid);
    let weight = toml::Value::Float(0.5);
    assert_eq!(
        kind(&|watch| _ = watch.set.insert("swap.wait".into(), weight.clone())),
        FaultKind::Invalid
    );
    assert!(!Config::path(&home.core.directories.config).exists());
}

#[test]
fn a_rehearsal_says_what_would_be_done_and_does_nothing() {
    let home = Home::new();
    for name in ["a.png", "b.txt", "c.png.part", ".d.png.Ab3xY9"] {
        fs::write(home.folder().join(name), "x").unwrap();
    }
    fs::write(home.folder().join("empty.png"), "").unwrap();
    let lines = rehearse(&home.core, &home.watch()).unwrap();
    let said = |name: &str, what: &str| {
        let line = lines.iter().find(|line| line.starts_with(name));
        assert!(line.is_some_and(|line| line.contains(what)), "{name}: {lines:#?}");
    };
    said("a.png", "would become");
    said("b.txt", "nothing that the rule takes");
    said("c.png.part", "never taken");
    said(".d.png", "never taken");
    said("empty.png", "waits for its content");
    assert_eq!(lines.len(), 5);
    assert!(home.jobs().is_empty());
    assert_eq!(fs::read_dir(home.folder()).unwrap().count(), 5);
}

#[test]
fn what_failed_can_be_tried_again_by_hand() {
    let home = Home::new();
    let folder = home.folder();
    add(&home.core, home.watch()).unwrap();
    fs::write(folder.join("a.png"), "x").unwrap();
    home.until("it was not taken", |home| home.jobs().len() == 1);
    let job = home.jobs().remove(0);
    home.change(&job, &Change::Start);
    let failure = Failure::of_kind("no_face", "there is no face in a.png", Some("take another"));
    home.change(&job, &Change::Fail { failure });
    let reason = folder.join("failed/a.png.reason.txt");
    home.until("it was not put away", |_| folder.join("failed/a.png").exists());
    let text = fs::read_to_string(&reason).unwrap();
    assert!(text.contains("there is no face in a.png") && text.contains("take another"), "{text}");
    home.until("it was not told", |home| home.core.watches.list()[0].settled == 1);
    home.core.retry(job.id, false).unwrap();
    assert!(folder.join("a.png").exists() && !reason.exists());
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(home.jobs().len(), 1, "it was taken for a new file");
    assert_eq!(home.jobs()[0].state, State::Queued);
    home.finish(&job);
    home.until("it was not put away", |_| folder.join("done/a.png").exists());
    assert_eq!(fs::read_dir(folder.join("failed")).unwrap().count(), 0);
}

#[test]
fn what_ended_while_no_service_ran_is_put_away_by_the_next_one() {
    let mut home = Home::new();
    let folder = home.folder();
    add(&home.core, Watch { input: Input::Move, ..home.watch() }).unwrap();
    for name in ["a.png", "b.png"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    home.until("they were not taken", |home| home.jobs().len() == 2);
    home.core.stop();
    // Nobody hears of it.
    std::thread::sleep(Duration::from_millis(300));
    let done = home.jobs().remove(0);
    let at = Timestamp::now();
    for change in [Change::Start, Change::Finish { summary: serde_json::json!({}) }] {
        home.core.store.change(done.id, &change, at).unwrap().unwrap();
    }
    home.core = Home::open(home.home.path());
    start(&home.core);
    let name = done.spec.target.file_name().unwrap().to_owned();
    home.until("it was not put away", |_| folder.join("done").join(&name).exists());
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(home.jobs().len(), 2);
    assert_eq!(fs::read_dir(folder.join("done")).unwrap().count(), 1);
}
