use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::list::MOST;
use super::*;
use crate::models::download::Patience;
use crate::models::hash;
use crate::settings::Directories;

/// A catalog entry of a converter with these bytes at this source.
fn entry(id: &str, bytes: &[u8], source: &str, needs: &[&str]) -> String {
    let source = match source.starts_with("http") {
        true => format!("url = {source:?}"),
        false => format!("path = {source:?}"),
    };
    format!(
        "id = \"{id}\"\nrole = \"converter\"\nfamily = \"vector\"\nsummary = \"a test\"\n\
         license = \"NC-1.0\"\nattribution = \"nobody\"\ncommercial = false\n\
         upstream = \"nowhere\"\nnotes = \"\"\nneeds = {needs:?}\n\n[[files]]\n\
         name = \"{id}.onnx\"\nbytes = {}\nsha256 = \"{}\"\nsources = [{{ {source} }}]\n",
        bytes.len(),
        hash::of_bytes(bytes),
    )
}

fn store(home: &Path, entries: &[String]) -> models::Store {
    let directories = Directories::beneath(home).unwrap();
    let folder = directories.config.join("models");
    fs::create_dir_all(&folder).unwrap();
    for (index, text) in entries.iter().enumerate() {
        fs::write(folder.join(format!("{index}.toml")), text).unwrap();
    }
    models::Store::beneath(&directories).unwrap()
}

struct Bench {
    pulls: Pulls,
    around: Surroundings,
    told: Receiver<PullView>,
}

impl Bench {
    fn new(store: models::Store) -> Self {
        let (tell, told) = channel();
        let around = Surroundings {
            store,
            patience: Patience::default(),
            publish: Arc::new(move |view| drop(tell.send(view))),
            stopping: Interrupt::new(),
        };
        Bench { pulls: Pulls::default(), around, told }
    }

    fn ask(&self, model: &str) -> Answer<PullView> {
        self.pulls.ask(self.around.clone(), model)
    }

    fn told(&self) -> PullView {
        self.told.recv_timeout(Duration::from_secs(20)).expect("somebody is told")
    }

    /// Everything that is told until a model is in this state.
    fn until(&self, model: &str, state: &str) -> Vec<PullView> {
        let mut all = Vec::new();
        loop {
            let view = self.told();
            let found = view.model == model && view.state == state;
            all.push(view);
            if found {
                return all;
            }
        }
    }
}

/// A server that sends a beginning and then nothing, until the client goes away.
fn stuck_server(bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&vec![b'x'; bytes / 2]);
                while stream.read(&mut request).is_ok_and(|count| count > 0) {}
            });
        }
    });
    format!("http://{address}/big.onnx")
}

