//! Writing, seeking, previewing, and leaving.

use std::sync::Arc;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use serde_json::json;

use super::super::{Field, seek};
use super::*;
use crate::tui::overlay::Overlay;
use crate::tui::painted::Hit;
use crate::tui::picture::{Key, Side};
use crate::tui::testing::screen_text;

use super::keys::type_text;

#[test]
fn what_is_typed_is_looked_at_once_it_rests() {
    let mut model = known(120, 40);
    press(&mut model, "a down down enter esc f esc");
    press(&mut model, "k k");
    paste(&mut model, "/a.jpg");
    settle(&mut model, 1);
    model.new_job.at = Field::Source(0);
    press(&mut model, "enter");
    assert!(model.new_job.typing());
    assert!(calls(type_text(&mut model, "x.png")).is_empty());
    assert_eq!(model.new_job.sources, ["/a.jpgx.png"]);
    let asked = calls(rest(&mut model));
    let [Call::Faces(body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(body.file, "/a.jpgx.png");
    press(&mut model, "esc");
    assert_eq!(model.new_job.sources, ["/a.jpg"], "left as it was");
}

#[test]
fn an_earlier_timer_asks_nothing() {
    let mut model = known(120, 40);
    paste(&mut model, "/a.jpg");
    update(&mut model, Msg::Timer(crate::tui::effect::Timer::Typed));
    assert!(calls(std::mem::take(&mut model.effects)).is_empty());
}

#[test]
fn a_path_is_completed_as_far_as_there_is_one_way() {
    let mut model = known(120, 40);
    press(&mut model, "a");
    model.new_job.at = Field::Output;
    press(&mut model, "enter");
    type_text(&mut model, "/faces/m");
    let asked = calls(press(&mut model, "tab"));
    let call = Call::Files { path: "/faces".into(), hidden: false };
    assert_eq!(asked, std::slice::from_ref(&call));
    answer(&mut model, call.clone(), Answer::Files(Box::new(known::folder())));
    assert_eq!(model.new_job.output, "/faces/me.jpg");
    press(&mut model, "ctrl-u");
    type_text(&mut model, "/faces/o");
    press(&mut model, "tab");
    answer(&mut model, call, Answer::Files(Box::new(known::folder())));
    assert_eq!(model.new_job.output, "/faces/old/");
    press(&mut model, "enter");
    assert!(!model.new_job.typing());
}

#[test]
fn a_frame_is_sought_by_keys_and_on_the_bar() {
    let mut model = filled(120, 40);
    press(&mut model, "> . .");
    assert_eq!(model.new_job.frame, 2250 / 20 + 2);
    assert_eq!(model.new_job.shown, 0, "it has not come to rest");
    rest(&mut model);
    assert_eq!(model.new_job.shown, 2250 / 20 + 2);
    press(&mut model, "< < <");
    assert_eq!(model.new_job.frame, 0);
    draw(&mut model);
    let bar = model.painted.hits.iter().find(|(_, hit)| *hit == Hit::Own(seek::BAR));
    let (bar, _) = *bar.expect("a bar");
    let mouse = |kind, column| {
        Msg::Terminal(Event::Mouse(MouseEvent {
            kind,
            column,
            row: bar.y,
            modifiers: KeyModifiers::NONE,
        }))
    };
    update(&mut model, mouse(MouseEventKind::Down(MouseButton::Left), bar.x + bar.width / 2));
    assert!((1000..1250).contains(&model.new_job.frame), "{}", model.new_job.frame);
    update(&mut model, mouse(MouseEventKind::Drag(MouseButton::Left), bar.right() - 1));
    assert_eq!(model.new_job.frame, 2249);
}

#[test]
fn fields_are_clicked() {
    let mut model = filled(80, 24);
    let line = |model: &mut Model, word: &str| {
        let text = screen_text(model, 80, 24);
        text.lines().position(|line| line.contains(word)).expect(word) as u16
    };
    let click = |model: &mut Model, word: &str| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let row = line(model, word);
        let modifiers = KeyModifiers::NONE;
        update(model, Msg::Terminal(Event::Mouse(MouseEvent { kind, column: 15, row, modifiers })));
    };
    click(&mut model, "replace");
    assert!(model.new_job.overwrite);
    click(&mut model, "name");
    assert_eq!((model.new_job.at, model.new_job.typing()), (Field::Name, false));
    click(&mut model, "name");
    assert!(model.new_job.typing());
    type_text(&mut model, "summer");
    click(&mut model, "1 face found");
    assert_eq!((model.new_job.at, model.new_job.typing()), (Field::Source(0), false));
    assert_eq!(model.new_job.name, "summer");
    model.effects.clear();
    model.clock += std::time::Duration::from_secs(5);
    click(&mut model, "[ Start it ]");
    let added = calls(std::mem::take(&mut model.effects));
    assert!(matches!(&added[..], [Call::Add(new)] if new.overwrite), "{added:?}");
}

#[test]
fn a_preview_is_of_what_the_form_says() {
    let mut model = filled(120, 40);
    press(&mut model, ". .");
    let asked = calls(press(&mut model, "p"));
    let [call @ Call::Preview { number, body }] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((body.frame, body.target.as_str()), (2, "/films/summer.mp4"));
    let key = Key::Preview { number: *number, side: Side::After };
    assert!(calls(press(&mut model, "p")).is_empty(), "the same is not asked twice");
    let picture = Arc::new(image::RgbImage::new(4, 4));
    answer(&mut model, call.clone(), Answer::Preview { faces: 1, picture });
    assert!(model.pictures.pixels(&key).is_some());
    assert!(screen_text(&mut model, 120, 40).contains("preview: 1 face changed"));
    model.new_job.settings.insert("swap.weight".into(), json!(0.3));
    assert!(screen_text(&mut model, 120, 40).contains("before the last change"));
    // An answer that comes late is of no use.
    let asked = calls(press(&mut model, "p"));
    refuse(&mut model, call.clone(), "too late");
    assert!(!screen_text(&mut model, 120, 40).contains("too late"));
    refuse(&mut model, asked[0].clone(), "nobody is there");
    assert!(screen_text(&mut model, 120, 40).contains("nobody is there"));
}

#[test]
fn a_form_is_a_command_line() {
    let mut model = filled(120, 40);
    model.new_job.settings.insert("swap.weight".into(), json!(0.3));
    model.new_job.priority = "7".into();
    let copied = press(&mut model, "c").into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    assert_eq!(
        copied.unwrap(),
        "facedeck add -s /faces/me.jpg -t /films/summer.mp4 --profile embedded \
         --set swap.weight=0.3 --priority=7"
    );
}

#[test]
fn people_cut_out_of_frames_are_comments_in_the_command_line() {
    let mut model = super::looks::two(120, 40);
    let asked = calls(press(&mut model, "down m enter"));
    let call = asked.into_iter().find(|call| matches!(call, Call::CutOut(_))).unwrap();
    answer(&mut model, call, Answer::Text("upload:7".into()));
    let copied = press(&mut model, "esc c").into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    let copied = copied.unwrap();
    let lines: Vec<&str> = copied.lines().collect();
    let [command, person] = lines[..] else { panic!("{copied}") };
    assert!(command.starts_with("facedeck add -s /faces/me.jpg -t /films/summer.mp4"), "{command}");
    let begins = "# --map PICTURE=/faces/me.jpg, where PICTURE shows ";
    assert!(person.starts_with(begins), "{person}");
    assert!(person.ends_with(" of the frame 2 of /films/summer.mp4"), "{person}");
    assert!(said(&model).contains("comments only"), "{}", said(&model));
}

#[test]
fn what_was_changed_becomes_a_profile() {
    let mut model = filled(120, 40);
    press(&mut model, "S");
    assert!(model.overlays.is_empty(), "there is nothing to save");
    model.new_job.settings.insert("swap.weight".into(), json!(0.3));
    press(&mut model, "S");
    type_text(&mut model, "soft");
    let asked = calls(press(&mut model, "enter"));
    let [call @ Call::SaveProfile { name, new: body }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!((name.as_str(), body.overwrite), ("soft", false));
    assert_eq!(body.settings["swap.weight"], json!(0.3));
    let after = calls(answer(&mut model, call.clone(), Answer::Nothing));
    assert!(after.contains(&Call::Profile("soft".into())), "{after:?}");
    assert_eq!(model.new_job.profile, "soft");
    assert!(model.new_job.settings.is_empty());
    // One that is there is replaced only when that is meant.
    model.new_job.settings.insert("swap.weight".into(), json!(0.4));
    press(&mut model, "S");
    type_text(&mut model, "sharp");
    assert!(calls(press(&mut model, "enter")).is_empty());
    assert!(matches!(model.overlays.last(), Some(Overlay::Confirm(_))));
    let asked = calls(press(&mut model, "y"));
    assert!(matches!(&asked[..], [Call::SaveProfile { new, .. }] if new.overwrite), "{asked:?}");
}

#[test]
fn files_that_were_used_are_offered() {
    let mut model = known(120, 40);
    let host = "local".to_owned();
    let asked = press(&mut model, "a");
    assert!(asked.contains(&Effect::Recall(host)), "{asked:?}");
    update(&mut model, Msg::Recalled(vec!["/faces/me.jpg".into(), "/films/a.mp4".into()]));
    press(&mut model, "r enter");
    assert_eq!(model.new_job.sources, ["/faces/me.jpg"]);
    assert_eq!(model.new_job.at, Field::Target(0), "what is missing is next");
    press(&mut model, "r down enter");
    assert_eq!(model.new_job.targets, ["/films/a.mp4"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_row_of_keys_breaks_the_form(
        keys in prop::collection::vec(0..34usize, 1..60),
        size in prop_oneof![Just((60u16, 20u16)), Just((80, 24)), Just((120, 40)), Just((40, 10))],
    ) {
        const KEYS: [&str; 34] = [
            "j", "k", "tab", "backtab", "enter", "esc", "f", "r", "p", "<", ">", ",", ".", "F",
            "P", "O", "S", "D", "c", "b", "z", "s", "G", "home", "space", "m", "/", "x", "y",
            "left", "right", "backspace", "pagedown", "a",
        ];
        let mut model = filled(size.0, size.1);
        for (turn, key) in keys.into_iter().enumerate() {
            press(&mut model, KEYS[key]);
            if turn % 7 == 3 {
                settle(&mut model, turn % 4);
            }
            if turn % 11 == 5 {
                let call = Call::Files { path: "/faces".into(), hidden: false };
                answer(&mut model, call, Answer::Files(Box::new(known::folder())));
            }
            let form = &model.new_job;
            prop_assert!(form.fields().contains(&form.at), "{:?}", form.at);
        }
    }
}
