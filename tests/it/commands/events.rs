//! `--json`: one event a line, for programs.

use serde_json::Value;

use super::super::clips::{ASTRONAUT, Clips};
use super::super::common::{facedeck, media, swap};

/// Every line of standard output.
fn events(stdout: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect()
}

#[test]
fn progress_grows_and_the_last_event_is_the_result() {
    let clips = Clips::new();
    let clip = clips.moving("clip.mp4", &ASTRONAUT, 60);
    let output = clips.path("out.mp4");
    let run = swap(&media("grace_hopper.jpg"), &clip, &output, &["--json"]);
    assert!(run.status.success());
    assert_eq!(run.stderr, b"", "nothing but JSON, and nothing beside it");
    let events = events(&run.stdout);
    let progress: Vec<&Value> = events.iter().filter(|e| e["event"] == "progress").collect();
    assert!(progress.len() >= 2, "{events:?}");
    let number = |event: &Value, name: &str| event[name].as_f64().expect("a number");
    for pair in progress.windows(2) {
        assert!(number(pair[0], "frame") < number(pair[1], "frame"), "{pair:?}");
        assert!(number(pair[0], "elapsed") <= number(pair[1], "elapsed"), "{pair:?}");
    }
    assert!(progress.iter().all(|e| e["frames"] == 60 && e["stage"].is_string()), "{progress:?}");
    assert_eq!(progress.last().expect("progress")["frame"], 60);
    let done = events.last().expect("an event");
    assert_eq!(done["event"], "done", "{done}");
    assert_eq!(done["frames"], 60, "{done}");
    assert_eq!(done["output"], output.display().to_string());
    assert!(number(done, "frames_with_swap") > 50.0, "{done}");
    assert!(number(done, "frames_screened") >= 1.0, "{done}");
    assert!(number(done, "fps") > 0.0 && number(done, "peak_memory") > 1e6, "{done}");
    let stages: Vec<&str> = done["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .filter_map(|s| s["stage"].as_str())
        .collect();
    assert_eq!(stages, ["decode", "analyze", "swap", "encode"]);
}

#[test]
fn errors_are_events_with_their_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.png").display().to_string();
    let [hopper, mona] =
        ["grace_hopper.jpg", "mona_lisa.jpg"].map(|name| media(name).display().to_string());
    let empty = folder.path().join("empty.png");
    std::fs::write(&empty, b"").expect("a file");
    let empty = empty.display().to_string();
    let swap = |source: &str, target: &str, more: &[&str]| {
        let words = ["swap", "--json", "-s", source, "-t", target, "-o", &output];
        facedeck().args(words).args(more).output().expect("it starts")
    };
    let cases = [
        (swap("gone.png", &mona, &[]), "usage", 2),
        (swap(&hopper, &empty, &[]), "failed", 1),
        (swap(&hopper, &mona, &["--source-face", "7"]), "no_face", 4),
        (swap(&hopper, &mona, &["--execution-provider", "cuda"]), "provider", 6),
        // Found by the parser of the command line, before there is a command.
        (swap(&hopper, &mona, &["--frobnicate"]), "usage", 2),
        (swap(&hopper, &mona, &["--quality", "101"]), "usage", 2),
    ];
    for (run, kind, code) in cases {
        assert_eq!(run.status.code(), Some(code));
        assert_eq!(run.stderr, b"");
        let events = events(&run.stdout);
        let error = events.last().expect("an event");
        assert_eq!(error["event"], "error", "{error}");
        assert_eq!(error["kind"], kind, "{error}");
        assert_eq!(error["exit_code"], code, "{error}");
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "{error}");
        assert!(error["hint"].as_str().is_some_and(|h| !h.is_empty()), "{error}");
        assert!(error["causes"].is_array(), "{error}");
    }
}

#[test]
fn the_doctors_report_is_one_object() {
    let run = facedeck().args(["doctor", "--json"]).output().expect("it starts");
    let report = events(&run.stdout);
    assert!(run.status.success(), "{report:?}");
    let [report] = report.as_slice() else { panic!("{report:?}") };
    assert_eq!(report["event"], "doctor");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["ready"], true, "{report}");
    assert_eq!(report["problems"], serde_json::json!([]));
    let keys = ["ffmpeg", "runtime", "models", "machine", "terminal", "directories"];
    assert!(keys.iter().all(|key| !report[key].is_null()), "{report}");
    assert!(report["ffmpeg"]["encoders"].as_array().is_some_and(|e| !e.is_empty()), "{report}");
    assert!(report["models"].as_array().is_some_and(|m| !m.is_empty()), "{report}");
}

#[test]
fn the_doctor_says_what_is_missing() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = facedeck();
    command.args(["doctor", "--json"]).env("FACEDECK_HOME", home.path());
    command.env_remove("FACEDECK_FFMPEG").env("PATH", "");
    let run = command.output().expect("it starts");
    assert_eq!(run.status.code(), Some(5));
    let events = events(&run.stdout);
    let [report, error] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(report["ready"], false);
    assert_eq!(report["problems"][0]["message"], "ffmpeg is not installed");
    assert_eq!(report["problems"][0]["hint"], "facedeck doctor --fix");
    assert_eq!((error["kind"].as_str(), error["exit_code"].as_u64()), (Some("missing"), Some(5)));
}
