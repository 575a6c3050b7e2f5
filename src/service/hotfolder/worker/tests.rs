//! The worker against a ledger in memory: real files, real news of the system, no service.

mod storm;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;

use super::super::away::Reason;
use super::super::ledger::{Fate, Files, Took};
use super::*;
use crate::error::{Error, Result};
use crate::jobs::store::TakenState;
use crate::service::wire::NewJob;
use crate::settings::config::Input;

/// What the ledger and the queue hold.
#[derive(Default)]
pub(super) struct Shelf {
    rows: BTreeMap<(PathBuf, String), (Option<JobId>, TakenState)>,
    jobs: BTreeMap<JobId, NewJob>,
    ends: BTreeMap<JobId, bool>,
    not_ready: Option<String>,
    impossible: BTreeSet<String>,
    views: Vec<WatchView>,
    /// Whether everything that ended ended long ago.
    long_ago: bool,
}

/// A ledger in memory; it outlives its workers, as the store outlives a service that is killed.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Shelf>>);

impl Memory {
    fn with<T>(&self, look: impl FnOnce(&mut Shelf) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Every job, as target and output names.
    pub(super) fn jobs(&self) -> Vec<(String, String)> {
        let name = |path: &str| Path::new(path).file_name().unwrap().to_string_lossy().into_owned();
        self.with(|shelf| {
            let jobs = shelf.jobs.values();
            jobs.map(|job| (name(&job.target), name(job.output.as_ref().unwrap()))).collect()
        })
    }

    pub(super) fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = self.jobs().into_iter().map(|(target, _)| target).collect();
        targets.sort();
        targets
    }

    /// Lets every job come to its end; outputs are written.
    fn end_all(&self, well: bool) -> Vec<JobId> {
        self.with(|shelf| {
            let open: Vec<JobId> =
                shelf.jobs.keys().filter(|id| !shelf.ends.contains_key(id)).copied().collect();
            for id in &open {
                if well {
                    fs::write(shelf.jobs[id].output.as_ref().unwrap(), b"result").unwrap();
                }
                shelf.ends.insert(*id, well);
            }
            open
        })
    }

    fn states(&self) -> Vec<(String, TakenState)> {
        self.with(|shelf| {
            let rows = shelf.rows.iter();
            rows.map(|((path, _), (_, state))| (path.display().to_string(), *state)).collect()
        })
    }
}

impl Ledger for Memory {
    fn ready(&self, _: &Watch) -> Result<()> {
        self.with(|shelf| shelf.not_ready.clone().map_or(Ok(()), |why| Err(Error::usage(why))))
    }

    fn was_taken(&self, path: &Path, stamp: &str) -> Result<bool> {
        let key = (path.to_owned(), stamp.to_owned());
        Ok(self.with(|shelf| shelf.rows.contains_key(&key)))
    }

    fn is_claimed(&self, output: &Path) -> Result<bool> {
        let output = output.to_str();
        Ok(self.with(|shelf| {
            let mut jobs = shelf.jobs.iter().filter(|(id, _)| !shelf.ends.contains_key(id));
            jobs.any(|(_, job)| job.output.as_deref() == output)
        }))
    }

