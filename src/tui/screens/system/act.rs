//! What can be done about the system.

use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Confirm, Danger, Overlay, Text, Tone, moved};
use crate::tui::painted::List;
use crate::tui::update::say;

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    let window = model.painted.lists.get(&List::Facts).copied().unwrap_or_default();
    let page = usize::from(window.area.height).max(1);
    let len = window.len.saturating_sub(page) + 1;
    if let Some(first) = moved(model.system.first, len, page, action) {
        model.system.first = first;
        return true;
    }
    match action {
        Action::Fix => mend(model),
        Action::Refresh => {
            say(model, Tone::Note, "looking again");
            super::look(model);
            for call in [Call::Meters, Call::Health, Call::Service] {
                model.effect(Effect::Call(call));
            }
        }
        _ => return false,
    }
    true
}

/// Mends what can be mended, on the machine of the service.
fn mend(model: &mut Model) {
    let Some(findings) = &model.system.findings else {
        say(model, Tone::Note, "the doctor has not answered yet");
        return;
    };
    if model.system.mending {
        say(model, Tone::Note, "what is missing is being fetched");
        return;
    }
    if findings.problems.is_empty() {
        say(model, Tone::Done, "there is nothing to mend");
        return;
    }
    let fixable: Vec<&str> = findings
        .problems
        .iter()
        .filter(|one| one.fixable)
        .map(|one| one.message.as_str())
        .collect();
    if fixable.is_empty() {
        let lines = findings.problems.iter().map(|one| match &one.hint {
            Some(hint) => format!("{}\n  try: {hint}", one.message),
            None => one.message.clone(),
        });
        let text =
            format!("None of this can be fetched:\n\n{}", lines.collect::<Vec<_>>().join("\n"));
        model.overlays.push(Overlay::Text(Text::new("What you can do", text)));
        return;
    }
    if !model.local {
        let text = format!("mend it there: facedeck doctor --fix on {}", model.host);
        say(model, Tone::Warning, text);
        return;
    }
    let text = format!("{}\n\nWhat is missing is fetched from the network.", fixable.join("\n"));
    let confirm = Confirm::new("Mend it?", text, Danger::Low)
        .effects(vec![Effect::Call(Call::Mend)])
        .then(|model| model.system.mending = true);
    model.overlays.push(Overlay::Confirm(confirm));
}
