//! Files of the service's machine to choose from, with a small picture of each, and who is in it.

mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

use crate::service::files::FileKind;
use crate::service::wire::{FileView, FilesView};
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::fuzzy;
use crate::tui::hint::Hint;
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::painted::List;
use crate::tui::screens::new_job;

use super::{Flow, moved};

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Pictures.
    Pictures,
    /// Pictures and videos.
    Media,
    /// A folder.
    Folder,
    /// Any file, or a folder.
    Any,
}

/// The file picker.
#[derive(Debug)]
pub struct Files {
    title: String,
    pick: Pick,
    /// The folder that was asked for.
    asked: String,
    /// What lies in it.
    view: Option<Arc<FilesView>>,
    fault: Option<String>,
    input: Input,
    found: Vec<usize>,
    chosen: usize,
    marked: BTreeSet<String>,
    /// The path that is chosen once the folder is here.
    wanted: String,
    done: fn(&mut Model, Vec<String>),
}

impl Files {
    /// Shows a folder; the user's home where it is empty. `wanted` is chosen at first where it lies
    /// there; `done` gets the paths.
    pub fn open(
        model: &mut Model,
        title: &str,
        pick: Pick,
        folder: &str,
        wanted: &str,
        done: fn(&mut Model, Vec<String>),
    ) -> Self {
        let mut files = Files {
            title: title.to_owned(),
            pick,
            asked: String::new(),
            view: None,
            fault: None,
            input: Input::default(),
            found: Vec::new(),
            chosen: 0,
            marked: BTreeSet::new(),
            wanted: wanted.to_owned(),
            done,
        };
        files.go_to(model, folder.to_owned());
        files
    }

    fn go_to(&mut self, model: &mut Model, folder: String) {
        self.asked = folder;
        self.view = None;
        self.fault = None;
        self.input.reset();
        self.search();
        self.ask(model);
    }

    /// Asks what lies in the folder; hidden files only when their dot is typed.
    fn ask(&self, model: &mut Model) {
        let hidden = self.input.value().starts_with('.');
        model.effect(Effect::Call(Call::Files { path: self.asked.clone(), hidden }));
    }

    /// A folder came.
    pub fn came(&mut self, asked: &str, view: &FilesView) {
        if asked != self.asked {
            return;
        }
        let before = self.entry().map(|entry| entry.path.clone());
        self.view = Some(Arc::new(view.clone()));
        self.fault = None;
        self.search();
        let wanted = before.unwrap_or_else(|| std::mem::take(&mut self.wanted));
        let at = self.found.iter().position(|index| view.entries[*index].path == wanted);
        self.chosen = at.unwrap_or(0);
    }

    /// A folder did not come.
    pub fn failed(&mut self, asked: &str, why: &str) {
        if asked == self.asked {
            self.fault = Some(why.to_owned());
        }
    }

    /// The file whose faces are of interest.
    pub fn looked_at(&self) -> Option<String> {
        let entry = self.entry()?;
        let seen = matches!(entry.kind, FileKind::Picture | FileKind::Video);
        seen.then(|| entry.path.clone())
    }

    pub(super) fn hints(&self, model: &Model) -> Vec<Hint> {
        let mut hints = Vec::new();
        let kind = self.entry().map(|entry| entry.kind);
        let fits = kind.is_some_and(|kind| self.fits(kind));
        let take = match kind {
            // What is marked goes before what is chosen.
            _ if !self.marked.is_empty() => Some("take what is marked"),
            Some(FileKind::Folder) => Some("open"),
            _ => fits.then_some("take"),
        };
        hints.extend(take.map(|word| Hint::of(model, Action::Accept, word)));
        if fits && self.marks() {
            hints.push(Hint::own("Space", Action::Mark, "mark"));
        }
        if !self.marks() {
            hints.push(Hint::of(model, Action::Complete, "take this folder"));
        }
        hints.push(Hint::own("Left", Action::Left, "folder above"));
        hints
    }

    /// Whether several files can be chosen.
    fn marks(&self) -> bool {
        matches!(self.pick, Pick::Pictures | Pick::Media)
    }

    fn entries(&self) -> &[FileView] {
        self.view.as_ref().map_or(&[], |view| view.entries.as_slice())
    }

    fn entry(&self) -> Option<&FileView> {
        self.entries().get(*self.found.get(self.chosen)?)
    }

    /// Whether a file can be chosen here.
    fn fits(&self, kind: FileKind) -> bool {
        match self.pick {
            Pick::Pictures => kind == FileKind::Picture,
            Pick::Media => matches!(kind, FileKind::Picture | FileKind::Video),
            Pick::Folder => kind == FileKind::Folder,
            Pick::Any => kind != FileKind::Folder,
        }
    }

