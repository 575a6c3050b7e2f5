//! A new hot folder: every rule with what it is when nobody says anything, checked while it is
//! typed.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use tui_input::Input;

use crate::settings::config::Watch;
use crate::settings::document::BadValue;
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::effect::{Call, Effect};
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Tone, moved};
use crate::tui::painted::List;
use crate::tui::sheet::{Entry, Sheet};
use crate::tui::theme::Role;
use crate::tui::update::say;

use super::field::{Field, Kind};

/// A new hot folder that is being described.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) watch: Watch,
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
        Field::of(&self.watch)
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

    /// Paints it.
    pub(super) fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let inner = canvas.pane(area, "A new hot folder", true);
        let fields = self.fields();
        let entry = |field: &Field| {
            let value = field.text(&self.watch);
            let fault = self.fault(*field);
            let (value, role) = match (value.is_empty(), &fault) {
                (_, Some(_)) => (value, Role::Failed),
                (true, None) => (field.unset().to_owned(), Role::Dim),
                (false, None) => (value, Role::Text),
            };
            let note = field.note(&self.watch).to_owned();
            Entry { title: field.title().to_owned(), value, role, note, fault }
        };
        let sheet = Sheet {
            entries: fields.iter().map(entry).collect(),
            at: self.at.min(fields.len() - 1),
            writing: self.writing.as_ref().map(|writing| &writing.input),
            help: self.field().help().to_owned(),
            note: self.note(canvas),
        };
        sheet.view(canvas, inner);
    }

    fn note(&self, canvas: &Canvas<'_>) -> Option<(String, Role)> {
        let model = canvas.model;
        if self.sent {
            return Some(("asking the service".to_owned(), Role::Focus));
        }
        if !self.watch.faults().is_empty() {
            return None;
        }
        let (save, rehearse) = (model.key(Action::Submit), model.key(Action::Rehearse));
        Some((format!("{save} adds it, {rehearse} shows what it would do"), Role::Done))
    }
}

/// What is wrong, without the way to its key, beside which it stands.
fn words(bad: &BadValue) -> String {
    let message = bad.message.split_once(": ").filter(|(way, _)| way.starts_with("watch."));
    format!("{}; {}", message.map_or(bad.message.as_str(), |(_, rest)| rest), bad.hint)
}

/// Begins with a new one.
pub(super) fn open(model: &mut Model) {
    model.watches.form = Some(Form::default());
}

/// Does it; whether it means something here.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    let page = model.painted.page(List::Options);
    let Some(form) = &mut model.watches.form else { return false };
    if let Some(writing) = &mut form.writing {
        match action {
            // What is no value is not taken; its fault is shown.
            Action::Accept if writing.fault.is_some() => {}
            Action::Accept | Action::Down => {
                if writing.fault.is_none() {
                    form.writing = None;
                    // What is wrong is read where it stands.
                    if form.fault(form.field()).is_none() {
                        form.at = (form.at + 1).min(form.fields().len() - 1);
                    }
                }
            }
            Action::Up => {
                if writing.fault.is_none() {
                    form.writing = None;
                    form.at = form.at.saturating_sub(1);
                }
            }
            Action::Back => {
                form.watch = writing.before.clone();
                form.writing = None;
            }
            _ => return false,
        }
        return true;
    }
    if let Some(at) = moved(form.at, form.fields().len(), page, action) {
        form.at = at;
        return true;
    }
    match action {
        Action::Open | Action::Right => edit(model),
        Action::Submit => submit(model),
        Action::Rehearse => rehearse(model),
        Action::Back => leave(model),
        Action::Delete => {
            let field = form.field();
            // Back to what it is when nobody says anything.
            let _ = field.take(&mut form.watch, &field.text(&Watch::default()));
        }
        // They are about the list, which is not here.
        Action::New | Action::Pause | Action::Filter => {}
        _ => return false,
    }
    true
}

/// Changes the chosen line.
fn edit(model: &mut Model) {
    let Some(form) = &mut model.watches.form else { return };
    let field = form.field();
    let now = field.text(&form.watch);
    let all: Vec<Choice> = match field.kind() {
        Kind::Text => return form.write(),
        Kind::Switch => {
            let next = if now == "yes" { "no" } else { "yes" };
            let _ = field.take(&mut form.watch, next);
            return;
        }
        Kind::Words(words) => words.iter().map(|(word, note)| Choice::new(*word, *note)).collect(),
        Kind::Profile => {
            let profiles = model.desk.profiles.iter();
            profiles.map(|one| Choice::new(one.name.as_str(), one.description.as_str())).collect()
        }
    };
    let choices = Choices::new(field.title(), all, &now, |model, word| {
        if let Some(form) = &mut model.watches.form {
            let field = form.field();
            let _ = field.take(&mut form.watch, &word);
        }
    });
    model.overlays.push(Overlay::Choices(choices));
}

/// The hot folder, where nothing is wrong with it; else what is wrong is shown.
fn checked(model: &mut Model) -> Option<Box<Watch>> {
    let form = model.watches.form.as_mut()?;
    form.asked = true;
    let faults = form.watch.faults();
    let Some(first) = faults.first() else { return Some(Box::new(form.watch.clone())) };
    let text = words(first);
    let fields = form.fields();
    let at = fields.iter().position(|field| first.at.last() == Some(&field.key().into()));
    form.at = at.unwrap_or(form.at);
    say(model, Tone::Error, text);
    None
}

fn submit(model: &mut Model) {
    if model.watches.form.as_ref().is_some_and(|form| form.sent) {
        return;
    }
    let Some(watch) = checked(model) else { return };
    if let Some(form) = &mut model.watches.form {
        form.sent = true;
    }
    model.effect(Effect::Call(Call::AddWatch(watch)));
}

fn rehearse(model: &mut Model) {
    if let Some(watch) = checked(model) {
        model.effect(Effect::Call(Call::RehearseWatch(watch)));
    }
}

/// Leaves the form; asks where something would be lost.
fn leave(model: &mut Model) {
    let untouched = model.watches.form.as_ref().is_none_or(|form| form.watch == Watch::default());
    if untouched {
        model.watches.form = None;
        return;
    }
    let confirm =
        Confirm::new("Leave it?", "What you said of the new hot folder is lost.", Danger::Low)
            .then(|model| model.watches.form = None);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// A line is clicked: chosen, and changed with the second click.
pub(super) fn clicked(model: &mut Model, index: usize, twice: bool) {
    let Some(form) = &mut model.watches.form else { return };
    if form.writing.as_ref().is_some_and(|writing| writing.fault.is_some()) {
        return;
    }
    form.writing = None;
    form.at = index;
    if twice {
        edit(model);
    }
}
