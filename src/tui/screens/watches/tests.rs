use serde_json::json;

use crate::error::Error;
use crate::settings::config::{Rule, Watch};
use crate::tui::call::Answer;
use crate::tui::msg::Msg;
use crate::tui::testing::*;
use crate::tui::update::update;

use super::field::Field;
use super::*;

fn watch(name: &str, status: &str) -> WatchView {
    let rules = Watch {
        name: name.to_owned(),
        folder: format!("/srv/{name}").into(),
        sources: vec!["/faces/me.jpg".into()],
        profile: Some("quality".to_owned()),
        ..Watch::default()
    };
    WatchView {
        name: name.to_owned(),
        folder: format!("/srv/{name}"),
        rules: serde_json::to_value(rules).unwrap(),
        paused: status == "paused",
        status: status.to_owned(),
        reason: String::new(),
        working: 0,
        settled: 12,
        rejected: 0,
    }
}

fn three() -> Model {
    let mut model = model();
    press(&mut model, "4");
    let gone = WatchView {
        reason: "the folder is not there; it is looked for".to_owned(),
        rejected: 3,
        ..watch("lost", "gone")
    };
    let all = vec![
        WatchView { working: 2, ..watch("studio", "watching") },
        watch("night", "paused"),
        gone,
    ];
    update(&mut model, Msg::Answer(Call::Watches, Ok(Answer::Watches(all))));
    calls(&mut model);
    model
}

fn form(model: &Model) -> &Form {
    model.watches.form.as_ref().unwrap()
}

#[test]
fn the_screen_asks_for_what_it_shows() {
    let mut model = model();
    press(&mut model, "4");
    assert_eq!(calls(&mut model), [Call::Watches, Call::Profiles]);
}

#[test]
fn verbs_are_about_the_chosen_one() {
    let mut model = three();
    press(&mut model, "p");
    assert_eq!(calls(&mut model), [Call::PauseWatch { name: "studio".into(), paused: true }]);
    press(&mut model, "j p");
    assert_eq!(calls(&mut model), [Call::PauseWatch { name: "night".into(), paused: false }]);
    press(&mut model, "T");
    let asked = calls(&mut model);
    assert!(
        matches!(&asked[..], [Call::RehearseWatch(watch)] if watch.name == "night"),
        "{asked:?}"
    );
    let lines = vec!["a.mp4 becomes a job".to_owned()];
    update(&mut model, Msg::Answer(asked[0].clone(), Ok(Answer::Lines(lines))));
    assert!(screen_text(&mut model, 80, 24).contains("a.mp4 becomes a job"));
}

#[test]
fn only_a_y_removes() {
    let mut model = three();
    press(&mut model, "D enter");
    assert!(model.overlays.is_empty() && calls(&mut model).is_empty());
    press(&mut model, "D y");
    assert_eq!(calls(&mut model), [Call::RemoveWatch("studio".into())]);
    update(&mut model, Msg::Answer(Call::RemoveWatch("studio".into()), Ok(Answer::Nothing)));
    assert_eq!(model.watches.shelf.rows, ["night", "lost"]);
    assert!(screen_text(&mut model, 120, 40).contains("its files and jobs stay"));
}

#[test]
fn a_new_one_is_checked_while_it_is_typed_and_sent_when_it_is_right() {
    let mut model = three();
    press(&mut model, "n s");
    assert!(calls(&mut model).is_empty(), "it has no name yet");
    assert_eq!(form(&model).field().title(), "name");
    press(&mut model, "enter");
    enter(&mut model, "My Folder");
    assert!(screen_text(&mut model, 120, 40).contains("\"My Folder\" is no name"));
    press(&mut model, "ctrl-u");
    enter(&mut model, "mine");
    press(&mut model, "enter enter");
    enter(&mut model, "srv/in");
    assert!(screen_text(&mut model, 120, 40).contains("\"srv/in\" is no full path"));
    press(&mut model, "ctrl-u");
    enter(&mut model, "/srv/in");
    press(&mut model, "enter j enter");
    update(&mut model, Msg::Terminal(crossterm::event::Event::Paste("/a.jpg\n/b.jpg\n".into())));
    press(&mut model, "enter s s");
    let asked = calls(&mut model);
    let [Call::AddWatch(new)] = &asked[..] else { panic!("once, {asked:?}") };
    assert_eq!((new.name.as_str(), new.folder.to_str()), ("mine", Some("/srv/in")));
    assert_eq!(new.sources.len(), 2);
    // The service may see what nobody here can.
    let error = Error::usage("there is no folder /srv/in").hint("make it first: mkdir -p /srv/in");
    update(&mut model, Msg::Answer(asked[0].clone(), Err(error.into())));
    assert!(screen_text(&mut model, 120, 40).contains("mkdir -p /srv/in"));
    press(&mut model, "s");
    let asked = calls(&mut model);
    let view = Answer::Watch(Box::new(watch("mine", "watching")));
    update(&mut model, Msg::Answer(asked[0].clone(), Ok(view)));
    assert!(model.watches.form.is_none());
    assert_eq!(model.watches.shelf.chosen(), Some("mine"));
}

