//! The last line: what can be done here. It is made from the keymap, so it cannot lie.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::jobs::State;
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Tab};
use crate::tui::painted::Hit;
use crate::tui::theme::Role;

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let scopes = model.scopes();
    let typing = scopes == [Scope::Input];
    let hints: Vec<(Action, &str)> = match (typing, model.overlays.is_empty()) {
        (true, _) => vec![(Action::Accept, "take"), (Action::Back, "leave")],
        (false, false) => vec![(Action::Back, "close")],
        (false, true) => here(model),
    };
    let mut x = area.x;
    for (action, word) in hints {
        let key = model.keymap.label(&scopes, action);
        if key.is_empty() {
            continue;
        }
        let line = Line::from(vec![
            Span::styled(format!(" {key}"), canvas.theme().key()),
            canvas.span(format!(" {word} "), Role::Muted),
        ]);
        let width = line.width() as u16;
        if x + width > area.right() {
            break;
        }
        let place = Rect { x, width, ..area };
        canvas.line(place, line);
        canvas.hit(place, Hit::Action(action));
        x += width;
    }
}

/// What matters most on each screen, in a word each.
fn here(model: &Model) -> Vec<(Action, &'static str)> {
    let mut hints = match model.tab {
        Tab::Queue => vec![
            (Action::TabNewJob, "new"),
            (Action::Open, "open"),
            (Action::Pause, pause(model)),
            (Action::Cancel, "cancel"),
            (Action::Retry, "retry"),
            (Action::Delete, "remove"),
            (Action::Filter, "search"),
            (Action::MoveUp, "earlier"),
            (Action::Why, "why"),
        ],
        Tab::Job => vec![
            (Action::Pause, pause(model)),
            (Action::Cancel, "cancel"),
            (Action::Retry, "retry"),
            (Action::Compare, "compare"),
            (Action::Zoom, "zoom"),
            (Action::Log, "log"),
            (Action::CopyPath, "copy path"),
        ],
        Tab::NewJob => vec![
            (Action::Submit, "start"),
            (Action::Open, "edit"),
            (Action::PickFile, "file"),
            (Action::Preview, "preview"),
            (Action::Faces, "faces"),
            (Action::Profile, "profile"),
            (Action::Options, "options"),
        ],
        Tab::Watches if model.watches.describes() => vec![
            (Action::Open, "change"),
            (Action::Submit, "add"),
            (Action::Rehearse, "try"),
            (Action::Back, "leave"),
        ],
        Tab::Watches => vec![
            (Action::New, "new"),
            (Action::Pause, "pause"),
            (Action::Rehearse, "try"),
            (Action::Delete, "remove"),
        ],
        Tab::Models => vec![
            (Action::Pull, "fetch"),
            (Action::Verify, "check"),
            (Action::Import, "import"),
            (Action::Delete, "remove"),
            (Action::Filter, "search"),
        ],
        Tab::Profiles if model.profiles.edits() => vec![
            (Action::Open, "change"),
            (Action::Submit, "save"),
            (Action::Delete, "as before"),
            (Action::Filter, "search"),
            (Action::Back, "leave"),
        ],
        Tab::Profiles => {
            vec![(Action::New, "new"), (Action::Edit, "change"), (Action::Delete, "remove")]
        }
        Tab::System => vec![(Action::Fix, "mend"), (Action::Refresh, "again")],
    };
    hints.extend([(Action::Palette, "commands"), (Action::Help, "help"), (Action::Quit, "leave")]);
    hints
}

/// What the key for a pause does with the job that is meant.
fn pause(model: &Model) -> &'static str {
    let job = match model.tab {
        Tab::Job => model.job.id.as_ref().and_then(|id| model.desk.jobs.get(id)),
        _ => model.queue.job(),
    };
    if job.is_some_and(|job| job.state == State::Paused) { "resume" } else { "pause" }
}
