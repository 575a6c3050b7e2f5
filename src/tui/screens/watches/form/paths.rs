//! Paths in the form: completed while they are written, or chosen from files.

use tui_input::Input;

use crate::service::wire::FileView;
use crate::tui::complete;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::overlay::{Files, Overlay, Pick, Tone};
use crate::tui::update::say;

use super::super::field::Field;
use super::Form;

impl Form {
    /// Whether a path is being written.
    pub(in super::super) fn types_path(&self) -> bool {
        self.writing.is_some()
            && matches!(self.field(), Field::Folder | Field::Sources | Field::Output)
    }

    /// The path at the end of the chosen line, and what stands before it: photos stand in a row.
    fn path(&self, local: bool) -> (String, String) {
        let text = match &self.writing {
            Some(writing) => writing.input.value().to_owned(),
            None => self.field().text(&self.watch),
        };
        match text.rsplit_once(';').filter(|_| self.field() == Field::Sources) {
            Some((before, last)) => (format!("{before}; "), complete::full(last, local)),
            None => (String::new(), complete::full(&text, local)),
        }
    }

    /// What lies in a folder came: the path that is being written goes on as far as there is one
    /// way.
    pub(in super::super) fn came(&mut self, local: bool, folder: &str, entries: &[FileView]) {
        let (before, path) = self.path(local);
        if self.types_path()
            && let Some(path) = complete::complete(&path, folder, entries)
            && let Some(writing) = &mut self.writing
        {
            writing.input = Input::new(format!("{before}{path}"));
            self.typed(local);
        }
    }
}

/// Asks what lies in the folder of the path that is being written.
pub(super) fn ask_to_complete(model: &mut Model) {
    let form = model.watches.form.as_ref().filter(|form| form.types_path());
    let call = form.and_then(|form| complete::ask(&form.path(model.local).1));
    model.effects.extend(call.map(Effect::Call));
}

/// Shows files to choose from for the chosen line.
pub(super) fn pick(model: &mut Model) {
    let Some(form) = &mut model.watches.form else { return };
    let (title, pick) = match form.field() {
        Field::Folder => ("The folder whose files become jobs", Pick::Folder),
        Field::Sources => ("Photos of the face", Pick::Pictures),
        Field::Output => ("A folder for the results", Pick::Folder),
        field => {
            let text = format!("{} is no path", field.title());
            return say(model, Tone::Warning, text);
        }
    };
    let (_, path) = form.path(model.local);
    form.writing = None;
    let folder = complete::parted(&path).map(|(folder, _)| folder).unwrap_or_default();
    let files = Files::open(model, title, pick, folder, &path, picked);
    model.overlays.push(Overlay::Files(files));
}

/// Takes what was chosen: photos come to those that are there.
fn picked(model: &mut Model, paths: Vec<String>) {
    let Some(form) = &mut model.watches.form else { return };
    let field = form.field();
    let text = match field {
        Field::Sources => {
            let before = field.text(&form.watch);
            let mut all: Vec<&str> = before.split("; ").filter(|path| !path.is_empty()).collect();
            all.extend(paths.iter().map(String::as_str).filter(|path| !before.contains(path)));
            all.join("; ")
        }
        _ => paths.into_iter().next().unwrap_or_default(),
    };
    // A path is a value of each of these lines.
    let _ = field.take(&mut form.watch, &text);
}