    fn take(&self, path: &Path, stamp: &str, id: JobId, new: &NewJob) -> Took {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| {
            if shelf.impossible.iter().any(|name| new.target.ends_with(name)) {
                return Took::Never(Error::usage("it is no picture").hint("take another"));
            }
            if shelf.rows.contains_key(&key) {
                return Took::Before;
            }
            shelf.rows.insert(key, (Some(id), TakenState::Working));
            shelf.jobs.insert(id, new.clone());
            Took::Job
        })
    }

    fn remember(
        &self,
        path: &Path,
        stamp: &str,
        job: Option<JobId>,
        state: TakenState,
    ) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| _ = shelf.rows.entry(key).or_insert((job, state)));
        Ok(())
    }

    fn unsettled(&self) -> Result<Vec<Taken>> {
        Ok(self.with(|shelf| {
            let working = shelf.rows.iter().filter(|(_, row)| row.1 == TakenState::Working);
            working
                .map(|((path, stamp), (job, state))| Taken {
                    watch: "w".into(),
                    path: path.clone(),
                    stamp: stamp.clone(),
                    job: *job,
                    state: *state,
                    at: jiff::Timestamp::UNIX_EPOCH,
                })
                .collect()
        }))
    }

    fn fate(&self, job: JobId) -> Result<Fate> {
        Ok(self.with(|shelf| {
            let Some(new) = shelf.jobs.get(&job) else { return Fate::Removed };
            let files = Files {
                sources: new.sources.iter().map(PathBuf::from).collect(),
                target: new.target.clone().into(),
                output: new.output.clone().unwrap().into(),
            };
            match shelf.ends.get(&job) {
                None => Fate::Going(files),
                Some(true) => Fate::Done(files),
                Some(false) => {
                    let what = "there is no face in it".to_owned();
                    let job = Some((job.to_string(), "/log".into()));
                    let outcome = "failed".to_owned();
                    Fate::Ended(Box::new(Reason { outcome, what, job, ..Reason::default() }), files)
                }
            }
        }))
    }

    fn settle(&self, path: &Path, stamp: &str) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| shelf.rows.get_mut(&key).unwrap().1 = TakenState::Settled);
        Ok(())
    }

    fn forget(&self, path: &Path, stamp: &str) -> Result<()> {
        let key = (path.to_owned(), stamp.to_owned());
        self.with(|shelf| _ = shelf.rows.remove(&key));
        Ok(())
    }

    fn settled_long_ago(&self, after: i64) -> Result<(Vec<Taken>, Option<i64>)> {
        Ok(self.with(|shelf| {
            let ended = |row: &(Option<JobId>, TakenState)| row.1 != TakenState::Working;
            let rows = shelf.rows.iter().filter(|(_, row)| shelf.long_ago && ended(row));
            let rows = rows.map(|((path, stamp), (job, state))| Taken {
                watch: "w".into(),
                path: path.clone(),
                stamp: stamp.clone(),
                job: *job,
                state: *state,
                at: jiff::Timestamp::UNIX_EPOCH,
            });
            // All in one page, and an empty one after it.
            let rows: Vec<Taken> = if after == 0 { rows.collect() } else { Vec::new() };
            let next = (!rows.is_empty()).then_some(1);
            (rows, next)
        }))
    }

    fn forget_all(&self, files: &[Taken]) -> Result<()> {
        files.iter().try_for_each(|file| self.forget(&file.path, &file.stamp))
    }

    fn counts(&self) -> Result<(u64, u64, u64)> {
        Ok(self.with(|shelf| {
            let of = |state| shelf.rows.values().filter(|row| row.1 == state).count() as u64;
            (of(TakenState::Working), of(TakenState::Settled), of(TakenState::Rejected))
        }))
    }

    fn roots(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn publish(&self, view: WatchView) {
        self.with(|shelf| shelf.views.push(view));
    }

    fn is_stopping(&self) -> bool {
        false
    }
}

/// A hot folder with a clock that is moved by hand and no news but those that a test gives.
pub(super) struct Bench {
    _home: tempfile::TempDir,
    pub(super) folder: PathBuf,
    pub(super) watch: Watch,
    pub(super) memory: Memory,
    worker: Worker<Memory>,
    now: Instant,
}

impl Bench {
    pub(super) fn new(change: impl FnOnce(&mut Watch)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        fs::create_dir(&folder).unwrap();
        let mut watch = Watch {
            name: "w".into(),
            folder: folder.clone(),
            sources: vec!["/me.jpg".into()],
            look: Look::Poll,
            ..Watch::default()
        };
        change(&mut watch);
        let (memory, now) = (Memory::default(), Instant::now());
        let worker = Worker::new(watch.clone(), memory.clone(), Arc::default(), now);
        Bench { _home: home, folder, watch, memory, worker, now }
    }

