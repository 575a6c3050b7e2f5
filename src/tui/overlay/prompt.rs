//! A line to write.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use tui_input::Input;

use crate::service::wire::FileView;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::complete;
use crate::tui::effect::Effect;
use crate::tui::facts::wrap;
use crate::tui::hint::Hint;
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::theme::Role;

use super::{Files, Flow, Overlay, Pick};

/// A line to write.
#[derive(Debug)]
pub struct Prompt {
    title: String,
    help: String,
    input: Input,
    /// What kind of path it is, where it is one.
    pick: Option<Pick>,
    done: fn(&mut Model, String),
}

impl Prompt {
    /// Asks for a line; `done` gets it.
    pub fn new(
        title: impl Into<String>,
        help: impl Into<String>,
        value: impl Into<String>,
        done: fn(&mut Model, String),
    ) -> Self {
        let input = Input::new(value.into());
        Prompt { title: title.into(), help: help.into(), input, pick: None, done }
    }

    /// The line is a path of the service's machine: it is completed, and can be chosen from files.
    #[must_use]
    pub fn of_path(mut self, pick: Pick) -> Self {
        self.pick = Some(pick);
        self
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Accept => {
                (self.done)(model, self.input.value().to_owned());
                return Flow::Close;
            }
            Action::Back => return Flow::Close,
            Action::Complete if self.pick.is_some() => {
                let path = complete::full(self.input.value(), model.local);
                model.effects.extend(complete::ask(&path).map(Effect::Call));
            }
            Action::PickFile => self.look_for_it(model),
            _ => {}
        }
        Flow::Stay
    }

    /// Shows the files where the line leads to; the one that is chosen comes into the line.
    fn look_for_it(&self, model: &mut Model) {
        let Some(pick) = self.pick else { return };
        let path = complete::full(self.input.value(), model.local);
        let folder = complete::parted(&path).map(|(folder, _)| folder).unwrap_or_default();
        let files = Files::open(model, &self.title, pick, folder, &path, |model, paths| {
            if let (Some(Overlay::Prompt(prompt)), Some(path)) =
                (model.overlays.last_mut(), paths.into_iter().next())
            {
                prompt.input = Input::new(path);
            }
        });
        model.overlays.push(Overlay::Files(files));
    }

    /// What lies in a folder came: a path goes on as far as there is one way.
    pub(super) fn came(&mut self, local: bool, folder: &str, entries: &[FileView]) {
        let path = complete::full(self.input.value(), local);
        if self.pick.is_some()
            && let Some(path) = complete::complete(&path, folder, entries)
        {
            self.input = Input::new(path);
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Flow {
        input::edit(&mut self.input, key);
        Flow::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        input::insert(&mut self.input, text);
    }

    pub(super) fn hints(&self, model: &Model) -> Vec<Hint> {
        let mut hints = vec![Hint::of(model, Action::Accept, "take")];
        if self.pick.is_some() {
            hints.push(Hint::of(model, Action::Complete, "complete"));
            hints.push(Hint::of(model, Action::PickFile, "look for it"));
        }
        hints
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = canvas.wide(76);
        let help = wrap(&self.help, usize::from(width.saturating_sub(4)));
        let inner = canvas.popup(middle(area, width, help.len() as u16 + 3), &self.title);
        let line = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let line = Rect { height: line.height.min(1), ..line };
        for (y, help) in (inner.y..inner.bottom()).zip(help) {
            canvas.line(Rect { y, ..line }, canvas.span(help, Role::Muted));
        }
        input::paint(
            canvas,
            Rect { y: inner.bottom().saturating_sub(1), ..line },
            &self.input,
            true,
        );
    }
}
