//! What the service says to what the form asked.

use crate::error::Error;
use crate::tui::call::Answer;
use crate::tui::effect::Call;
use crate::tui::model::Model;
use crate::tui::overlay::toasts;
use crate::tui::picture::{Key, Side};

use super::people::Picture;
use super::preview::{self, State};
use super::{Look, check, edit, faces, profile, submit};

/// Something was answered that may be of use here.
pub fn heard(model: &mut Model, call: &Call, answer: &Answer) {
    match (call, answer) {
        (Call::Faces(body), Answer::Faces(view)) => {
            model.new_job.looks.put_faces(body, Look::Here((**view).clone()));
            // Once the photo's face is known, those of the frame are compared with it.
            check::follow_frame(model);
        }
        (Call::About(path), Answer::About(about)) => {
            model.new_job.looks.put_about(path, Look::Here((&**about).into()));
        }
        (Call::CheckProfile(body), Answer::Checked(view)) => {
            if let Some((asked, look)) = &mut model.new_job.checked
                && *asked == **body
            {
                *look = Look::Here((**view).clone());
            }
        }
        (Call::Files { path, .. }, Answer::Files(view)) => {
            if path.is_empty() && view.path.starts_with('/') {
                model.new_job.home = Some(view.path.clone());
            }
            edit::completed(model, path, &view.entries);
            // What is chosen there now is looked at.
            super::touch(model);
        }
        (Call::Preview { number, .. }, Answer::Preview { faces, picture }) => {
            let key = Key::Preview { number: *number, side: Side::After };
            model.pictures.put(key, picture.clone());
            preview::came(model, *number, State::Here(*faces));
        }
        (Call::CutOut(cut), Answer::Text(name)) => {
            faces::cut_out(model, cut, Picture::Here(name.clone()));
        }
        (Call::SaveProfile { name, new: body }, _) => profile::saved(model, name, body),
        (Call::Add(new), Answer::Job(_)) => submit::added(model, &new.target),
        _ => return,
    }
    submit::go_on(model);
}

/// Something was refused or went wrong; whether it is said here, beside what it is about.
pub fn failed(model: &mut Model, call: &Call, error: &Error) -> bool {
    let why = toasts::words(error);
    match call {
        Call::Faces(body) => model.new_job.looks.put_faces(body, Look::Failed(why)),
        Call::About(path) => model.new_job.looks.put_about(path, Look::Failed(why)),
        Call::CheckProfile(body) => match &mut model.new_job.checked {
            Some((asked, look)) if *asked == **body => *look = Look::Failed(why),
            _ => {}
        },
        // The picker says it.
        Call::Files { .. } => {}
        Call::Preview { number, .. } => preview::came(model, *number, State::Failed(why)),
        Call::CutOut(cut) => faces::cut_out(model, cut, Picture::Failed(why)),
        Call::Add(_) => {
            submit::refused(model, why);
            return true;
        }
        _ => return false,
    }
    submit::go_on(model);
    true
}

/// The files that were used lately were read.
pub fn recalled(model: &mut Model, files: Vec<String>) {
    // What was used since then is newer.
    for file in files {
        if !model.new_job.recent.contains(&file) {
            model.new_job.recent.push(file);
        }
    }
}