    /// The service is killed and begun again.
    fn restart(&mut self) {
        let memory = self.memory.clone();
        self.worker = Worker::new(self.watch.clone(), memory, Arc::default(), self.now);
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn tell(&mut self, news: &News) {
        self.worker.turn(news, self.now);
    }

    /// Lets so many seconds pass, in steps of half a second.
    fn pass(&mut self, seconds: f64) {
        for _ in 0..(seconds * 2.0) as u32 {
            self.now += Duration::from_millis(500);
            self.tell(&News::default());
        }
    }

    /// Everything that is there has been there for long enough.
    fn settle(&mut self) {
        self.tell(&News::default());
        self.pass(5.0);
    }

    fn end(&mut self, well: bool) {
        let ended = self.memory.end_all(well);
        self.tell(&News { ended, ..News::default() });
    }

    /// Everything in the folder, below it.
    fn files(&self) -> Vec<String> {
        fn list(folder: &Path, above: &Path, into: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => list(&path, above, into),
                    false => into.push(path.strip_prefix(above).unwrap().display().to_string()),
                }
            }
        }
        let mut files = Vec::new();
        list(&self.folder, &self.folder, &mut files);
        files.sort();
        files
    }

    fn view(&self) -> WatchView {
        self.memory.with(|shelf| shelf.views.last().cloned().unwrap())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

#[test]
fn a_file_is_taken_once_and_lies_in_done_beside_nothing() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.write("notes.txt", "x");
    bench.tell(&News::default());
    assert!(bench.memory.jobs().is_empty(), "it was taken before it was still for a while");
    bench.settle();
    assert_eq!(bench.memory.jobs(), [("a.png".into(), "a-swapped.png".into())]);
    assert_eq!(bench.view().working, 1);
    bench.end(true);
    assert_eq!(bench.files(), ["done/a.png", "notes.txt", "output/a-swapped.png"]);
    bench.pass(70.0);
    assert_eq!(bench.memory.jobs().len(), 1);
    let view = bench.view();
    assert_eq!((view.working, view.settled, view.rejected), (0, 1, 0));
    assert_eq!(view.status, "polling");
}

#[test]
fn a_growing_file_on_a_polled_folder_is_seen_growing() {
    let mut bench = Bench::new(|_| {});
    let mut content = String::new();
    for _ in 0..40 {
        content.push_str("1 KB more");
        bench.write("slow.png", &content);
        bench.pass(1.0);
        assert!(bench.memory.jobs().is_empty(), "it was taken while it grew");
    }
    bench.pass(5.0);
    assert_eq!(bench.memory.targets(), ["slow.png"]);
}

#[test]
fn an_empty_file_waits_for_its_content() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "");
    bench.pass(120.0);
    assert!(bench.memory.jobs().is_empty());
    bench.write("a.png", "x");
    bench.settle();
    assert_eq!(bench.memory.targets(), ["a.png"]);
}

#[test]
fn a_failure_lies_beside_its_reason_and_is_tried_again_when_it_is_put_back() {
    let mut bench = Bench::new(|watch| watch.recursive = true);
    bench.write("sub/a.png", "x");
    bench.settle();
    bench.end(false);
    assert_eq!(bench.files(), ["failed/sub/a.png", "failed/sub/a.png.reason.txt"]);
    let reason = bench.read("failed/sub/a.png.reason.txt");
    assert!(reason.contains("there is no face in it") && reason.contains("Log: /log"), "{reason}");
    let id = bench.memory.with(|shelf| *shelf.jobs.keys().next().unwrap());
    assert!(reason.contains(&id.to_string()));
    // Nothing about the file itself changes.
    fs::rename(bench.folder.join("failed/sub/a.png"), bench.folder.join("sub/a.png")).unwrap();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    bench.end(true);
    assert!(bench.files().contains(&"done/sub/a.png".into()), "{:?}", bench.files());
}

