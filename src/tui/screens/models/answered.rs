//! What the service answered about models.

use crate::error::Error;
use crate::service::wire::PullView;
use crate::tui::call::Answer;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Tone, toasts};
use crate::tui::update::say;
use crate::tui::words::bytes;

use super::fetch;

/// Takes an answer in.
pub fn answered(model: &mut Model, answer: Answer) {
    match answer {
        Answer::Models(all) => {
            // What was asked for one by one may be another one by now.
            model.models.whole.retain(|id, _| all.iter().any(|one| one.id == *id));
            model.desk.models = all;
        }
        Answer::Model(one) => {
            fetch::licensed(model, &one);
            model.models.whole.insert(one.id.clone(), *one);
        }
        // Events say more, and may have said it before: what they said is never put back.
        Answer::Pull(pull) => begun(model, *pull),
        Answer::Verified(found) => {
            model.models.busy.remove(&found.id);
            let id = &found.id;
            match (found.good, &found.damage) {
                (true, _) if found.pinned || found.status == "embedded" => {
                    say(model, Tone::Done, format!("{id} is whole"));
                }
                (true, _) => {
                    say(model, Tone::Done, format!("{id} is whole; it is a file of your own"))
                }
                (false, why) => {
                    let why = why.as_deref().unwrap_or("its file is damaged");
                    say(model, Tone::Error, format!("{id}: {why}"));
                }
            }
            model.effect(Effect::Call(Call::Models));
        }
        Answer::Imported(taken) => {
            let words = match taken.as_slice() {
                [] => "nothing was taken".to_owned(),
                [one] if one.pinned => format!("{} is here: the catalog's file", one.id),
                [one] => format!("{} is here: not the catalog's file, results may differ", one.id),
                all => {
                    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
                    format!("{} models are here: {}", ids.len(), ids.join(", "))
                }
            };
            if let Some(one) = taken.first() {
                model.models.shelf.choose_name(&one.id);
            }
            say(model, if taken.is_empty() { Tone::Warning } else { Tone::Done }, words);
            again(model);
        }
        Answer::Removed(gone) => {
            let free = match gone.bytes {
                0 => String::new(),
                size => format!("; {} are free again", bytes(size)),
            };
            say(model, Tone::Done, format!("{} was removed{free}", gone.id));
            again(model);
        }
        _ => {}
    }
}

/// A fetch was begun, or given up.
fn begun(model: &mut Model, pull: PullView) {
    if !model.desk.pulls.iter().any(|old| old.model == pull.model) {
        model.desk.pulls.push(pull);
    }
}

/// Something about a model was refused or went wrong.
pub fn failed(model: &mut Model, call: &Call, error: &Error) {
    match call {
        Call::VerifyModel(id) => drop(model.models.busy.remove(id)),
        // Nobody asked for it who would miss it.
        Call::Model(id) if model.models.wanted.as_ref() != Some(id) => {
            return tracing::debug!("the model {id}: {}", error.chain());
        }
        Call::Model(_) => model.models.wanted = None,
        _ => {}
    }
    say(model, Tone::Error, toasts::words(error));
}

/// Which models are here changed, and with them what profiles lack.
fn again(model: &mut Model) {
    model.effect(Effect::Call(Call::Models));
    model.effect(Effect::Call(Call::Profiles));
}
