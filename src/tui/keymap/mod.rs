//! Which keys do what: facedeck's own keymap, with the user's changes.
//!
//! The help screen, the footer and the command palette are made from it, so they cannot lie.

mod read;

use crokey::{KeyCombination, KeyCombinationFormat, OneToThree};
use crossterm::event::{KeyCode, KeyModifiers};

use super::action::Action;

pub use read::read;

/// Where keys mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere but in inputs.
    Global,
    /// Wherever there is something to move in.
    List,
    /// The queue.
    Queue,
    /// The job.
    Job,
    /// The new job.
    NewJob,
    /// The hot folders.
    Watches,
    /// The models.
    Models,
    /// The profiles.
    Profiles,
    /// The system.
    System,
    /// A line in which is typed.
    Input,
}

impl Scope {
    /// All, in the order of the help.
    pub const ALL: [Scope; 10] = [
        Scope::Global,
        Scope::List,
        Scope::Queue,
        Scope::Job,
        Scope::NewJob,
        Scope::Watches,
        Scope::Models,
        Scope::Profiles,
        Scope::System,
        Scope::Input,
    ];

    /// The name of its table in the file.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::List => "list",
            Scope::Queue => "queue",
            Scope::Job => "job",
            Scope::NewJob => "new-job",
            Scope::Watches => "watches",
            Scope::Models => "models",
            Scope::Profiles => "profiles",
            Scope::System => "system",
            Scope::Input => "input",
        }
    }

    /// What the help calls it.
    pub fn title(self) -> &'static str {
        match self {
            Scope::Global => "Everywhere",
            Scope::List => "Moving",
            Scope::Queue => "Queue",
            Scope::Job => "Job",
            Scope::NewJob => "New job",
            Scope::Watches => "Hot folders",
            Scope::Models => "Models",
            Scope::Profiles => "Profiles",
            Scope::System => "System",
            Scope::Input => "Typing",
        }
    }
}

/// One or two keys, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys(pub Vec<KeyCombination>);

/// What is done in a scope, and by which keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// Where.
    pub scope: Scope,
    /// What.
    pub action: Action,
    /// By any of these.
    pub keys: Vec<Keys>,
    /// In a few words.
    pub help: String,
}

/// What came of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It means this.
    Action(Action),
    /// It is the first of two.
    Begun,
    /// Nothing.
    Nothing,
}

/// All bindings, in the order of the help.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    /// The bindings.
    pub bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        read::built_in()
    }
}

impl Keymap {
    /// What a key means where the focus is: the first scope that knows it decides. `before` is the
    /// key that began a pair.
    pub fn find(
        &self,
        scopes: &[Scope],
        before: Option<KeyCombination>,
        key: KeyCombination,
    ) -> Found {
        let typed: Vec<KeyCombination> =
            before.into_iter().chain(std::iter::once(key)).map(normal).collect();
        for scope in scopes {
            let of_scope = self.bindings.iter().filter(|binding| binding.scope == *scope);
            let mut begun = false;
            for binding in of_scope {
                for keys in &binding.keys {
                    if keys.0 == typed {
                        return Found::Action(binding.action);
                    }
                    begun |= keys.0.len() > typed.len() && keys.0.starts_with(&typed);
                }
            }
            if begun {
                return Found::Begun;
            }
        }
        Found::Nothing
    }

    /// The binding of an action in the first of these scopes that has it.
    pub fn of(&self, scopes: &[Scope], action: Action) -> Option<&Binding> {
        scopes.iter().find_map(|scope| {
            self.bindings.iter().find(|b| b.scope == *scope && b.action == action)
        })
    }

    /// The first key of an action, as it is shown; empty where it has none.
    pub fn label(&self, scopes: &[Scope], action: Action) -> String {
        self.of(scopes, action)
            .and_then(|binding| binding.keys.first())
            .map(label)
            .unwrap_or_default()
    }
}

/// A key as it is compared. Terminals that report every modifier say shift with `?`, too, which says
/// nothing that the sign does not.
fn normal(key: KeyCombination) -> KeyCombination {
    let key = key.normalized();
    match key.codes {
        OneToThree::One(KeyCode::Char(sign)) if !sign.is_alphabetic() => {
            KeyCombination { modifiers: key.modifiers - KeyModifiers::SHIFT, ..key }
        }
        _ => key,
    }
}

/// Keys as they are shown: `Ctrl-k`, `g g`, `?`.
pub fn label(keys: &Keys) -> String {
    let format = KeyCombinationFormat::default().with_implicit_shift();
    keys.0.iter().map(|key| format.to_string(*key)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