#[test]
fn what_cannot_become_a_job_lies_beside_its_reason() {
    use std::os::unix::ffi::OsStrExt;
    let mut bench = Bench::new(|_| {});
    bench.memory.with(|shelf| _ = shelf.impossible.insert("bad.png".into()));
    bench.write("bad.png", "x");
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.png");
    fs::write(bench.folder.join(odd), "x").unwrap();
    bench.write("good.png", "x");
    bench.settle();
    assert_eq!(bench.memory.targets(), ["good.png"]);
    let reason = bench.read("failed/bad.png.reason.txt");
    assert!(reason.contains("it is no picture") && reason.contains("take another"), "{reason}");
    assert!(bench.folder.join("failed/bad.png").exists());
    assert!(bench.folder.join("failed").join(odd).exists());
    assert_eq!(bench.view().rejected, 2);
}

#[test]
fn what_is_kept_stays_and_is_not_taken_again_but_a_new_file_in_its_place_is() {
    let mut bench = Bench::new(|watch| watch.input = Input::Keep);
    bench.memory.with(|shelf| _ = shelf.impossible.insert("bad.png".into()));
    bench.write("a.png", "x");
    bench.write("bad.png", "x");
    bench.settle();
    bench.end(true);
    bench.restart();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1);
    assert_eq!(
        bench.files(),
        ["a.png", "bad.png", "failed/bad.png.reason.txt", "output/a-swapped.png"]
    );
    bench.write("a.png", "another");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    assert_eq!(bench.memory.jobs()[1].1, "a-swapped-2.png");
}

#[test]
fn what_is_removed_is_gone_and_the_same_name_is_a_new_file() {
    let mut bench = Bench::new(|watch| watch.input = Input::Remove);
    for round in 1..=2 {
        bench.write("a.png", "x");
        bench.settle();
        assert_eq!(bench.memory.jobs().len(), round);
        bench.end(true);
        assert!(!bench.folder.join("a.png").exists());
    }
    bench.write("a.png", "x");
    bench.settle();
    bench.end(false);
    assert!(bench.folder.join("failed/a.png").exists());
}

#[test]
fn results_in_the_folder_itself_are_no_inputs() {
    let mut bench = Bench::new(|watch| {
        watch.output = Some(".".into());
        watch.input = Input::Keep;
    });
    bench.write("a.png", "x");
    bench.settle();
    // The result is there before its job is known to be done, and for long.
    bench.write("a-swapped.png", "result");
    bench.pass(60.0);
    assert_eq!(bench.memory.jobs().len(), 1, "a result was taken while its job ran");
    bench.end(true);
    bench.settle();
    bench.restart();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1, "a result was taken");
}

#[test]
fn a_file_that_is_replaced_while_its_job_runs_is_taken_after_it() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.write("a.png", "another");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1);
    bench.end(true);
    assert!(bench.folder.join("a.png").exists(), "a file that no job was made of was put away");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    bench.end(true);
    assert_eq!(bench.read("done/a.png"), "another");
}

#[test]
fn a_service_that_was_killed_goes_on_where_it_was() {
    let mut bench = Bench::new(|_| {});
    for name in ["a.png", "b.png", "c.png"] {
        bench.write(name, "x");
    }
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 3);
    // Jobs end while nobody looks; one input was moved just before the kill, one vanished.
    bench.memory.end_all(true);
    fs::create_dir(bench.folder.join("done")).unwrap();
    fs::rename(bench.folder.join("a.png"), bench.folder.join("done/a.png")).unwrap();
    fs::remove_file(bench.folder.join("b.png")).unwrap();
    bench.restart();
    bench.settle();
    let done: Vec<String> = bench.files().into_iter().filter(|f| f.starts_with("done")).collect();
    assert_eq!(done, ["done/a.png", "done/c.png"]);
    assert_eq!(bench.memory.jobs().len(), 3);
    assert!(bench.memory.states().iter().all(|(_, state)| *state == TakenState::Settled));
}

