//! The last line: what can be done here. It is made from the keymap, so it cannot lie.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Tab};
use crate::tui::painted::Hit;
use crate::tui::theme::Role;

/// How many of the last hints stay longest: the help, and the way out.
const STAY: usize = 2;

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
    let mut words: Vec<(Action, Line<'_>)> = Vec::new();
    for (action, word) in hints {
        let key = model.keymap.label(&scopes, action);
        if !key.is_empty() {
            let key = Span::styled(format!(" {key}"), canvas.theme().key());
            let line = Line::from(vec![key, canvas.span(format!(" {word} "), Role::Muted)]);
            words.push((action, line));
        }
    }
    // What there is no room for is in the help.
    while words.iter().map(|(_, line)| line.width()).sum::<usize>() > usize::from(area.width) {
        let Some(last) = words.len().checked_sub(1) else { return };
        words.remove(last.saturating_sub(STAY));
    }
    let mut x = area.x;
    for (action, line) in words {
        let place = Rect { x, width: line.width() as u16, ..area };
        x += place.width;
        canvas.line(place, line);
        canvas.hit(place, Hit::Action(action));
    }
}

/// What matters most on each screen, in a word each.
fn here(model: &Model) -> Vec<(Action, &'static str)> {
    let mut hints = match model.tab {
        Tab::Queue => vec![
            (Action::TabNewJob, "new"),
            (Action::Open, "open"),
            (Action::Pause, "pause"),
            (Action::Cancel, "cancel"),
            (Action::Retry, "retry"),
            (Action::Delete, "remove"),
            (Action::Filter, "search"),
            (Action::MoveUp, "earlier"),
            (Action::Why, "why"),
        ],
        Tab::Job => vec![
            (Action::Pause, "pause"),
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

#[cfg(test)]
mod tests {
    use crate::tui::testing::{model, press, screen_text};

    fn last(text: &str) -> String {
        text.lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn where_there_is_little_room_the_help_stays() {
        for tab in ["1", "2", "3", "4", "5", "6", "7"] {
            let mut model = model();
            press(&mut model, tab);
            for width in [40, 60, 80, 120] {
                let line = last(&screen_text(&mut model, width, 24));
                assert!(line.contains("? help"), "{width}: {line:?}");
                assert!(line.contains("q leave"), "{width}: {line:?}");
            }
        }
    }
}
