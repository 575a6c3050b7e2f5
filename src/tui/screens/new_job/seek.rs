//! The frame of the target that is looked at.

use crate::tui::model::Model;

use super::{Look, touch};

/// The bar on which frames are sought, among what is clicked on this screen.
pub const BAR: usize = 1;

/// How many frames the target has; one where that is not known.
pub fn frames(model: &Model) -> u64 {
    let form = &model.new_job;
    match form.target().and_then(|target| form.looks.about(&target)) {
        Some(Look::Here(about)) => about.frames(),
        _ => 1,
    }
}

/// The second of a frame.
pub fn second(model: &Model, frame: u64) -> Option<f64> {
    let form = &model.new_job;
    match form.target().and_then(|target| form.looks.about(&target)) {
        Some(Look::Here(about)) => about.film.map(|film| frame as f64 / film.fps.max(0.001)),
        _ => None,
    }
}

/// Goes on or back: by a frame, or by a twentieth of all.
pub fn step(model: &mut Model, on: bool, far: bool) {
    let frames = frames(model);
    let by = if far { (frames / 20).max(1) } else { 1 };
    let frame = model.new_job.frame;
    let next = if on { frame.saturating_add(by) } else { frame.saturating_sub(by) };
    go_to(model, next.min(frames - 1));
}

/// Goes to a place on the bar.
pub fn seek(model: &mut Model, column: u16, area: ratatui::layout::Rect) {
    let last = frames(model) - 1;
    let width = u64::from(area.width.saturating_sub(1)).max(1);
    let at = u64::from(column.saturating_sub(area.x)).min(width);
    go_to(model, last.saturating_mul(at) / width);
}

fn go_to(model: &mut Model, frame: u64) {
    if model.new_job.frame != frame {
        model.new_job.frame = frame;
        touch(model);
    }
}
