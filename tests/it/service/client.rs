//! The typed client against the real service: what a dashboard asks for.

use facedeck::client::{Blocking, Host, Options};
use facedeck::service::wire::{FacesBody, ImageFormat, PreviewBody, Side};
use serde_json::json;

use super::super::common::media;
use super::desk::small_target;
use super::{Desk, Server};

/// A client at the socket of a service.
pub fn client(server: &Server<'_>) -> Blocking {
    let host = Host::Unix(server.desk.socket());
    Blocking::connect(&Options { host, ..Options::default() }).expect("the service answers")
}

fn text(path: &std::path::Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn what_the_service_has_and_can_is_told_in_types() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let models = client.run(async |c| c.models().await).expect("models");
    assert!(models.iter().any(|model| model.id == "open_nsfw" && model.status == "embedded"));
    let filter = client.run(async |c| c.model("open_nsfw").await).expect("a model");
    assert!(filter.license.text.is_some_and(|text| text.contains("Yahoo")));
    let unknown = client.run(async |c| c.model("a/../b").await).expect_err("no model");
    assert!(unknown.message().contains("a/../b"), "{unknown}");
    let refused = client.run(async |c| c.pull_model("inswapper_128", false).await);
    assert!(refused.expect_err("no license").message().contains("license"));
    let idle = client.run(async |c| c.cancel_pull("inswapper_128").await);
    assert!(idle.expect_err("no pull").message().contains("not being fetched"));
    assert!(client.run(async |c| c.pulls().await).expect("pulls").is_empty());

    let profiles = client.run(async |c| c.profiles().await).expect("profiles");
    assert!(profiles.iter().any(|profile| profile.name == "roop"));
    let roop = client.run(async |c| c.profile("roop").await).expect("a profile");
    assert_eq!(roop.changed["faces.detector"].value, json!("det_10g"));
    let can = client.run(async |c| c.capabilities().await).expect("capabilities");
    assert!(can.options.iter().any(|option| option.key == "swap.weight"));
    assert_eq!(client.run(async |c| c.health().await).expect("health").status, "ok");
    assert!(client.run(async |c| c.meters().await).expect("meters").memory.total > 1 << 20);

    let swapper = can.options.iter().find(|option| option.key == "swap.model").expect("a key");
    assert!(swapper.takes.values.contains(&json!("inswapper_128")), "{swapper:?}");
}

#[test]
fn the_service_finds_what_the_doctor_finds() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let found = client.run(async |c| c.doctor().await).expect("findings");
    assert!(found.ready && found.problems.is_empty(), "{found:?}");
    let said: serde_json::Value =
        serde_json::from_str(&desk.ok(&["doctor", "--json"])).expect("JSON");
    assert_eq!((&said["event"], &said["ready"]), (&json!("doctor"), &json!(true)));
    let mine = serde_json::to_value(&found).expect("JSON");
    for key in ["version", "ffmpeg", "machine", "directories"] {
        assert_eq!(mine[key], said[key], "{key}");
    }
    assert_eq!(mine["runtime"]["path"], said["runtime"]["path"]);
    assert!(found.providers[0].name == "cpu" && found.providers[0].works);
    assert!(found.models.iter().all(|model| model.error.is_none()));
}

#[test]
fn looks_and_stills_come_as_pictures() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let target = desk.target("target.png");
    let seen = FacesBody { file: text(&target), ..FacesBody::default() };
    let seen = client.run(async |c| c.faces(&seen).await).expect("faces");
    assert_eq!((seen.size, seen.faces.len()), ([256, 256], 1));
    let body = PreviewBody {
        sources: vec![text(&media("grace_hopper.jpg"))],
        target: text(&target),
        side: Side::Before,
        format: ImageFormat::Png,
        ..PreviewBody::default()
    };
    let shown = client.run(async |c| c.preview(&body).await).expect("a preview");
    assert_eq!((shown.faces, shown.media_type.as_str()), (1, "image/png"));
    let decoded = image::load_from_memory(&shown.bytes).expect("a picture").to_rgb8();
    assert!(decoded == image::open(small_target()).expect("a picture").to_rgb8());

    let held = server.add(&target, &desk.work().join("held.png"), json!({ "hold": true }));
    let none = client.run(async |c| c.frame(&held, Side::Both, Some(64)).await).expect("an answer");
    assert!(none.is_none(), "a held job has no frame");
    let none = client.run(async |c| c.still(&held, Side::After, None).await).expect("an answer");
    assert!(none.is_none(), "a held job has no still");
    let narrow = client.run(async |c| c.frame(&held, Side::Both, Some(3)).await);
    assert!(narrow.expect_err("too narrow").message().contains("width"));
    let done = server.add(&target, &desk.work().join("out.png"), json!({}));
    server.until(&done, &["done"]);
    let still = client.run(async |c| c.still(&done, Side::Before, Some(32)).await);
    let still = still.expect("an answer").expect("a still");
    let still = image::load_from_memory(&still).expect("a picture");
    assert_eq!((still.width(), still.height()), (32, 32));
}
