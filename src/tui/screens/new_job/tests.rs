//! The form, driven by keys, pastes and answers.

mod keys;
mod looks;
mod screens;
mod steps;

use std::sync::Arc;

use crossterm::event::Event;

use crate::error::Error;
use crate::service::wire::FacesBody;
use crate::tui::call::Answer;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::msg::Msg;
use crate::tui::testing::{faces, known};
use crate::tui::update::update;

use keys::{draw, known, press, rest};

/// A paste into the terminal; gives what has to be done then.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    update(model, Msg::Terminal(Event::Paste(text.to_owned())));
    draw(model);
    std::mem::take(&mut model.effects)
}

fn answer(model: &mut Model, call: Call, answer: Answer) -> Vec<Effect> {
    update(model, Msg::Answer(call, Ok(answer)));
    std::mem::take(&mut model.effects)
}

fn refuse(model: &mut Model, call: Call, why: &str) -> Vec<Effect> {
    update(model, Msg::Answer(call, Err(Arc::new(Error::usage(why)))));
    std::mem::take(&mut model.effects)
}

/// The calls among what has to be done.
fn calls(effects: Vec<Effect>) -> Vec<Call> {
    let call = |effect| match effect {
        Effect::Call(call) => Some(call),
        _ => None,
    };
    effects.into_iter().filter_map(call).collect()
}

/// The last word that was said.
fn said(model: &Model) -> String {
    model.toasts.history().next().map(|toast| toast.text.clone()).unwrap_or_default()
}

/// Answers everything that is asked once things rest: so many faces in each photo.
fn settle(model: &mut Model, count: usize) {
    for call in calls(rest(model)) {
        let reply = match &call {
            Call::Faces(body) => Answer::Faces(Box::new(of(body, count))),
            Call::About(path) => Answer::About(Box::new(known::film(path))),
            Call::CheckProfile(_) => Answer::Checked(Box::default()),
            _ => continue,
        };
        answer(model, call, reply);
    }
    draw(model);
    model.effects.clear();
}

fn of(body: &FacesBody, count: usize) -> crate::service::wire::FacesView {
    let mut view = faces(&body.file, count);
    view.frame = body.frame;
    if body.compare.is_some() {
        for (index, face) in view.faces.iter_mut().enumerate() {
            face.distance = Some(0.9 + index as f32 * 0.75);
        }
    }
    view
}

/// A form with a photo and a film in which everything is fine.
fn filled(columns: u16, rows: u16) -> Model {
    let mut model = known(columns, rows);
    press(&mut model, "a");
    paste(&mut model, "/faces/me.jpg /films/summer.mp4");
    settle(&mut model, 1);
    model
}

#[test]
fn what_is_dropped_anywhere_becomes_a_job() {
    let mut model = known(120, 40);
    assert_eq!(model.tab, Tab::Queue);
    paste(&mut model, "'/faces/it is me.jpg' file:///films/a%20b.mp4");
    assert_eq!(model.tab, Tab::NewJob);
    assert_eq!(model.new_job.sources, ["/faces/it is me.jpg"]);
    assert_eq!(model.new_job.targets, ["/films/a b.mp4"]);
    let asked = calls(rest(&mut model));
    let faces =
        |call: &Call| matches!(call, Call::Faces(body) if body.file == "/faces/it is me.jpg");
    assert_eq!(asked.iter().filter(|call| faces(call)).count(), 1, "{asked:?}");
    assert!(asked.contains(&Call::About("/films/a b.mp4".into())), "{asked:?}");
    assert!(calls(rest(&mut model)).is_empty(), "everything is asked once");
}

