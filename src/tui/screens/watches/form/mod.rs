//! A new hot folder: every rule with what it is when nobody says anything, checked while it is
//! typed.

mod act;
mod paths;
mod view;

use crossterm::event::KeyEvent;
use tui_input::Input;

use crate::settings::config::Watch;
use crate::settings::document::BadValue;
use crate::tui::input;
use crate::tui::model::Model;

use super::field::{Field, Kind};

pub(super) use act::{act, clicked};

/// A hot folder that is being described.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) watch: Watch,
    /// As it is; for a new one, as it is when nobody says anything.
    before: Watch,
    /// There is one already, which gets other rules.
    old: bool,
    pub(super) at: usize,
    writing: Option<Writing>,
    /// What is wrong is shown of every line, not only of those that say something.
    asked: bool,
    /// It is on its way to the service.
    sent: bool,
}

/// A line that is being written.
#[derive(Debug)]
struct Writing {
    input: Input,
    /// Why what is typed is no value.
    fault: Option<String>,
    /// The hot folder as it was before.
    before: Watch,
}

impl Form {
    /// Whether a line is being written.
    pub(super) fn typing(&self) -> bool {
        self.writing.is_some()
    }

    /// The service did not take it.
    pub(super) fn refused(&mut self) {
        self.sent = false;
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = Field::of(&self.watch);
        if self.old {
            // What it has done is known by these, so they stay; pausing has a key of its own.
            fields.retain(|field| !matches!(field, Field::Name | Field::Folder | Field::Paused));
        }
        fields
    }

    pub(super) fn field(&self) -> Field {
        let fields = self.fields();
        fields[self.at.min(fields.len() - 1)]
    }

    /// A letter of the line.
    pub(super) fn key(&mut self, key: KeyEvent, local: bool) {
        if let Some(writing) = &mut self.writing
            && input::edit(&mut writing.input, key)
        {
            self.typed(local);
        }
    }

    /// A paste into the line; into one that is not open yet where paths are pasted.
    pub(super) fn paste(&mut self, text: &str, local: bool) -> bool {
        if self.writing.is_none() && self.field().kind() == Kind::Text {
            self.write();
        }
        let field = self.field();
        let Some(writing) = &mut self.writing else { return true };
        // Several files are pasted or dropped in several lines.
        let parts: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let several = matches!(field, Field::Sources | Field::Include | Field::Ignore);
        let text = parts.join(if several { "; " } else { " " });
        if field == Field::Sources && !writing.input.value().trim().is_empty() {
            input::insert(&mut writing.input, "; ");
        }
        input::insert(&mut writing.input, &text);
        self.typed(local);
        true
    }

    fn write(&mut self) {
        let input = Input::new(self.field().text(&self.watch));
        self.writing = Some(Writing { input, fault: None, before: self.watch.clone() });
    }

    /// Takes what is typed over, as far as it is a value.
    fn typed(&mut self, local: bool) {
        let field = self.field();
        let Some(writing) = &mut self.writing else { return };
        let mut watch = writing.before.clone();
        writing.fault = field.take(&mut watch, writing.input.value()).err();
        if writing.fault.is_none() {
            // `~` is the folder of the user here; of another machine's nobody here knows.
            if local {
                watch.tidy();
            }
            self.watch = watch;
        }
    }

    /// What is wrong with a line.
    fn fault(&self, field: Field) -> Option<String> {
        let typed = self.writing.as_ref().filter(|_| field == self.field());
        if let Some(fault) = typed.and_then(|writing| writing.fault.clone()) {
            return Some(fault);
        }
        // What nobody has filled in yet is not wrong yet.
        let empty = field.text(&self.watch).is_empty() && typed.is_none();
        if empty && !self.asked {
            return None;
        }
        let faults = self.watch.faults();
        let of_field = |bad: &&BadValue| bad.at.last() == Some(&field.key().into());
        faults.iter().find(of_field).map(words)
    }
}

/// What is wrong, without the way to its key, beside which it stands.
fn words(bad: &BadValue) -> String {
    let message = bad.message.split_once(": ").filter(|(way, _)| way.starts_with("watch."));
    format!("{}; {}", message.map_or(bad.message.as_str(), |(_, rest)| rest), bad.hint)
}

/// Begins to change one.
pub(super) fn change(model: &mut Model, watch: Watch) {
    let form = Form { before: watch.clone(), watch, old: true, ..Form::default() };
    model.watches.form = Some(form);
}

/// Begins with a new one.
pub(super) fn open(model: &mut Model) {
    model.watches.form = Some(Form::default());
}
