//! What the commands ask and say.

use serde_json::{Value, json};

use super::super::common::{media, words};
use super::fake::{Fake, Reply, at_home, counts, detail, fault, job};

const A: &str = "01KAY70000000000000AAAAAAA";
const B: &str = "01KAY70000000000000BBBBBBB";

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn page(jobs: &[Value]) -> Value {
    json!({ "jobs": jobs, "total": jobs.len(), "counts": counts(), "next_offset": null })
}

#[test]
fn the_queue_is_listed_for_people_and_for_programs() {
    let fake = Fake::new(|asked| {
        let jobs = [job(A, "film\u{1b}[31m.mp4", "running"), job(B, "portrait.png", "failed")];
        asked.line.starts_with("GET /v1/jobs?").then(|| Reply::Json(200, page(&jobs)))
    });
    let run = fake.run(&["jobs", "list", "--state", "running,failed", "--text", "a b"]);
    assert!(run.status.success(), "{}", words(&run));
    let table = said(&run);
    assert!(table.contains("0AAAAAAA") && table.contains("portrait.png"), "{table}");
    assert!(!table.contains('\u{1b}'), "a name spoke to the terminal: {table:?}");
    let asked = &fake.asked("GET /v1/jobs?")[0].line;
    for part in ["state=running%2Cfailed", "text=a+b", "limit=50"] {
        assert!(asked.contains(part), "{asked}");
    }
    let run = fake.run(&["jobs", "list", "--json"]);
    let events: Vec<Value> =
        said(&run).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.len(), 3);
    assert_eq!((events[0]["event"].as_str(), events[0]["id"].as_str()), (Some("job"), Some(A)));
    assert_eq!(events[2]["total"], 2);
}

#[test]
fn another_version_of_the_api_is_told_with_what_to_do() {
    let fake = Fake::new(|asked| {
        (asked.line == "GET /v1/version")
            .then(|| Reply::Json(200, json!({ "version": "9.9.9", "protocol": 99 })))
    });
    let run = fake.run(&["jobs", "list"]);
    assert_eq!(run.status.code(), Some(1));
    for word in ["9.9.9", "API 99", "API 1", "facedeck service stop"] {
        assert!(words(&run).contains(word), "{}", words(&run));
    }
}

#[test]
fn errors_of_the_service_have_the_exit_codes_of_errors_here() {
    for (status, kind, code) in [
        (422, "invalid", 2),
        (422, "refused", 3),
        (422, "no_face", 4),
        (409, "missing", 5),
        (409, "provider", 6),
        (404, "not_found", 1),
        (500, "internal", 1),
    ] {
        let fake = Fake::new(move |asked| {
            asked.line.starts_with("POST").then(|| fault(status, kind, "no, because"))
        });
        let run = fake.run(&["jobs", "resume", A]);
        assert_eq!(run.status.code(), Some(code), "{kind}: {}", words(&run));
        assert!(words(&run).contains("no, because"), "{}", words(&run));
    }
}

