//! The words for a model that a job needs and that is not here: what, how large, under which
//! license, and the exact command that gets it.

use serde::Serialize;

use crate::error::Error;

use super::super::catalog::{Entry, Role};
use super::Status;

/// A model that is needed and cannot be used now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its catalog id.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// What it is good for, in one line.
    pub summary: String,
    /// Its size, where it is known.
    pub bytes: Option<u64>,
    /// Its license.
    pub license: String,
    /// Whether the license allows commercial use.
    pub commercial: bool,
    /// Whether facedeck knows where to get it; else it can only be imported.
    pub can_be_pulled: bool,
    /// What else the catalog says: for one that cannot be fetched, where people find it.
    pub notes: String,
    /// What is wrong with its file, when there is one.
    pub damage: Option<String>,
}

impl Missing {
    /// What is to be said about this model in this state.
    pub fn new(entry: &Entry, status: &Status) -> Self {
        let damage = match status {
            Status::Damaged { path, why } => Some(format!("{}: {why}", path.display())),
            _ => None,
        };
        Missing {
            id: entry.id.clone(),
            role: entry.role,
            summary: entry.summary.clone(),
            bytes: entry.files.first().and_then(|file| file.bytes),
            license: entry.license.clone(),
            commercial: entry.commercial,
            can_be_pulled: entry.fetchable(),
            notes: entry.notes.split_whitespace().collect::<Vec<_>>().join(" "),
            damage,
        }
    }

    /// "inswapper_128 (swapper: roop's own; 528.6 MiB; license X, not for commercial use)".
    pub fn describe(&self) -> String {
        let mut words = self.role.name().replace('_', " ");
        if !self.summary.is_empty() {
            words.push_str(": ");
            words.push_str(self.summary.trim_end_matches('.'));
        }
        let size = self.bytes.map_or_else(|| "of unknown size".to_owned(), mebibytes);
        let terms = if self.commercial { "" } else { ", not for commercial use" };
        format!("{} ({words}; {size}; license {}{terms})", self.id, self.license)
    }
}

/// One error for all of these models, with the command that mends it.
pub fn missing_error(missing: &[Missing]) -> Error {
    let broken: Vec<&str> = missing.iter().filter_map(|m| m.damage.as_deref()).collect();
    let message = match missing {
        [one] if broken.is_empty() => format!("the model {} is not here", one.describe()),
        [one] => format!("the file of the model {} is damaged: {}", one.describe(), broken[0]),
        many => {
            let lines: Vec<String> = many
                .iter()
                .map(|one| match &one.damage {
                    Some(damage) => format!("\n  {}, damaged: {damage}", one.describe()),
                    None => format!("\n  {}", one.describe()),
                })
                .collect();
            format!("{} models are not here:{}", many.len(), lines.concat())
        }
    };
    Error::missing(message).hint(commands(missing).join("; "))
}

/// The commands that get these models.
fn commands(missing: &[Missing]) -> Vec<String> {
    let (pull, import): (Vec<&Missing>, Vec<&Missing>) =
        missing.iter().partition(|one| one.can_be_pulled);
    let mut commands = Vec::new();
    if !pull.is_empty() {
        let ids: Vec<&str> = pull.iter().map(|one| one.id.as_str()).collect();
        commands.push(format!("facedeck models pull {}", ids.join(" ")));
    }
    commands.extend(import.iter().map(|one| {
        let notes = if one.notes.is_empty() { String::new() } else { format!(" ({})", one.notes) };
        format!("facedeck models import FILE --as {}{notes}", one.id)
    }));
    commands
}

/// A size for people: "528.6 MiB".
pub fn mebibytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(id: &str, can_be_pulled: bool) -> Missing {
        Missing {
            id: id.into(),
            role: Role::ContentFilter,
            summary: "made up.".into(),
            bytes: Some(554_253_681),
            license: "LicenseRef-X".into(),
            commercial: false,
            can_be_pulled,
            notes: "Found nowhere.".into(),
            damage: None,
        }
    }

    #[test]
    fn one_is_said_in_one_sentence() {
        let error = missing_error(&[missing("a", true)]);
        assert_eq!(error.exit_code(), 5);
        assert_eq!(
            error.message(),
            "the model a (content filter: made up; 528.6 MiB; license LicenseRef-X, not for \
             commercial use) is not here"
        );
        assert_eq!(error.hint_text(), Some("facedeck models pull a"));
    }

    #[test]
    fn several_are_said_at_once() {
        let mut hurt = missing("c", true);
        hurt.damage = Some("c.onnx: too short".into());
        let error = missing_error(&[missing("a", true), missing("b", false), hurt]);
        assert!(error.message().starts_with("3 models are not here:\n  a ("));
        assert!(error.message().ends_with("damaged: c.onnx: too short"), "{}", error.message());
        let hint = "facedeck models pull a c; facedeck models import FILE --as b (Found nowhere.)";
        assert_eq!(error.hint_text(), Some(hint));
    }
}
