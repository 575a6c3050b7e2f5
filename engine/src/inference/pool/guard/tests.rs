//! A network that gives no numbers: who takes its place, and what is said.

use super::*;
use crate::error::Kind;
use crate::inference::graph::{Graph, Number};
use crate::inference::{Session, Settings, provider::Provider};
use crate::models::Store;
use crate::settings::Directories;

/// The square root of its input: no number for a negative one.
fn root() -> Session {
    let graph = Graph::new().input("x", Number::F32, &[2]).node("Sqrt", &["x"], "y", &[]).output(
        "y",
        Number::F32,
        &[2],
    );
    Session::from_bytes("root", &graph.bytes(), 1).unwrap()
}

/// What its input is too far from zero to have a half of: infinite beyond 65504.
fn halved() -> Session {
    let graph = Graph::new()
        .input("x", Number::F32, &[2])
        .node("Cast", &["x"], "half", &[("to", &[Number::F16 as i64])])
        .node("Cast", &["half"], "y", &[("to", &[Number::F32 as i64])])
        .output("y", Number::F32, &[2]);
    Session::from_bytes("halved", &graph.bytes(), 1).unwrap()
}

fn plain() -> Session {
    let graph = Graph::new().input("x", Number::F32, &[2]).node("Abs", &["x"], "y", &[]).output(
        "y",
        Number::F32,
        &[2],
    );
    Session::from_bytes("plain", &graph.bytes(), 1).unwrap()
}

/// A pool, its notes, and the folder of its store.
fn pool(settings: Settings) -> (Pool, Arc<Mutex<Vec<String>>>, tempfile::TempDir) {
    crate::inference::for_tests().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = Store::beneath(&Directories::beneath(dir.path()).unwrap()).unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&said);
    let note: Note = Arc::new(move |text: &str| hears.lock().unwrap().push(text.to_owned()));
    (Pool::with_note(store, settings, note), said, dir)
}

fn run(guarded: &Guarded, values: &[f32; 2]) -> Result<Vec<f32>> {
    Ok(guarded.run(&[Input::new("x", &[2], values)])?.remove(0).data)
}

#[test]
fn the_twin_takes_over_for_the_rest_of_the_job_and_it_is_said_once() {
    let (pool, said, _dir) = pool(Settings::default());
    pool.put("swapper_fp16", false, halved());
    pool.put("swapper", false, plain());
    let note = pool.note();
    let guarded = Guarded::with_twin(&pool, "swapper_fp16", Some("swapper".into()), note).unwrap();
    assert_eq!(run(&guarded, &[1.0, 2.0]).unwrap(), [1.0, 2.0]);
    assert!(said.lock().unwrap().is_empty());
    // Several threads meet it at once.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let guarded = guarded.clone();
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(run(&guarded, &[1e6, -3.0]).unwrap(), [1e6, 3.0]);
                }
            });
        }
    });
    assert_eq!(guarded.network().model(), "plain");
    let said = said.lock().unwrap();
    assert_eq!(
        *said,
        [
            "the model swapper_fp16 gave results on cpu that are no numbers: from here on it runs as \
         swapper, which is in single precision"
        ]
    );
}

#[test]
fn a_provider_that_halves_is_told_not_to_first() {
    let half = Settings {
        providers: vec![Provider::TensorRt],
        half_precision: true,
        ..Settings::default()
    };
    let (pool, said, _dir) = pool(half);
    pool.put("swapper", false, halved());
    pool.put("swapper", true, plain());
    let guarded = Guarded::with_twin(&pool, "swapper", None, pool.note()).unwrap();
    assert_eq!(run(&guarded, &[1e6, 1.0]).unwrap(), [1e6, 1.0]);
    let said = said.lock().unwrap();
    assert!(said[0].ends_with("from here on it runs in single precision"), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn a_twin_that_is_not_here_is_an_error_with_the_way_to_it() {
    let (pool, said, _dir) = pool(Settings::default());
    pool.put("swapper_fp16", false, halved());
    let twin = Some("swapper".to_owned());
    let guarded = Guarded::with_twin(&pool, "swapper_fp16", twin, pool.note()).unwrap();
    let error = run(&guarded, &[1e6, 1.0]).unwrap_err();
    assert!(error.message().contains("its twin in single precision"), "{}", error.message());
    assert!(error.chain().contains("\"swapper\""), "{}", error.chain());
    let missing = Error::missing("the model swapper is not here").hint("facedeck models pull it");
    let error = no_twin("fault", missing);
    assert_eq!(
        (error.kind(), error.hint_text()),
        (&Kind::Missing, Some("facedeck models pull it"))
    );
    assert!(said.lock().unwrap().is_empty());
}

#[test]
fn where_nobody_can_take_over_it_fails() {
    let (pool, _said, _dir) = pool(Settings::default());
    pool.put("root", false, root());
    pool.put("worse", false, root());
    for twin in [None, Some("worse".to_owned())] {
        let guarded = Guarded::with_twin(&pool, "root", twin, pool.note()).unwrap();
        assert_eq!(run(&guarded, &[4.0, 9.0]).unwrap(), [2.0, 3.0]);
        let error = run(&guarded, &[-1.0, 9.0]).unwrap_err();
        assert!(error.message().contains("the model root gave results on cpu"), "{error}");
        assert_eq!(error.exit_code(), 1);
    }
}

#[test]
fn what_is_put_in_wrong_does_not_come_out_right() {
    let (pool, said, _dir) = pool(Settings::default());
    pool.put("plain", false, plain());
    pool.put("other", false, plain());
    let guarded = Guarded::with_twin(&pool, "plain", Some("other".into()), pool.note()).unwrap();
    let error = run(&guarded, &[f32::NAN, 1.0]).unwrap_err();
    assert_eq!(error.message(), "the input x of the model plain is not a number");
    assert!(said.lock().unwrap().is_empty());
}
