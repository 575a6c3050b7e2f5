//! What can be done with jobs, wherever some are shown: the same key asks the same question and can
//! be taken back in the same way.

use std::sync::Arc;

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Confirm, Danger, Overlay, Tone};
use crate::tui::update::say;

use super::queue;

/// What has not ended.
const OPEN: [State; 3] = [State::Queued, State::Running, State::Paused];
/// What has ended otherwise than well.
const FAILED: [State; 3] = [State::Failed, State::Refused, State::Cancelled];

/// Does it with the jobs that are meant; whether it is one of these verbs.
pub fn act(model: &mut Model, action: Action, meant: Vec<Arc<JobView>>) -> bool {
    match action {
        Action::Pause => pause(model, &meant),
        Action::Cancel => cancel(model, &meant),
        Action::Retry => retry(model, &meant, false),
        Action::RetryFromScratch => retry(model, &meant, true),
        Action::Delete => queue::remove(model, meant),
        _ => return false,
    }
    true
}

/// Those of the verbs that fit to the jobs that are meant, in a word each.
pub fn hints(meant: &[Arc<JobView>]) -> Vec<(Action, &'static str)> {
    let some = |states: &[State]| meant.iter().any(|job| states.contains(&job.state));
    let mut hints = Vec::new();
    if some(&[State::Queued, State::Running]) {
        hints.push((Action::Pause, "pause"));
    } else if some(&[State::Paused]) {
        hints.push((Action::Pause, "resume"));
    }
    if some(&OPEN) {
        hints.push((Action::Cancel, "cancel"));
    }
    if some(&FAILED) {
        hints.push((Action::Retry, "retry"));
    }
    if meant.iter().any(|job| job.state != State::Running) {
        hints.push((Action::Delete, "remove"));
    }
    hints
}

/// What is asked of the service for each job that is in one of these states.
fn each(meant: &[Arc<JobView>], fits: &[State], call: impl Fn(String) -> Call) -> Vec<Effect> {
    let fit = meant.iter().filter(|job| fits.contains(&job.state));
    fit.map(|job| Effect::Call(call(job.id.clone()))).collect()
}

/// Asks it; says so where it fits to none of the jobs that are meant.
fn send(model: &mut Model, meant: &[Arc<JobView>], effects: Vec<Effect>, nothing: &str) {
    if effects.is_empty() && !meant.is_empty() {
        say(model, Tone::Warning, nothing);
    }
    model.effects.extend(effects);
}

/// Pauses them; where all are paused they go on.
fn pause(model: &mut Model, meant: &[Arc<JobView>]) {
    let effects = match meant.iter().all(|job| job.state == State::Paused) {
        true => each(meant, &[State::Paused], Call::Resume),
        false => each(meant, &[State::Queued, State::Running], Call::Pause),
    };
    send(model, meant, effects, "it has ended already");
}

/// Cancels them; asks where work would be lost, and where there are several.
fn cancel(model: &mut Model, meant: &[Arc<JobView>]) {
    let effects = each(meant, &OPEN, Call::Cancel);
    let running = meant.iter().filter(|job| job.state == State::Running).count();
    if effects.is_empty() || (running == 0 && effects.len() == 1) {
        return send(model, meant, effects, "it has ended already");
    }
    let title = match meant {
        [job] => format!("Cancel {}?", job.name),
        _ => format!("Cancel {} jobs?", effects.len()),
    };
    let text = match (running, effects.len()) {
        (1, 1) => "What it did so far is lost. It can be tried again.".to_owned(),
        (0, _) => "They stay in the list and can be tried again.".to_owned(),
        (1, _) => {
            "One of them runs; what it did so far is lost. All can be tried again.".to_owned()
        }
        (n, _) => format!("{n} of them run; what they did so far is lost. All can be tried again."),
    };
    let danger = if running > 0 { Danger::High } else { Danger::Low };
    model.overlays.push(Overlay::Confirm(Confirm::new(title, text, danger).effects(effects)));
}

/// Tries them again.
fn retry(model: &mut Model, meant: &[Arc<JobView>], from_scratch: bool) {
    let effects = each(meant, &FAILED, |id| Call::Retry { id, from_scratch });
    let nothing = "only what failed, was refused or cancelled can be tried again";
    send(model, meant, effects, nothing);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{calls, job, press, with_jobs};

    /// What is asked, said and put as a question after a key.
    fn after(model: &mut Model, key: &str) -> (Vec<Call>, Option<String>, String) {
        press(model, key);
        let calls = calls(model).into_iter().filter(|call| !matches!(call, Call::Detail(_)));
        let said = model.toasts.history().next().map(|toast| toast.text.clone());
        (calls.collect(), said, format!("{:?}", model.overlays))
    }

    #[test]
    fn a_key_does_the_same_in_the_queue_and_on_the_screen_of_a_job() {
        let all = [OPEN.as_slice(), FAILED.as_slice(), &[State::Done]].concat();
        for state in all {
            for key in ["p", "x", "r", "R", "D"] {
                let mut queue = with_jobs(vec![job("A", state)]);
                let mut screen = with_jobs(vec![job("A", state)]);
                press(&mut screen, "enter");
                calls(&mut screen);
                let (of_queue, of_screen) = (after(&mut queue, key), after(&mut screen, key));
                assert_eq!(of_queue, of_screen, "{key} where it is {state}");
                let (asked, said, question) = of_queue;
                assert!(!asked.is_empty() || said.is_some() || question != "[]", "{key}, {state}");
            }
        }
    }

    #[test]
    fn verbs_that_are_told_do_something_and_others_are_not_told() {
        let keys = [(Action::Pause, "p"), (Action::Cancel, "x"), (Action::Retry, "r")];
        for state in [OPEN.as_slice(), FAILED.as_slice(), &[State::Done]].concat() {
            let told = hints(&[Arc::new(job("A", state))]);
            for (action, key) in keys {
                let mut model = with_jobs(vec![job("A", state)]);
                let (asked, _, question) = after(&mut model, key);
                let does = !asked.is_empty() || question != "[]";
                assert_eq!(told.iter().any(|hint| hint.0 == action), does, "{key}, {state}");
            }
        }
    }
}
