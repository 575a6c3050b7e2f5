//! Looks at pictures, what the service can do, models, meters and metrics.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::common::{media, swap};
use super::desk::{exchange, small_target};
use super::{Desk, Server};

/// What a network client would see of a path.
fn raw(server: &Server<'_>, method: &str, path: &str, body: &Value) -> super::desk::Answer {
    let stream = UnixStream::connect(server.desk.socket()).expect("a socket");
    exchange(stream, method, path, "", body.to_string().as_bytes()).expect("an answer")
}

fn decoded(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory(bytes).expect("a picture").into_rgb8()
}

/// Whether two say the same, though one writer made numbers longer than the other.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let number = |n: &serde_json::Number| n.as_f64().expect("a number");
            (number(one) - number(other)).abs() < 1e-3
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| alike(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, a)| other.get(key).is_some_and(|b| alike(a, b)))
        }
        (one, other) => one == other,
    }
}

#[test]
fn faces_are_those_that_the_command_line_sees() {
    let desk = Desk::new();
    let server = desk.serve();
    let (file, photo) = (media("astronaut.png"), media("grace_hopper.jpg"));
    let seen = server.post("/v1/faces", &json!({ "file": file, "compare": photo }));
    let said = desk.ok(&[
        "faces",
        file.to_str().expect("UTF-8"),
        "--compare",
        photo.to_str().expect("UTF-8"),
        "--json",
    ]);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert!(alike(&seen["faces"], &said["faces"]), "{seen}\n{said}");
    assert_eq!((&seen["size"], &seen["frame"]), (&said["size"], &json!(0)));
    let face = &seen["faces"][0];
    assert!(face["distance"].as_f64().is_some_and(|d| (0.5..4.0).contains(&d)), "{face}");
    assert_eq!(face["points"].as_array().map(Vec::len), Some(5));

    // Nobody is there: that is an answer, not an error.
    let empty = desk.work().join("empty.png");
    image::RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 60])).save(&empty).expect("a file");
    assert_eq!(server.post("/v1/faces", &json!({ "file": empty }))["faces"], json!([]));
    let wrong = [
        (json!({ "file": empty, "compare": empty }), "no_face"),
        (json!({ "file": "/gone.png" }), "invalid"),
        (json!({ "file": "gone.png" }), "invalid"),
        (json!({ "file": empty, "frame": 1 }), "invalid"),
        (json!({ "file": "upload:01ARZ3NDEKTSV4RRFFQ69G5FAV" }), "not_found"),
        (json!({ "file": empty, "settings": { "faces.ordre": "size" } }), "invalid"),
        (json!({ "file": empty, "who": "me" }), "invalid"),
    ];
    for (body, kind) in wrong {
        let (status, answer) = server.ask("POST", "/v1/faces", Some(&body));
        assert_eq!(answer["error"]["type"], kind, "{status} {body}: {answer}");
    }
}

#[test]
fn a_preview_is_the_frame_that_a_job_would_make() {
    let desk = Desk::new();
    let server = desk.serve();
    let (source, target) = (media("grace_hopper.jpg"), small_target());
    let made = desk.work().join("made.png");
    assert!(swap(&source, target, &made, &[]).status.success());
    let made = image::open(&made).expect("a picture").into_rgb8();
    let original = image::open(target).expect("a picture").into_rgb8();
    let ask = |more: Value| {
        let mut body = json!({ "sources": [&source], "target": target, "format": "png" });
        for (key, value) in more.as_object().expect("an object") {
            body[key] = value.clone();
        }
        raw(&server, "POST", "/v1/preview", &body)
    };
    let after = ask(json!({}));
    assert_eq!(after.status, 200, "{after:?}");
    assert_eq!(after.header("content-type"), Some("image/png"));
    assert_eq!(after.header("facedeck-faces"), Some("1"));
    assert!(decoded(&after.body) == made, "the preview differs from the job's output");
    let before = decoded(&ask(json!({ "side": "before" })).body);
    assert!(before == original && before != made);
    let both = ask(json!({ "side": "both", "format": "jpeg", "max_side": 64 }));
    assert_eq!(both.header("content-type"), Some("image/jpeg"));
    assert_eq!(decoded(&both.body).dimensions(), (64 + 64 + 3 * 8, 64 + 2 * 8));

    for (more, kind) in [
        (json!({ "max_side": 5 }), "invalid"),
        (json!({ "sources": [] }), "invalid"),
        (json!({ "source_face": 3 }), "no_face"),
        (json!({ "profile": "roop" }), "missing"),
        (json!({ "frame": 9 }), "invalid"),
    ] {
        let answer = ask(more.clone());
        assert_eq!(answer.json()["error"]["type"], kind, "{more}: {answer:?}");
    }
    assert_eq!(server.get("/v1/jobs")["total"], 0, "nothing was queued");
}

