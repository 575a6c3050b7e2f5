//! What was changed is looked at by the service, and saved.

use crate::service::wire::{CheckBody, CheckView, NewProfile};
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::Tone;
use crate::tui::update::say;

use super::Editor;
use crate::tui::screens::profiles::entries::DESCRIPTION;

/// Something was changed: the service looks at it.
pub(super) fn touched(model: &mut Model) {
    let Some(editor) = &model.profiles.editor else { return };
    let call = Call::CheckProfile(Box::new(editor.body()));
    model.effect(Effect::Call(call));
}

impl Editor {
    fn body(&self) -> CheckBody {
        CheckBody { profile: Some(self.base.clone()), settings: self.changed.clone() }
    }
}

/// The service looked at it.
pub(in super::super) fn checked(model: &mut Model, body: &CheckBody, view: CheckView) {
    if let Some(editor) = &mut model.profiles.editor
        // It may have been changed since.
        && editor.body() == *body
    {
        editor.check = view;
    }
}

pub(super) fn save(model: &mut Model) {
    let Some(editor) = &mut model.profiles.editor else { return };
    if editor.sent || editor.before.is_none() {
        return;
    }
    if let Some(fault) = editor.check.faults.first() {
        let (key, text) = (fault.key.clone(), fault.message.clone());
        if let Some(key) = key {
            editor.shelf.choose_name(&key);
        }
        return say(model, Tone::Error, text);
    }
    editor.sent = true;
    let mut settings = editor.changed.clone();
    let description = settings.remove(DESCRIPTION);
    let description = description.and_then(|text| text.as_str().map(str::to_owned));
    let (name, overwrite) = (editor.name.clone(), !editor.new);
    let new = NewProfile { extends: Some(editor.base.clone()), description, settings, overwrite };
    model.effect(Effect::Call(Call::SaveProfile { name, new: Box::new(new) }));
}

/// The service took it.
pub(in super::super) fn saved(model: &mut Model, name: &str) {
    if model.profiles.editor.as_ref().is_some_and(|editor| editor.name == name) {
        model.profiles.editor = None;
    }
}

/// The service did not take it.
pub(in super::super) fn refused(model: &mut Model) {
    if let Some(editor) = &mut model.profiles.editor {
        editor.sent = false;
    }
}
