//! What lies over the screen: help, the command palette, questions, messages, choices.

mod choices;
mod confirm;
mod faces;
mod files;
mod help;
mod notices;
mod options;
mod palette;
mod prompt;
mod text;
pub mod toasts;
mod welcome;

use crossterm::event::KeyEvent;

use crate::service::wire::FilesView;

use super::action::Action;
use super::canvas::Canvas;
use super::hint::Hint;
use super::keymap::Scope;
use super::model::Model;
use super::painted::List;

pub use choices::{Choice, Choices};
pub use confirm::{Confirm, Danger};
pub use faces::Faces;
pub use files::{Files, Pick};
pub use help::Help;
pub use notices::Notices;
pub use options::Options;
pub use palette::Palette;
pub use prompt::Prompt;
pub use text::Text;
pub use toasts::{Toasts, Tone};
pub use welcome::Welcome;

/// Something over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// What the keys do.
    Help(Help),
    /// Every command by its name.
    Palette(Palette),
    /// A question.
    Confirm(Confirm),
    /// What was said.
    Notices(Notices),
    /// A text to read.
    Text(Text),
    /// A line to write.
    Prompt(Prompt),
    /// One of several.
    Choices(Choices),
    /// Files to choose from.
    Files(Files),
    /// Who is in a photo or a frame.
    Faces(Faces),
    /// Every option of the profile.
    Options(Options),
    /// The first run.
    Welcome(Welcome),
}

/// Whether an overlay stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It stays.
    Stay,
    /// It is done.
    Close,
}

impl Overlay {
    /// Where keys mean something.
    pub fn scopes(&self) -> Vec<Scope> {
        match self {
            // A question takes only its own answers.
            Overlay::Confirm(_) => vec![Scope::Input],
            _ if self.typing() => vec![Scope::Input],
            // The same keys as on the form beneath.
            Overlay::Faces(_) | Overlay::Options(_) => {
                vec![Scope::NewJob, Scope::List, Scope::Global]
            }
            _ => vec![Scope::List, Scope::Global],
        }
    }

    /// Whether letters are typed into it.
    pub fn typing(&self) -> bool {
        if let Overlay::Options(options) = self {
            return options.typing();
        }
        matches!(
            self,
            Overlay::Files(_)
                | Overlay::Palette(_)
                | Overlay::Prompt(_)
                | Overlay::Confirm(_)
                | Overlay::Choices(_)
                | Overlay::Help(_)
                | Overlay::Welcome(_)
        )
    }

    fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match self {
            Overlay::Help(help) => help.act(model, action),
            Overlay::Palette(palette) => palette.act(model, action),
            Overlay::Confirm(confirm) => confirm.act(model, action),
            Overlay::Notices(notices) => notices.act(model, action),
            Overlay::Text(text) => text.act(model, action),
            Overlay::Prompt(prompt) => prompt.act(model, action),
            Overlay::Choices(choices) => choices.act(model, action),
            Overlay::Files(files) => files.act(model, action),
            Overlay::Faces(faces) => faces.act(model, action),
            Overlay::Options(options) => options.act(model, action),
            Overlay::Welcome(welcome) => welcome.act(model, action),
        }
    }

    fn key(&mut self, model: &mut Model, key: KeyEvent) -> Flow {
        match self {
            Overlay::Help(help) => help.key(model, key),
            Overlay::Palette(palette) => palette.key(model, key),
            Overlay::Confirm(confirm) => confirm.key(model, key),
            Overlay::Prompt(prompt) => prompt.key(key),
            Overlay::Choices(choices) => choices.key(key),
            Overlay::Welcome(welcome) => welcome.key(model, key),
            Overlay::Files(files) => files.key(model, key),
            Overlay::Options(options) => options.key(key),
            Overlay::Notices(_) | Overlay::Text(_) | Overlay::Faces(_) => Flow::Stay,
        }
    }

    fn paste(&mut self, model: &mut Model, text: &str) {
        match self {
            Overlay::Palette(palette) => palette.paste(text),
            Overlay::Prompt(prompt) => prompt.paste(text),
            Overlay::Choices(choices) => choices.paste(text),
            Overlay::Files(files) => files.paste(model, text),
            Overlay::Options(options) => options.paste(text),
            _ => {}
        }
    }

    fn choose(&mut self, model: &mut Model, list: List, index: usize, twice: bool) -> Flow {
        match self {
            Overlay::Palette(palette) => palette.choose(model, index),
            Overlay::Choices(choices) => choices.choose(model, index, twice),
            Overlay::Files(files) => files.choose(model, index, twice),
            Overlay::Faces(faces) => faces.choose(model, index, twice),
            Overlay::Options(options) => options.choose(model, index, twice),
            _ => {
                let _ = list;
                Flow::Stay
            }
        }
    }

    /// Its own keys, for the last line; how it is closed comes last.
    pub fn hints(&self, canvas: &Canvas<'_>) -> Vec<Hint> {
        let model = canvas.model;
        let close = Hint::of(model, Action::Back, "close");
        let taken = |word| vec![Hint::of(model, Action::Accept, word)];
        let leave = Hint::of(model, Action::Back, "leave");
        let (mut hints, end) = match self {
            Overlay::Help(_) => (Vec::from_iter(Hint::further(canvas, List::Help)), close),
            Overlay::Text(_) => (Vec::from_iter(Hint::further(canvas, List::Text)), close),
            Overlay::Palette(_) => (taken("do it"), close),
            Overlay::Prompt(prompt) => (prompt.hints(model), leave),
            Overlay::Choices(_) => (taken("take"), leave),
            Overlay::Notices(notices) => (notices.hints(model), close),
            Overlay::Confirm(confirm) => return confirm.hints(canvas),
            Overlay::Welcome(_) => return Welcome::hints(),
            Overlay::Options(options) if options.typing() => (taken("take"), leave),
            Overlay::Options(_) => (Options::hints(model), close),
            Overlay::Faces(faces) => (faces.hints(model), close),
            Overlay::Files(files) => (files.hints(model), close),
        };
        hints.push(end);
        hints
    }

    /// Paints it.
    pub fn view(&self, canvas: &mut Canvas<'_>) {
        match self {
            Overlay::Help(help) => help.view(canvas),
            Overlay::Palette(palette) => palette.view(canvas),
            Overlay::Confirm(confirm) => confirm.view(canvas),
            Overlay::Notices(notices) => notices.view(canvas),
            Overlay::Text(text) => text.view(canvas),
            Overlay::Prompt(prompt) => prompt.view(canvas),
            Overlay::Choices(choices) => choices.view(canvas),
            Overlay::Files(files) => files.view(canvas),
            Overlay::Faces(faces) => faces.view(canvas),
            Overlay::Options(options) => options.view(canvas),
            Overlay::Welcome(welcome) => welcome.view(canvas),
        }
    }
}

/// Lets the uppermost overlay do something; whether there was one.
fn with_top(model: &mut Model, work: impl FnOnce(&mut Overlay, &mut Model) -> Flow) -> bool {
    let Some(mut top) = model.overlays.pop() else { return false };
    let below = model.overlays.len();
    // It may put others over itself.
    if work(&mut top, model) == Flow::Stay {
        model.overlays.insert(below.min(model.overlays.len()), top);
    }
    true
}

/// An action goes to the uppermost overlay; whether there was one.
pub fn act(model: &mut Model, action: Action) -> bool {
    with_top(model, |top, model| top.act(model, action))
}

/// A key goes to the uppermost overlay; whether there was one.
pub fn key(model: &mut Model, key: KeyEvent) -> bool {
    with_top(model, |top, model| top.key(model, key))
}

/// A paste goes to the uppermost overlay; whether there was one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    with_top(model, |top, model| {
        top.paste(model, text);
        Flow::Stay
    })
}

/// A line of the uppermost overlay is clicked; whether there was one.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) -> bool {
    with_top(model, |top, model| top.choose(model, list, index, twice))
}

/// What lies in a folder came: to whoever asked for it.
pub fn came(model: &mut Model, folder: &str, view: &FilesView) {
    for overlay in &mut model.overlays {
        match overlay {
            Overlay::Files(files) => files.came(folder, view),
            Overlay::Prompt(prompt) => prompt.came(model.local, folder, &view.entries),
            _ => {}
        }
    }
}

/// What lies in a folder cannot be told, for this reason.
pub fn did_not_come(model: &mut Model, folder: &str, why: &str) {
    for overlay in &mut model.overlays {
        if let Overlay::Files(files) = overlay {
            files.failed(folder, why);
        }
    }
}

/// Moves a choice in a list of so many.
pub fn moved(chosen: usize, len: usize, page: usize, action: Action) -> Option<usize> {
    let last = len.saturating_sub(1);
    Some(match action {
        Action::Up => chosen.saturating_sub(1),
        Action::Down => (chosen + 1).min(last),
        Action::PageUp => chosen.saturating_sub(page),
        Action::PageDown => (chosen + page).min(last),
        Action::HalfPageUp => chosen.saturating_sub(page.div_ceil(2)),
        Action::HalfPageDown => (chosen + page.div_ceil(2)).min(last),
        Action::Top => 0,
        Action::Bottom => last,
        _ => return None,
    })
}
