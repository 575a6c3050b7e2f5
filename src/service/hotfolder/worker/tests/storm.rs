//! A thousand files by every way, against a worker on its own thread with the real news of the
//! system: each is taken once, and none before it is whole.

use std::io::Write;

use super::*;

const FILES: usize = 1000;
const WHOLE: usize = 4096;

/// A worker on a thread of its own.
struct Running {
    bench: Bench,
    mailbox: Arc<Mailbox>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(look: Look) -> Self {
        let bench = Bench::new(|watch| {
            watch.look = look;
            watch.settle_seconds = 0.4;
            watch.poll_seconds = 0.1;
            watch.input = Input::Keep;
        });
        let mut running = Running { bench, mailbox: Arc::default(), thread: None };
        running.start();
        running
    }

    fn start(&mut self) {
        self.mailbox = Arc::default();
        let (watch, memory) = (self.bench.watch.clone(), self.bench.memory.clone());
        let mailbox = Arc::clone(&self.mailbox);
        let work = move || Worker::new(watch, memory, mailbox, Instant::now()).run();
        self.thread = Some(std::thread::spawn(work));
    }

    fn stop(&mut self) {
        self.mailbox.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(90);
        while self.bench.memory.jobs().len() < count {
            let have = self.bench.memory.jobs().len();
            assert!(Instant::now() < deadline, "only {have} of {count} were taken");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Each file became one job, and was whole when it did.
    fn prove(&self, count: usize) {
        let targets = self.bench.memory.targets();
        let once: BTreeSet<&String> = targets.iter().collect();
        assert_eq!((targets.len(), once.len()), (count, count));
        self.bench.memory.with(|shelf| {
            for (path, stamp) in shelf.rows.keys() {
                let size: usize = stamp.split(':').next().unwrap().parse().unwrap();
                assert_eq!(size, WHOLE, "{} was taken half-way", path.display());
            }
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.mailbox.stop();
    }
}

fn storm(look: Look) {
    let mut running = Running::new(look);
    let folder = running.bench.folder.clone();
    let content = vec![7_u8; WHOLE];
    std::thread::scope(|scope| {
        let (folder, content) = (&folder, &content);
        scope.spawn(move || {
            for i in (0..FILES).filter(|i| i % 4 == 0) {
                fs::write(folder.join(format!("copied-{i}.png")), content).unwrap();
            }
        });
        scope.spawn(move || {
            for i in (0..FILES).filter(|i| i % 4 == 1) {
                let hidden = folder.with_file_name(format!("elsewhere-{i}.png"));
                fs::write(&hidden, content).unwrap();
                fs::rename(&hidden, folder.join(format!("renamed-{i}.png"))).unwrap();
            }
        });
        scope.spawn(move || {
            for i in (0..FILES).filter(|i| i % 4 == 2) {
                let hidden = folder.join(format!(".rsynced-{i}.png.Ab3xY9"));
                fs::write(&hidden, &content[..100]).unwrap();
                fs::write(&hidden, content).unwrap();
                fs::rename(&hidden, folder.join(format!("rsynced-{i}.png"))).unwrap();
            }
        });
        // Slowly, many at a time: a KB every 50 ms, and one half of them opens the file each time.
        for lane in 0..25 {
            scope.spawn(move || {
                let mine = (0..FILES).filter(|i| i % 4 == 3).filter(|i| i / 4 % 25 == lane);
                for i in mine {
                    let path = folder.join(format!("slow-{i}.png"));
                    let mut file = fs::File::create(&path).unwrap();
                    for part in content.chunks(1024) {
                        file.write_all(part).unwrap();
                        if lane % 2 == 0 {
                            drop(file);
                            std::thread::sleep(Duration::from_millis(50));
                            file = fs::File::options().append(true).open(&path).unwrap();
                        } else {
                            std::thread::sleep(Duration::from_millis(50));
                        }
                    }
                }
            });
        }
    });
    running.wait_for(FILES);
    // And again by another process.
    running.stop();
    running.start();
    std::thread::sleep(Duration::from_millis(1500));
    running.stop();
    running.prove(FILES);
}

#[test]
fn a_thousand_files_are_taken_once_and_whole_where_the_system_tells() {
    storm(Look::Notify);
}

#[test]
fn a_thousand_files_are_taken_once_and_whole_where_they_are_polled() {
    storm(Look::Poll);
}

#[test]
fn who_holds_a_file_open_is_waited_for_however_long() {
    for (look, patience) in [(Look::Notify, 2000), (Look::Poll, 300)] {
        let running = Running::new(look);
        let path = running.bench.folder.join("held.png");
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(&[7; 100]).unwrap();
        std::thread::sleep(Duration::from_millis(patience));
        assert!(running.bench.memory.jobs().is_empty(), "{look:?}: it was taken half-way");
        file.write_all(&[7; WHOLE - 100]).unwrap();
        drop(file);
        running.wait_for(1);
        running.prove(1);
    }
}

#[test]
fn folders_that_appear_are_listened_to_as_well() {
    let mut running = Running::new(Look::Notify);
    running.stop();
    running.bench.watch.recursive = true;
    running.start();
    let folder = running.bench.folder.clone();
    for i in 0..20 {
        let deep = folder.join(format!("new-{i}/deep"));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join(format!("a-{i}.png")), [7; WHOLE]).unwrap();
    }
    running.wait_for(20);
    fs::write(folder.join("new-3/deep/late.png"), [7; WHOLE]).unwrap();
    running.wait_for(21);
    running.prove(21);
}

#[test]
fn nothing_happens_when_nothing_happens() {
    let running = Running::new(Look::Notify);
    fs::write(running.bench.folder.join("a.png"), [7; WHOLE]).unwrap();
    running.wait_for(1);
    // Turns are counted by what a turn must ask for when it is one: how the folder stands.
    let mut worker =
        Worker::new(running.bench.watch.clone(), Memory::default(), Arc::default(), Instant::now());
    let mut now = Instant::now();
    let mut turns = 0;
    let end = now + Duration::from_secs(3600);
    while now < end {
        let wait = worker.turn(&News::default(), now).unwrap();
        assert!(wait > Duration::ZERO || turns < 200, "it is busy with nothing");
        now += wait;
        turns += 1;
    }
    // A look from outside every five seconds, and little more.
    assert!(turns < 1000, "{turns} turns in an hour");
}
