//! What goes in and what will come out, in pictures.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::painted::Hit;
use crate::tui::picture::{Crop, Key, Side};
use crate::tui::screens::job::{Compare, halves};
use crate::tui::theme::Role;
use crate::tui::words::{clock, file_name};

use super::people::around;
use super::preview::{State, is_fresh};
use super::{Field, Look, faces_of_frame, seek};

/// A part in the middle of a picture, where faces mostly are, in thousandths.
const CLOSER: Crop = Crop { x: 250, y: 120, width: 500, height: 500 };

/// Paints them.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let shares = [Constraint::Fill(2), Constraint::Fill(5)];
    let [above, below] = Layout::vertical(shares).areas(area);
    source(canvas, above);
    target(canvas, below);
}

/// The photo with the focus, else the first one.
fn source(canvas: &mut Canvas<'_>, area: Rect) {
    let form = &canvas.model.new_job;
    let at = match form.at {
        Field::Source(at) => at.min(form.sources.len().saturating_sub(1)),
        _ => 0,
    };
    let photo = form.sources.get(at).map(|path| form.full(path));
    let title = match (&photo, form.sources.len()) {
        (Some(photo), 0 | 1) => plain(file_name(photo)),
        (Some(photo), n) => format!("{}, {} of {n}", plain(file_name(photo)), at + 1),
        (None, _) => "Source".to_owned(),
    };
    let inner = canvas.pane(area, &title, false);
    match photo.filter(|photo| super::request::is_full(photo)) {
        Some(photo) => _ = canvas.picture(inner, &Key::file(photo)),
        None => nothing(canvas, inner, "no photo yet"),
    }
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, words: &str) {
    let line = Line::from(canvas.span(words.to_owned(), Role::Muted)).centered();
    canvas.line(Rect { y: area.y + area.height / 2, height: 1, ..area }, line);
}

/// The frame of the target, and what would be made of it.
fn target(canvas: &mut Canvas<'_>, area: Rect) {
    let form = &canvas.model.new_job;
    let Some(target) = form.target() else {
        let inner = canvas.pane(area, "Target", false);
        return nothing(canvas, inner, "no target yet");
    };
    let inner = canvas.pane(area, &plain(file_name(&target)), false);
    let frames = seek::frames(canvas.model);
    let bar = u16::from(frames > 1 && inner.height > 4);
    let rows = [Constraint::Fill(1), Constraint::Length(1), Constraint::Length(bar)];
    let [picture, words, bar] = Layout::vertical(rows).areas(inner);
    let before = Key::File { path: target, frame: form.shown, crop: None };
    compared(canvas, picture, before);
    state(canvas, words, frames);
    seek_bar(canvas, bar, frames);
}

fn compared(canvas: &mut Canvas<'_>, area: Rect, before: Key) {
    let model = canvas.model;
    let form = &model.new_job;
    let zoomed = |key: Key| match form.zoom {
        true => Key::Part { of: Box::new(key), part: close(canvas) },
        false => key,
    };
    let here = form.preview.as_ref().filter(|preview| {
        matches!(preview.state, State::Here(_)) && preview.body.frame == form.shown
    });
    let after =
        here.map(|preview| zoomed(Key::Preview { number: preview.number, side: Side::After }));
    let before = zoomed(before);
    let Some(after) = after else {
        canvas.picture(area, &before);
        return;
    };
    match form.compare {
        Compare::Before => _ = canvas.picture(area, &before),
        Compare::After => _ = canvas.picture(area, &after),
        Compare::Both => {
            let [first, second] = halves(canvas, area, &before);
            canvas.picture(first, &before);
            canvas.picture(second, &after);
        }
        Compare::Wipe => {
            let percent = form.wipe;
            let key = Key::Wipe { before: Box::new(before), after: Box::new(after), percent };
            if let Some(place) = canvas.picture(area, &key) {
                canvas.hit(place, Hit::Wipe);
            }
        }
    }
}

/// The part around the first face of the frame, in thousandths; the middle where none is known.
fn close(canvas: &Canvas<'_>) -> Crop {
    let model = canvas.model;
    let looks = &model.new_job.looks;
    let body = faces_of_frame(model);
    let Some(Look::Here(view)) = body.and_then(|body| looks.faces(&body)) else { return CLOSER };
    let Some(crop) = around(view, 0, 0.5) else { return CLOSER };
    let [width, height] = view.size.map(|length| u64::from(length.max(1)));
    let share = |part: u32, whole: u64| (u64::from(part) * 1000 / whole) as u32;
    Crop {
        x: share(crop.x, width),
        y: share(crop.y, height),
        width: share(crop.width, width).max(1),
        height: share(crop.height, height).max(1),
    }
}

/// Which frame it is, and how the preview is.
fn state(canvas: &mut Canvas<'_>, area: Rect, frames: u64) {
    let model = canvas.model;
    let form = &model.new_job;
    let dot = model.theme.signs.dot();
    let frame = match (frames, seek::second(model, form.frame)) {
        (0 | 1, _) => String::new(),
        (_, Some(second)) => format!("frame {} at {}{dot}", form.frame, clock(second)),
        (_, None) => format!("frame {}{dot}", form.frame),
    };
    let (words, role) = match &form.preview {
        Some(preview) if preview.body.frame == form.frame => match &preview.state {
            State::Asked => ("the preview is made".to_owned(), Role::Accent),
            State::Failed(why) => (plain(why), Role::Failed),
            State::Here(_) if !is_fresh(model, preview) => {
                let key = model.key(Action::Preview);
                (format!("preview of before the last change; {key} makes a new one"), Role::Warning)
            }
            State::Here(0) => ("preview: no face was changed".to_owned(), Role::Warning),
            State::Here(1) => ("preview: 1 face changed".to_owned(), Role::Done),
            State::Here(n) => (format!("preview: {n} faces changed"), Role::Done),
        },
        _ => (format!("{} previews it", model.key(Action::Preview)), Role::Muted),
    };
    let line = Line::from(vec![canvas.span(frame, Role::Text), canvas.span(words, role)]);
    canvas.line(area, line);
}

fn seek_bar(canvas: &mut Canvas<'_>, area: Rect, frames: u64) {
    if area.is_empty() || frames < 2 {
        return;
    }
    let frame = canvas.model.new_job.frame;
    let last = (frames - 1) as f64;
    canvas.bar(area, frame as f64 / last, Role::Focus);
    let column = (frame as f64 / last * f64::from(area.width - 1)).round() as u16;
    let mark = canvas.theme().signs.mark();
    let place = Rect { x: area.x + column.min(area.width - 1), width: 1, ..area };
    canvas.line(place, Line::from(canvas.span(mark.to_string(), Role::Focus)));
    canvas.hit(area, Hit::Own(seek::BAR));
}
