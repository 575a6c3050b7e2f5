//! Who is in a photo or in a frame: each face as a picture, with everything that is known of it.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::pipeline::Seen;
use crate::profiles::Sex;
use crate::service::wire::FacesView;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle, plain};
use crate::tui::hint::Hint;
use crate::tui::model::Model;
use crate::tui::painted::{Hit, List, Window};
use crate::tui::picture::Key;
use crate::tui::screens::new_job::{self, Look, around};
use crate::tui::theme::Role;
use crate::tui::words::file_name;

use super::{Flow, moved};

/// Rows of a face.
const HEIGHT: u16 = 5;
/// Columns of its picture.
const PICTURE: u16 = 12;
/// A picture is so much larger than the face, on each side.
const GROWN: f32 = 0.3;

/// Faces.
#[derive(Debug)]
pub struct Faces {
    /// The photo; none for the frame of the target that is shown.
    photo: Option<String>,
    chosen: usize,
}

impl Faces {
    /// Of a photo, or of the frame of the target that is shown.
    pub fn new(photo: Option<String>) -> Self {
        Faces { photo, chosen: 0 }
    }

    fn look<'m>(&self, model: &'m Model) -> Option<&'m Look<FacesView>> {
        match &self.photo {
            Some(photo) => model.new_job.faces_of_photo(photo),
            None => model.new_job.looks().faces(&new_job::faces_of_frame(model)?),
        }
    }

    fn len(&self, model: &Model) -> usize {
        match self.look(model) {
            Some(Look::Here(view)) => view.faces.len(),
            _ => 0,
        }
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        let len = self.len(model);
        let page = (model.painted.page(List::Faces) / usize::from(HEIGHT)).max(1);
        if let Some(chosen) = moved(self.chosen, len, page, action) {
            self.chosen = chosen;
            return Flow::Stay;
        }
        let film = self.photo.is_none();
        match action {
            Action::Back | Action::Faces | Action::Quit => return Flow::Close,
            Action::Open | Action::Accept
                if new_job::pick_face(model, self.photo.as_deref(), self.chosen) =>
            {
                return Flow::Close;
            }
            Action::Assign | Action::Mark if film && self.chosen < len => {
                new_job::assign_to(model, self.chosen);
            }
            Action::RemoveEntry if film => _ = new_job::take_away(model, self.chosen),
            Action::FrameBack | Action::FrameForward if film => {
                new_job::step(model, action == Action::FrameForward, false);
            }
            Action::SeekBack | Action::SeekForward if film => {
                new_job::step(model, action == Action::SeekForward, true);
            }
            _ => {}
        }
        Flow::Stay
    }

    pub(super) fn choose(&mut self, model: &mut Model, index: usize, twice: bool) -> Flow {
        self.chosen = index;
        if twice { self.act(model, Action::Open) } else { Flow::Stay }
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let title = match &self.photo {
            Some(photo) => format!("Faces in {}", plain(file_name(photo))),
            None => format!("Faces in frame {}", canvas.model.new_job.frame()),
        };
        let body = canvas.popup(middle(area, area.width.min(84), area.height), &title);
        let (words, role) = match self.look(canvas.model) {
            Some(Look::Here(view)) if !view.faces.is_empty() => {
                return self.list(canvas, body, view);
            }
            Some(Look::Here(_)) => ("nobody is seen here".to_owned(), Role::Warning),
            Some(Look::Failed(why)) => (plain(why), Role::Failed),
            _ => ("looking for faces".to_owned(), Role::Muted),
        };
        canvas.text(body, Span::styled(format!(" {words}"), canvas.style(role)));
    }

    fn list(&self, canvas: &mut Canvas<'_>, area: Rect, view: &FacesView) {
        let fits = usize::from(area.height / HEIGHT).max(1);
        let len = view.faces.len();
        let chosen = self.chosen.min(len - 1);
        let first = canvas.model.painted.first(List::Faces, chosen, len, fits);
        canvas.painted.lists.insert(List::Faces, Window { area, first, len });
        for (row, face) in (first..len.min(first + fits)).enumerate() {
            let y = area.y + row as u16 * HEIGHT;
            let place = Rect { y, height: HEIGHT.min(area.bottom() - y), ..area };
            if face == chosen {
                canvas.buffer.set_style(place, canvas.theme().selected(true));
            }
            one(canvas, place, view, face);
            canvas.hit(place, Hit::Row(List::Faces, face));
        }
    }

    pub(super) fn hints(&self, model: &Model) -> Vec<Hint> {
        if self.photo.is_some() {
            return vec![Hint::of(model, Action::Open, "take this face")];
        }
        let of = |action, word| Hint::of(model, action, word);
        let frames = [Action::FrameBack, Action::FrameForward];
        let frames = frames.map(|action| model.keymap.label(&model.scopes(), action)).concat();
        vec![
            of(Action::Open, "reference"),
            of(Action::Assign, "give a face"),
            of(Action::RemoveEntry, "take back"),
            Hint::own(&frames, Action::FrameForward, "frame"),
        ]
    }
}

/// A face with its picture.
fn one(canvas: &mut Canvas<'_>, area: Rect, view: &FacesView, face: usize) {
    let model = canvas.model;
    let columns = [Constraint::Length(PICTURE), Constraint::Fill(1)];
    let [picture, words] = Layout::horizontal(columns).spacing(1).areas(area);
    let crop = around(view, face, GROWN);
    if crop.is_some() {
        canvas.picture(picture, &Key::File { path: view.file.clone(), frame: view.frame, crop });
    }
    let seen = &view.faces[face];
    let [left, top, right, bottom] = seen.bounds;
    let mut lines = vec![
        Line::from(canvas.span(face_words(seen), Role::Text)),
        Line::from(canvas.span(
            format!(
                "{:.0} px wide, at {left:.0} {top:.0} to {right:.0} {bottom:.0}, track {}",
                seen.width, seen.track
            ),
            Role::Muted,
        )),
    ];
    if let Some(distance) = seen.distance {
        // That is a cosine of 0.35: the same person mostly.
        let near = distance < 1.3;
        let role = if near { Role::Done } else { Role::Muted };
        lines.push(Line::from(canvas.span(format!("distance to the source {distance:.2}"), role)));
    }
    if model.new_job.is_reference(view, face) {
        lines.push(Line::from(canvas.span("the reference", Role::Accent)));
    }
    if let Some(person) = model.new_job.assigned(view, face) {
        let faces: Vec<&str> = person.faces.iter().map(|path| file_name(path)).collect();
        let arrow = canvas.theme().signs.arrow();
        lines.push(Line::from(
            canvas.span(plain(&format!("{arrow} {}", faces.join(", "))), Role::Accent),
        ));
    }
    for (row, line) in lines.into_iter().enumerate().take(usize::from(words.height)) {
        canvas.line(Rect { y: words.y + row as u16, height: 1, ..words }, line);
    }
}

/// A face in a line: which one, how sure, sex and age where they are known.
pub fn face_words(seen: &Seen) -> String {
    let mut words = format!("face {}, score {:.2}", seen.index, seen.score);
    if let Some(sex) = seen.sex {
        words.push_str(&format!(
            ", {}",
            match sex {
                Sex::Female => "female",
                Sex::Male => "male",
            }
        ));
    }
    if let Some(age) = seen.age {
        words.push_str(&format!(", about {age:.0}"));
    }
    words
}
