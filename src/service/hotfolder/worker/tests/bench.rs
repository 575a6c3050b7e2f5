//! A hot folder on a bench.

use super::*;

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
    pub(super) fn restart(&mut self) {
        let memory = self.memory.clone();
        self.worker = Worker::new(self.watch.clone(), memory, Arc::default(), self.now);
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn tell(&mut self, news: &News) {
        self.worker.turn(news, self.now);
    }

    /// Lets so many seconds pass, in steps of half a second.
    pub(super) fn pass(&mut self, seconds: f64) {
        for _ in 0..(seconds * 2.0) as u32 {
            self.now += Duration::from_millis(500);
            self.tell(&News::default());
        }
    }

    /// Everything that is there has been there for long enough.
    pub(super) fn settle(&mut self) {
        self.tell(&News::default());
        self.pass(5.0);
    }

    pub(super) fn end(&mut self, well: bool) {
        let ended = self.memory.end_all(well);
        self.tell(&News { ended, ..News::default() });
    }

    /// Everything in the folder, below it.
    pub(super) fn files(&self) -> Vec<String> {
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

    pub(super) fn view(&self) -> WatchView {
        self.memory.with(|shelf| shelf.views.last().cloned().unwrap())
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }
}
