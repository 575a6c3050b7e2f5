//! Networks as they come: understood, strange, broken.

use std::path::Path;

use super::*;
use crate::inference::graph::{Graph, Number};
use crate::inference::pool::Lanes;
use crate::inference::session::Session;

/// Convolutions of 48 channels on a picture, with edges and activations as generators have them.
fn network(side: i64, kind: &str) -> Vec<u8> {
    let shape = [1, 48, side, side];
    let filters: Vec<f32> =
        (0..48 * 48 * 9).map(|i| ((i * 7919 % 997) as f32 / 997.0 - 0.5) / 12.0).collect();
    let bias: Vec<f32> = (0..48).map(|c| c as f32 / 48.0 - 0.5).collect();
    let slope: Vec<f32> = (0..48).map(|c| c as f32 / 96.0).collect();
    let pads = ("pads", &[1, 1, 1, 1][..]);
    let linear = [("mode", "linear"), ("coordinate_transformation_mode", "pytorch_half_pixel")];
    let graph = Graph::new()
        .input("x", Number::F32, &shape)
        .weights("w", &[48, 48, 3, 3], &filters)
        .weights("b", &[48], &bias)
        .weights("slope", &[48, 1, 1], &slope);
    let graph = match kind {
        "activations" => graph
            .node("Conv", &["x", "w", "b"], "c", &[pads])
            .node("PRelu", &["c", "slope"], "p", &[])
            .node("Conv", &["p", "w"], "d", &[pads])
            .node("Relu", &["d"], "r", &[])
            .node("Conv", &["r", "w", "b"], "y", &[pads]),
        // What the activation reads is read by another, too.
        "shared" => graph
            .node("Conv", &["x", "w", "b"], "c", &[pads])
            .node("Relu", &["c"], "r", &[])
            .node("Conv", &["r", "w"], "d", &[pads])
            .node("Add", &["c", "d"], "y", &[]),
        // Filters that depend on the picture, as StyleGAN's do, and what it does with the sums.
        "given" => graph
            .weights("gain", &[1], &[-1.5])
            .weights("more", &[1, 48, 1, 1], &bias)
            .node("ReduceMean", &["x"], "style", &[("axes", &[2, 3])])
            .node("Mul", &["w", "style"], "f", &[])
            .node("Conv", &["x", "f"], "c", &[pads, ("kernel_shape", &[3, 3])])
            .node("Mul", &["gain", "c"], "m", &[])
            .node("Add", &["m", "more"], "a", &[])
            .node("LeakyRelu", &["a"], "l", &[])
            .node("Conv", &["l", "f", "b"], "y", &[pads, ("kernel_shape", &[3, 3])]),
        // What swappers do between their convolutions, and generators between their sizes; and what
        // only looks like it before it runs.
        "between" | "unlike" => graph
            .weights("epsilon", &[], &[1e-5])
            .weights("one", &[], &[1.0])
            .weights("double", &[4], &[1.0, 1.0, 2.0, 2.0])
            .weights("half", &[4], &[1.0, 1.0, 0.5, 0.5])
            .node("ReduceMean", &["x"], "style", &[("axes", &[2, 3])])
            .node("Conv", &["x", "w", "b"], "c", &[pads])
            .node("ReduceMean", &["c"], "mean", &[("axes", &[2, 3])])
            .node("Sub", &["c", "mean"], "centered", &[])
            .node("Mul", &["centered", "centered"], "square", &[])
            .node("ReduceMean", &["square"], "variance", &[("axes", &[2, 3])])
            .node("Add", &["variance", "epsilon"], "sum", &[])
            .node("Sqrt", &["sum"], "root", &[])
            .node("Div", &["one", "root"], "inverse", &[])
            .node("Mul", &["inverse", "centered"], "normal", &[])
            .node("Mul", &[if kind == "unlike" { "x" } else { "style" }, "normal"], "scaled", &[])
            .node("Add", &["scaled", "style"], "moved", &[])
            .node("LeakyRelu", &["moved"], "l", &[])
            .node_of_words("Resize", &["l", "", "double"], "large", &linear)
            .node("Conv", &["large", "w"], "d", &[pads])
            .node_of_words("Resize", &["d", "", "half"], "small", &linear)
            .node("Conv", &["small", "w", "b"], "y", &[pads]),
        "other" => graph.node(
            "Conv",
            &["x", "w", "b"],
            "y",
            &[("pads", &[2, 2, 2, 2]), ("dilations", &[2, 2])],
        ),
        _ => unreachable!("{kind}"),
    };
    graph.output("y", Number::F32, &shape).bytes()
}

fn settings(cache: &Path) -> Settings {
    crate::inference::for_tests().unwrap();
    Settings { faster: Some(cache.to_owned()), ..Settings::processor(2) }
}

