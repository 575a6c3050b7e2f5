//! The commands: what they say to people and to programs, and what they ask first.

use serde_json::Value;

use super::super::common::words;
use super::home::{Home, bad, body, file, good, sha256};
use super::server::Server;

/// The events of a run with `--json`.
fn events(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.run(&[arguments, &["--json"]].concat());
    assert!(words(&output).is_empty(), "JSON only: {}", words(&output));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect()
}

#[test]
fn a_license_is_shown_before_anything_is_fetched() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    let says = [
        "the license must be accepted first",
        "sharp: license LicenseRef-Test, not for commercial use (Research only.); by nobody",
        "--accept-license",
    ];
    bad(&home.run(&["pull", "sharp"]), 2, &says);
    assert_eq!(home.names(), [""; 0]);
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn needs_are_fetched_too() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    let lines = format!(
        "[[files]]\nname = \"top.onnx\"\nsha256 = \"{}\"\nsources = [{{ url = {:?} }}]\n",
        sha256(&body),
        server.url()
    );
    let path = home.entry("top", &lines);
    let text = std::fs::read_to_string(&path).expect("the entry");
    std::fs::write(&path, text.replace("notes =", "needs = [\"sharp\"]\nnotes =")).expect("it");
    good(&home.run(&["pull", "top", "--accept-license"]), &["✔ sharp", "✔ top"]);
    assert_eq!(home.names(), ["sharp.onnx", "sharp.toml", "top.onnx", "top.toml"]);
}

#[test]
fn programs_hear_events() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    let told = events(&home, &["pull", "sharp", "--accept-license"]);
    let last = told.last().expect("an event");
    assert_eq!(last["event"], "pulled");
    assert_eq!(last["sha256"], sha256(&body));
    let download = told.iter().rfind(|event| event["event"] == "download").expect("progress");
    assert_eq!(download["bytes"], body.len());
    assert_eq!(download["total"], body.len());

    let listed = events(&home, &["list", "--role", "converter", "--here"]);
    let sharp = listed.iter().find(|event| event["id"] == "sharp").expect("sharp");
    assert_eq!(sharp["status"], "here");
    assert_eq!(sharp["pinned"], true);
    assert_eq!(sharp["commercial"], false);
    assert_eq!(sharp["path"], home.path("sharp.onnx").to_str().expect("a path"));
    assert_eq!(events(&home, &["path", "sharp"])[0]["path"], sharp["path"]);
    let failed = events(&home, &["pull", "sharpp"]);
    assert_eq!(failed[0]["kind"], "usage");
    assert_eq!(failed[0]["hint"], "did you mean \"sharp\"?");
}

#[test]
fn a_list_says_how_it_stands() {
    let body = body();
    let home = Home::new(&body, &[]);
    let rows = |arguments: &[&str]| -> Vec<String> {
        let output = home.run(arguments);
        good(&output, &[]);
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
    };
    let find = |state: &str| {
        let rows = rows(&["list"]);
        assert!(rows[0].starts_with("MODEL"), "{rows:?}");
        let row = rows.iter().find(|row| row.starts_with("sharp ")).expect("sharp").clone();
        assert!(row.contains(state) && row.contains("3.0 MiB"), "{row}");
        assert!(rows.iter().any(|row| row.contains("open_nsfw") && row.contains("embedded")));
    };
    find("missing");
    file(&home, "data/models/sharp.onnx", &body);
    find("here");
    let mut damaged = body.clone();
    damaged[7] ^= 1;
    file(&home, "data/models/sharp.onnx", &damaged);
    find("DAMAGED");
    assert!(rows(&["list", "--role", "converter"]).iter().skip(1).all(|r| r.contains("converter")));
    bad(&home.run(&["list", "--role", "singer"]), 2, &["no model has the role", "swapper"]);
}

#[test]
fn verify_reads_what_a_look_does_not() {
    let body = body();
    let home = Home::new(&body, &[]);
    let path = file(&home, "data/models/sharp.onnx", &body);
    good(&home.run(&["verify"]), &[]);
    let time = std::fs::metadata(&path).expect("it").modified().expect("a time");
    let mut damaged = body.clone();
    damaged[7] ^= 1;
    std::fs::write(&path, &damaged).expect("it");
    let opened = std::fs::File::options().write(true).open(&path).expect("it");
    opened.set_modified(time).expect("a time");
    good(&home.run(&["path", "sharp"]), &[]);
    let says = ["the file of sharp is damaged", "facedeck models import FILE --as sharp"];
    let output = home.run(&["verify", "sharp"]);
    bad(&output, 1, &says);
    let table = String::from_utf8(output.stdout).expect("text");
    assert!(table.starts_with("✖ sharp") && table.contains("SHA-256"), "{table}");
    // Touched, it is no longer used either.
    drop(opened);
    std::fs::write(&path, &damaged).expect("it");
    bad(&home.run(&["path", "sharp"]), 5, &["damaged", "SHA-256"]);
}

#[test]
fn a_damaged_file_is_mended_by_pull() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    file(&home, "data/models/sharp.onnx", &body[..99]);
    bad(&home.run(&["path", "sharp"]), 5, &["99 bytes instead", "facedeck models pull sharp"]);
    good(&home.pull(), &["is damaged and is replaced"]);
    home.has_all(&body);
}

#[test]
fn nothing_is_removed_without_a_yes() {
    let body = body();
    let home = Home::new(&body, &[]);
    file(&home, "data/models/sharp.onnx", &body);
    bad(&home.run(&["remove", "sharp"]), 2, &["sharp (3.0 MiB) would be lost", "--yes"]);
    assert!(home.path("sharp.onnx").exists());
    good(&home.run(&["remove", "sharp", "--yes"]), &["3.0 MiB are free again"]);
    assert_eq!(home.names(), [""; 0]);
    bad(&home.run(&["remove", "sharp", "--yes"]), 2, &["nothing to remove"]);
    bad(&home.run(&["remove", "open_nsfw", "--yes"]), 2, &["lies in facedeck itself"]);
    // What a broken download left can be removed as well.
    home.begin(&body[..5], &body, "https://elsewhere/x", "1");
    good(&home.run(&["remove", "sharp", "--yes"]), &["5 bytes are free again"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn a_path_is_for_scripts() {
    let body = body();
    let home = Home::new(&body, &[]);
    let output = home.run(&["path"]);
    good(&output, &[]);
    assert_eq!(output.stdout, format!("{}\n", home.folder().display()).into_bytes());
    let says = [
        "the model sharp (converter: a test; 3.0 MiB; license LicenseRef-Test, not for commercial \
         use) is not here",
        "facedeck models import FILE --as sharp",
    ];
    bad(&home.run(&["path", "sharp"]), 5, &says);
    bad(&home.run(&["path", "open_nsfw"]), 2, &["lies in facedeck itself"]);
}

#[test]
fn impatience_must_be_a_number() {
    let body = body();
    let home = Home::new(&body, &["http://127.0.0.1:1/x".into()]);
    let mut command = home.command(&["pull", "sharp", "--accept-license"]);
    let output = command.env("FACEDECK_NETWORK_PATIENCE", "soon").output().expect("it starts");
    bad(&output, 2, &["FACEDECK_NETWORK_PATIENCE=soon is not usable", "0.1 to 3600"]);
}
