//! The API over the network: who may ask, what they may name, and what is too much.

use std::fs;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::common::media;
use super::desk::{Answer, exchange, read_answer, small_target};
use super::{Desk, Server};

/// A service that listens on a free port.
struct Net<'a> {
    server: Server<'a>,
    address: String,
    token: String,
}

impl<'a> Net<'a> {
    fn of(desk: &'a Desk) -> Self {
        let server = desk.serve_with(&["--listen", "127.0.0.1:0"]);
        let address = server.get("/v1/service")["listen"].as_str().expect("an address").to_owned();
        let path = desk.home().join("config/token");
        let mode = fs::metadata(&path).expect("a token").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the token is for its owner alone");
        let token = fs::read_to_string(path).expect("a token").trim().to_owned();
        Net { server, address, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the service listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
        stream
    }

    fn bare(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        exchange(self.connect(), method, path, headers, body).expect("an answer")
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let token = format!("Authorization: Bearer {}\r\n", self.token);
        self.bare(method, path, &token, body)
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, body.to_string().as_bytes())
    }

    fn upload(&self, name: &str, bytes: &[u8]) -> String {
        let answer = self.ask("POST", &format!("/v1/uploads?name={name}"), bytes);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
}

/// The stable type of an error.
fn kind(answer: &Answer) -> String {
    answer.json()["error"]["type"].as_str().expect("a type").to_owned()
}

#[test]
fn without_the_token_there_is_nothing_but_health() {
    let desk = Desk::new();
    let net = Net::of(&desk);
    assert_eq!(net.bare("GET", "/v1/health", "", b"").status, 200);
    let document = net.ask("GET", "/v1/openapi.json", b"").json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let path = path.replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV").replace("{name}", "x");
            if path == "/v1/health" {
                continue;
            }
            for header in ["", "Authorization: Bearer wrong\r\n", "Authorization: Bearer \r\n"] {
                let answer = net.bare(&method.to_uppercase(), &path, header, b"");
                assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
                assert!(answer.header("www-authenticate").is_some(), "{answer:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 90, "{asked} requests are too few");
    // What there is not looks the same as what there is.
    for path in ["/", "/v1/nothing", "/docs", "/metrics", "/v1/openapi.json"] {
        assert_eq!(net.bare("GET", path, "", b"").status, 401, "{path}");
    }
    assert_eq!(net.ask("GET", "/v1/nothing", b"").status, 404);
    assert_eq!(net.ask("GET", "/v1/jobs", b"").status, 200);
}

#[test]
fn it_listens_to_the_world_only_when_told_twice() {
    let desk = Desk::new();
    for (more, word) in [(&[][..], "--i-know"), (&["--i-know"][..], "TLS")] {
        let output = desk.run(&[&["service", "run", "--listen", "0.0.0.0:0"], more].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "no {word} in {said}");
    }
    desk.configure("[service]\nbehind_proxy = true\n");
    let server = desk.serve_with(&["--listen", "0.0.0.0:0", "--i-know"]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn files_outside_the_open_folders_are_not_there_for_the_network() {
    let desk = Desk::new();
    let open = desk.work().join("open");
    let secret = desk.work().join("secret.png");
    fs::create_dir(&open).expect("a folder");
    fs::copy(small_target(), &secret).expect("a copy");
    let target = open.join("target.png");
    fs::copy(small_target(), &target).expect("a copy");
    let face = open.join("face.jpg");
    fs::copy(media("grace_hopper.jpg"), &face).expect("a copy");
    symlink(&secret, open.join("link.png")).expect("a link");
    symlink(desk.work(), open.join("up")).expect("a link");
    symlink(desk.work().join("written.png"), open.join("out-link.png")).expect("a link");
    desk.configure(&format!("[service]\nroots = [{open:?}]\n"));
    let net = Net::of(&desk);
    let inside = |name: &str| open.join(name).display().to_string();
    let out = inside("out.png");
    let good = json!({ "sources": [face], "target": target, "output": out });
    for (key, path) in [
        ("target", secret.display().to_string()),
        ("target", inside("../secret.png")),
        ("target", inside("link.png")),
        ("target", inside("up/secret.png")),
        ("target", "/etc/passwd".to_owned()),
        ("target", "/nowhere/at/all.png".to_owned()),
        ("sources", secret.display().to_string()),
        ("output", desk.work().join("out.png").display().to_string()),
        ("output", inside("../out.png")),
        ("output", inside("up/out.png")),
        ("output", inside("out-link.png")),
    ] {
        let mut new = good.clone();
        new[key] = if key == "sources" { json!([path]) } else { json!(path) };
        let answer = net.post("/v1/jobs", &new);
        assert_eq!((answer.status, kind(&answer).as_str()), (403, "forbidden"), "{key} {path}");
    }
    for (body, word) in [
        (json!({ "settings": { "faces.reference_picture": secret } }), "reference"),
        (json!({ "settings": { "faces.map": [{ "who": secret, "faces": [face] }] } }), "person"),
    ] {
        let mut new = good.clone();
        new["settings"] = body["settings"].clone();
        if word == "person" {
            new["sources"] = json!([]);
        }
        let answer = net.post("/v1/jobs", &new);
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(String::from_utf8_lossy(&answer.body).contains(word), "{answer:?}");
    }
    for path in ["/v1/faces", "/v1/preview"] {
        let body = json!({ "target": secret, "sources": [face] });
        let body = if path == "/v1/faces" { json!({ "file": secret }) } else { body };
        let answer = net.post(path, &body);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    let answer = net.post("/v1/jobs", &good);
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    net.server.until(&id, &["done"]);
    assert!(open.join("out.png").exists());
    assert!(!desk.work().join("written.png").exists() && !desk.work().join("out.png").exists());
}

#[test]
fn an_upload_becomes_an_output_with_ranges_and_goes_when_it_is_not_needed() {
    let desk = Desk::new();
    let net = Net::of(&desk);
    let face = net.upload("me.jpg", &fs::read(media("grace_hopper.jpg")).expect("a picture"));
    let target = net.upload("..%2F..%2Fetc%2Fpicture.png", &fs::read(small_target()).expect("it"));
    let answer = net.post("/v1/jobs", &json!({ "sources": [face], "target": target }));
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    let job = net.server.until(&id, &["done", "failed"]);
    assert_eq!(job["state"], "done", "{job:#}");
    assert!(
        job["output"]
            .as_str()
            .expect("a path")
            .starts_with(&desk.home().join("state/outputs").display().to_string())
    );
    let path = format!("/v1/jobs/{id}/output");
    let whole = net.ask("GET", &path, b"");
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("image/png")));
    assert!(image::load_from_memory(&whole.body).is_ok());
    let part = net.bare(
        "GET",
        &path,
        &format!("Authorization: Bearer {}\r\nRange: bytes=100-199\r\n", net.token),
        b"",
    );
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[100..200]));
    let beyond = net.bare(
        "GET",
        &path,
        &format!("Authorization: Bearer {}\r\nRange: bytes=99999999-\r\n", net.token),
        b"",
    );
    assert_eq!(beyond.status, 416, "{beyond:?}");
    // What it was made of is gone.
    let left: Vec<_> = fs::read_dir(desk.home().join("state/uploads")).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(net.ask("DELETE", &format!("/v1/jobs/{id}"), b"").status, 200);
    assert!(!desk.home().join("state/outputs").join(&id).exists());
}

#[test]
fn too_much_is_refused_before_it_is_read() {
    let desk = Desk::new();
    desk.configure("[service]\nmax_upload = 0.001\nmax_megapixels = 4.0\nmax_frame_rate = 50\n");
    let net = Net::of(&desk);
    // 1 MB is allowed; this says that it is larger, and this does not say.
    let large = vec![0; 1_200_000];
    let answer = net.ask("POST", "/v1/uploads?name=a.png", &large);
    assert_eq!((answer.status, kind(&answer).as_str()), (413, "too_large"), "{answer:?}");
    let mut stream = net.connect();
    let head = format!(
        "POST /v1/uploads?name=a.png HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
        net.token
    );
    stream.write_all(head.as_bytes()).expect("a stream");
    for _ in 0..40 {
        if stream.write_all(b"10000\r\n").is_err()
            || stream.write_all(&large[..0x10000]).is_err()
            || stream.write_all(b"\r\n").is_err()
        {
            break;
        }
    }
    if let Some(answer) = read_answer(&mut BufReader::new(stream)) {
        assert_eq!((answer.status, kind(&answer).as_str()), (413, "too_large"), "{answer:?}");
    }
    let uploads = desk.home().join("state/uploads");
    let left = || fs::read_dir(&uploads).map(Iterator::count).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(10);
    while left() > 0 {
        assert!(Instant::now() < deadline, "{} uploads are left", left());
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = net.ask("POST", "/v1/jobs", &vec![b' '; 3 << 20]);
    assert_eq!((answer.status, kind(&answer).as_str()), (413, "too_large"), "{answer:?}");
    let deep = "[".repeat(100_000);
    let answer = net.ask("POST", "/v1/jobs", deep.as_bytes());
    assert_eq!((answer.status, kind(&answer).as_str()), (422, "invalid"), "{answer:?}");
}

#[test]
fn a_small_file_that_is_a_huge_picture_is_refused_unread() {
    let desk = Desk::new();
    desk.configure("[service]\nmax_megapixels = 4.0\nmax_frame_rate = 50\n");
    let net = Net::of(&desk);
    // 8,000 × 8,000 pixels in some KB.
    let bomb = desk.work().join("bomb.png");
    let made = Command::new(&super::super::common::provisioned().ffmpeg.ffmpeg)
        .args(["-loglevel", "error", "-f", "lavfi", "-i", "color=c=gray:s=8000x8000,format=gray"])
        .args(["-frames:v", "1", "-y"])
        .arg(&bomb)
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    let bytes = fs::read(&bomb).expect("a picture");
    assert!(bytes.len() < 2_000_000, "{} bytes", bytes.len());
    let id = net.upload("bomb.png", &bytes);
    let face = net.upload("me.jpg", &fs::read(media("grace_hopper.jpg")).expect("a picture"));
    for (path, body) in [
        ("/v1/jobs", json!({ "sources": [face], "target": id })),
        ("/v1/jobs", json!({ "sources": [id], "target": face })),
        ("/v1/faces", json!({ "file": id })),
        ("/v1/preview", json!({ "sources": [face], "target": id })),
    ] {
        let answer = net.post(path, &body);
        assert_eq!((answer.status, kind(&answer).as_str()), (413, "too_large"), "{path}");
    }
    // A film of 240 frames a second.
    let quick = desk.work().join("quick.mp4");
    super::super::common::ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:r=240:d=0.2",
        "-pix_fmt",
        "yuv420p",
        &quick.display().to_string(),
    ]);
    let id = net.upload("quick.mp4", &fs::read(&quick).expect("a film"));
    let answer = net.post("/v1/jobs", &json!({ "sources": [face], "target": id }));
    assert_eq!((answer.status, kind(&answer).as_str()), (413, "too_large"), "{answer:?}");
}

#[test]
fn who_dawdles_is_hung_up_on_and_nobody_else_waits() {
    let desk = Desk::new();
    let net = Net::of(&desk);
    // Headers that never end, and a body that hardly comes.
    let mut headers: Vec<TcpStream> = (0..60).map(|_| net.connect()).collect();
    for stream in &mut headers {
        stream.write_all(b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX-A: ").expect("a stream");
    }
    let mut body = net.connect();
    let head = format!(
        "POST /v1/uploads?name=a.png HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 1000000\r\n\r\n",
        net.token
    );
    body.write_all(head.as_bytes()).expect("a stream");
    let began = Instant::now();
    for _ in 0..20 {
        let asked = Instant::now();
        assert_eq!(net.ask("GET", "/v1/jobs", b"").status, 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    let answer = read_answer(&mut BufReader::new(body.try_clone().expect("a stream")));
    if let Some(answer) = answer {
        assert_eq!((answer.status, kind(&answer).as_str()), (408, "too_slow"), "{answer:?}");
    }
    for stream in headers {
        // Closed, or told so; in any case over.
        let _ = read_answer(&mut BufReader::new(stream));
    }
    println!("all were hung up on after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    // Who hung up tidies up after that.
    let left = || fs::read_dir(desk.home().join("state/uploads")).map_or(0, Iterator::count);
    let deadline = Instant::now() + Duration::from_secs(10);
    while left() > 0 {
        assert!(Instant::now() < deadline, "half an upload is left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_page_about_the_api_needs_nothing_from_elsewhere() {
    let desk = Desk::new();
    let server = desk.serve();
    let document = server.get("/v1/openapi.json");
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{document}");
    for path in ["/docs/", "/docs/index.html", "/docs/swagger-initializer.js", "/docs/index.css"] {
        let (status, page) = server.ask("GET", path, None);
        let page = page.as_str().unwrap_or_default().to_owned();
        assert_eq!(status, 200, "{path}");
        for word in ["src=\"http", "href=\"http", "url(http", "//cdn", "@import"] {
            assert!(!page.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn the_example_of_the_readme_works() {
    let desk = Desk::new();
    let net = Net::of(&desk);
    let output = desk.work().join("out.png");
    let run = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/swap.py"))
        .arg(format!("http://{}", net.address))
        .arg(&net.token)
        .args([&media("grace_hopper.jpg"), small_target(), &output])
        .output()
        .expect("python3 is here");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let reference = desk.work().join("reference.png");
    let swapped =
        super::super::common::swap(&media("grace_hopper.jpg"), small_target(), &reference, &[]);
    assert!(swapped.status.success());
    let read = |path| image::open(path).expect("a picture");
    assert_eq!(read(&output), read(&reference));
    let script = include_str!("../../client/swap.py");
    assert!(script.lines().count() < 40);
}