#[test]
fn a_folder_that_is_gone_is_waited_for_and_nothing_is_taken_twice() {
    let mut bench = Bench::new(|watch| watch.input = Input::Keep);
    bench.write("a.png", "x");
    bench.settle();
    let away = bench.folder.with_file_name("away");
    fs::rename(&bench.folder, &away).unwrap();
    bench.pass(10.0);
    assert_eq!(bench.view().status, "gone");
    // What ends meanwhile is not settled: its input is not known to be gone.
    bench.memory.with(|shelf| {
        let id = *shelf.jobs.keys().next().unwrap();
        shelf.ends.insert(id, true);
    });
    bench.pass(70.0);
    assert_eq!(bench.view().working, 1);
    assert!(!bench.folder.exists(), "the folder was made again");
    fs::write(away.join("b.png"), "x").unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.pass(15.0);
    assert_eq!(bench.view().status, "polling");
    assert_eq!(bench.memory.targets(), ["a.png", "b.png"]);
    // Another folder in its place is looked at anew, and the ledger still knows the first.
    fs::rename(&bench.folder, &away).unwrap();
    fs::create_dir(&bench.folder).unwrap();
    bench.pass(10.0);
    fs::remove_dir(&bench.folder).unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.pass(15.0);
    assert_eq!(bench.memory.jobs().len(), 2);
}

#[test]
fn a_fault_of_the_hot_folder_costs_no_file() {
    let mut bench = Bench::new(|_| {});
    bench.memory.with(|shelf| shelf.not_ready = Some("cannot find the source /me.jpg".into()));
    bench.write("a.png", "x");
    bench.settle();
    let view = bench.view();
    assert_eq!((view.status.as_str(), view.rejected), ("broken", 0));
    assert!(view.reason.contains("/me.jpg"), "{view:?}");
    assert!(bench.folder.join("a.png").exists());
    bench.memory.with(|shelf| shelf.not_ready = None);
    bench.pass(10.0);
    assert_eq!(bench.memory.targets(), ["a.png"]);
    assert_eq!(bench.view().status, "polling");
}

#[test]
fn a_paused_folder_takes_nothing_and_puts_away_what_ends() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.tell(&News { paused: Some(true), ..News::default() });
    bench.write("b.png", "x");
    bench.settle();
    bench.end(true);
    assert_eq!(bench.files(), ["b.png", "done/a.png", "output/a-swapped.png"]);
    bench.pass(1.0);
    assert_eq!(bench.view().status, "paused");
    bench.tell(&News { paused: Some(false), ..News::default() });
    bench.settle();
    assert_eq!(bench.memory.targets(), ["a.png", "b.png"]);
}

#[test]
fn pairs_and_folders_go_away_together() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Pair);
    bench.write("a.target.png", "x");
    bench.settle();
    assert!(bench.view().reason.contains("a.target.png: it waits"), "{:?}", bench.view());
    bench.write("a.source.jpg", "x");
    bench.settle();
    bench.end(true);
    let files = ["done/a.source.jpg", "done/a.target.png", "output/a.target-swapped.png"];
    assert_eq!(bench.files(), files);

    let mut bench = Bench::new(|watch| watch.rule = Rule::Folder);
    bench.write("one/target.png", "x");
    bench.write("one/source1.png", "x");
    bench.write("one/notes.txt", "x");
    bench.settle();
    bench.end(false);
    assert_eq!(
        bench.files(),
        [
            "failed/one.reason.txt",
            "failed/one/notes.txt",
            "failed/one/source1.png",
            "failed/one/target.png"
        ]
    );
    bench.pass(10.0);
    assert_eq!(bench.memory.jobs().len(), 1);
}

#[test]
fn a_job_file_waits_for_what_it_names_and_the_last_one_takes_the_target_along() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Job);
    let job = "sources = [\"me.jpg\"]\ntarget = \"film.mp4\"\n";
    bench.write("a.job.toml", job);
    bench.write("me.jpg", "x");
    bench.settle();
    let view = bench.view();
    assert!(view.reason.contains("a.job.toml waits for film.mp4"), "{view:?}");
    bench.write("film.mp4", "x");
    bench.settle();
    assert_eq!(bench.memory.jobs(), [("film.mp4".into(), "film-swapped.mp4".into())]);
    bench.write("b.job.toml", job);
    bench.settle();
    let first = bench.memory.with(|shelf| *shelf.jobs.keys().next().unwrap());
    bench.memory.with(|shelf| _ = shelf.ends.insert(first, true));
    bench.tell(&News { ended: vec![first], ..News::default() });
    assert_eq!(bench.files(), ["b.job.toml", "done/a.job.toml", "film.mp4", "me.jpg"]);
    bench.end(true);
    let left = [
        "done/a.job.toml",
        "done/b.job.toml",
        "done/film.mp4",
        "me.jpg",
        "output/film-swapped-2.mp4",
    ];
    assert_eq!(bench.files(), left);
}

