//! What was typed is looked at once it rests: is there a face in the photo, what is the target, do
//! the keys make sense.

use crate::service::files::FileKind;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::Overlay;

use super::faces::faces_of_frame;
use super::request::is_full;
use super::{Look, RESTS, submit};

/// Asks about everything that is not known yet.
pub fn check(model: &mut Model) {
    if model.clock < model.new_job.changed + RESTS {
        // A later timer is on its way.
        return;
    }
    model.new_job.shown = model.new_job.frame;
    if model.tab == Tab::NewJob {
        check_form(model);
    }
    let looked_at = model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Files(files) => files.looked_at(),
        _ => None,
    });
    if let Some(path) = looked_at {
        ask_faces(model, &path, 0);
    }
    follow_frame(model);
    // Where everything is known already, no answer comes.
    submit::go_on(model);
}

fn check_form(model: &mut Model) {
    for photo in model.new_job.photos() {
        if is_full(&photo) && FileKind::of_name(&photo) != FileKind::Video {
            ask_faces(model, &photo, 0);
        }
    }
    let targets: Vec<String> =
        model.new_job.targets.iter().map(|target| model.new_job.full(target)).collect();
    for target in targets.iter().filter(|target| is_full(target)) {
        if model.new_job.looks.ask_about(target) {
            model.effect(Effect::Call(Call::About(target.clone())));
        }
    }
    let body = model.new_job.check_body();
    if model.new_job.checked.as_ref().is_none_or(|(asked, _)| *asked != body) {
        model.new_job.checked = Some((body.clone(), Look::Asked));
        model.effect(Effect::Call(Call::CheckProfile(Box::new(body))));
    }
}

fn ask_faces(model: &mut Model, path: &str, frame: u64) {
    let body = model.new_job.faces_of(path, frame, None);
    if model.new_job.looks.ask_faces(&body) {
        model.effect(Effect::Call(Call::Faces(Box::new(body))));
    }
}

/// Asks who is in the frame that is shown, where faces of it are looked at.
pub fn follow_frame(model: &mut Model) {
    let listed = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Faces(_)));
    if listed || model.new_job.zoom {
        ask_frame(model);
    }
}

/// Asks who is in the frame that is shown.
pub fn ask_frame(model: &mut Model) {
    let Some(body) = faces_of_frame(model) else { return };
    if model.new_job.looks.ask_faces(&body) {
        model.effect(Effect::Call(Call::Faces(Box::new(body))));
    }
}
