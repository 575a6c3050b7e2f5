//! A service that has told everything.

use serde_json::{Value, json};

use super::keys::model;
use crate::client::{Film, Thumbnail};
use crate::service::wire::{Capabilities, FileView, FilesView, ProfileDetail, ProfileView};
use crate::tui::model::Model;

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

fn capabilities() -> Capabilities {
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

/// A dashboard to which the service has told everything.
pub fn known(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let embedded = profile("embedded", "What needs no download");
    let sharp = profile("sharp", "Only faces that are seen well");
    model.desk.capabilities = Some(Box::new(capabilities()));
    model.desk.profiles = vec![embedded.clone(), sharp.clone()];
    let details = &mut model.desk.profile_details;
    details.insert("embedded".to_owned(), detail(embedded, json!({}), 0.5));
    let changed = json!({ "faces.score": { "value": 0.75, "default": 0.5, "from": null } });
    details.insert("sharp".to_owned(), detail(sharp, changed, 0.75));
    model
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