/// A file with a network, and what is made of it.
fn made(bytes: &[u8]) -> (tempfile::TempDir, PathBuf, Option<Verdict>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, bytes).unwrap();
    let cache = folder.path().join("cache/networks");
    let _ = of("model", &path, &settings(&cache));
    let verdict = verdicts(&folder.path().join("cache")).pop();
    (folder, path, verdict)
}

fn run(session: &mut Session, side: usize) -> Vec<f32> {
    let data: Vec<f32> =
        (0..48 * side * side).map(|i| (i * 31 % 977) as f32 / 977.0 - 0.5).collect();
    session.run(&[("x", &[1, 48, side, side], &data)]).unwrap().remove(0).data
}

/// Writes the form of a file to a folder, with every convolution that the kernel has, whatever the clock
/// of this machine says of them; how many.
fn form_of(path: &Path, folder: &Path) -> usize {
    fold("model", path, &folder.join(FOLDED)).unwrap();
    rewrite(&folder.join(FOLDED), &HashSet::new(), folder).unwrap().len()
}

fn form_in(folder: &Path, lanes: usize) -> Made {
    Made { folder: folder.into(), blocks: Blocks { channels: 32, depth: 20 }, lanes }
}

#[test]
fn what_is_made_computes_the_same() {
    for (kind, convolutions) in [("activations", 3), ("shared", 2), ("given", 2), ("between", 3)] {
        let (folder, path, verdict) = made(&network(30, kind));
        let verdict = verdict.unwrap();
        assert!(verdict.convolutions <= convolutions, "{kind}");
        assert!(verdict.difference.unwrap_or(0.0) < 1e-5, "{verdict:?}");
        assert_eq!(form_of(&path, folder.path()), convolutions, "{kind}");
        let form = fs::read(folder.path().join(NETWORK)).unwrap();
        for operator in ["InstanceNorm", "ResizeLinear"] {
            let is_there = form.windows(operator.len()).any(|part| part == operator.as_bytes());
            assert_eq!(is_there, kind == "between", "{operator}, {kind}");
        }
        let form = form_in(folder.path(), 1);
        let mut fast = Session::of_made("model", &form, &Settings::processor(2)).unwrap();
        assert!(fast.is_faster());
        let mut plain = Session::from_bytes("model", &network(30, kind), 1).unwrap();
        for (got, want) in run(&mut fast, 30).iter().zip(run(&mut plain, 30)) {
            assert!((got - want).abs() < 1e-5, "{kind}: {got} for {want}");
        }
    }
}

#[test]
fn a_form_that_cannot_be_run_is_refused() {
    let (folder, path, _) = made(&network(30, "unlike"));
    let convolutions = form_of(&path, folder.path());
    let verdict =
        proof::judge("model", &path, folder.path(), convolutions, &Settings::processor(1));
    let verdict = verdict.unwrap();
    let why = verdict.why.unwrap();
    assert!(!verdict.faster && why.contains("InstanceNorm has scales or biases"), "{why}");
}

#[test]
fn sessions_run_side_by_side_with_the_same_numbers() {
    let (folder, path, _) = made(&network(30, "activations"));
    form_of(&path, folder.path());
    let form = form_in(folder.path(), 2);
    let lanes = Lanes::new(Session::of_made("model", &form, &Settings::processor(2)).unwrap());
    let alone = lanes.with(|session| run(session, 30));
    // Who comes second needs the network, and not its numbers: those lie in memory already.
    fs::remove_file(form.numbers()).unwrap();
    let both = || {
        lanes.with(|first| {
            lanes.with(|second| {
                std::thread::scope(|scope| {
                    let other = scope.spawn(|| run(first, 30));
                    (run(second, 30), other.join().unwrap())
                })
            })
        })
    };
    assert_eq!(both(), (alone.clone(), alone.clone()));
    // A run that breaks gives its session back.
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        lanes.with(|_| lanes.with(|_| panic!("broken")))
    }));
    assert!(broken.is_err());
    assert_eq!(both(), (alone.clone(), alone));
    assert!(format!("{lanes:?}").contains("count: 2, most: 2"), "{lanes:?}");
}

#[test]
fn a_session_that_cannot_be_made_is_done_without() {
    let (folder, path, _) = made(&network(30, "activations"));
    form_of(&path, folder.path());
    let form = form_in(folder.path(), 2);
    let lanes = Lanes::new(Session::of_made("model", &form, &Settings::processor(2)).unwrap());
    // Before anything has run nobody would make another one.
    lanes.with(|session| run(session, 30));
    fs::remove_file(form.network()).unwrap();
    let (held, hold) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let lanes = &lanes;
        let first = scope.spawn(move || {
            lanes.with(|session| {
                held.send(()).unwrap();
                run(session, 30)
            })
        });
        hold.recv().unwrap();
        assert_eq!(lanes.with(|session| run(session, 30)), first.join().unwrap());
    });
}

