//! Weights that the user has already: recognized, named, described, linked.

use std::os::unix::fs::MetadataExt;

use super::home::{Home, bad, body, entry, file, good, sha256};

#[test]
fn a_known_file_is_recognized_whatever_its_name() {
    let body = body();
    let home = Home::new(&body, &[]);
    let mine = file(&home, "download (3).bin", &body);
    let mine = mine.to_str().expect("a path");
    good(&home.run(&["import", mine]), &["✔ sharp", "LicenseRef-Test"]);
    home.has_all(&body);
    // It can be taken out of its own place, too.
    let here = home.path("sharp.onnx");
    good(&home.run(&["import", here.to_str().expect("a path")]), &["✔ sharp"]);
    home.has_all(&body);
}

#[test]
fn of_a_folder_what_is_known() {
    let body = body();
    let home = Home::new(&body, &[]);
    file(&home, "roop/models/inswapper.onnx", b"something else");
    file(&home, "roop/models/b.onnx", &body);
    let folder = home.0.path().join("roop/models");
    let folder = folder.to_str().expect("a path");
    good(&home.run(&["import", folder, "--link"]), &["✔ sharp", "1 of 2 files are known"]);
    home.has_all(&body);
    let (a, b) = (home.path("sharp.onnx"), home.0.path().join("roop/models/b.onnx"));
    let inode = |path| std::fs::metadata(path).expect("a file").ino();
    assert_eq!(inode(a), inode(b), "not copied");
    let empty = home.0.path().join("config");
    let says = ["is known to the catalog"];
    bad(&home.run(&["import", empty.to_str().expect("a path")]), 2, &says);
}

#[test]
fn an_unknown_file_must_be_named() {
    let body = body();
    let home = Home::new(&body, &[]);
    let mine = file(&home, "mine.onnx", b"my own");
    let mine = mine.to_str().expect("a path");
    let hash = sha256(b"my own");
    bad(&home.run(&["import", mine]), 2, &["the catalog knows", "--as ID", &hash]);
    assert_eq!(home.names(), [""; 0]);
    bad(&home.run(&["import", mine, "--as", "sharpp"]), 2, &["sharp"]);
    bad(&home.run(&["import", mine, "--as", "open_nsfw"]), 2, &["lies in facedeck itself"]);
    bad(&home.run(&["import", "gone.onnx"]), 2, &["gone.onnx is no file"]);
}

#[test]
fn an_entry_of_the_users_brings_its_model() {
    let body = body();
    let home = Home::new(&body, &[]);
    let mine = file(&home, "mine.onnx", &body);
    let mine = mine.to_str().expect("a path");
    let lines = format!("[[files]]\nname = \"fresh.onnx\"\nsha256 = \"{}\"\n", sha256(&body));
    let text = entry("fresh", &lines);
    let described = file(&home, "anything.toml", text.as_bytes());
    let described = described.to_str().expect("a path");
    good(&home.run(&["import", mine, "--entry", described]), &["✔ fresh"]);
    assert_eq!(home.names(), ["fresh.onnx", "fresh.toml"]);
    let kept = home.0.path().join("config/models/fresh.toml");
    assert_eq!(std::fs::read_to_string(&kept).expect("the entry"), text);
    good(&home.run(&["path", "fresh"]), &[]);
    // The same again is no fault; another one of the id is.
    good(&home.run(&["import", mine, "--entry", described]), &["✔ fresh"]);
    file(&home, "anything.toml", text.replace("a test", "another").as_bytes());
    bad(&home.run(&["import", mine, "--entry", described]), 2, &["another entry of that id"]);
}

#[test]
fn a_mistake_in_an_entry_leaves_nothing() {
    let body = body();
    let home = Home::new(&body, &[]);
    let mine = file(&home, "mine.onnx", &body);
    let mine = mine.to_str().expect("a path");
    let text = entry("fresh", "files = 3\n");
    let described = file(&home, "anything.toml", text.as_bytes());
    let described = described.to_str().expect("a path");
    bad(&home.run(&["import", mine, "--entry", described]), 2, &["anything.toml:12: files"]);
    bad(&home.run(&["import", "gone.onnx", "--entry", described]), 2, &["is no file"]);
    assert!(!home.0.path().join("config/models/fresh.toml").exists());
    assert_eq!(home.names(), [""; 0]);
}
