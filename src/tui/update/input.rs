//! Keys, pastes, sizes and the focus.

use crokey::KeyCombination;
use crossterm::event::{Event, KeyEvent, KeyEventKind};

use crate::tui::effect::{Effect, Timer};
use crate::tui::keymap::{Found, Scope};
use crate::tui::model::{Model, Tab};
use crate::tui::{overlay, screens};

use super::{act, go, mouse};

/// After a change of its size the window is left alone for so long before pictures are made again.
const SETTLES: std::time::Duration = std::time::Duration::from_millis(50);

/// Takes in what the terminal says.
pub(super) fn event(model: &mut Model, event: Event) {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(model, key),
        Event::Key(_) => {}
        Event::Mouse(event) => mouse::event(model, event),
        Event::Paste(text) => pasted(model, &text),
        Event::Resize(columns, rows) => {
            model.terminal.size = (columns, rows);
            model.effect(Effect::After(SETTLES, Timer::Settled));
        }
        Event::FocusGained => {
            model.terminal.focused = true;
            // tmux does not know what lies in its pane, and may have lost it meanwhile.
            model.effect(Effect::Redraw);
        }
        Event::FocusLost => model.terminal.focused = false,
    }
}

fn pressed(model: &mut Model, key: KeyEvent) {
    let combination = KeyCombination::from(key);
    let scopes = model.scopes();
    let before = model.begun.take();
    match model.keymap.find(&scopes, before, combination) {
        Found::Action(action) => return act(model, action),
        Found::Begun => {
            model.begun = Some(combination);
            return;
        }
        Found::Nothing => {}
    }
    // The first of two keys was none: the second one may mean something alone.
    if before.is_some()
        && let Found::Action(action) = model.keymap.find(&scopes, None, combination)
    {
        return act(model, action);
    }
    if scopes == [Scope::Input] && !overlay::key(model, key) {
        screens::key(model, key);
    }
}

/// Pasted or dropped: into the line that is being written, or files for a new job.
fn pasted(model: &mut Model, text: &str) {
    if overlay::paste(model, text) || screens::paste(model, text) {
        return;
    }
    go(model, Tab::NewJob);
    screens::new_job::take_paths(model, text);
}