#[test]
fn of_pictures_alone_the_last_is_the_target() {
    let mut model = known(120, 40);
    paste(&mut model, "/a.jpg\n/b.png\n/c.jpg");
    assert_eq!(model.new_job.sources, ["/a.jpg", "/b.png"]);
    assert_eq!(model.new_job.targets, ["/c.jpg"]);
    assert_eq!(said(&model), "a.jpg and b.png are sources, c.jpg is the target");
    // With a target there, they are sources.
    paste(&mut model, "/d.jpg /e.jpg");
    assert_eq!(model.new_job.sources, ["/a.jpg", "/b.png", "/d.jpg", "/e.jpg"]);
    assert_eq!(model.new_job.targets, ["/c.jpg"]);
    paste(&mut model, "/notes.txt");
    assert!(said(&model).contains("neither pictures nor videos"), "{}", said(&model));
}

#[test]
fn nothing_starts_without_a_face() {
    let mut model = known(120, 40);
    press(&mut model, "a");
    assert!(calls(press(&mut model, "s")).is_empty());
    assert_eq!(model.new_job.at, super::Field::Source(0));
    assert!(said(&model).contains("a photo of a face is needed"), "{}", said(&model));
    paste(&mut model, "/faces/wall.jpg /films/summer.mp4");
    settle(&mut model, 0);
    assert!(calls(press(&mut model, "s")).is_empty());
    assert_eq!(model.new_job.at, super::Field::Source(0));
    assert!(said(&model).contains("no face is found"), "{}", said(&model));
}

#[test]
fn a_start_waits_until_everything_was_looked_at() {
    let mut model = known(120, 40);
    paste(&mut model, "/faces/me.jpg /films/summer.mp4");
    assert!(calls(press(&mut model, "s")).is_empty());
    let asked = calls(rest(&mut model));
    let mut added = Vec::new();
    for call in asked {
        assert!(added.is_empty(), "too early");
        let reply = match &call {
            Call::Faces(body) => Answer::Faces(Box::new(of(body, 1))),
            Call::About(path) => Answer::About(Box::new(known::film(path))),
            _ => Answer::Checked(Box::default()),
        };
        added = calls(answer(&mut model, call, reply));
    }
    let [Call::Add(new)] = added.as_slice() else { panic!("{added:?}") };
    assert_eq!(new.sources, ["/faces/me.jpg"]);
    assert_eq!(new.target, "/films/summer.mp4");
    assert_eq!(new.profile.as_deref(), Some("embedded"));
    assert_eq!((new.output.clone(), new.settings.len()), (None, 0));
}

#[test]
fn what_is_refused_stays_and_what_is_added_goes() {
    let mut model = filled(120, 40);
    paste(&mut model, "/films/one.mp4 /films/two.mp4");
    settle(&mut model, 1);
    let added = calls(press(&mut model, "s"));
    assert_eq!(added.len(), 2, "{added:?}");
    assert!(calls(press(&mut model, "s")).is_empty(), "not twice");
    let job =
        |id: &str| Answer::Job(Box::new(crate::tui::testing::job(id, crate::jobs::State::Queued)));
    let after = answer(&mut model, added[0].clone(), job("A"));
    let remembered = after.iter().any(|effect| match effect {
        Effect::Remember { host, files } => {
            host == "local" && *files == ["/films/one.mp4", "/faces/me.jpg"]
        }
        _ => false,
    });
    assert!(remembered, "{after:?}");
    refuse(&mut model, added[1].clone(), "two-swapped.mp4 exists already");
    assert_eq!(model.tab, Tab::NewJob);
    assert_eq!(model.new_job.targets, ["/films/two.mp4"]);
    assert!(crate::tui::testing::screen_text(&mut model, 120, 40).contains("exists already"));
    settle(&mut model, 1);
    let added = calls(press(&mut model, "s"));
    answer(&mut model, added[0].clone(), job("B"));
    assert_eq!(model.tab, Tab::Queue);
    assert_eq!(model.queue.chosen.as_deref(), Some("B"));
    assert_eq!(model.new_job.sources, ["/faces/me.jpg"], "the face is wanted again");
    assert!(model.new_job.targets.is_empty());
}
