//! The screens: each has its state, what actions do to it, and its view.

pub mod job;
pub mod models;
pub mod new_job;
pub mod profiles;
pub mod queue;
pub mod system;
pub mod verbs;
pub mod watches;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::action::Action;
use super::canvas::Canvas;
use super::model::{Model, Tab};
use super::painted::{Hit, List};

/// An action goes to the screen that is shown; whether it means something there.
pub fn act(model: &mut Model, action: Action) -> bool {
    match model.tab {
        Tab::Queue => queue::act(model, action),
        Tab::Job => job::act(model, action),
        Tab::NewJob => new_job::act(model, action),
        Tab::Watches => watches::act(model, action),
        Tab::Models => models::act(model, action),
        Tab::Profiles => profiles::act(model, action),
        Tab::System => system::act(model, action),
    }
}

/// A letter goes to the line that is being written on the screen that is shown.
pub fn key(model: &mut Model, key: KeyEvent) {
    match model.tab {
        Tab::Queue => queue::key(model, key),
        Tab::Job => job::key(model, key),
        Tab::NewJob => new_job::key(model, key),
        Tab::Watches => watches::key(model, key),
        Tab::Models => models::key(model, key),
        Tab::Profiles => profiles::key(model, key),
        Tab::System => {}
    }
}

/// A paste goes to the line that is being written; whether there is one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    match model.tab {
        Tab::Queue => queue::paste(model, text),
        Tab::Job => job::paste(model, text),
        Tab::NewJob => new_job::paste(model, text),
        Tab::Watches => watches::paste(model, text),
        Tab::Models => models::paste(model, text),
        Tab::Profiles => profiles::paste(model, text),
        Tab::System => false,
    }
}

/// The screen is shown from now on: what it needs is asked for.
pub fn entered(model: &mut Model) {
    match model.tab {
        Tab::Queue => {}
        Tab::Job => job::entered(model),
        Tab::NewJob => new_job::entered(model),
        Tab::Watches => watches::entered(model),
        Tab::Models => models::entered(model),
        Tab::Profiles => profiles::entered(model),
        Tab::System => system::entered(model),
    }
}

/// Something changed: what is made from the desk is made again where that is needed.
pub fn refresh(model: &mut Model) {
    queue::refresh(model);
    job::refresh(model);
    watches::refresh(model);
    models::refresh(model);
    profiles::refresh(model);
}

/// A line of a list is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) {
    match model.tab {
        Tab::Queue => queue::choose(model, list, index, twice),
        Tab::Job => job::choose(model, list, index, twice),
        Tab::NewJob => new_job::choose(model, list, index, twice),
        Tab::Watches => watches::choose(model, list, index, twice),
        Tab::Models => models::choose(model, list, index, twice),
        Tab::Profiles => profiles::choose(model, list, index, twice),
        Tab::System => {}
    }
}

/// A list gets the focus: the wheel was turned over it.
pub fn focus(model: &mut Model, list: List) {
    match model.tab {
        Tab::Job => job::focus(model, list),
        Tab::NewJob => new_job::focus(model, list),
        Tab::Watches => watches::focus(model, list),
        Tab::Models => models::focus(model, list),
        Tab::Profiles => profiles::focus(model, list),
        _ => {}
    }
}

/// Something of a screen's own is clicked.
pub fn clicked(model: &mut Model, area: Rect, hit: Hit, column: u16) {
    match model.tab {
        Tab::Job => job::clicked(model, area, hit, column),
        Tab::NewJob => new_job::clicked(model, area, hit, column),
        _ => {}
    }
}

/// The mouse moves with its button down.
pub fn drag(model: &mut Model, column: u16, row: u16) {
    match model.tab {
        Tab::Queue => queue::drag(model, column, row),
        Tab::Job => job::drag(model, column, row),
        Tab::NewJob => new_job::drag(model, column, row),
        _ => {}
    }
}

/// The button is let go.
pub fn drop(model: &mut Model) {
    if model.tab == Tab::Queue {
        queue::drop(model);
    }
}

/// Paints the screen that is shown.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    match canvas.model.tab {
        Tab::Queue => queue::view(canvas, area),
        Tab::Job => job::view(canvas, area),
        Tab::NewJob => new_job::view(canvas, area),
        Tab::Watches => watches::view(canvas, area),
        Tab::Models => models::view(canvas, area),
        Tab::Profiles => profiles::view(canvas, area),
        Tab::System => system::view(canvas, area),
    }
}
