//! Waiting for jobs, over lines that are cut.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::super::common::words;
use super::fake::{Fake, Reply, counts, detail, job};

const A: &str = "01KAY70000000000000AAAAAAA";

fn event(id: &str, data: &Value) -> String {
    format!(": alive\nid: {id}\nevent: x\ndata: {data}\n\n")
}

fn changed(job: &Value) -> Value {
    json!({ "type": "job", "job": job, "counts": counts() })
}

#[test]
fn a_line_that_is_cut_goes_on_where_it_was_and_the_exit_code_is_the_jobs() {
    let times = AtomicUsize::new(0);
    let fake = Fake::new(move |asked| match asked.line.as_str() {
        "GET /v1/events" => Some(Reply::Events(match times.fetch_add(1, Ordering::SeqCst) {
            0 => {
                let progress = json!({ "frames": 5, "total": 10, "fps": 1.0, "eta_seconds": 5.0,
                                       "stage": "swap" });
                let further = json!({ "type": "progress", "id": A, "progress": progress });
                let new = json!({ "type": "invented_later", "what": 1 });
                vec![event("r-7", &further), event("r-8", &new), "data: {\"half".to_owned()]
            }
            1 => {
                let mut ended = job(A, "film", "failed");
                ended["failure"] = json!({ "kind": "no_face", "message": "nobody is there" });
                vec![event("r-9", &changed(&ended))]
            }
            _ => Vec::new(),
        })),
        "GET /v1/jobs/AAA" | "GET /v1/jobs/01KAY70000000000000AAAAAAA" => {
            Some(Reply::Json(200, detail(job(A, "film", "running"))))
        }
        _ => None,
    });
    let run = fake.run(&["jobs", "wait", "AAA", "--json"]);
    let said = String::from_utf8_lossy(&run.stdout);
    assert_eq!(run.status.code(), Some(4), "{said}{}", words(&run));
    assert!(said.contains("\"frame\":5") && said.contains("nobody is there"), "{said}");
    let asked = fake.asked("GET /v1/events");
    assert_eq!(asked.len(), 2);
    assert!(!asked[0].headers.iter().any(|line| line.starts_with("last-event-id")));
    assert!(asked[1].headers.contains(&"last-event-id: r-8".to_owned()), "{:?}", asked[1].headers);
}

#[test]
fn ctrl_c_ends_the_waiting_and_not_the_job() {
    let fake = Fake::new(|asked| match asked.line.as_str() {
        "GET /v1/events" => {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Some(Reply::Events(Vec::new()))
        }
        line if line.starts_with("GET /v1/jobs/") => {
            Some(Reply::Json(200, detail(job(A, "film", "running"))))
        }
        _ => None,
    });
    let mut command = fake.command(&["jobs", "wait", A]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while fake.asked("GET /v1/events").len() < 2 {
        assert!(std::time::Instant::now() < deadline, "it does not listen");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("it lives");
    let run = child.wait_with_output().expect("it ends");
    assert_eq!(run.status.code(), Some(130), "{}", words(&run));
    assert!(words(&run).contains("facedeck jobs wait 0AAAAAAA"), "{}", words(&run));
    assert!(fake.asked("POST").is_empty() && fake.asked("DELETE").is_empty());
}
