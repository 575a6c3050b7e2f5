//! What the service answered about hot folders.

use crate::error::Error;
use crate::tui::call::Answer;
use crate::tui::effect::Call;
use crate::tui::model::Model;
use crate::tui::overlay::{Overlay, Text, Tone, toasts};
use crate::tui::update::say;

/// Takes an answer in.
pub fn answered(model: &mut Model, call: &Call, answer: Answer) {
    match (call, answer) {
        (_, Answer::Watches(all)) => model.desk.watches = all,
        (Call::AddWatch(_), Answer::Watch(one)) => {
            model.watches.form = None;
            say(model, Tone::Done, format!("{} is a hot folder now: {}", one.name, one.folder));
            model.watches.shelf.choose_name(&one.name);
            put(model, *one);
        }
        (Call::ChangeWatch(_), Answer::Watch(one)) => {
            model.watches.form = None;
            say(model, Tone::Done, format!("{} has other rules from now on", one.name));
            put(model, *one);
        }
        (_, Answer::Watch(one)) => {
            let word = if one.paused { "takes nothing until it is resumed" } else { "goes on" };
            say(model, Tone::Done, format!("{} {word}", one.name));
            put(model, *one);
        }
        (Call::RemoveWatch(name), Answer::Nothing) => {
            model.desk.watches.retain(|one| one.name != *name);
            say(
                model,
                Tone::Done,
                format!("{name} is no hot folder any more; its files and jobs stay"),
            );
        }
        _ => {}
    }
}

fn put(model: &mut Model, one: crate::service::wire::WatchView) {
    match model.desk.watches.iter_mut().find(|old| old.name == one.name) {
        Some(old) => *old = one,
        None => model.desk.watches.push(one),
    }
}

/// What a hot folder would do with what is there.
pub fn rehearsed(model: &mut Model, lines: Vec<String>) {
    let text = match lines.is_empty() {
        true => "Nothing lies there that would become a job.".to_owned(),
        false => {
            lines.iter().map(|line| crate::tui::canvas::plain(line)).collect::<Vec<_>>().join("\n")
        }
    };
    model.overlays.push(Overlay::Text(Text::new("What it would do", text)));
}

/// Something about a hot folder was refused or went wrong.
pub fn failed(model: &mut Model, error: &Error) {
    if let Some(form) = &mut model.watches.form {
        form.refused();
    }
    say(model, Tone::Error, toasts::words(error));
}