#[test]
fn what_is_no_value_is_not_taken_and_back_leaves_it_as_it_was() {
    let mut model = three();
    press(&mut model, "n");
    let priority =
        form(&model).fields().iter().position(|field| field.key() == "priority").unwrap();
    model.watches.form.as_mut().unwrap().at = priority;
    press(&mut model, "enter ctrl-u");
    enter(&mut model, "high");
    press(&mut model, "enter");
    assert!(form(&model).typing());
    assert!(screen_text(&mut model, 120, 40).contains("\"high\" is no number"));
    press(&mut model, "esc");
    assert!(!form(&model).typing());
    press(&mut model, "enter ctrl-u");
    enter(&mut model, "9999");
    press(&mut model, "enter");
    assert!(screen_text(&mut model, 120, 40).contains("9999 is out of range"));
    // Something was said: it is not lost by a slip of the finger.
    press(&mut model, "esc");
    assert!(model.watches.form.is_some() && !model.overlays.is_empty());
    press(&mut model, "enter");
    assert!(model.watches.form.is_none());
}

#[test]
fn lines_that_mean_nothing_are_not_shown() {
    let mut model = three();
    press(&mut model, "n j j enter");
    enter(&mut model, "pair");
    press(&mut model, "enter");
    assert_eq!(form(&model).watch.rule, Rule::Pair);
    assert!(!screen_text(&mut model, 120, 40).contains("sources"));
}

#[test]
fn events_are_seen_at_once() {
    let mut model = three();
    let event = crate::service::events::Event::Watch { watch: Box::new(watch("studio", "gone")) };
    hear(&mut model, event);
    assert_eq!(chosen(&model).unwrap().status, "gone");
}

#[test]
fn the_rules_of_one_are_changed_and_its_name_and_folder_stay() {
    let mut model = three();
    press(&mut model, "j e");
    assert_eq!(form(&model).fields()[0], Field::Rule, "what it has done is known by its name");
    let text = screen_text(&mut model, 120, 40);
    assert!(text.contains("night, /srv/night") && text.contains("saves it"), "{text}");
    press(&mut model, "esc");
    assert!(model.watches.form.is_none(), "nothing is lost");
    press(&mut model, "e");
    form(&model);
    model.watches.form.as_mut().unwrap().watch.priority = 9;
    press(&mut model, "esc n s");
    let asked = calls(&mut model);
    let [Call::ChangeWatch(watch)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((watch.name.as_str(), watch.priority), ("night", 9));
    let view = super::WatchView { rules: json!(watch), ..self::watch("night", "watching") };
    update(&mut model, Msg::Answer(asked[0].clone(), Ok(Answer::Watch(Box::new(view)))));
    assert!(model.watches.form.is_none());
    assert_eq!(chosen(&model).unwrap().rules["priority"], 9);
}

/// What was asked about a folder, and the answer.
fn told(model: &mut Model, path: &str) {
    let call = Call::Files { path: path.to_owned(), hidden: false };
    assert!(calls(model).contains(&call), "{path} was not asked for");
    let view = crate::service::wire::FilesView { path: path.to_owned(), ..known::folder() };
    update(model, Msg::Answer(call, Ok(Answer::Files(Box::new(view)))));
}

#[test]
fn paths_are_completed_and_chosen() {
    let mut model = three();
    press(&mut model, "n j enter");
    enter(&mut model, "/faces/o");
    press(&mut model, "tab");
    told(&mut model, "/faces");
    assert_eq!(form(&model).watch.folder.display().to_string(), "/faces/old/");
    press(&mut model, "enter j");
    assert_eq!(form(&model).field(), Field::Sources);
    press(&mut model, "enter");
    enter(&mut model, "/a.jpg;/faces/m");
    press(&mut model, "tab");
    told(&mut model, "/faces");
    assert_eq!(Field::Sources.text(&form(&model).watch), "/a.jpg; /faces/me.jpg");
    // From the line to the files, with the photo chosen that is written there.
    press(&mut model, "ctrl-o");
    told(&mut model, "/faces");
    assert!(!form(&model).typing());
    enter(&mut model, "you");
    press(&mut model, "enter");
    assert_eq!(Field::Sources.text(&form(&model).watch), "/a.jpg; /faces/me.jpg; /faces/you.png");
    // A folder is opened, or taken as it is.
    press(&mut model, "k k f");
    told(&mut model, "/faces/old");
    press(&mut model, "tab");
    assert!(model.overlays.is_empty());
    assert_eq!(form(&model).watch.folder.display().to_string(), "/faces/old");
    press(&mut model, "home f");
    assert!(model.overlays.is_empty(), "a name is no path");
}

#[test]
fn it_looks_like_this() {
    for (width, height) in [(60, 20), (80, 24), (120, 40)] {
        let mut model = three();
        insta::assert_snapshot!(
            format!("list_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "j j enter");
        insta::assert_snapshot!(
            format!("detail_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
        press(&mut model, "esc n enter");
        enter(&mut model, "no name");
        insta::assert_snapshot!(
            format!("form_{width}x{height}"),
            screen_text(&mut model, width, height)
        );
    }
    let mut model = model();
    press(&mut model, "4");
    insta::assert_snapshot!("empty", screen_text(&mut model, 80, 24));
    let rules = json!({ "name": 7 });
    let mut model = three();
    model.desk.watches[0].rules = rules;
    press(&mut model, "T");
    assert!(calls(&mut model).is_empty());
}
