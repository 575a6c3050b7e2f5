//! Services on other machines: through SSH, and over the network.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::common::{media, words};
use super::fake::{Fake, Reply, at_home, counts, detail, job};

const A: &str = "01KAY70000000000000AAAAAAA";

fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("ssh.sh");
    // Closed before it is run: a file that is open for writing cannot be.
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    path
}

#[test]
fn ssh_leads_to_the_service_over_there() {
    let fake = Fake::new(|asked| {
        let page = json!({ "jobs": [job(A, "far.mp4", "done")], "total": 1, "counts": counts(),
                           "next_offset": null });
        asked.line.starts_with("GET /v1/jobs?").then_some(Reply::Json(200, page))
    });
    let here = tempfile::tempdir().expect("a folder");
    let log = here.path().join("arguments");
    let over_there = fake.home.path().display();
    let ssh = script(
        here.path(),
        &format!(
            "echo \"$@\" >> {}\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\n\
             FACEDECK_HOME={over_there} exec sh -c \"$*\"",
            log.display()
        ),
    );
    let host = format!("ssh://me@box:2222{}", env!("CARGO_BIN_EXE_facedeck"));
    let mut command = at_home(here.path(), &["jobs", "list", "--host", &host]);
    let run = command.env("FACEDECK_SSH", ssh).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    assert!(String::from_utf8_lossy(&run.stdout).contains("far.mp4"));
    let arguments = std::fs::read_to_string(log).expect("ssh was run");
    assert!(arguments.starts_with("-T -p 2222 -- me@box '"), "{arguments}");
    assert!(arguments.trim_end().ends_with("' service bridge"), "{arguments}");
}

#[test]
fn what_ssh_says_is_told() {
    let here = tempfile::tempdir().expect("a folder");
    let ssh = script(here.path(), "echo 'me@box: Permission denied (publickey).' >&2; exit 255");
    let mut command = at_home(here.path(), &["jobs", "list", "--host", "ssh://me@box"]);
    let run = command.env("FACEDECK_SSH", ssh).output().expect("it starts");
    assert_eq!(run.status.code(), Some(1));
    assert!(words(&run).contains("Permission denied (publickey)"), "{}", words(&run));
}

#[test]
fn a_token_in_clear_is_warned_of_unless_nobody_wants_to_hear_it() {
    let here = tempfile::tempdir().expect("a folder");
    let said = |more: &[&str], host: &str, token: &str| {
        let mut command = at_home(here.path(), &["jobs", "list", "--host", host]);
        let run = command.args(more).env("FACEDECK_TOKEN", token).output().expect("it starts");
        assert_eq!(run.status.code(), Some(1), "nobody is there: {}", words(&run));
        words(&run)
    };
    let clear = "http://nobody.invalid:7870";
    for more in [&[][..], &["--json"]] {
        let told = said(more, clear, "secret-token");
        assert_eq!(told.matches("in clear").count(), 1, "{told}");
        assert!(told.contains("https://") && told.contains("ssh://box"), "{told}");
        assert!(!told.contains("secret-token"), "{told}");
    }
    for (more, host, token) in [
        (&["--quiet"][..], clear, "secret-token"),
        (&[], clear, ""),
        (&[], "https://nobody.invalid", "secret-token"),
        (&[], "http://127.0.0.1:1", "secret-token"),
    ] {
        let told = said(more, host, token);
        assert!(!told.contains("in clear"), "{host}: {told}");
    }
}

#[test]
fn files_are_sent_with_the_token_and_the_result_comes_back() {
    let fake = Fake::new(|asked| {
        let done = |id: &str| {
            let mut done = job(id, "mona_lisa.jpg", "done");
            done["summary"] = json!({ "frames": 1, "seconds": 0.5 });
            Reply::Json(200, detail(done))
        };
        match asked.line.as_str() {
            line if line.starts_with("POST /v1/uploads") => {
                let id = format!("upload:{}", asked.body.len());
                Some(Reply::Json(201, json!({ "id": id, "bytes": asked.body.len() })))
            }
            "POST /v1/jobs" => Some(Reply::Json(201, job(A, "mona_lisa.jpg", "queued"))),
            "GET /v1/events" => Some(Reply::Events(Vec::new())),
            line if line.ends_with("/output") => Some(Reply::Bytes(b"the result".to_vec())),
            line if line.starts_with("GET /v1/jobs/") => Some(done(A)),
            _ => None,
        }
    });
    let here = tempfile::tempdir().expect("a folder");
    let token = here.path().join("token");
    std::fs::write(&token, "secret-token\n").expect("a file");
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let output = here.path().join("out.jpg");
    let host = format!("http://{}", fake.address);
    let mut command = at_home(here.path(), &["add", "--wait", "--host", &host]);
    command.arg("--token-file").arg(&token).arg("-s").arg(&source).arg("-t").arg(&target);
    let run = command.arg("-o").arg(&output).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    assert_eq!(std::fs::read(&output).expect("the result"), b"the result");
    let uploads = fake.asked("POST /v1/uploads");
    assert_eq!(uploads.len(), 2);
    assert!(uploads[0].line.contains("name=grace_hopper.jpg"), "{}", uploads[0].line);
    assert!(uploads[0].body == std::fs::read(&source).expect("the photo"), "not the bytes");
    let sent = fake.asked("POST /v1/jobs")[0].json();
    assert_eq!(sent["sources"], json!([format!("upload:{}", uploads[0].body.len())]));
    assert_eq!((&sent["output"], &sent["name"]), (&json!(null), &json!("mona_lisa.jpg")));
    for asked in fake.asked("") {
        let header = "authorization: bearer secret-token".to_owned();
        assert!(asked.headers.contains(&header), "{}", asked.line);
    }
    // A file that is there is not lost.
    let mut again = at_home(here.path(), &["jobs", "fetch", A, "--host", &host]);
    let run = again.env("FACEDECK_TOKEN", "x").arg("-o").arg(&output).output().expect("it starts");
    assert_eq!(run.status.code(), Some(2), "{}", words(&run));
}
