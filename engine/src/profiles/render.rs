//! A profile as text: every key, with what is not the default marked. Read back, the text gives the
//! same profile.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml::Value;

use crate::error::Result;

use super::layers::{Resolved, flat};
use super::schema::{FIELDS, Field, Kind};
use super::sections::Profile;

/// The column at which marks begin, where the value leaves room.
const MARKS: usize = 44;

/// Every key with its value; behind those that are not the default stands what the default is and
/// where the value came from. Keys without a value are comments.
///
/// # Errors
/// When the profile cannot be written as TOML.
pub fn whole(resolved: &Resolved) -> Result<String> {
    let (now, usual) = (flat(&resolved.profile)?, flat(&Profile::default())?);
    let mut text = String::new();
    let mut table = "";
    // A list of tables ends the table before it, so it comes after that table's other keys.
    let mut lists: Vec<&Field> = Vec::new();
    for field in FIELDS {
        if field.table() != table {
            lists.drain(..).for_each(|list| tables(&mut text, list, &now));
            table = field.table();
            if !table.is_empty() {
                let _ = writeln!(text, "\n[{table}]");
            }
        }
        if matches!(field.kind, Kind::Tables(..)) {
            if field.table().is_empty() {
                tables(&mut text, field, &now);
            } else {
                lists.push(field);
            }
            continue;
        }
        let mark = mark(resolved, field, &now, &usual);
        let line = match now.get(field.key) {
            Some(value) => format!("{} = {value}", field.name()),
            None => format!("# {} is not set: {}", field.name(), field.help),
        };
        let _ = match mark {
            Some(mark) => writeln!(text, "{line:MARKS$} # {mark}"),
            None => writeln!(text, "{line}"),
        };
    }
    Ok(text)
}

fn tables(text: &mut String, field: &Field, now: &BTreeMap<String, Value>) {
    let members = now.get(field.key).and_then(Value::as_array);
    let Some(members) = members.filter(|members| !members.is_empty()) else {
        let _ = writeln!(text, "\n# [[{}]] is not set: {}", field.key, field.help);
        return;
    };
    for member in members {
        let _ = writeln!(text, "\n[[{}]]", field.key);
        for (key, value) in member.as_table().into_iter().flatten() {
            let _ = writeln!(text, "{key} = {value}");
        }
    }
}

/// What stands behind a key: nothing where it has its default.
fn mark(
    resolved: &Resolved,
    field: &Field,
    now: &BTreeMap<String, Value>,
    usual: &BTreeMap<String, Value>,
) -> Option<String> {
    if now.get(field.key) == usual.get(field.key) || field.key == "description" {
        return None;
    }
    let default =
        usual.get(field.key).map_or_else(|| "not set".to_owned(), |value| value.to_string());
    let from = resolved.origin(field.key).map(|origin| format!("; {origin}")).unwrap_or_default();
    Some(format!("default: {default}{from}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::{Library, layers, library};

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::at(folder.path().to_owned());
        for name in library.names() {
            let resolved = layers::resolve(&library, &name, Vec::new()).unwrap();
            let text = whole(&resolved).unwrap();
            let path = folder.path().join("copy.toml");
            std::fs::write(&path, &text).unwrap();
            let copy = layers::resolve(&library, path.to_str().unwrap(), Vec::new()).unwrap();
            assert_eq!(copy.profile, resolved.profile, "{name}:\n{text}");
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn differences_are_marked() {
        let library = Library::at("/nowhere".into());
        let roop = layers::resolve(&library, library::ROOP, Vec::new()).unwrap();
        let text = whole(&roop).unwrap();
        let line = text.lines().find(|line| line.starts_with("detector = ")).unwrap();
        assert!(line.starts_with("detector = \"det_10g\""), "{line}");
        assert!(line.contains("# default: \"blazeface_full_range\"; the built-in profile roop"));
        assert!(text.contains("\nscore = 0.5\n"), "{text}");
        assert!(text.contains("distance = 0.85\n"), "single precision shows: {text}");
        let usual = layers::resolve(&library, library::USUAL, Vec::new()).unwrap();
        assert!(!whole(&usual).unwrap().contains("# default"), "{}", whole(&usual).unwrap());
    }
}
