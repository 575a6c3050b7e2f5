//! Forms in eight bits: taken, refused, kept, spoiled. What the clock says counts for nothing here.

use super::*;
use crate::inference::graph::{Graph, Number};
use crate::inference::provider::Provider;

/// Side of the pictures.
const SIDE: i64 = 20;

/// Two convolutions of 48 channels, the first with every other pixel, and a picture of what they give;
/// a third one, if it is wanted, whose products are large and cancel out.
fn network(delicate: bool) -> Vec<u8> {
    let noise = |i: i64, by: i64| (i * by % 997) as f32 / 997.0 - 0.5;
    let filters: Vec<f32> = (0..48 * 48 * 9).map(|i| noise(i, 7919) / 12.0).collect();
    let mut cancels: Vec<f32> = (0..48 * 48 * 9).map(|i| noise(i, 6173) / 1e3).collect();
    for (channel, filter) in cancels.chunks_exact_mut(48 * 9).enumerate() {
        // The middle of one channel, and as much less its neighbor's, which are the same.
        let at = channel / 2 * 2 * 9;
        (filter[at + 4], filter[at + 13]) = (40.0, -40.0);
    }
    let colors: Vec<f32> = (0..3 * 48).map(|i| noise(i, 331) / 8.0).collect();
    let pads = ("pads", &[1, 1, 1, 1][..]);
    let (shape, half) = ([1, 48, SIDE, SIDE], SIDE / 2);
    let graph = Graph::new()
        .input("x", Number::F32, &shape)
        .weights("w", &[48, 48, 3, 3], &filters)
        .weights("cancels", &[48, 48, 3, 3], &cancels)
        .weights("colors", &[3, 48, 1, 1], &colors);
    let graph = if delicate {
        graph.node("Conv", &["x", "cancels"], "d", &[pads])
    } else {
        graph.node("Relu", &["x"], "d", &[])
    };
    graph
        .node("Conv", &["d", "w"], "c", &[pads, ("strides", &[2, 2])])
        .node("LeakyRelu", &["c"], "l", &[])
        .node("Conv", &["l", "w"], "e", &[pads])
        .node("Conv", &["e", "colors"], "y", &[])
        .output("y", Number::F32, &[1, 3, half, half])
        .bytes()
}

/// A network's file, a cache beside it, and runs of it.
struct Scene {
    folder: tempfile::TempDir,
    settings: Settings,
    session: std::sync::Mutex<Session>,
    runs: Vec<Recorded>,
    /// Of what comes out.
    range: [f32; 2],
}

impl Scene {
    fn of(delicate: bool) -> Scene {
        crate::inference::for_tests().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let bytes = network(delicate);
        fs::write(folder.path().join("model.onnx"), &bytes).unwrap();
        let cache = folder.path().join("cache/networks");
        let settings = Settings { faster: Some(cache), ..Settings::processor(2) };
        let mut session = Session::from_bytes("model", &bytes, 1).unwrap();
        let runs = (0..6).map(|seed| {
            // Pairs of channels are the same.
            let value = |i: usize| (i % 400 + i / 800 * 400 + seed * 77) * 31 % 977;
            let data: Vec<f32> = (0..48 * 400).map(|i| value(i) as f32 / 977.0 - 0.5).collect();
            let inputs = vec![("x".to_owned(), vec![1, 48, 20, 20], data)];
            let mut run = Recorded { inputs, outputs: Vec::new() };
            run.outputs = session.run_inputs(&run.inputs()).unwrap();
            run
        });
        let runs: Vec<Recorded> = runs.collect();
        let all = || runs.iter().flat_map(|run| &run.outputs[0].data).copied();
        let range = [all().fold(0.0, f32::min), all().fold(0.0, f32::max)];
        Scene { folder, settings, session: session.into(), runs, range }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("model.onnx")
    }