/// A catalog entry of a converter whose file lies here.
fn write_model(desk: &Desk, id: &str, file: &Path, needs: &[&str]) {
    fs::write(file, id).expect("a file");
    let hash = facedeck::models::hash::of_bytes(id.as_bytes());
    let folder = desk.home().join("config/models");
    fs::create_dir_all(&folder).expect("a folder");
    let text = format!(
        "id = \"{id}\"\nrole = \"converter\"\nfamily = \"vector\"\nsummary = \"a test\"\n\
         license = \"NC-1.0\"\nattribution = \"nobody\"\ncommercial = false\n\
         upstream = \"nowhere\"\nnotes = \"\"\nneeds = {needs:?}\n\n[[files]]\n\
         name = \"{id}.onnx\"\nbytes = {}\nsha256 = \"{hash}\"\nsources = [{{ path = {file:?} }}]\n",
        id.len(),
    );
    fs::write(folder.join(format!("{id}.toml")), text).expect("a file");
}

#[test]
fn a_model_is_fetched_once_its_license_is_accepted() {
    let desk = Desk::new();
    write_model(&desk, "lower", &desk.work().join("lower"), &[]);
    write_model(&desk, "upper", &desk.work().join("upper"), &["lower"]);
    let server = desk.serve();
    let events = server.listen("/v1/events");
    assert_eq!(server.get("/v1/models/upper")["status"], "missing");
    assert_eq!(server.get("/v1/models/upper")["needs"], json!(["lower"]));
    for body in [None, Some(json!({})), Some(json!({ "accept_license": false }))] {
        let (status, answer) = server.ask("POST", "/v1/models/upper/pull", body.as_ref());
        assert_eq!((status, &answer["error"]["type"]), (422, &json!("invalid")));
        let words = answer["error"]["message"].as_str().expect("words");
        assert!(words.contains("upper: license NC-1.0") && words.contains("lower: lic"), "{words}");
    }
    assert_eq!(server.get("/v1/pulls"), json!([]));
    let queued = server.post("/v1/models/upper/pull", &json!({ "accept_license": true }));
    assert_eq!((&queued["model"], &queued["state"]), (&json!("upper"), &json!("queued")));
    let told = events.until(|event| {
        event["type"] == "pull"
            && event["pull"]["model"] == "upper"
            && event["pull"]["state"] == "done"
    });
    assert!(told.iter().any(|e| e["pull"]["model"] == "lower" && e["pull"]["state"] == "done"));
    assert_eq!(server.get("/v1/models/upper")["status"], "here");
    assert_eq!(server.get("/v1/pulls").as_array().map(Vec::len), Some(2));
    for (method, path, status) in [
        ("POST", "/v1/models/upper/pull", 409),
        ("DELETE", "/v1/models/upper/pull", 409),
        ("DELETE", "/v1/models/nobody/pull", 404),
        ("GET", "/v1/models/nobody", 404),
        ("GET", "/v1/models?role=singer", 422),
    ] {
        let body = json!({ "accept_license": true });
        let (answered, answer) = server.ask(method, path, (method == "POST").then_some(&body));
        assert_eq!(answered, status, "{method} {path}: {answer}");
    }
    let filter = server.get("/v1/models/open_nsfw");
    assert!(filter["license"]["text"].as_str().is_some_and(|text| text.contains("Yahoo")));
    let swappers = server.get("/v1/models?role=swapper");
    assert!(swappers.as_array().expect("a list").iter().all(|m| m["role"] == "swapper"));
}

