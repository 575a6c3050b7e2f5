use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::Error;
use crate::service::wire::{
    Capabilities, ChangeView, CheckView, FfmpegView, KeyFault, KindView, OptionView, ProfileDetail,
};
use crate::tui::call::Answer;
use crate::tui::msg::Msg;
use crate::tui::testing::*;
use crate::tui::update::update;

use super::*;

fn profile(name: &str, from: &str) -> ProfileView {
    ProfileView {
        name: name.to_owned(),
        description: format!("what {name} is good for"),
        from: from.to_owned(),
        models: vec!["inswapper_128".to_owned()],
        missing: Vec::new(),
        fault: None,
    }
}

fn detail(name: &str, from: &str, lineage: &[&str], weight: f64) -> ProfileDetail {
    let from_line = Some(format!("the built-in profile {name}, line 3"));
    let change = ChangeView { value: json!(weight), default: json!(1.0), from: from_line };
    ProfileDetail {
        profile: profile(name, from),
        lineage: lineage.iter().map(|name| (*name).to_owned()).collect(),
        changed: BTreeMap::from([("swap.weight".to_owned(), change)]),
        settings: json!({
            "description": format!("what {name} is good for"),
            "processors": ["face_swapper"],
            "swap": { "weight": weight, "model": "inswapper_128" },
            "audio": { "keep": true },
        }),
    }
}

fn option(name: &str, default: Value, takes: Value) -> OptionView {
    OptionView {
        key: name.to_owned(),
        table: name.split_once('.').map(|(table, _)| table.to_owned()).unwrap_or_default(),
        help: format!("what {name} is for"),
        default: Some(default).filter(|value| !value.is_null()),
        takes: serde_json::from_value::<KindView>(takes).unwrap(),
    }
}

fn capabilities() -> Capabilities {
    let real = json!({ "kind": "real", "minimum": 0.0, "maximum": 1.0 });
    Capabilities {
        version: "0.1.0".to_owned(),
        protocol: 1,
        operations: Vec::new(),
        processors: Vec::new(),
        profiles: Vec::new(),
        models: BTreeMap::new(),
        pictures: Vec::new(),
        videos: Vec::new(),
        ffmpeg: FfmpegView { version: None, fault: None, encoders: Vec::new() },
        runtime: None,
        providers: Vec::new(),
        options: vec![
            option("description", json!(""), json!({ "kind": "text" })),
            option("swap.weight", json!(1.0), real),
            option(
                "swap.model",
                json!("mesh"),
                json!({ "kind": "text", "values": ["inswapper_128", "mesh"] }),
            ),
            option("audio.keep", json!(true), json!({ "kind": "flag" })),
        ],
    }
}

fn three() -> Model {
    let mut model = model();
    press(&mut model, "6");
    let broken = ProfileView {
        fault: Some("line 2: unknown key".to_owned()),
        ..profile("old", "/p/old.toml")
    };
    let quality =
        ProfileView { missing: vec!["inswapper_128".to_owned()], ..profile("quality", "built in") };
    let all = vec![quality, profile("mine", "/p/mine.toml"), broken];
    update(&mut model, Msg::Answer(Call::Profiles, Ok(Answer::Profiles(all))));
    let can = Answer::Capabilities(Box::new(capabilities()));
    update(&mut model, Msg::Answer(Call::Capabilities, Ok(can)));
    for detail in [
        detail("quality", "built in", &["quality"], 0.8),
        detail("mine", "/p/mine.toml", &["quality", "mine"], 0.5),
    ] {
        let name = detail.profile.name.clone();
        update(&mut model, Msg::Answer(Call::Profile(name), Ok(Answer::Profile(Box::new(detail)))));
    }
    calls(&mut model);
    model
}

fn last(model: &Model) -> String {
    model.toasts.history().next().map(|toast| toast.text.clone()).unwrap_or_default()
}

#[test]
fn details_are_asked_for_once() {
    let mut model = three();
    press(&mut model, "j k j");
    assert!(calls(&mut model).is_empty());
    press(&mut model, "j k j");
    assert_eq!(calls(&mut model), [Call::Profile("old".into())]);
}

#[test]
fn what_is_built_in_stays() {
    let mut model = three();
    press(&mut model, "e");
    assert!(last(&model).contains("n makes one of your own"), "{}", last(&model));
    press(&mut model, "D");
    assert_eq!(last(&model), "quality is built in and stays");
    assert!(model.overlays.is_empty() && !model.profiles.edits());
    press(&mut model, "j j e");
    assert!(last(&model).contains("mend its file first, /p/old.toml"));
}