    fn search(&mut self) {
        let names = self.entries().iter().map(|entry| entry.name.clone());
        self.found = fuzzy::search(self.input.value(), names);
        self.chosen = 0;
    }

    fn up(&mut self, model: &mut Model) {
        let Some(parent) = self.view.as_ref().and_then(|view| view.parent.clone()) else { return };
        if let Some(view) = &self.view {
            self.wanted = view.path.clone();
        }
        self.go_to(model, parent);
        new_job::touch(model);
    }

    /// Opens a folder, takes files.
    fn take(&mut self, model: &mut Model) -> Flow {
        if !self.marked.is_empty() {
            (self.done)(model, self.marked.iter().cloned().collect());
            return Flow::Close;
        }
        let Some(entry) = self.entry().cloned() else { return Flow::Stay };
        if entry.kind == FileKind::Folder {
            self.go_to(model, entry.path);
            return Flow::Stay;
        }
        if !self.fits(entry.kind) {
            self.fault = Some(format!("{} is not what is wanted here", entry.name));
            return Flow::Stay;
        }
        (self.done)(model, vec![entry.path]);
        Flow::Close
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Accept => return self.take(model),
            Action::Back if !self.input.value().is_empty() => {
                self.input.reset();
                self.search();
            }
            Action::Back => return Flow::Close,
            // The folder itself, where a folder is wanted.
            Action::Complete if !self.marks() => {
                let Some(view) = &self.view else { return Flow::Stay };
                (self.done)(model, vec![view.path.clone()]);
                return Flow::Close;
            }
            Action::Mark => self.mark(model),
            Action::Left => self.up(model),
            action => self.go(model, action),
        }
        Flow::Stay
    }

    fn go(&mut self, model: &mut Model, action: Action) {
        let page = model.painted.page(List::Files);
        if let Some(chosen) = moved(self.chosen, self.found.len(), page, action) {
            self.chosen = chosen;
            self.fault = None;
            new_job::touch(model);
        }
    }

    fn mark(&mut self, model: &mut Model) {
        if let Some(entry) = self.entry().filter(|entry| self.fits(entry.kind)).cloned()
            && self.marks()
            && !self.marked.remove(&entry.path)
        {
            self.marked.insert(entry.path);
        }
        self.go(model, Action::Down);
    }

    pub(super) fn key(&mut self, model: &mut Model, key: KeyEvent) -> Flow {
        let empty = self.input.value().is_empty();
        match key.code {
            KeyCode::Char(' ') if empty => self.mark(model),
            KeyCode::Left => self.up(model),
            KeyCode::Backspace if empty => self.up(model),
            KeyCode::Right => {
                if let Some(entry) = self.entry().filter(|entry| entry.kind == FileKind::Folder) {
                    let folder = entry.path.clone();
                    self.go_to(model, folder);
                }
            }
            KeyCode::PageUp => self.go(model, Action::PageUp),
            KeyCode::PageDown => self.go(model, Action::PageDown),
            KeyCode::Home => self.go(model, Action::Top),
            KeyCode::End => self.go(model, Action::Bottom),
            _ => {
                let hidden = self.input.value().starts_with('.');
                if input::edit(&mut self.input, key) {
                    if let Some(folder) = self.typed_folder() {
                        self.go_to(model, folder);
                        return Flow::Stay;
                    }
                    self.search();
                    new_job::touch(model);
                    if hidden != self.input.value().starts_with('.') {
                        self.ask(model);
                    }
                }
            }
        }
        Flow::Stay
    }

    /// The folder whose name was typed, once a slash ends it, so that a path can be typed.
    fn typed_folder(&self) -> Option<String> {
        let name = self.input.value().strip_suffix('/')?;
        let here = self.view.as_ref().map_or(&self.asked, |view| &view.path);
        Some(match (name, here.trim_end_matches('/')) {
            ("", _) => "/".to_owned(),
            (name, here) => format!("{here}/{name}"),
        })
    }

    /// A path goes to its folder; anything else is searched for.
    pub(super) fn paste(&mut self, model: &mut Model, text: &str) {
        match new_job::paths(text).as_slice() {
            [path] if path.starts_with('/') => {
                let (folder, _) = path.rsplit_once('/').unwrap_or_default();
                self.wanted = path.clone();
                self.go_to(
                    model,
                    if folder.is_empty() { "/".to_owned() } else { folder.to_owned() },
                );
            }
            _ => {
                input::insert(&mut self.input, text);
                self.search();
            }
        }
    }

    pub(super) fn choose(&mut self, model: &mut Model, index: usize, twice: bool) -> Flow {
        self.chosen = index;
        self.fault = None;
        new_job::touch(model);
        if twice { self.take(model) } else { Flow::Stay }
    }
}
