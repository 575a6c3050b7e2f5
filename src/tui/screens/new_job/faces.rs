//! Faces: which one of a photo is taken, which one of the target is the reference, and who gets
//! whose face.

use serde_json::json;

use crate::service::wire::{FacesBody, FacesView};
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{self, Choice, Choices, Overlay, Tone};
use crate::tui::picture::Cut;
use crate::tui::update::say;
use crate::tui::words::file_name;

use super::people::{Person, Picture, around};
use super::{AskedFor, Field, Look, check, touch};

/// A person's picture is so much larger than their face, on each side: the detector wants to see
/// a head.
const GROWN: f32 = 0.6;

/// Opens the list of faces: of the photo with the focus, else of the frame that is shown.
pub fn open(model: &mut Model) {
    let form = &mut model.new_job;
    let photo = match form.at {
        Field::Source(at) => form.sources.get(at).map(|path| form.full(path)),
        _ => None,
    };
    if photo.is_none() && form.target().is_none() {
        return say(model, Tone::Warning, "there is no target yet, so there is nobody to choose");
    }
    form.shown = form.frame;
    let of_photo = photo.is_some();
    model.overlays.push(Overlay::Faces(overlay::Faces::new(photo)));
    if of_photo {
        touch(model);
    } else {
        check::ask_frame(model);
    }
}

/// The question who is in the frame that is shown, compared with the source where there is one.
pub fn faces_of_frame(model: &Model) -> Option<FacesBody> {
    let form = &model.new_job;
    let target = form.target()?;
    // A photo without a face cannot be compared with.
    let compare = form.photos().into_iter().find(|photo| {
        let look = form.looks.faces(&form.faces_of(photo, 0, None));
        matches!(look, Some(Look::Here(view)) if !view.faces.is_empty())
    });
    Some(form.faces_of(&target, form.shown, compare))
}

impl super::NewJob {
    /// Who is in a photo.
    pub fn faces_of_photo(&self, photo: &str) -> Option<&Look<FacesView>> {
        self.looks.faces(&self.faces_of(photo, 0, None))
    }

    /// Whose face somebody of a frame gets.
    pub fn assigned(&self, view: &FacesView, face: usize) -> Option<&Person> {
        let cut = self.cut(view, face)?;
        self.people.iter().find(|person| person.cut == cut)
    }

    /// Whether somebody is the reference.
    pub fn is_reference(&self, view: &FacesView, face: usize) -> bool {
        let is = |key: &str, value: serde_json::Value| self.settings.get(key) == Some(&value);
        is("faces.select", json!("reference"))
            && is("faces.reference_frame", json!(view.frame))
            && view.faces.get(face).is_some_and(|seen| is("faces.position", json!(seen.index)))
    }

    fn cut(&self, view: &FacesView, face: usize) -> Option<Cut> {
        let crop = around(view, face, GROWN)?;
        Some(Cut { file: view.file.clone(), frame: view.frame, crop })
    }
}

fn frame(model: &Model) -> Option<FacesView> {
    match model.new_job.looks.faces(&faces_of_frame(model)?) {
        Some(Look::Here(view)) => Some(view.clone()),
        _ => None,
    }
}

/// A face is picked: of a photo, it is the one that is taken; of the target, only who looks like it
/// is swapped. Whether there was one.
pub fn pick_face(model: &mut Model, photo: Option<&str>, face: usize) -> bool {
    if let Some(photo) = photo {
        let Some(Look::Here(view)) = model.new_job.faces_of_photo(photo) else { return false };
        let Some(track) = view.faces.get(face).map(|seen| seen.track) else { return false };
        model.new_job.source_face = Some(track as usize);
        say(model, Tone::Done, format!("face {track} of the photo, by size, is taken"));
    } else {
        let Some(view) = frame(model) else { return false };
        let Some(seen) = view.faces.get(face) else { return false };
        let settings = &mut model.new_job.settings;
        settings.insert("faces.select".to_owned(), json!("reference"));
        settings.insert("faces.reference_frame".to_owned(), json!(view.frame));
        settings.insert("faces.position".to_owned(), json!(seen.index));
        // A picture of the reference would win over the frame.
        let pictured =
            model.desk.profile_details.get(&model.new_job.profile).is_some_and(|detail| {
                detail.settings.pointer("/faces/reference_picture").is_some()
            });
        let settings = &mut model.new_job.settings;
        if pictured {
            settings.insert("faces.reference_picture".to_owned(), serde_json::Value::Null);
        } else {
            settings.remove("faces.reference_picture");
        }
        let words =
            format!("only who looks like face {} of frame {} is swapped", seen.index, view.frame);
        say(model, Tone::Done, words);
    }
    touch(model);
    true
}

/// Asks whose face somebody of the frame gets.
pub fn assign_to(model: &mut Model, face: usize) {
    let photos = model.new_job.photos();
    if photos.is_empty() {
        let words =
            "add the photos of the faces to the form first; they can be given out here then";
        return say(model, Tone::Warning, words);
    }
    let choice = |path: &String| Choice {
        value: path.clone(),
        label: file_name(path).to_owned(),
        note: path.clone(),
    };
    let all = photos.iter().map(choice).collect();
    model.new_job.asked_for = AskedFor::Face(face);
    let title = format!("Face {face} gets the face of");
    model.overlays.push(Overlay::Choices(Choices::new(title, all, "", assign)));
}

fn assign(model: &mut Model, photo: String) {
    let AskedFor::Face(face) = std::mem::take(&mut model.new_job.asked_for) else { return };
    let Some(view) = frame(model) else { return };
    let Some(cut) = model.new_job.cut(&view, face) else { return };
    let people = &mut model.new_job.people;
    if let Some(person) = people.iter_mut().find(|person| person.cut == cut) {
        person.faces = vec![photo];
    } else {
        let picture = Picture::Coming;
        people.push(Person { cut: cut.clone(), picture, faces: vec![photo] });
        model.effect(Effect::Call(Call::CutOut(cut)));
    }
    touch(model);
}

/// Somebody gets no other face any more; whether they would have.
pub fn take_away(model: &mut Model, face: usize) -> bool {
    let Some(cut) = frame(model).and_then(|view| model.new_job.cut(&view, face)) else {
        return false;
    };
    let before = model.new_job.people.len();
    model.new_job.people.retain(|person| person.cut != cut);
    before != model.new_job.people.len()
}

/// A person was cut out, or could not be.
pub fn cut_out(model: &mut Model, cut: &Cut, picture: Picture) {
    if let Some(person) = model.new_job.people.iter_mut().find(|person| person.cut == *cut) {
        person.picture = picture;
    }
}
