//! What can be done with the job that is shown.

use crate::jobs::State;
use crate::tui::action::Action;
use crate::tui::canvas::plain;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::{Overlay, Text, Tone, moved};
use crate::tui::painted::List;
use crate::tui::screens::verbs;
use crate::tui::update::{go, say};

use super::{Compare, Pane, command};

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    let page = model.painted.page(List::Log);
    let log = model.job.focus == Pane::Log;
    if (log || model.job.log.writing()) && model.job.log.act(action, page) {
        return true;
    }
    match action {
        Action::NextPane | Action::PreviousPane => {
            model.job.focus = if log { Pane::Facts } else { Pane::Log };
            return true;
        }
        Action::Log => {
            model.job.focus = Pane::Log;
            return true;
        }
        Action::Facts => {
            model.job.focus = Pane::Facts;
            return true;
        }
        Action::Filter | Action::LogLevel => {
            model.job.focus = Pane::Log;
            model.job.log.act(action, page);
            return true;
        }
        Action::Back => {
            go(model, Tab::Queue);
            return true;
        }
        _ => {}
    }
    if !log {
        let window = model.painted.lists.get(&List::Facts).copied().unwrap_or_default();
        let page = usize::from(window.area.height).max(1);
        if let Some(first) = moved(model.job.facts, window.len, page, action) {
            model.job.facts = first;
            return true;
        }
    }
    let Some(id) = model.job.id.clone() else { return false };
    act_on(model, action, id)
}

fn act_on(model: &mut Model, action: Action, id: String) -> bool {
    match action {
        Action::Compare => model.job.compare = model.job.compare.next(),
        Action::WipeLeft => wipe(model, -5),
        Action::WipeRight => wipe(model, 5),
        Action::Zoom => model.job.zoom = !model.job.zoom,
        Action::Why => why(model, &id),
        Action::CopyCommand => command::copy_command(model, &id),
        Action::CopyPath => copy_path(model, &id),
        Action::Reveal => reveal(model, &id),
        _ => {
            let meant: Vec<_> = model.desk.jobs.get(&id).cloned().into_iter().collect();
            // There is nothing to be shown of it any more; undo brings it back there.
            let goes = meant.iter().any(|job| job.state != State::Running);
            let done = verbs::act(model, action, meant);
            if done && goes && action == Action::Delete {
                go(model, Tab::Queue);
            }
            return done;
        }
    }
    true
}

fn wipe(model: &mut Model, by: i16) {
    model.job.compare = Compare::Wipe;
    model.job.wipe = (i16::from(model.job.wipe) + by).clamp(0, 100) as u8;
}

/// Says why a job is as it is.
pub fn why(model: &mut Model, id: &str) {
    let Some(job) = model.desk.jobs.get(id).cloned() else { return };
    let how = match job.state {
        State::Queued => "waits",
        State::Running => "runs",
        State::Paused => "is paused",
        State::Done => "is done",
        State::Failed => "failed",
        State::Refused => "was refused",
        State::Cancelled => "was cancelled",
    };
    let mut lines = vec![format!("{} {how}.", plain(&job.name))];
    if !job.reason.is_empty() {
        lines.push(job.reason.clone());
    }
    if let Some(waiting) = &job.waiting {
        lines.push(waiting.clone());
    } else if job.state == State::Queued {
        let before = model.queue.rows.iter().take_while(|other| other.id != job.id);
        let before = before.filter(|other| other.state == State::Queued).count();
        let running = model.desk.jobs.counts.of(State::Running);
        lines.push(match (before, running) {
            (0, 0) => "It is next, and begins in a moment.".to_owned(),
            (0, _) => format!("It is next; {running} running on {}.", job.device),
            (n, _) => format!("{n} are before it, and {running} running on {}.", job.device),
        });
    }
    if let Some(failure) = &job.failure {
        lines.push(failure.message.clone());
        lines.extend(failure.causes.iter().map(|cause| format!("because: {cause}")));
        lines.extend(failure.hint.iter().map(|hint| format!("try: {hint}")));
    }
    lines.dedup();
    model.overlays.push(Overlay::Text(Text::new("Why", lines.join("\n"))));
}

fn copy_path(model: &mut Model, id: &str) {
    let Some(output) = model.desk.jobs.get(id).map(|job| job.output.clone()) else { return };
    say(model, Tone::Done, format!("copied: {output}"));
    model.effect(Effect::Copy(output));
}

/// Shows the folder of the output, as a link where the terminal knows such.
fn reveal(model: &mut Model, id: &str) {
    let Some(job) = model.desk.jobs.get(id) else { return };
    let text = format!("{}\n\non {}", job.output, model.host);
    model.overlays.push(Overlay::Text(Text::new("Where it is", text)));
}