#[test]
fn a_model_comes_after_what_it_needs_and_everybody_is_told() {
    let home = tempfile::tempdir().unwrap();
    let (a, b) = (home.path().join("a"), home.path().join("b"));
    fs::write(&a, "first").unwrap();
    fs::write(&b, "second").unwrap();
    let bench = Bench::new(store(
        home.path(),
        &[
            entry("upper", b"second", b.to_str().unwrap(), &["lower"]),
            entry("lower", b"first", a.to_str().unwrap(), &[]),
        ],
    ));
    let terms = terms(&bench.around.store, "upper").unwrap();
    assert_eq!(terms.len(), 2);
    assert!(terms[0].starts_with("lower: license NC-1.0, not for commercial use"), "{terms:?}");

    let view = bench.ask("upper").unwrap();
    assert_eq!((view.model.as_str(), view.state.as_str()), ("upper", "queued"));
    assert_eq!(view.total, Some(6));
    let told = bench.until("upper", "done");
    let ends: Vec<&str> =
        told.iter().filter(|v| v.state == "done").map(|v| v.model.as_str()).collect();
    assert_eq!(ends, ["lower", "upper"]);
    let last = told.last().unwrap();
    assert_eq!((last.done, last.total), (6, Some(6)));
    assert!(last.message.contains("copied from"), "{}", last.message);
    assert_eq!(bench.pulls.active(), 0);

    // It is here now.
    assert_eq!(bench.ask("upper").unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(bench.ask("mobilefacenet").unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(bench.ask("upperr").unwrap_err().kind, FaultKind::NotFound);
}

#[test]
fn a_model_that_cannot_be_had_says_why_and_does_not_stop_the_others() {
    let home = tempfile::tempdir().unwrap();
    let good = home.path().join("good");
    fs::write(&good, "good").unwrap();
    let bench = Bench::new(store(
        home.path(),
        &[
            entry("bad", b"bad", "/gone.onnx", &[]),
            entry("good", b"good", good.to_str().unwrap(), &[]),
        ],
    ));
    bench.ask("bad").unwrap();
    let failed = bench.until("bad", "failed").pop().unwrap();
    assert!(failed.message.contains("/gone.onnx"), "{}", failed.message);
    bench.ask("good").unwrap();
    bench.until("good", "done");
    // Who asks again gets another try.
    bench.ask("bad").unwrap();
    bench.until("bad", "failed");
    assert_eq!(bench.pulls.list().len(), 3);
}

#[test]
fn what_is_given_up_ends_at_once_with_all_that_was_only_for_it() {
    let home = tempfile::tempdir().unwrap();
    let bytes = vec![b'x'; 200_000];
    let url = stuck_server(bytes.len());
    let small = home.path().join("small");
    fs::write(&small, "small").unwrap();
    let bench = Bench::new(store(
        home.path(),
        &[
            entry("big", &bytes, &url, &["shared"]),
            entry("other", b"other", "/gone", &["shared"]),
            entry("shared", &bytes, &url, &[]),
            entry("small", b"small", small.to_str().unwrap(), &[]),
        ],
    ));
    bench.ask("big").unwrap();
    bench.ask("other").unwrap();
    assert_eq!(bench.ask("big").unwrap_err().kind, FaultKind::Conflict);
    bench.ask("small").unwrap();
    loop {
        let view = bench.told();
        if view.model == "shared" && view.done > 0 {
            assert_eq!((view.state.as_str(), view.total), ("running", Some(200_000)));
            break;
        }
    }
    let states = || -> Vec<String> {
        bench.pulls.list().iter().map(|v| format!("{} {}", v.model, v.state)).collect()
    };
    // The other one still needs what they share.
    let ended = bench.pulls.give_up("big").unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(states(), ["shared running", "big cancelled", "other queued", "small queued"]);
    assert_eq!(bench.pulls.give_up("big").unwrap_err().kind, FaultKind::Conflict);
    let begun = Instant::now();
    bench.pulls.give_up("other").unwrap();
    bench.until("shared", "cancelled");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    bench.until("small", "done");
}

#[test]
fn the_end_of_the_service_ends_what_is_fetched() {
    let home = tempfile::tempdir().unwrap();
    let bytes = vec![b'x'; 200_000];
    let url = stuck_server(bytes.len());
    let bench = Bench::new(store(
        home.path(),
        &[entry("big", &bytes, &url, &[]), entry("next", &bytes, &url, &[])],
    ));
    bench.ask("big").unwrap();
    bench.ask("next").unwrap();
    while bench.told().done == 0 {}
    bench.around.stopping.set();
    bench.until("big", "cancelled");
    let deadline = Instant::now() + Duration::from_secs(10);
    while bench.pulls.active() > 0 {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    assert_eq!(bench.pulls.list()[1].state, "cancelled");
}

#[test]
fn the_list_is_bounded_and_forgets_the_oldest_first() {
    let home = tempfile::tempdir().unwrap();
    let entries: Vec<String> =
        (0..MOST + 2).map(|index| entry(&format!("m{index}"), b"x", "/gone", &[])).collect();
    let store = store(home.path(), &entries);
    let mut list = List::default();
    let add = |list: &mut List, index: usize| {
        let id = format!("m{index}");
        list.add(&id, &[store.entry(&id).unwrap()])
    };
    for index in 0..MOST {
        add(&mut list, index).unwrap();
    }
    assert_eq!(add(&mut list, MOST).unwrap_err().kind, FaultKind::Busy);
    assert!(list.begin_working() && !list.begin_working());
    list.next().unwrap();
    list.end(list::Stage::Failed, "gone".into()).unwrap();
    add(&mut list, MOST).unwrap();
    let views = list.views();
    assert_eq!((views.len(), views[0].model.as_str()), (MOST, "m1"));
    assert_eq!(views[MOST - 1].model, format!("m{MOST}"));
    list.give_up("the end");
    assert!(list.begin_working(), "somebody may begin again");
    assert_eq!(list.active(), 0);
}
