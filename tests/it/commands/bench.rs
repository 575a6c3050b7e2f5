//! `facedeck bench`: what it measures, what it writes down, what it compares.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::super::common::{facedeck, fails, names_in, words};
use super::midway::{children_of, is_gone};

/// The smallest clip in which the stand-ins' detector finds its dots.
const SIZE: &str = "320x180";

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

fn bench(line: &str) -> Command {
    let mut command = facedeck();
    command.arg("bench").args(line.split_whitespace());
    command
}

fn document(run: &Output) -> Value {
    assert!(run.status.success(), "{}", words(run));
    serde_json::from_slice(&run.stdout).expect("one JSON document")
}

/// The middle, the smallest and the largest of a number.
fn number(row: &Value, key: &str) -> [f64; 3] {
    let spread = &row["numbers"][key];
    ["median", "low", "high"]
        .map(|part| spread[part].as_f64().unwrap_or_else(|| panic!("no {key} in {row}")))
}

/// What every row of a film with a face in each frame must say.
fn plausible(row: &Value, cores: f64) {
    assert!(row["error"].is_null(), "{row}");
    assert_eq!((row["frames"].as_u64(), row["rounds"].as_u64()), (Some(10), Some(2)));
    assert_eq!((&row["size"], &row["provider"]), (&"180p".into(), &"cpu".into()));
    let keys = [
        "decode_ms",
        "analyze_ms",
        "process_ms",
        "encode_ms",
        "total_ms",
        "fps",
        "cpu_ms",
        "ffmpeg_cpu_ms",
        "limit_share",
        "peak_bytes",
        "output_bytes",
        "start_seconds",
    ];
    for key in keys {
        let [median, low, high] = number(row, key);
        assert!(0.0 < low && low <= median && median <= high, "{key}: {row}");
    }
    let [_, _, total] = number(row, "total_ms");
    // A stage is busy no longer than the film takes, times its threads; together they are busy for
    // at least a part of it.
    let stages = keys[..4].iter().map(|key| number(row, key)[1]);
    let busy: f64 = stages.clone().sum();
    assert!(stages.into_iter().all(|ms| ms <= total * cores * 1.01), "{row}");
    assert!(busy > 0.02 * total, "{row}");
    let [_, low, high] = number(row, "limit_share");
    assert!(low > 0.0 && high <= 1.0, "{row}");
    let [_, slowest, fastest] = number(row, "fps");
    let [_, shortest, longest] = number(row, "total_ms");
    assert!((fastest * shortest / 1e3 - 1.0).abs() < 1e-6, "{row}");
    assert!((slowest * longest / 1e3 - 1.0).abs() < 1e-6, "{row}");
    // Facedeck's own memory, in bytes.
    let [peak, _, _] = number(row, "peak_bytes");
    assert!((2e7..4e9).contains(&peak), "{row}");
    // A program that loads networks takes its time, but the whole was measured in less than this.
    let [start, _, _] = number(row, "start_seconds");
    assert!((0.01..300.0).contains(&start), "{row}");
}

#[test]
fn models_are_measured_written_down_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let work = folder.path().join("work");
    let mut command = bench("--only embedded --only tiny_inswapper_128 --only tiny_gfpgan");
    command.args(["--sizes", SIZE, "--frames", "10", "--rounds", "2", "--json", "--models"]);
    let run = command.arg(models()).arg("--work").arg(&work).output().expect("it starts");
    println!("{}", words(&run));
    let report = document(&run);
    assert_eq!((&report["event"], &report["format"]), (&"bench".into(), &1.into()));
    let cores = report["machine"]["cores"].as_f64().expect("cores");
    assert!(report["machine"]["memory"].as_u64() > Some(1 << 28), "{report}");
    let rows = report["rows"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["embedded", "tiny_gfpgan", "tiny_inswapper_128"]);
    for row in rows {
        plausible(row, cores);
        // The embedded swapper is no network.
        assert_eq!(row["numbers"]["bare_ms"].is_null(), row["name"] == "embedded", "{row}");
    }
    for row in &rows[1..] {
        let [_, fastest, slowest] = number(row, "bare_ms");
        let [_, shortest, longest] = number(row, "total_ms");
        let [_, low, high] = number(row, "bare_ratio");
        assert!(0.0 < fastest && slowest < 5000.0, "{row}");
        assert!(low >= shortest / slowest - 1e-9 && high <= longest / fastest + 1e-9, "{row}");
    }
    assert_eq!(names_in(&work), [""; 0], "clips, results and homes are gone");
    // What is written down is shown, and is the same as itself.
    let file = folder.path().join("bench.json");
    std::fs::write(&file, &run.stdout).expect("a file");
    let shown = facedeck().args(["bench", "--show"]).arg(&file).output().expect("it starts");
    let table = String::from_utf8_lossy(&shown.stdout).into_owned();
    println!("{table}");
    assert!(shown.status.success() && table.contains("tiny_inswapper_128 on cpu · 10 frames"));
    let mut compare = facedeck();
    compare.args(["bench", "--json", "--show"]).arg(&file).arg("--compare").arg(&file);
    let compared = document(&compare.output().expect("it starts"));
    let compared = compared["compared"].as_array().expect("rows");
    assert_eq!(compared.len(), 3);
    for change in compared.iter().flat_map(|row| row["numbers"].as_object().expect("numbers")) {
        let (key, change) = change;
        assert_eq!((&change["ratio"], &change["verdict"]), (&1.0.into(), &"same".into()), "{key}");
    }
    // Nothing in common is known before anything is measured.
    let mut other = bench("--only embedded --sizes 640x360 --compare");
    fails(other.arg(&file), folder.path(), 2, &["none of these models", "--sizes"]);
}