    fn with<T>(&self, job: &str, run: impl FnOnce(&Wanted<'_>) -> T) -> T {
        let path = self.path();
        run(&Wanted { model: "model", path: &path, job, settings: &self.settings })
    }

    fn make(&self, job: &str, decibels: f64, ratio: f64) -> Known {
        let terms = Terms { decibels, ratio, range: self.range };
        let plain = |inputs: &[Input<'_>]| self.session.lock().unwrap().run_inputs(inputs);
        self.with(job, |wanted| {
            make(wanted, &self.runs, &terms, &plain, &Interrupt::new()).unwrap()
        })
    }

    fn known(&self, job: &str) -> Known {
        self.with(job, |wanted| known(wanted).unwrap())
    }
}

fn form(known: Known) -> Form {
    let Known::Form(form) = known else { panic!("{known:?}") };
    *form
}

fn why(known: &Known) -> &str {
    let Known::Refused(why) = known else { panic!("{known:?}") };
    why
}

/// Whether there is anything to be seen on this processor.
fn here() -> bool {
    let here = Set::best().is_some();
    if !here {
        println!("this processor has no instructions for bytes");
    }
    here
}

#[test]
fn what_is_near_enough_is_kept_and_computes_what_it_was_judged_by() {
    if !here() {
        return;
    }
    let scene = Scene::of(false);
    assert!(matches!(scene.known("job"), Known::Nothing));
    let made = form(scene.make("job", 38.0, f64::INFINITY));
    assert_eq!(made.verdict.convolutions, 2, "that with every other pixel, too");
    assert!(made.verdict.psnr.unwrap() >= 38.0 && made.verdict.vectors.starts_with("int8 "));
    let known = form(scene.known("job"));
    assert_eq!((&known.name, &known.verdict.vectors), (&made.name, &made.verdict.vectors));
    assert!(matches!(scene.known("another"), Known::Nothing), "it is that job's");
    let mut session = open("model", &known, &scene.settings).unwrap();
    for run in &scene.runs {
        let outputs = session.run_inputs(&run.inputs()).unwrap();
        let squares = judge::off(&run.outputs, &outputs, scene.range);
        assert!(squares > 0.0 && squares < 10f64.powf(-3.7), "{squares}");
    }
    // Made again of the same it is the same.
    assert_eq!(form(scene.make("job", 38.0, f64::INFINITY)).name, made.name);
    let all = super::super::verdicts(&scene.folder.path().join("cache"));
    assert!(all.iter().any(|one| one.vectors == made.verdict.vectors), "{all:?}");
}

#[test]
fn what_hurts_most_stays_in_single_precision() {
    if !here() {
        return;
    }
    let scene = Scene::of(true);
    let made = form(scene.make("job", 38.0, f64::INFINITY));
    assert_eq!(made.verdict.convolutions, 2, "the delicate one stays");
    assert!(made.verdict.psnr.unwrap() >= 38.0);
}

#[test]
fn what_is_too_far_off_or_too_slow_is_refused_and_that_is_remembered() {
    if !here() {
        return;
    }
    let scene = Scene::of(false);
    let far = scene.make("far", 150.0, f64::INFINITY);
    assert!(why(&far).ends_with(" dB on your frames, 150 are asked"), "{far:?}");
    assert_eq!(why(&scene.known("far")), why(&far));
    let slow = scene.make("slow", 38.0, 0.0);
    assert!(why(&slow).ends_with(" % of the time that single precision takes"), "{slow:?}");
    let cache = scene.settings.faster.clone().unwrap();
    for folder in fs::read_dir(cache).unwrap().flatten().filter(|one| one.path().is_dir()) {
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert!(left.iter().all(|file| file.file_name() != "numbers.bin"), "{left:?}");
    }
}

#[test]
fn too_few_runs_and_other_files_are_refused() {
    if !here() {
        return;
    }
    let mut scene = Scene::of(false);
    scene.runs.truncate(LEAST - 1);
    assert!(why(&scene.make("few", 38.0, 1.0)).contains("too few faces"));
    let scene = Scene::of(false);
    let other = Graph::new()
        .input("x", Number::F32, &[1, 48, SIDE, SIDE])
        .node("Relu", &["x"], "y", &[])
        .output("y", Number::F32, &[1, 48, SIDE, SIDE]);
    fs::write(scene.path(), other.bytes()).unwrap();
    assert_eq!(why(&scene.make("other", 38.0, 1.0)), "it has no convolutions that would gain");
}

#[test]
fn what_is_spoiled_is_thrown_away_and_can_be_made_anew() {
    if !here() {
        return;
    }
    let scene = Scene::of(false);
    let made = form(scene.make("job", 38.0, f64::INFINITY));
    for file in ["network.onnx", "numbers.bin"] {
        fs::write(made.made.folder.join(file), b"nothing").unwrap();
    }
    let spoiled = form(scene.known("job"));
    assert!(open("model", &spoiled, &scene.settings).is_err());
    assert!(matches!(scene.known("job"), Known::Nothing));
    assert_eq!(form(scene.make("job", 38.0, f64::INFINITY)).name, made.name);
}

#[test]
fn only_the_last_forms_are_kept() {
    if !here() {
        return;
    }
    let scene = Scene::of(false);
    for job in 0..MOST + 2 {
        let _ = scene.make(&job.to_string(), 38.0, f64::INFINITY);
    }
    let all = (0..MOST + 2).filter(|job| !matches!(scene.known(&job.to_string()), Known::Nothing));
    assert_eq!(all.count(), MOST);
    assert!(!matches!(scene.known(&(MOST + 1).to_string()), Known::Nothing));
}

#[test]
fn elsewhere_there_is_none_and_why_is_told() {
    crate::inference::for_tests().unwrap();
    let here = Settings { faster: Some("/nowhere".into()), ..Settings::processor(1) };
    let cuda = Settings { providers: vec![Provider::Cuda], ..here.clone() };
    assert_eq!(impossible(&cuda).unwrap(), "networks run on cuda");
    assert!(impossible(&Settings::processor(1)).unwrap().contains("as ONNX Runtime computes"));
    assert_eq!(impossible(&here).is_none(), Set::best().is_some());
    let wanted = Wanted { model: "m", path: Path::new("/no"), job: "j", settings: &cuda };
    assert_eq!(why(&known(&wanted).unwrap()), "networks run on cuda");
}
