//! What the service answered.

use std::sync::Arc;

use crate::error::Error;
use crate::tui::call::Answer;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{self, Tone, toasts};
use crate::tui::screens;

use super::say;

/// Takes an answer in.
pub(super) fn answer(model: &mut Model, call: Call, result: Result<Answer, Arc<Error>>) {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return failed(model, &call, &error),
    };
    if let (Call::Files { path, .. }, Answer::Files(view)) = (&call, &answer) {
        overlay::came(model, path, view);
        screens::watches::completed(model, path, &view.entries);
    }
    screens::new_job::heard(model, &call, &answer);
    screens::job::heard(model, &call, &answer);
    match (call, answer) {
        (_, Answer::Jobs(page)) => model.desk.jobs.whole(page),
        (_, Answer::Meters(meters)) => {
            model.desk.measured(*meters);
            screens::system::measured(model);
        }
        (_, Answer::Service(service)) => model.desk.service = Some(*service),
        (_, Answer::Detail(detail)) => screens::job::detailed(model, *detail),
        (Call::Log(id), Answer::Text(text)) => screens::job::logged(model, &id, &text),
        (Call::Remove(id), Answer::Nothing) => model.desk.jobs.remove(&id, None),
        (Call::Add(_), Answer::Job(job)) => {
            model.queue.chosen = Some(job.id.clone());
            model.desk.jobs.put(*job, None);
        }
        (_, Answer::Job(job)) => model.desk.jobs.put(*job, None),
        (call, Answer::Lines(lines)) => match call {
            Call::Mend => screens::system::mended(model, &lines),
            _ => screens::watches::rehearsed(model, lines),
        },
        (_, Answer::Health(health)) => model.desk.health = Some(health),
        (_, Answer::Findings(found)) => screens::system::found(model, found),
        (_, Answer::Capabilities(all)) => model.desk.capabilities = Some(all),
        (call, answer) => match Room::of(&call) {
            Some(Room::Watches) => screens::watches::answered(model, &call, answer),
            Some(Room::Models) => screens::models::answered(model, answer),
            Some(Room::Profiles) => screens::profiles::answered(model, &call, answer),
            None => {}
        },
    }
}

/// Something was refused or went wrong.
fn failed(model: &mut Model, call: &Call, error: &Error) {
    if let Call::Files { path, .. } = call {
        overlay::did_not_come(model, path, &toasts::words(error));
    }
    if screens::new_job::failed(model, call, error) || screens::job::failed(model, call) {
        return;
    }
    match call {
        // Asked again and again, or told by the line already.
        Call::Meters | Call::Health | Call::Detail(_) | Call::Log(_) => {
            tracing::debug!("{call:?}: {}", error.chain());
        }
        Call::Jobs => {}
        // It was taken out of sight too early.
        Call::Remove(_) => {
            model.effect(Effect::Call(Call::Jobs));
            say(model, Tone::Error, toasts::words(error));
        }
        Call::Doctor | Call::Mend => screens::system::failed(model, call, error),
        _ => match Room::of(call) {
            Some(Room::Models) => screens::models::failed(model, call, error),
            Some(Room::Profiles) => screens::profiles::failed(model, call, error),
            Some(Room::Watches) => screens::watches::failed(model, error),
            None => say(model, Tone::Error, toasts::words(error)),
        },
    }
}

/// The screen whose questions these are.
enum Room {
    Watches,
    Models,
    Profiles,
}

impl Room {
    fn of(call: &Call) -> Option<Self> {
        Some(match call {
            Call::Watches
            | Call::AddWatch(_)
            | Call::ChangeWatch(_)
            | Call::RehearseWatch(_)
            | Call::RemoveWatch(_)
            | Call::PauseWatch { .. } => Room::Watches,
            Call::Models
            | Call::Model(_)
            | Call::Pull(_)
            | Call::CancelPull(_)
            | Call::VerifyModel(_)
            | Call::ImportModels(_)
            | Call::RemoveModel(_) => Room::Models,
            Call::Profiles
            | Call::Profile(_)
            | Call::SaveProfile { .. }
            | Call::RemoveProfile(_)
            | Call::CheckProfile(_) => Room::Profiles,
            _ => return None,
        })
    }
}
