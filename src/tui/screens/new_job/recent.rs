//! Files that were used lately.

use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::overlay::{Choice, Choices, Overlay, Tone};
use crate::tui::update::say;
use crate::tui::words::file_name;

use super::take;

/// Files that are remembered.
const KEPT: usize = 50;

/// Remembers files, the last one as the last one used.
pub fn remember(model: &mut Model, files: Vec<String>) {
    let recent = &mut model.new_job.recent;
    // What was sent up is gone when the service forgets it.
    for file in files.into_iter().filter(|file| file.starts_with('/')) {
        recent.retain(|known| *known != file);
        recent.insert(0, file);
    }
    recent.truncate(KEPT);
    let effect = Effect::Remember { host: model.host.clone(), files: recent.clone() };
    model.effect(effect);
}

/// Asks which of them is wanted.
pub fn ask(model: &mut Model) {
    let all: Vec<Choice> = model
        .new_job
        .recent
        .iter()
        .map(|path| Choice {
            value: path.clone(),
            label: file_name(path).to_owned(),
            note: path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()),
        })
        .collect();
    if all.is_empty() {
        return say(model, Tone::Note, "no file was used yet; f chooses one");
    }
    let choices = Choices::new("Used lately", all, "", |model, path| {
        take::take_chosen(model, vec![path]);
    });
    model.overlays.push(Overlay::Choices(choices));
}
