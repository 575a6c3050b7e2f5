//! Sharing, dropping, memory limits.

use super::*;
use crate::inference::graph::{Graph, Number};
use crate::models::id;
use crate::settings::Directories;

fn pool() -> (Pool, tempfile::TempDir) {
    crate::inference::for_tests().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = Store::beneath(&Directories::beneath(dir.path()).unwrap()).unwrap();
    (Pool::new(store, Settings::default()), dir)
}

fn same() -> Session {
    let graph = Graph::new()
        .input("x", Number::F32, &[1])
        .node("Identity", &["x"], "y", &[])
        .output("y", Number::F32, &[1]);
    Session::from_bytes("same", &graph.bytes(), 1).unwrap()
}

#[test]
fn jobs_share_a_network() {
    let (pool, _dir) = pool();
    let first = pool.get(id::RECOGNIZER).unwrap();
    let second = pool.clone().get(id::RECOGNIZER).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!((first.model(), first.provider()), (id::RECOGNIZER, Provider::Cpu));
    let [loaded] = pool.loaded().try_into().unwrap();
    assert_eq!((loaded.id.as_str(), loaded.provider, loaded.in_use), (id::RECOGNIZER, "cpu", true));
    assert!(loaded.bytes > 1_000_000, "{loaded:?}");
    assert_eq!(pool.get("no_such_model").unwrap_err().exit_code(), 2);
}

#[test]
fn only_what_nobody_holds_or_runs_is_dropped() {
    let (pool, _dir) = pool();
    pool.put("held", false, same());
    pool.put("idle", false, same());
    pool.put("busy", false, same());
    let held = pool.get("held").unwrap();
    std::thread::sleep(Duration::from_millis(60));
    pool.get("busy").unwrap().run(&[crate::inference::Input::new("x", &[1], &[1.0])]).unwrap();
    assert_eq!(pool.drop_idle(Duration::from_millis(50)), 1);
    let ids: Vec<String> = pool.loaded().into_iter().map(|loaded| loaded.id).collect();
    assert_eq!(ids, ["busy", "held"]);
    drop(held);
    assert_eq!(pool.drop_idle(Duration::ZERO), 2);
    assert!(pool.loaded().is_empty());
}

#[test]
fn of_the_idle_ones_the_oldest_go_first() {
    let (pool, _dir) = pool();
    for name in ["a", "b", "c", "d"] {
        pool.put(name, false, same());
        std::thread::sleep(Duration::from_millis(5));
    }
    let held = pool.get("a").unwrap();
    drop_oldest(&mut pool.lock().loaded, 1);
    let ids: Vec<String> = pool.loaded().into_iter().map(|loaded| loaded.id).collect();
    assert_eq!(ids, ["a", "d"]);
    drop(held);
}

#[test]
fn a_limit_of_video_memory_is_kept() {
    let mut none = HashMap::new();
    assert_eq!(make_room(&mut none, "m", 100 << 20, 1 << 30).unwrap(), 1 << 30);
    let error = make_room(&mut none, "m", 600 << 20, 500 << 20).unwrap_err();
    let says = "the model m (600 MiB) does not fit: 500 MiB are left of the limit of 500 MiB";
    assert!(error.message().starts_with(says), "{}", error.message());
}

#[test]
fn a_file_is_read_by_the_runtime_and_its_faults_name_it() {
    crate::inference::for_tests().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("net.onnx");
    let graph = Graph::new().input("x", Number::F32, &[1]).node("Neg", &["x"], "y", &[]).output(
        "y",
        Number::F32,
        &[1],
    );
    std::fs::write(&path, graph.bytes()).unwrap();
    let weights = Weights::File(path.clone());
    let mut session = Session::open("net", &weights, &Settings::processor(2)).unwrap();
    assert_eq!(session.run(&[("x", &[1], &[2.0])]).unwrap()[0].data, [-2.0]);
    std::fs::write(&path, "no network").unwrap();
    let error = Session::open("net", &weights, &Settings::default()).unwrap_err();
    let says = format!("cannot load the model net from {}", path.display());
    assert_eq!((error.message(), error.exit_code()), (says.as_str(), 1));
    std::fs::remove_file(&path).unwrap();
    let error = Session::open("net", &weights, &Settings::default()).unwrap_err();
    assert!(error.chain().contains("net.onnx"), "{}", error.chain());
}

#[test]
fn a_network_that_is_being_loaded_is_waited_for_and_not_loaded_twice() {
    let (pool, _dir) = pool();
    pool.load_ahead(vec![id::LANDMARKS.to_owned(), "no_such_model".to_owned()]);
    let all: Vec<_> = std::thread::scope(|scope| {
        let get = || scope.spawn(|| pool.get(id::LANDMARKS).unwrap());
        [get(), get(), get()].map(|thread| thread.join().unwrap()).into()
    });
    assert!(all.iter().all(|one| Arc::ptr_eq(one, &all[0])));
    assert_eq!(pool.loaded().len(), 1);
    // Who asks for what cannot be loaded is told, and nobody waits for it for ever.
    for _ in 0..2 {
        assert_eq!(pool.get("no_such_model").unwrap_err().exit_code(), 2);
    }
}
