//! What can be done with the job that is shown.

use crate::jobs::State;
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::{Confirm, Danger, Overlay, Text, Tone, moved};
use crate::tui::painted::List;
use crate::tui::screens::queue;
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
    let state = model.desk.jobs.get(&id).map(|job| job.state);
    match (action, state) {
        (Action::Compare, _) => model.job.compare = model.job.compare.next(),
        (Action::WipeLeft, _) => wipe(model, -5),
        (Action::WipeRight, _) => wipe(model, 5),
        (Action::Zoom, _) => model.job.zoom = !model.job.zoom,
        (Action::Why, _) => why(model, &id),
        (Action::CopyCommand, _) => command::copy_command(model, &id),
        (Action::CopyPath, _) => copy_path(model, &id),
        (Action::Reveal, _) => reveal(model, &id),
        (Action::Pause, Some(State::Paused)) => model.effect(Effect::Call(Call::Resume(id))),
        (Action::Pause, Some(State::Queued | State::Running)) => {
            model.effect(Effect::Call(Call::Pause(id)));
        }
        (Action::Pause, _) => say(model, Tone::Warning, "it has ended already"),
        (Action::Delete, Some(state)) => {
            let job = model.desk.jobs.get(&id).cloned();
            queue::remove(model, job.into_iter().collect());
            if state != State::Running {
                // There is nothing to be shown of it any more; undo brings it back there.
                go(model, Tab::Queue);
            }
        }
        (Action::Cancel, Some(State::Running)) => {
            let text = "What it did so far is lost. It can be tried again.";
            let confirm = Confirm::new("Cancel this job?", text, Danger::High)
                .effects(vec![Effect::Call(Call::Cancel(id))]);
            model.overlays.push(Overlay::Confirm(confirm));
        }
        (Action::Cancel, Some(State::Queued | State::Paused)) => {
            model.effect(Effect::Call(Call::Cancel(id)));
        }
        (Action::Cancel, _) => say(model, Tone::Warning, "it has ended already"),
        (Action::Retry | Action::RetryFromScratch, Some(State::Done)) => {
            say(model, Tone::Warning, "it is done; only what failed can be tried again");
        }
        (Action::Retry | Action::RetryFromScratch, Some(state)) if state.is_final() => {
            let from_scratch = action == Action::RetryFromScratch;
            model.effect(Effect::Call(Call::Retry { id, from_scratch }));
        }
        (Action::Retry | Action::RetryFromScratch, _) => {
            say(model, Tone::Warning, "it has not ended yet");
        }
        _ => return false,
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
    let mut lines = vec![format!("{} is {}.", job.name, job.state)];
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
