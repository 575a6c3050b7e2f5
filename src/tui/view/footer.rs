//! The last line: what can be done here. It is made from the keymap, so it cannot lie.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::hint::Hint;
use crate::tui::model::{Model, Tab};
use crate::tui::painted::Hit;
use crate::tui::screens::verbs;
use crate::tui::theme::Role;

/// How many of the last hints stay longest: the help, and the way out.
const STAY: usize = 2;

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let hints = match model.overlays.last() {
        Some(overlay) => overlay.hints(canvas),
        None if model.types_path() => typing(model, &PATH),
        None if model.typing() => typing(model, &[]),
        None => {
            let of = |(action, word)| Hint::of(model, action, word);
            here(model).into_iter().map(of).collect()
        }
    };
    let mut hints: Vec<_> = hints.into_iter().filter(|hint| !hint.key.is_empty()).collect();
    // The last ones lead out, or on to all others: before they are cut, others give way.
    let width = |hints: &[Hint]| hints.iter().map(|hint| line(canvas, hint).width()).sum::<usize>();
    let stay = if model.overlays.is_empty() { STAY } else { 1 };
    while hints.len() > 1 && width(&hints) > usize::from(area.width) {
        hints.remove(hints.len().saturating_sub(1 + stay));
    }
    let mut x = area.x;
    for hint in hints {
        let line = line(canvas, &hint);
        let width = (line.width() as u16).min(area.right() - x);
        let place = Rect { x, width, ..area };
        canvas.line(place, line);
        canvas.hit(place, Hit::Action(hint.action));
        x += width;
    }
}

/// What can be done with a path that is being written.
const PATH: [(Action, &str); 2] =
    [(Action::Complete, "complete"), (Action::PickFile, "look for it")];

fn typing(model: &Model, own: &[(Action, &'static str)]) -> Vec<Hint> {
    let (take, leave) = ((Action::Accept, "take"), (Action::Back, "leave"));
    let all = std::iter::once(&take).chain(own).chain([&leave]);
    all.map(|(action, word)| Hint::of(model, *action, word)).collect()
}

fn line(canvas: &Canvas<'_>, hint: &Hint) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!(" {}", hint.key), canvas.theme().key()),
        canvas.span(format!(" {} ", hint.word), Role::Muted),
    ])
}

/// What matters most on each screen, in a word each.
fn here(model: &Model) -> Vec<(Action, &'static str)> {
    let mut hints = match model.tab {
        Tab::Queue => {
            let meant = model.queue.meant();
            let open = (!meant.is_empty()).then_some((Action::Open, "open"));
            let mut hints = vec![(Action::TabNewJob, "new")];
            hints.extend(open.into_iter().chain(verbs::hints(&meant)));
            hints.extend([
                (Action::Filter, "search"),
                (Action::MoveUp, "earlier"),
                (Action::Why, "why"),
            ]);
            hints
        }
        Tab::Job => {
            let job = model.job.id.as_ref().and_then(|id| model.desk.jobs.get(id)).cloned();
            let mut hints = verbs::hints(job.as_slice());
            if job.is_some() {
                hints.extend([
                    (Action::Compare, "compare"),
                    (Action::Zoom, "zoom"),
                    (Action::Log, "log"),
                    (Action::CopyPath, "copy path"),
                ]);
            }
            hints
        }
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
            (Action::PickFile, "file"),
            (Action::Submit, "save"),
            (Action::Rehearse, "try"),
            (Action::Back, "leave"),
        ],
        Tab::Watches if model.desk.watches.is_empty() => vec![(Action::New, "new")],
        Tab::Watches => vec![
            (Action::New, "new"),
            (Action::Edit, "change"),
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
    hints.extend([(Action::Palette, "commands"), (Action::Quit, "leave"), (Action::Help, "help")]);
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