#[test]
fn mistakes_are_told_before_any_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let broken = file("broken.json", "{\"event\": \"bench\", \"rows\": [");
    let foreign = file("foreign.json", "{\"event\": \"done\", \"frames\": 25}");
    let newer = file("newer.json", "{\"event\": \"bench\", \"format\": 99}");
    let gone = folder.path().join("gone.json");
    let fails = |command: &mut Command, says: &[&str]| {
        let begin = Instant::now();
        fails(command, folder.path(), 2, says);
        assert!(begin.elapsed() < Duration::from_secs(60), "it measured first");
    };
    for (path, why) in [
        (&broken, "EOF"),
        (&foreign, "is not what facedeck bench --json prints"),
        (&newer, "another version of facedeck"),
        (&gone, "cannot read"),
    ] {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        fails(bench("--compare").arg(path), &[why, &name]);
        fails(bench("--show").arg(path), &[why, &name]);
    }
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    fails(bench("--models").arg(&empty), &["has no .onnx files"]);
    fails(bench("--models").arg(folder.path().join("none")), &["cannot read the folder"]);
    fails(&mut bench("--only inswappr"), &["there is no \"inswappr\"", "embedded"]);
    fails(&mut bench("--sizes 721p"), &["even number"]);
    fails(&mut bench("--seconds 0"), &["cannot take 0 seconds"]);
    fails(&mut bench("--set run.treads=2"), &["did you mean run.threads"]);
}

#[test]
fn networks_that_gain_nothing_are_told_and_run_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = bench("--networks --only tiny_inswapper_128 --rounds 1 --json --work");
    command.arg(folder.path()).arg("--models").arg(models());
    let document = document(&command.output().expect("it starts"));
    assert_eq!(document["event"], "networks");
    let network = &document["networks"][0];
    assert_eq!((&network["name"], &network["used"]), (&"tiny_inswapper_128".into(), &false.into()));
    let why = network["why"].as_str().unwrap_or_default();
    assert!(why.contains("no convolutions that would gain"), "{network}");
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[test]
fn without_networks_there_is_nothing_to_compare() {
    let folder = tempfile::tempdir().expect("a folder");
    let fails = |command: &mut Command, says| fails(command, folder.path(), 2, says);
    fails(bench("--networks --models").arg(folder.path()), &["no networks", "--models FOLDER"]);
    fails(bench("--networks --models").arg(folder.path().join("nowhere")), &["cannot read"]);
    fails(&mut bench("--networks --frames 5"), &["cannot be used with"]);
}

/// A process that does not outlive a test that failed.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ctrl_c_leaves_nothing_and_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = bench("--only embedded --frames 8 --rounds 1000 --work");
    command.arg(folder.path()).args(["--sizes", SIZE]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Ended(command.spawn().expect("it starts"));
    let deadline = Instant::now() + Duration::from_secs(120);
    // The one that measures, which has an ffmpeg of its own: those that paint have none.
    let (measuring, ffmpeg) = loop {
        assert!(Instant::now() < deadline, "it does not measure");
        assert!(running.0.try_wait().expect("a process").is_none(), "it ended");
        let found = children_of(running.0.id())
            .into_iter()
            .find_map(|child| Some((child, *children_of(child).first()?)));
        match found {
            Some(found) => break found,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let pid = Pid::from_raw(i32::try_from(running.0.id()).expect("an id")).expect("an id");
    kill_process(pid, Signal::INT).expect("it listens");
    let status = running.0.wait().expect("it ends");
    assert_eq!(status.code(), Some(130), "{status}");
    assert_eq!(names_in(folder.path()), [""; 0]);
    assert!(is_gone(measuring) && is_gone(ffmpeg), "somebody works on");
}
