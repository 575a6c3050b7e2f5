//! Setting the service up from afar: the files of models, profiles of one's own.

use std::fs;
use std::net::TcpStream;
use std::path::Path;

use facedeck::service::wire::{CheckBody, ImportBody, NewProfile};
use serde_json::{Map, Value, json};

use super::Desk;
use super::client::client;
use super::desk::exchange;

/// A catalog entry of a converter whose file is its id.
fn describe(desk: &Desk, id: &str) {
    let hash = facedeck::models::hash::of_bytes(id.as_bytes());
    let folder = desk.home().join("config/models");
    fs::create_dir_all(&folder).expect("a folder");
    let text = format!(
        "id = \"{id}\"\nrole = \"converter\"\nfamily = \"vector\"\nsummary = \"a test\"\n\
         license = \"NC-1.0\"\nattribution = \"nobody\"\ncommercial = false\n\
         upstream = \"nowhere\"\nnotes = \"\"\n\n[[files]]\nname = \"{id}.onnx\"\nbytes = {}\n\
         sha256 = \"{hash}\"\nsources = [{{ path = \"/nowhere/at/all\" }}]\n",
        id.len(),
    );
    fs::write(folder.join(format!("{id}.toml")), text).expect("a file");
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

#[test]
fn weights_are_taken_read_again_and_removed() {
    let desk = Desk::new();
    describe(&desk, "lower");
    let server = desk.serve();
    let client = client(&server);
    let mine = desk.work().join("mine.bin");
    fs::write(&mine, "lower").expect("a file");
    let body = |path: &Path| ImportBody { path: text(path), ..ImportBody::default() };
    let import = |body: ImportBody| client.run(async |c| c.import_models(&body).await);
    let verify = |id: &str| client.run(async |c| c.verify_model(id).await);
    let remove = |id: &str| client.run(async |c| c.remove_model(id).await);

    assert_eq!(verify("lower").expect_err("not here").exit_code(), 5);
    assert!(remove("lower").expect_err("not here").message().contains("not here"));
    let taken = import(body(&mine)).expect("it is known");
    assert_eq!((taken.len(), taken[0].id.as_str(), taken[0].pinned), (1, "lower", true));
    let file = Path::new(&taken[0].path).to_owned();
    assert_eq!(fs::read(&file).expect("a file"), b"lower");
    let good = verify("lower").expect("an answer");
    assert_eq!((good.good, good.sha256.as_deref()), (true, Some(taken[0].sha256.as_str())));
    fs::write(&file, "lowex").expect("a file");
    let bad = verify("lower").expect("an answer");
    assert_eq!((bad.good, bad.status.as_str()), (false, "damaged"));
    assert!(bad.damage.is_some());
    assert_eq!(remove("lower").expect("it goes").bytes, 5);
    assert!(!file.exists() && mine.exists());
    // A folder gives what is known of it.
    fs::write(desk.work().join("other.bin"), "what").expect("a file");
    assert_eq!(import(body(&desk.work())).expect("one is known").len(), 1);

    let unknown = import(body(&desk.work().join("other.bin"))).expect_err("nobody knows it");
    assert!(unknown.hint_text().is_some_and(|hint| hint.contains("SHA-256")), "{unknown:?}");
    let wrong = ImportBody { id: Some("nobody".into()), ..body(&mine) };
    assert!(import(wrong).expect_err("no model").message().contains("nobody"));
    for (method, path, status) in [
        ("DELETE", "/v1/models/nobody", 404),
        ("DELETE", "/v1/models/open_nsfw", 409),
        ("POST", "/v1/models/nobody/verify", 404),
    ] {
        let (answered, answer) = server.ask(method, path, None);
        assert_eq!(answered, status, "{method} {path}: {answer}");
    }
    assert_eq!(verify("open_nsfw").expect("an answer").status, "embedded");
}

#[test]
fn a_profile_is_made_checked_used_and_removed() {
    let desk = Desk::new();
    let server = desk.serve();
    let client = client(&server);
    let mut new = NewProfile {
        extends: Some("fast".into()),
        description: Some("soft \"edges\"".into()),
        settings: settings(json!({ "mask.blur": 0.5, "video.quality": 90 })),
        overwrite: false,
    };
    let write =
        |name: &str, new: &NewProfile| client.run(async |c| c.write_profile(name, new).await);
    write("mine", &new).expect("it is written");
    let mine = client.run(async |c| c.profile("mine").await).expect("a profile");
    assert_eq!(mine.profile.description, "soft \"edges\"");
    assert_eq!(mine.lineage, ["fast", "mine"]);
    assert_eq!(mine.settings["video"]["quality"], 90);
    assert!(desk.ok(&["profiles", "show", "mine"]).contains("0.5"));
    let file = desk.home().join("config/profiles/mine.toml");
    let before = fs::read_to_string(&file).expect("a file");

    new.settings = settings(json!({ "mask.blur": 0.25 }));
    let message = write("mine", &new).expect_err("it is there").message().to_owned();
    assert!(message.contains("mine already"), "{message}");
    for (name, more, status) in [
        ("roop", json!({ "overwrite": true }), 409),
        ("a.b", json!({}), 422),
        ("..%2Fconfig", json!({}), 422),
        ("new", json!({ "extends": "nobody" }), 422),
        ("new", json!({ "extends": "./mine.toml" }), 422),
        ("new", json!({ "settings": { "mask.blur": 7 } }), 422),
        ("new", json!({ "settings": { "mask.blurr": 0.5 } }), 422),
        ("new", json!({ "settings": { "video.encoder": "libx266" } }), 422),
        ("mine", json!({ "overwrite": true, "extends": "mine" }), 422),
        ("new", json!({ "sttings": {} }), 422),
    ] {
        let path = format!("/v1/profiles/{name}");
        let (answered, answer) = server.ask("PUT", &path, Some(&more));
        assert_eq!(answered, status, "{name} {more}: {answer}");
    }
    assert_eq!(fs::read_to_string(&file).expect("a file"), before, "nothing touched it");
    let folder = file.parent().expect("a folder");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1, "nothing else is there");
    new.overwrite = true;
    write("mine", &new).expect("it is replaced");
    let mine = client.run(async |c| c.profile("mine").await).expect("a profile");
    assert_eq!(mine.changed["mask.blur"].value, 0.25);

    let body = CheckBody {
        profile: Some("mine".into()),
        settings: settings(json!({ "mask.blur": 7, "swap.wait": 1 })),
    };
    let found = client.run(async |c| c.check_profile(&body).await).expect("an answer");
    let keys: Vec<_> = found.faults.iter().filter_map(|fault| fault.key.as_deref()).collect();
    assert_eq!(keys, ["mask.blur", "swap.wait"]);
    let remove = |name: &str| client.run(async |c| c.remove_profile(name).await);
    remove("mine").expect("it goes");
    assert!(!file.exists());
    assert!(remove("mine").expect_err("gone").message().contains("no profile \"mine\""));
    assert!(remove("roop").expect_err("built in").message().contains("built in"));
}