#[test]
fn a_job_file_that_is_wrong_says_why_and_writes_nowhere_else() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Job);
    let outside = bench.folder.with_file_name("outside");
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, bench.folder.join("link")).unwrap();
    bench.write("film.mp4", "x");
    for (name, output) in
        [("up", "../outside/x.mp4"), ("full", "/tmp/x.mp4"), ("through", "link/x.mp4")]
    {
        bench.write(
            &format!("{name}.job.toml"),
            &format!("target = \"film.mp4\"\noutput = \"{output}\"\n"),
        );
    }
    bench.write("wrong.job.toml", "target = \"film.mp4\"\nprioritty = 1\n");
    bench.write("far.job.toml", "target = \"/nowhere/film.mp4\"\n");
    bench.settle();
    assert!(bench.memory.jobs().is_empty(), "{:?}", bench.memory.jobs());
    for name in ["up", "full", "through"] {
        let reason = bench.read(&format!("failed/{name}.job.toml.reason.txt"));
        assert!(reason.contains("lies outside"), "{reason}");
    }
    let reason = bench.read("failed/wrong.job.toml.reason.txt");
    assert!(reason.contains("line 2") && reason.contains("did you mean priority?"), "{reason}");
    assert!(bench.read("failed/far.job.toml.reason.txt").contains("/nowhere/film.mp4"));
}

#[test]
fn what_is_gone_for_long_is_forgotten_and_nothing_that_lies_there() {
    let mut bench = Bench::new(|watch| {
        watch.input = Input::Keep;
        watch.recursive = true;
    });
    for name in ["a.png", "b.png", "sub/c.png", "deep/er/d.png"] {
        bench.write(name, "x");
    }
    bench.settle();
    bench.end(true);
    let rows = |bench: &Bench| -> Vec<String> {
        let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        bench.memory.states().iter().map(|(path, _)| name(path)).collect()
    };
    // An empty folder may be one whose file system is not mounted.
    for name in ["b.png", "sub/c.png"] {
        fs::remove_file(bench.folder.join(name)).unwrap();
    }
    fs::remove_dir_all(bench.folder.join("deep")).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench).len(), 4, "what ended yesterday is kept");
    bench.memory.with(|shelf| shelf.long_ago = true);
    let away = bench.folder.with_file_name("away");
    fs::rename(&bench.folder, &away).unwrap();
    fs::create_dir(&bench.folder).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench).len(), 4, "the whole folder was away");
    fs::remove_dir(&bench.folder).unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench), ["a.png", "c.png"]);
    assert_eq!(bench.memory.jobs().len(), 4, "something was taken twice");
}

#[test]
fn an_emptied_done_folder_leaves_nothing_in_the_ledger() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.end(true);
    bench.memory.with(|shelf| shelf.long_ago = true);
    bench.restart();
    bench.settle();
    assert_eq!(bench.view().settled, 1, "it still lies in done");
    fs::remove_file(bench.folder.join("done/a.png")).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(bench.view().settled, 0);
}

#[test]
fn many_changes_are_told_rarely_and_nothing_when_nothing_happens() {
    let mut bench = Bench::new(|_| {});
    for i in 0..200 {
        bench.write(&format!("{i}.png"), "x");
    }
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 200);
    let told = bench.memory.with(|shelf| shelf.views.len());
    assert!(told <= 6, "{told} times");
    bench.pass(600.0);
    assert_eq!(bench.memory.with(|shelf| shelf.views.len()), told);
}