#[test]
fn what_fails_for_one_job_is_done_for_the_others() {
    let fake = Fake::new(|asked| match asked.line.as_str() {
        "POST /v1/jobs/AAA/cancel" => Some(fault(409, "conflict", "it is done")),
        "POST /v1/jobs/BBB/cancel" => Some(Reply::Json(200, job(B, "film", "cancelled"))),
        _ => None,
    });
    let run = fake.run(&["jobs", "cancel", "AAA", "BBB"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(words(&run).contains("it is done"), "{}", words(&run));
    assert!(said(&run).contains("0BBBBBBB film: cancelled"), "{}", said(&run));
}

#[test]
fn nothing_is_removed_where_nobody_can_be_asked() {
    let fake = Fake::new(|asked| match asked.line.as_str() {
        line if line.starts_with("GET /v1/jobs/") => {
            Some(Reply::Json(200, detail(job(A, "film", "done"))))
        }
        line if line.starts_with("DELETE /v1/") => Some(Reply::Json(200, json!({}))),
        _ => None,
    });
    for (line, what) in
        [(["jobs", "remove", A], "film (0AAAAAAA, done)"), (["watch", "remove", "in"], "of in")]
    {
        for how in [&[][..], &["--json"], &["--quiet"]] {
            let run = fake.run(&[&line[..], how].concat());
            let told = words(&run) + &said(&run);
            assert_eq!(run.status.code(), Some(2), "{told}");
            assert!(told.contains(&format!("{what} would be lost")), "{told}");
            assert!(told.contains("--yes"), "{told}");
        }
        assert!(fake.asked("DELETE").is_empty(), "it was removed nevertheless");
        let run = fake.run(&[&line[..], &["--yes"]].concat());
        assert!(run.status.success(), "{}", words(&run));
        assert_eq!(fake.asked("DELETE").len(), 1);
        fake.forget();
    }
}

#[test]
fn a_job_is_sent_whole_with_full_paths() {
    let fake = Fake::new(|asked| {
        (asked.line == "POST /v1/jobs").then(|| Reply::Json(201, job(A, "film", "queued")))
    });
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["grace_hopper.jpg", "mona_lisa.jpg"] {
        std::fs::copy(media(name), folder.path().join(name)).expect("a copy");
    }
    let mut command = fake.command(&["add", "-s", "grace_hopper.jpg", "-t", "mona_lisa.jpg"]);
    command.args(["--priority", "-5", "--after", B, "--attempts", "2", "--quality", "91"]);
    let run = command.current_dir(folder.path()).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    let sent = fake.asked("POST /v1/jobs")[0].json();
    let full = |name: &str| json!(folder.path().join(name));
    assert_eq!(sent["sources"], json!([full("grace_hopper.jpg")]));
    assert_eq!(sent["target"], full("mona_lisa.jpg"));
    assert_eq!(sent["output"], full("mona_lisa-swapped.jpg"));
    assert_eq!((&sent["priority"], &sent["max_attempts"]), (&json!(-5), &json!(2)));
    assert_eq!(sent["after"], json!([B]));
    assert_eq!(sent["snapshot"]["video"]["quality"], 91);
    // What cannot be is not even sent.
    let run = fake.run(&["add", "-s", "gone.jpg", "-t", "gone.mp4"]);
    assert_eq!(run.status.code(), Some(2), "{}", words(&run));
    assert_eq!(fake.asked("POST /v1/jobs").len(), 1);
}

#[test]
fn where_no_service_runs_status_says_so_and_stop_is_content() {
    let home = tempfile::tempdir().expect("a folder");
    let run = at_home(home.path(), &["service", "status"]).output().expect("it starts");
    assert_eq!(run.status.code(), Some(1));
    assert!(words(&run).contains("no service runs"), "{}", words(&run));
    let run = at_home(home.path(), &["service", "stop"]).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
}

#[test]
fn the_shell_is_offered_the_ids_of_jobs() {
    let fake = Fake::new(|asked| {
        let jobs = [job(A, "film.mp4", "running"), job(B, "portrait.png", "failed")];
        asked.line.starts_with("GET /v1/jobs?").then(|| Reply::Json(200, page(&jobs)))
    });
    let ask = |home: &std::path::Path, typed: &str| {
        let mut command = at_home(home, &["--", "facedeck", "jobs", "show", typed]);
        command
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", "3")
            .env("_CLAP_COMPLETE_COMP_TYPE", "9")
            .env("_CLAP_COMPLETE_SPACE", "false")
            .env("_CLAP_IFS", "\n");
        let run = command.output().expect("it starts");
        assert!(run.status.success(), "{}", words(&run));
        said(&run)
    };
    let all = ask(fake.home.path(), "");
    assert!(all.contains("0AAAAAAA") && all.contains("0BBBBBBB"), "{all}");
    assert_eq!(ask(fake.home.path(), "0b").trim(), "0BBBBBBB");
    assert_eq!(ask(fake.home.path(), "01KAY70000000000000A").trim(), A);
    // Nothing is started for it.
    let home = tempfile::tempdir().expect("a folder");
    assert!(!ask(home.path(), "").contains("AAAA"));
    assert!(!home.path().join("state").exists());
}

#[test]
fn a_job_is_shown_with_all_about_it() {
    let fake = Fake::new(|asked| {
        let mut failed = detail(job(A, "film", "failed"));
        failed["failure"] = json!({ "kind": "missing", "message": "no model", "hint": "pull it" });
        (asked.line == "GET /v1/jobs/0AAAAAAA").then_some(Reply::Json(200, failed))
    });
    let run = fake.run(&["jobs", "show", "0AAAAAAA"]);
    assert!(run.status.success(), "{}", words(&run));
    for word in [A, "/in/film.mp4", "no model", "pull it"] {
        assert!(said(&run).contains(word), "{word}: {}", said(&run));
    }
}
