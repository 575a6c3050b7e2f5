//! Reads keymaps: the built-in one, and what the user changes of it.

use std::path::Path;

use crokey::KeyCombination;
use serde::Deserialize;
use toml::{Table, Value};

use crate::error::{Context, Error, Result};
use crate::settings::unknown;

use super::super::action::Action;
use super::{Binding, Keymap, Keys, Scope};

/// An entry of the built-in file.
#[derive(Debug, Deserialize)]
struct Entry {
    action: Action,
    keys: Vec<String>,
    help: String,
}

/// The built-in keymap.
#[allow(clippy::expect_used)] // A test reads the file.
pub(super) fn built_in() -> Keymap {
    let file: Table = toml::from_str(include_str!("default.toml")).expect("the built-in keymap");
    let mut bindings = Vec::new();
    for scope in Scope::ALL {
        let entries = file.get(scope.name()).cloned().unwrap_or(Value::Array(Vec::new()));
        let entries: Vec<Entry> = entries.try_into().expect("the built-in keymap");
        for Entry { action, keys, help } in entries {
            let keys = keys.iter().map(|keys| parse(keys).expect("a built-in key")).collect();
            bindings.push(Binding { scope, action, keys, help });
        }
    }
    Keymap { bindings }
}

/// The built-in keymap with the changes of a file; without one it is as it is.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the file cannot be read or has scopes, actions or keys that
/// are not known.
pub fn read(path: &Path) -> Result<Keymap> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(built_in()),
        Err(e) => {
            return Err(Error::usage(format!("cannot read the keymap {}", path.display()))
                .because(e)
                .hint("check its permissions; it is a text in UTF-8"));
        }
    };
    changed(&text).map_err(|error| error.of(&path.display().to_string()))
}

fn changed(text: &str) -> Result<Keymap> {
    let mut keymap = built_in();
    let file: Table =
        toml::from_str(text).map_err(|e| Error::usage("the keymap is no TOML").because(e))?;
    for (scope_name, table) in file {
        let scope = Scope::ALL.into_iter().find(|scope| scope.name() == scope_name);
        let Some(scope) = scope else {
            let known = Scope::ALL.map(Scope::name);
            return Err(unknown("part", &scope_name, &known));
        };
        let Value::Table(table) = table else {
            return Err(Error::usage(format!("[{scope_name}] must be a table of actions")));
        };
        for (name, keys) in table {
            set(&mut keymap, scope, &name, &keys)?;
        }
    }
    Ok(keymap)
}

fn set(keymap: &mut Keymap, scope: Scope, name: &str, value: &Value) -> Result<()> {
    let action = Action::deserialize(Value::String(name.to_owned())).ok();
    let binding = keymap
        .bindings
        .iter()
        .position(|binding| binding.scope == scope && Some(binding.action) == action);
    let Some(binding) = binding else {
        let known: Vec<String> = keymap
            .bindings
            .iter()
            .filter(|b| b.scope == scope)
            .map(|b| name_of(b.action))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(unknown(&format!("action of [{}]", scope.name()), name, &known));
    };
    let texts: Vec<&str> = match value {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => {
            return Err(Error::usage(format!("{name} takes a key or a list of keys"))
                .hint("for example: pause = [\"p\"]"));
        }
    };
    let keys: Vec<Keys> = texts.into_iter().map(parse).collect::<Result<_>>()?;
    // A key that is given to one action is taken from those of the same part.
    for other in keymap.bindings.iter_mut().filter(|other| other.scope == scope) {
        other.keys.retain(|old| !keys.contains(old));
    }
    keymap.bindings[binding].keys = keys;
    Ok(())
}

/// The name of an action, as it is written in the file.
pub(in super::super) fn name_of(action: Action) -> String {
    let mut name = String::new();
    for letter in format!("{action:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// Keys as they are written: `ctrl-k`, `g g`.
fn parse(text: &str) -> Result<Keys> {
    let key = |part: &str| -> Result<KeyCombination> {
        // crokey makes capitals small and takes the hyphen for what is between two keys.
        let mut letters = part.chars();
        let key = match (letters.next(), letters.next()) {
            (Some(letter), None) if letter != ' ' => {
                KeyCombination::from(crossterm::event::KeyEvent::new(
                    crossterm::event::KeyCode::Char(letter),
                    crossterm::event::KeyModifiers::NONE,
                ))
            }
            _ => crokey::parse(part).context(|| format!("\"{part}\" is no key"))?,
        };
        Ok(key.normalized())
    };
    let keys: Vec<KeyCombination> = text.split_whitespace().map(key).collect::<Result<_>>()?;
    match keys.len() {
        1 | 2 => Ok(Keys(keys)),
        _ => Err(Error::usage(format!("\"{text}\" is neither one key nor two"))),
    }
}
