//! The machine, the service and the terminal: how they do, what is wrong, what will be.

mod act;
mod machine;
mod service;
mod view;
mod warnings;

use std::collections::BTreeSet;

use crate::error::Error;
use crate::service::wire::Findings;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::{Overlay, Text, Tone, toasts};
use crate::tui::update::say;

pub use act::act;
pub use view::view;

use warnings::Warning;

/// The system.
#[derive(Debug, Default)]
pub struct System {
    /// The first line that is to be seen.
    first: usize,
    /// What the doctor found.
    findings: Option<Box<Findings>>,
    /// The doctor is asked.
    looking: bool,
    /// What is missing is being fetched.
    mending: bool,
    /// Nobody was here before: what is missing is told without being asked for.
    pub first_run: bool,
    /// What will go wrong.
    warnings: Vec<Warning>,
    /// What was said of it already.
    said: BTreeSet<String>,
}

/// The service was reached.
pub fn linked(model: &mut Model) {
    // What is going to go wrong is known by what jobs will load.
    model.effect(Effect::Call(Call::Models));
    model.effect(Effect::Call(Call::Profiles));
    if model.system.first_run {
        look(model);
    }
}

/// The screen is shown from now on.
pub fn entered(model: &mut Model) {
    for call in [Call::Meters, Call::Health, Call::Service] {
        model.effect(Effect::Call(call));
    }
    if model.system.findings.is_none() {
        look(model);
    }
}

/// Asks the doctor.
fn look(model: &mut Model) {
    if !std::mem::replace(&mut model.system.looking, true) {
        model.effect(Effect::Call(Call::Doctor));
    }
}

/// The machine was measured: what will go wrong is said before it does.
pub fn measured(model: &mut Model) {
    let warnings = warnings::all(model);
    for warning in &warnings {
        if model.system.said.insert(warning.key.clone()) {
            say(model, Tone::Warning, warning.text.clone());
        }
    }
    // What came to be right and goes wrong again is news.
    let keys: BTreeSet<String> = warnings.iter().map(|warning| warning.key.clone()).collect();
    model.system.said.retain(|key| keys.contains(key));
    model.system.warnings = warnings;
    if model.tab == Tab::System {
        model.effect(Effect::Call(Call::Health));
        model.effect(Effect::Call(Call::Service));
    }
}

/// The doctor answered.
pub fn found(model: &mut Model, findings: Box<Findings>) {
    model.system.looking = false;
    if std::mem::take(&mut model.system.first_run) {
        let problems = findings.problems.len();
        let key = model.key(crate::tui::action::Action::TabSystem);
        match problems {
            0 => say(model, Tone::Done, "everything is here that is needed"),
            1 => say(model, Tone::Warning, format!("1 finding: {key} shows it")),
            n => say(model, Tone::Warning, format!("{n} findings: {key} shows them")),
        }
    }
    model.system.findings = Some(findings);
}

/// What was missing was fetched.
pub fn mended(model: &mut Model, lines: &[String]) {
    model.system.mending = false;
    match lines {
        [] => say(model, Tone::Done, "nothing had to be fetched"),
        lines => {
            say(model, Tone::Done, "what was missing was fetched");
            // Over another screen it would only be in the way.
            if model.tab == Tab::System && model.overlays.is_empty() {
                model.overlays.push(Overlay::Text(Text::new("Mended", lines.join("\n"))));
            }
        }
    }
    look(model);
}

/// The doctor was not heard, or could not mend.
pub fn failed(model: &mut Model, call: &Call, error: &Error) {
    match call {
        Call::Mend => {
            model.system.mending = false;
            look(model);
        }
        _ => model.system.looking = false,
    }
    say(model, Tone::Error, toasts::words(error));
}

#[cfg(test)]
mod tests;