#[test]
fn a_new_one_is_built_on_the_chosen_one() {
    let mut model = three();
    press(&mut model, "n");
    enter(&mut model, "mine");
    press(&mut model, "enter");
    assert!(last(&model).contains("there is a profile mine already"));
    enter(&mut model, "/x");
    press(&mut model, "enter");
    assert!(last(&model).contains("cannot be a profile's name"));
    press(&mut model, "ctrl-u");
    enter(&mut model, "soft");
    press(&mut model, "enter");
    assert!(model.profiles.edits());
    press(&mut model, "j enter ctrl-u");
    enter(&mut model, "7");
    press(&mut model, "enter");
    assert!(screen_text(&mut model, 120, 40).contains("between 0 and 1"), "it is no value");
    press(&mut model, "ctrl-u");
    enter(&mut model, "0.3");
    press(&mut model, "enter");
    let asked = calls(&mut model);
    let Some(Call::CheckProfile(body)) = asked.last() else { panic!("{asked:?}") };
    assert_eq!(body.profile.as_deref(), Some("quality"));
    assert_eq!(body.settings["swap.weight"], 0.3);
    press(&mut model, "j enter");
    enter(&mut model, "mesh");
    press(&mut model, "enter s s");
    let asked = calls(&mut model);
    let [.., Call::SaveProfile { name, new }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(
        (name.as_str(), new.extends.as_deref(), new.overwrite),
        ("soft", Some("quality"), false)
    );
    assert_eq!(
        Value::Object(new.settings.clone()),
        json!({ "swap.weight": 0.3, "swap.model": "mesh" })
    );
    update(&mut model, Msg::Answer(asked.last().unwrap().clone(), Ok(Answer::Nothing)));
    assert!(!model.profiles.edits());
    let mut all = model.desk.profiles.clone();
    all.push(profile("soft", "/p/soft.toml"));
    update(&mut model, Msg::Answer(Call::Profiles, Ok(Answer::Profiles(all))));
    assert_eq!(model.profiles.shelf.chosen(), Some("soft"));
}

#[test]
fn what_is_changed_begins_with_what_it_says_and_can_go_back() {
    let mut model = three();
    press(&mut model, "j e");
    let text = screen_text(&mut model, 120, 40);
    assert!(text.contains("mine, built on quality") && text.contains("0.5  not 0.8"), "{text}");
    press(&mut model, "j D");
    let asked = calls(&mut model);
    let Some(Call::CheckProfile(body)) = asked.last() else { panic!("{asked:?}") };
    assert!(!body.settings.contains_key("swap.weight"));
    press(&mut model, "esc");
    assert!(model.profiles.edits(), "it asks before something is lost");
    press(&mut model, "n");
    assert!(model.profiles.edits());
    press(&mut model, "s");
    let asked = calls(&mut model);
    let Some(Call::SaveProfile { new, .. }) = asked.last() else { panic!("{asked:?}") };
    assert!(new.overwrite && new.settings.is_empty());
    assert_eq!(new.description.as_deref(), Some("what mine is good for"));
    let error = Error::failed("the disk is full");
    update(&mut model, Msg::Answer(asked.last().unwrap().clone(), Err(error.into())));
    press(&mut model, "s");
    assert!(matches!(calls(&mut model)[..], [Call::SaveProfile { .. }]), "it can be tried again");
}

#[test]
fn a_value_that_the_base_has_is_no_change() {
    let mut model = three();
    press(&mut model, "j e j enter ctrl-u");
    enter(&mut model, "0.8");
    press(&mut model, "enter");
    let Some(Call::CheckProfile(body)) = calls(&mut model).pop() else { panic!() };
    assert!(!body.settings.contains_key("swap.weight"));
    press(&mut model, "enter ctrl-u");
    enter(&mut model, "default");
    press(&mut model, "enter");
    let Some(Call::CheckProfile(body)) = calls(&mut model).pop() else { panic!() };
    assert_eq!(body.settings["swap.weight"], Value::Null);
}

#[test]
fn faults_that_the_service_sees_stand_at_their_key_and_keep_it_from_being_saved() {
    let mut model = three();
    press(&mut model, "j e j enter ctrl-u");
    enter(&mut model, "0.1");
    press(&mut model, "enter");
    let call = calls(&mut model).pop().unwrap();
    let fault = KeyFault {
        key: Some("swap.model".to_owned()),
        message: "there is no such model".to_owned(),
        hint: Some("did you mean mesh?".to_owned()),
    };
    let view = CheckView { faults: vec![fault], ..CheckView::default() };
    update(&mut model, Msg::Answer(call.clone(), Ok(Answer::Checked(Box::new(view)))));
    assert!(screen_text(&mut model, 120, 40).contains("swap.model: there is no such model"));
    press(&mut model, "s");
    assert!(calls(&mut model).is_empty());
    assert!(screen_text(&mut model, 120, 40).contains("did you mean mesh?"), "its key is chosen");
    // An answer about what it was before says nothing.
    press(&mut model, "k D");
    let now = calls(&mut model).pop().unwrap();
    update(&mut model, Msg::Answer(now, Ok(Answer::Checked(Box::default()))));
    let view = CheckView { warnings: vec!["late".to_owned()], ..CheckView::default() };
    update(&mut model, Msg::Answer(call, Ok(Answer::Checked(Box::new(view)))));
    assert!(!screen_text(&mut model, 120, 40).contains("late"));
}

#[test]
fn only_a_y_removes() {
    let mut model = three();
    press(&mut model, "j D enter");
    assert!(calls(&mut model).is_empty());
    press(&mut model, "D y");
    assert_eq!(calls(&mut model), [Call::RemoveProfile("mine".into())]);
    update(&mut model, Msg::Answer(Call::RemoveProfile("mine".into()), Ok(Answer::Nothing)));
    assert_eq!(calls(&mut model)[0], Call::Profiles);
}

#[test]
fn it_looks_like_this() {
    for (width, height) in [(60, 20), (80, 24), (120, 40)] {
        let mut model = three();
        insta::assert_snapshot!(
            format!("list_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "j enter");
        insta::assert_snapshot!(
            format!("detail_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "esc e j");
        insta::assert_snapshot!(
            format!("editor_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "enter ctrl-u");
        enter(&mut model, "2");
        insta::assert_snapshot!(
            format!("writing_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
    }
}
