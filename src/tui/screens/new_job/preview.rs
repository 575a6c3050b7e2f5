//! What the job would make of a frame, before it starts.

use crate::service::wire::PreviewBody;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::Tone;
use crate::tui::update::say;

use super::request;
use super::verdict::faults;

/// A preview.
#[derive(Debug)]
pub struct Preview {
    /// The number of the question.
    pub number: u64,
    /// What was asked.
    pub body: PreviewBody,
    /// What came of it.
    pub state: State,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is being made.
    Asked,
    /// It is here; so many faces were changed.
    Here(u64),
    /// It could not be made, for this reason.
    Failed(String),
}

/// Asks for one of the frame that is shown.
pub fn ask(model: &mut Model) {
    if let Some((field, why)) = faults(model).into_iter().next() {
        model.new_job.at = field;
        return say(model, Tone::Error, format!("no preview: {why}"));
    }
    let Some(body) = request::preview(model) else { return };
    let form = &mut model.new_job;
    if form.preview.as_ref().is_some_and(|old| old.state == State::Asked && old.body == body) {
        return;
    }
    form.previews += 1;
    let number = form.previews;
    form.shown = form.frame;
    form.preview = Some(Preview { number, body: body.clone(), state: State::Asked });
    model.effect(Effect::Call(Call::Preview { number, body: Box::new(body) }));
}

/// It came, or could not be made; older ones than the last are of no use any more.
pub fn came(model: &mut Model, number: u64, state: State) {
    if let Some(preview) = model.new_job.preview.as_mut().filter(|p| p.number == number) {
        preview.state = state;
    }
}

/// Whether what is shown is still what the form says.
pub fn is_fresh(model: &Model, preview: &Preview) -> bool {
    request::preview(model).is_some_and(|now| now == preview.body)
}