#[test]
fn how_many_run_side_by_side_is_measured_once_for_so_many_threads() {
    let (folder, path, verdict) = made(&network(30, "activations"));
    let cache = folder.path().join("cache/networks");
    let place = folder_of(&cache, &path).unwrap();
    form_of(&path, &place);
    let blocks = Some(Blocks { channels: 48, depth: 64 });
    let verdict = Verdict {
        faster: true,
        why: None,
        blocks,
        lanes: BTreeMap::from([(8, 3)]),
        ..verdict.unwrap()
    };
    fs::write(place.join(VERDICT), serde_json::to_vec(&verdict).unwrap()).unwrap();
    let on = |threads, alone| {
        let settings = Settings { threads, alone, ..settings(&cache) };
        let is_new = is_to_be_made(&Weights::File(path.clone()), &settings);
        (is_new, of("model", &path, &settings).unwrap().lanes)
    };
    assert_eq!(on(8, false), (false, 3));
    assert_eq!((on(8, true), on(1, false)), ((false, 1), (false, 1)));
    let (is_new, lanes) = on(2, false);
    assert!(is_new && (1..=2).contains(&lanes), "{lanes}");
    assert_eq!(on(2, false), (false, lanes), "it is remembered");
    assert_eq!(on(8, false), (false, 3), "and what was known before stays");
}

#[test]
fn what_gains_nothing_is_run_as_it_is_and_that_is_remembered() {
    // Dilated, and tiles that lie beyond the edge for the most part.
    for (bytes, says) in
        [(network(30, "other"), "no convolutions"), (network(5, "activations"), "no convolutions")]
    {
        let (folder, path, verdict) = made(&bytes);
        let verdict = verdict.unwrap();
        assert!(!verdict.faster && verdict.why.unwrap().contains(says));
        let settings = settings(&folder.path().join("cache/networks"));
        let weights = Weights::File(path);
        assert!(!is_to_be_made(&weights, &settings), "it is not tried again");
        assert!(!Session::open("model", &weights, &settings).unwrap().is_faster());
    }
}

#[test]
fn a_broken_file_is_the_error_that_it_was() {
    let mut broken = network(30, "activations");
    broken.truncate(broken.len() / 2);
    let (folder, path, verdict) = made(&broken);
    assert_eq!(verdict, None, "nothing is kept of it");
    let settings = settings(&folder.path().join("cache/networks"));
    let error = Session::open("model", &Weights::File(path), &settings).unwrap_err();
    assert!(error.message().contains("cannot load the model"), "{}", error.chain());
}

#[test]
fn what_was_made_and_is_spoiled_is_made_anew() {
    let (folder, path, verdict) = made(&network(30, "activations"));
    let cache = folder.path().join("cache/networks");
    let settings = settings(&cache);
    let place = folder_of(&cache, &path).unwrap();
    // As if it had been worth it on this machine, and half of it had got lost.
    let verdict = Verdict {
        faster: true,
        why: None,
        blocks: Some(Blocks { channels: 48, depth: 64 }),
        ..verdict.unwrap()
    };
    fs::write(place.join(VERDICT), serde_json::to_vec(&verdict).unwrap()).unwrap();
    fs::write(place.join(NETWORK), b"nothing").unwrap();
    fs::write(place.join(NUMBERS), b"nothing").unwrap();
    let mut session = Session::open("model", &Weights::File(path.clone()), &settings).unwrap();
    assert!(!session.is_faster() && !place.exists());
    assert_eq!(run(&mut session, 30).len(), 48 * 900);
    assert!(is_to_be_made(&Weights::File(path), &settings));
}

#[test]
fn another_file_at_the_same_place_is_another_network() {
    let (folder, path, _) = made(&network(30, "activations"));
    let cache = folder.path().join("cache/networks");
    let first = folder_of(&cache, &path).unwrap();
    assert_eq!(folder_of(&cache, &path).unwrap(), first);
    fs::write(&path, network(30, "shared")).unwrap();
    assert_ne!(folder_of(&cache, &path).unwrap(), first);
}

#[test]
fn without_a_cache_or_on_an_accelerator_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, network(30, "activations")).unwrap();
    assert!(of("model", &path, &Settings::processor(1)).is_none());
    let cuda = Settings {
        providers: vec![Provider::Cuda],
        ..settings(&folder.path().join("cache/networks"))
    };
    assert!(of("model", &path, &cuda).is_none());
    assert!(verdicts(&folder.path().join("cache")).is_empty());
}
