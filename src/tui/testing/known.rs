//! What a service tells that has told everything.

use serde_json::{Value, json};

use crate::client::{Film, Thumbnail};
use crate::service::wire::{Capabilities, FileView, FilesView, ProfileDetail, ProfileView};

/// What a file is, by its name.
pub fn film(path: &str) -> Thumbnail {
    let film = Film { frames: Some(2250), fps: 25.0, duration: Some(90.0) };
    let video = path.ends_with(".mp4").then_some(film);
    Thumbnail { jpeg: Vec::new(), width: 1920, height: 1080, frame: 0, video }
}

fn option(key: &str, help: &str, default: Value, takes: Value) -> Value {
    let table = key.split_once('.').map_or("", |(table, _)| table);
    json!({ "key": key, "table": table, "help": help, "default": default, "takes": takes })
}

/// What the service can do, with a few options.
pub fn capabilities() -> Capabilities {
    let share = json!({ "kind": "real", "minimum": 0.0, "maximum": 1.0 });
    let options = [
        option(
            "faces.select",
            "who is swapped",
            json!("one"),
            json!({ "kind": "word", "values": ["one", "many", "reference"] }),
        ),
        option(
            "faces.position",
            "which face, counted from 0",
            json!(0),
            json!({ "kind": "whole", "minimum": 0.0, "maximum": 4.3e9 }),
        ),
        option("faces.score", "how sure the detector must be", json!(0.5), share.clone()),
        option("swap.weight", "how much of the source's identity goes in", Value::Null, share),
        option(
            "mask.kinds",
            "masks; the least is used",
            json!(["box"]),
            json!({ "kind": "list", "least": 0, "of": { "kind": "word", "values": ["box", "region"] } }),
        ),
        option("audio.keep", "the sound is carried over", json!(true), json!({ "kind": "flag" })),
    ];
    serde_json::from_value(json!({
        "version": "1", "protocol": 1, "operations": [], "processors": [], "profiles": [],
        "models": {}, "pictures": [], "videos": [],
        "ffmpeg": { "version": null, "path": null, "encoders": [], "fault": null },
        "runtime": null, "providers": [], "options": options,
    }))
    .unwrap()
}

fn profile(name: &str, description: &str) -> ProfileView {
    ProfileView {
        name: name.to_owned(),
        description: description.to_owned(),
        from: "built in".to_owned(),
        models: Vec::new(),
        missing: Vec::new(),
        fault: None,
    }
}

fn detail(profile: ProfileView, changed: Value, score: f64) -> ProfileDetail {
    ProfileDetail {
        lineage: vec![profile.name.clone()],
        profile,
        changed: serde_json::from_value(changed).unwrap(),
        settings: json!({
            "faces": { "select": "one", "position": 0, "score": score },
            "mask": { "kinds": ["box"] },
            "audio": { "keep": true },
        }),
    }
}

/// The profiles.
pub fn profiles() -> Vec<ProfileView> {
    vec![
        profile("embedded", "What needs no download"),
        profile("sharp", "Only faces that are seen well"),
    ]
}

/// The profiles with everything in them.
pub fn details() -> Vec<ProfileDetail> {
    let changed = json!({ "faces.score": { "value": 0.75, "default": 0.5, "from": null } });
    let of = [(json!({}), 0.5), (changed, 0.75)];
    let all = profiles().into_iter().zip(of);
    all.map(|(profile, (changed, score))| detail(profile, changed, score)).collect()
}

/// A folder with a bit of everything.
pub fn folder() -> FilesView {
    let entry = |name: &str, kind: &str, bytes: Option<u64>| -> FileView {
        serde_json::from_value(json!({
            "name": name, "path": format!("/faces/{name}"), "kind": kind, "bytes": bytes,
            "modified": null,
        }))
        .unwrap()
    };
    FilesView {
        path: "/faces".to_owned(),
        parent: Some("/".to_owned()),
        entries: vec![
            entry("old", "folder", None),
            entry("me.jpg", "picture", Some(61_306)),
            entry("notes.txt", "other", Some(12)),
            entry("summer.mp4", "video", Some(9_876_543)),
            entry("you.png", "picture", Some(791_555)),
        ],
        truncated: false,
    }
}