#[test]
fn the_service_tells_what_it_can_do_and_how_it_does() {
    let desk = Desk::new();
    let server = desk.serve();
    let can = server.get("/v1/capabilities");
    let names = |list: &Value, key: &str| -> Vec<String> {
        let all = list.as_array().expect("a list").iter();
        all.map(|one| one[key].as_str().expect("a name").to_owned()).collect()
    };
    assert!(names(&can["operations"], "name").contains(&"capabilities".to_owned()));
    assert!(names(&can["options"], "key").contains(&"swap.weight".to_owned()));
    assert_eq!(can["ffmpeg"]["encoders"][0]["present"], true);
    assert_eq!(can["providers"][0]["name"], "cpu");
    assert!(can["profiles"].as_array().expect("a list").contains(&json!("roop")));
    let listed = server.get("/v1/profiles");
    assert_eq!(json!(names(&listed, "name")), can["profiles"]);
    let roop = server.get("/v1/profiles/roop");
    assert_eq!(roop["settings"]["faces"]["detector"], "det_10g");
    assert_eq!(roop["changed"]["faces.detector"]["value"], "det_10g");
    for path in ["/v1/profiles/nobody", "/v1/profiles/..%2Fprofiles%2Froop.toml"] {
        let (status, answer) = server.ask("GET", path, None);
        assert_eq!(status, 404, "{path}: {answer}");
    }

    let meters = server.get("/v1/meters");
    assert!(meters["memory"]["total"].as_u64() > Some(1 << 20), "{meters}");
    assert!(meters["process"]["memory"].as_u64() > Some(1 << 20), "{meters}");
    assert!(!meters["disks"].as_array().expect("a list").is_empty(), "{meters}");

    let target = desk.target("target.png");
    let done = server.add(&target, &desk.work().join("out.png"), json!({}));
    server.until(&done, &["done"]);
    let value = |text: &str, line: &str| -> Option<f64> {
        text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' ')?.parse().ok())
    };
    // The listener hears of the end a moment after the store knows of it.
    let deadline = Instant::now() + Duration::from_secs(20);
    let text = loop {
        let answer = raw(&server, "GET", "/metrics", &Value::Null);
        let text = String::from_utf8(answer.body).expect("UTF-8");
        if value(&text, "facedeck_jobs_ended_total{outcome=\"done\"}") == Some(1.0) {
            break text;
        }
        assert!(Instant::now() < deadline, "{text}");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(value(&text, "facedeck_jobs{state=\"done\"}"), Some(1.0), "{text}");
    assert_eq!(value(&text, "facedeck_attempts_total"), Some(1.0), "{text}");
    assert_eq!(value(&text, "facedeck_frames_total"), Some(1.0), "{text}");
    assert_eq!(value(&text, "facedeck_faults_total{kind=\"not_found\"}"), Some(2.0), "{text}");
    let added = "facedeck_request_duration_seconds_count{method=\"POST\",route=\"/v1/jobs\",\
                 status=\"201\"}";
    assert_eq!(value(&text, added), Some(1.0), "{text}");
    assert!(!text.contains(&done), "no client makes labels: {text}");
}

/// Takes whatever is posted: head and body of each.
fn receive(listener: TcpListener) -> Receiver<(String, String)> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a call");
            let mut text = String::new();
            let mut block = [0; 65536];
            while !text.contains("\r\n\r\n") || !text.ends_with('}') {
                let count = stream.read(&mut block).expect("a request");
                assert!(count > 0, "{text}");
                text.push_str(&String::from_utf8_lossy(&block[..count]));
            }
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).expect("an answer");
            let (head, body) = text.split_once("\r\n\r\n").expect("a body");
            if tell.send((head.to_owned(), body.to_owned())).is_err() {
                return;
            }
        }
    });
    told
}

#[test]
fn people_are_told_by_a_command_a_webhook_and_events() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let told = desk.work().join("told");
    let secret = desk.work().join("secret");
    fs::write(&secret, "hush\n").expect("a file");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("a mode");
    desk.configure(&format!(
        "[notify]\non = [\"failed\", \"queue_empty\"]\ncommand = [\"sh\", \"-c\", \
         \"echo $FACEDECK_EVENT $FACEDECK_JOB >> {}\"]\nwebhook = \"http://{}/hook\"\n\
         webhook_secret_file = {secret:?}\n",
        told.display(),
        listener.local_addr().expect("an address"),
    ));
    let posts = receive(listener);
    let server = desk.serve();
    let events = server.listen("/v1/events");
    let good = desk.target("good.png");
    let bad = desk.work().join("bad.png");
    image::RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 60])).save(&bad).expect("a file");
    // One waits for the other, so that the queue is empty once.
    let first = server.add(&good, &desk.work().join("good-out.png"), json!({ "hold": true }));
    let second = server.add(&bad, &desk.work().join("bad-out.png"), json!({ "after": [&first] }));
    server.post(&format!("/v1/jobs/{first}/resume"), &json!({}));

    let heard = events.until(|event| event["type"] == "notice" && event["what"] == "queue_empty");
    let notices: Vec<&str> = heard
        .iter()
        .filter(|event| event["type"] == "notice")
        .filter_map(|event| event["what"].as_str())
        .collect();
    assert_eq!(notices, ["failed", "queue_empty"], "done was not asked for");
    let posted: Vec<Value> = (0..2)
        .map(|_| {
            let (head, body) = posts.recv_timeout(Duration::from_secs(30)).expect("a call");
            assert!(head.to_lowercase().contains("x-facedeck-signature: sha256="), "{head}");
            serde_json::from_str(&body).expect("JSON")
        })
        .collect();
    assert_eq!(posted[0]["event"], "failed");
    assert_eq!(posted[0]["job"]["id"], second.as_str());
    assert_eq!(posted[1]["event"], "queue_empty");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let lines = fs::read_to_string(&told).unwrap_or_default();
        if lines == format!("failed {second}\nqueue_empty\n") {
            break;
        }
        assert!(Instant::now() < deadline, "{lines}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
