//! Files, faces and options over the form.

use serde_json::{Value, json};

use super::super::{Field, people::Picture};
use super::*;
use crate::tui::overlay::Overlay;
use crate::tui::testing::screen_text;

use super::keys::type_text;

/// The file picker on a photo, with a folder in it.
pub fn picking(columns: u16, rows: u16) -> Model {
    let mut model = known(columns, rows);
    press(&mut model, "a");
    model.new_job.folder = "/faces".to_owned();
    let asked = calls(press(&mut model, "f"));
    let call = Call::Files { path: "/faces".into(), hidden: false };
    assert_eq!(asked, std::slice::from_ref(&call));
    answer(&mut model, call, Answer::Files(Box::new(known::folder())));
    draw(&mut model);
    model
}

/// The faces of a frame with two people.
pub fn two(columns: u16, rows: u16) -> Model {
    let mut model = filled(columns, rows);
    press(&mut model, ". .");
    let asked = calls(press(&mut model, "F"));
    let [call @ Call::Faces(body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((body.frame, body.compare.as_deref()), (2, Some("/faces/me.jpg")));
    answer(&mut model, call.clone(), Answer::Faces(Box::new(of(body, 2))));
    draw(&mut model);
    model
}

#[test]
fn faces_are_seen_as_files_are_gone_through() {
    let mut model = picking(120, 40);
    press(&mut model, "down");
    let asked = calls(rest(&mut model));
    let photo = |call: &Call| matches!(call, Call::Faces(body) if body.file == "/faces/me.jpg");
    let call = asked.into_iter().find(photo).expect("who is in it");
    let Call::Faces(body) = &call else { unreachable!() };
    let view = of(body, 2);
    answer(&mut model, call, Answer::Faces(Box::new(view)));
    let text = screen_text(&mut model, 120, 40);
    assert!(text.contains("2 faces") && text.contains("face 1, score 0.91, male"), "{text}");
}

#[test]
fn files_are_found_marked_and_taken() {
    let mut model = picking(120, 40);
    type_text(&mut model, "you");
    press(&mut model, "enter");
    assert_eq!(model.new_job.sources, ["/faces/you.png"]);
    assert!(model.overlays.is_empty());

    let mut model = picking(120, 40);
    // A folder cannot be marked; what is neither is left alone.
    press(&mut model, "space space down");
    press(&mut model, "space");
    assert!(screen_text(&mut model, 120, 40).contains("1 marked"));
    press(&mut model, "end space enter");
    assert_eq!(model.new_job.sources, ["/faces/me.jpg", "/faces/you.png"]);

    let mut model = picking(120, 40);
    press(&mut model, "down down enter");
    assert!(screen_text(&mut model, 120, 40).contains("notes.txt is not what is wanted here"));
}

#[test]
fn folders_are_opened_and_left() {
    let mut model = picking(120, 40);
    let asked = calls(press(&mut model, "enter"));
    assert_eq!(asked, [Call::Files { path: "/faces/old".into(), hidden: false }]);
    let late = Call::Files { path: "/faces".into(), hidden: false };
    answer(&mut model, late, Answer::Files(Box::new(known::folder())));
    assert!(!screen_text(&mut model, 120, 40).contains("me.jpg"), "an answer that comes late");
    refuse(&mut model, asked[0].clone(), "you may not look there");
    assert!(screen_text(&mut model, 120, 40).contains("you may not look there"));

    let mut model = picking(120, 40);
    let asked = calls(press(&mut model, "backspace"));
    assert_eq!(asked, [Call::Files { path: "/".into(), hidden: false }]);
    let asked = calls(type_text(&mut model, "."));
    assert_eq!(asked, [Call::Files { path: "/".into(), hidden: true }], "hidden ones by their dot");
    let asked = calls(paste(&mut model, "'/films/a b.mp4'"));
    assert_eq!(asked, [Call::Files { path: "/films".into(), hidden: false }]);
}

#[test]
fn who_asks_for_faces_before_the_photo_is_known_sees_them_too() {
    let mut model = known(120, 40);
    press(&mut model, "a");
    paste(&mut model, "/faces/me.jpg /films/summer.mp4");
    let asked = calls(rest(&mut model));
    let photo = |call: &Call| matches!(call, Call::Faces(body) if body.file == "/faces/me.jpg");
    let photo = asked.into_iter().find(photo).expect("who is in the photo");
    let frame = calls(press(&mut model, "F"));
    let [Call::Faces(alone)] = frame.as_slice() else { panic!("{frame:?}") };
    assert_eq!(alone.compare, None);
    answer(&mut model, frame[0].clone(), Answer::Faces(Box::new(of(alone, 2))));
    assert!(screen_text(&mut model, 120, 40).contains("face 1, score"));
    let Call::Faces(body) = &photo else { unreachable!() };
    let view = of(body, 1);
    let frame = calls(answer(&mut model, photo, Answer::Faces(Box::new(view))));
    let [call @ Call::Faces(compared)] = frame.as_slice() else { panic!("{frame:?}") };
    assert_eq!(compared.compare.as_deref(), Some("/faces/me.jpg"));
    answer(&mut model, call.clone(), Answer::Faces(Box::new(of(compared, 2))));
    assert!(screen_text(&mut model, 120, 40).contains("distance to the source"));
}

#[test]
fn a_path_is_typed_folder_by_folder() {
    let mut model = picking(120, 40);
    let asked = calls(press(&mut model, "o l d /"));
    assert_eq!(asked, [Call::Files { path: "/faces/old".into(), hidden: false }]);
    // What is typed before a folder comes belongs to it.
    let asked = calls(press(&mut model, "/ t m p /"));
    let path = |path: &str| Call::Files { path: path.into(), hidden: false };
    assert_eq!(asked, [path("/"), path("/tmp")]);
}

#[test]
fn the_reference_is_picked_by_its_picture() {
    let mut model = two(120, 40);
    press(&mut model, "down enter");
    assert!(model.overlays.is_empty());
    let settings = Value::Object(model.new_job.settings.clone());
    assert_eq!(
        settings,
        json!({ "faces.select": "reference", "faces.reference_frame": 2, "faces.position": 1 })
    );
    settle(&mut model, 1);
    let added = calls(press(&mut model, "s"));
    assert!(matches!(&added[..], [Call::Add(new)] if new.settings["faces.position"] == 1));
}

#[test]
fn everybody_gets_a_face_of_their_own() {
    let mut model = two(120, 40);
    press(&mut model, "down m");
    let asked = calls(press(&mut model, "enter"));
    let [call @ Call::CutOut(cut)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((cut.file.as_str(), cut.frame), ("/films/summer.mp4", 2));
    assert!(cut.crop.x < 160 && cut.crop.x + cut.crop.width > 240, "{cut:?}");
    assert!(screen_text(&mut model, 120, 40).contains("→ me.jpg"));
    press(&mut model, "esc");
    settle(&mut model, 1);
    assert!(calls(press(&mut model, "s")).is_empty(), "the picture is still cut out");
    let added = calls(answer(&mut model, call.clone(), Answer::Text("upload:7".into())));
    let [Call::Add(new)] = added.as_slice() else { panic!("{added:?}") };
    assert!(new.sources.is_empty(), "they have no place then");
    assert_eq!(
        new.settings["faces.map"],
        json!([{ "who": "upload:7", "faces": ["/faces/me.jpg"] }])
    );

    let mut model = two(120, 40);
    press(&mut model, "m enter");
    assert_eq!(model.new_job.people[0].picture, Picture::Coming);
    press(&mut model, "D");
    assert!(model.new_job.people.is_empty(), "taken back");
}

#[test]
fn a_face_of_a_photo_is_chosen() {
    let mut model = known(120, 40);
    paste(&mut model, "/faces/we.jpg /films/summer.mp4");
    settle(&mut model, 3);
    assert!(screen_text(&mut model, 120, 40).contains("3 faces found; the largest is used"));
    model.new_job.at = Field::Source(0);
    press(&mut model, "F down down enter");
    assert!(screen_text(&mut model, 120, 40).contains("3 faces found; number 2 by size is used"));
    let added = calls(press(&mut model, "s"));
    assert!(added.is_empty(), "it rests first");
    let added = calls(rest(&mut model));
    assert!(matches!(&added[..], [Call::Add(new)] if new.source_face == Some(2)), "{added:?}");
}

#[test]
fn options_are_changed_and_put_back() {
    let mut model = filled(120, 40);
    press(&mut model, "O");
    // A word is chosen.
    press(&mut model, "enter down enter");
    assert_eq!(model.new_job.settings["faces.select"], "many");
    // A number is written; a wrong one is not taken, and not lost.
    press(&mut model, "down down enter ctrl-u");
    type_text(&mut model, "7");
    press(&mut model, "enter");
    assert!(said(&model).contains("between 0 and 1"), "{}", said(&model));
    assert!(matches!(model.overlays.last(), Some(Overlay::Prompt(_))));
    press(&mut model, "ctrl-u");
    type_text(&mut model, "0.9");
    press(&mut model, "enter");
    assert_eq!(model.new_job.settings["faces.score"], 0.9);
    assert!(matches!(model.overlays.last(), Some(Overlay::Options(_))));
    // What the profile says anyway is no change.
    press(&mut model, "enter ctrl-u");
    type_text(&mut model, "0.5");
    press(&mut model, "enter");
    assert!(!model.new_job.settings.contains_key("faces.score"));
    press(&mut model, "k k backspace");
    assert!(model.new_job.settings.is_empty());
    press(&mut model, "/");
    type_text(&mut model, "sound");
    assert!(!screen_text(&mut model, 120, 40).contains("swap.weight"));
    press(&mut model, "enter enter");
    type_text(&mut model, "false");
    press(&mut model, "enter");
    assert_eq!(model.new_job.settings["audio.keep"], false);
    press(&mut model, "esc esc");
    assert!(model.overlays.is_empty());
}

#[test]
fn keys_that_make_no_sense_keep_it_from_starting() {
    let mut model = filled(120, 40);
    model.new_job.settings.insert("faces.select".into(), json!("reference"));
    super::super::touch(&mut model);
    let asked = calls(rest(&mut model));
    let check = asked.into_iter().find(|call| matches!(call, Call::CheckProfile(_))).unwrap();
    let view = json!({
        "faults": [{ "key": "faces.select", "message": "there is no reference", "hint": "name one" }],
        "warnings": [], "missing": [],
    });
    answer(&mut model, check, Answer::Checked(Box::new(serde_json::from_value(view).unwrap())));
    let text = screen_text(&mut model, 120, 40);
    assert!(text.contains("faces.select: there is no reference; name one"), "{text}");
    assert!(calls(press(&mut model, "s")).is_empty());
    assert_eq!(model.new_job.at, Field::Options);
}