#[test]
fn the_network_changes_no_models_and_no_profiles() {
    let desk = Desk::new();
    let server = desk.serve_with(&["--listen", "127.0.0.1:0"]);
    let address = server.get("/v1/service")["listen"].as_str().expect("an address").to_owned();
    let token = fs::read_to_string(desk.home().join("config/token")).expect("a token");
    let token = format!("Authorization: Bearer {}\r\n", token.trim());
    let ask = |method: &str, path: &str, body: Value| {
        let stream = TcpStream::connect(&address).expect("the service listens");
        exchange(stream, method, path, &token, body.to_string().as_bytes()).expect("an answer")
    };
    for (method, path, body) in [
        ("DELETE", "/v1/models/open_nsfw", json!({})),
        ("POST", "/v1/models/import", json!({ "path": "/etc/passwd" })),
        ("PUT", "/v1/profiles/mine", json!({})),
        ("DELETE", "/v1/profiles/mine", json!({})),
    ] {
        let answer = ask(method, path, body);
        assert_eq!((answer.status, &answer.json()["error"]["type"]), (403, &json!("forbidden")));
    }
    assert_eq!(ask("POST", "/v1/models/open_nsfw/verify", json!({})).status, 200);
    assert_eq!(ask("POST", "/v1/profiles/check", json!({})).status, 200);
    assert!(!desk.home().join("config/profiles/mine.toml").exists());
}
