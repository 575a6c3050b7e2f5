//! Profiles of the user's own, as files: what they may be called, what is written into them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;

use crate::error::{Context, Error, Result};

use super::document::Setting;
use super::schema::{FIELDS, Field};
use super::value::DEFAULT;

/// Whether a profile may be called so.
///
/// # Errors
/// [`crate::error::Kind::Usage`] that says what a name is made of.
pub fn check_name(name: &str) -> Result<()> {
    let fine = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    // File systems take no longer ones.
    if !name.is_empty() && name.len() <= 200 && name.chars().all(fine) {
        return Ok(());
    }
    Err(Error::usage(format!("\"{name}\" cannot be a profile's name"))
        .hint("take letters, digits, - and _; facedeck chooses the folder"))
}

/// The text of a profile: what it is built on, and what differs. Of a key that is set twice the last
/// one counts.
pub fn text(name: &str, extends: &str, settings: &[Setting]) -> String {
    let value = |setting: &Setting| match &setting.value {
        Some(value) => value.to_string(),
        None => format!("\"{DEFAULT}\""),
    };
    let quoted = |text: String| toml::Value::String(text).to_string();
    let mut file = String::new();
    let _ = writeln!(file, "# Every key: facedeck profiles show {name}");
    if !settings.iter().any(|setting| setting.key == "description") {
        let _ = writeln!(file, "description = {}", quoted(format!("{extends}, changed")));
    }
    let _ = writeln!(file, "extends = {}", quoted(extends.to_owned()));
    let mut table = "";
    // What belongs to no table comes first; else in the order of the schema.
    let (top, rest): (Vec<&Field>, Vec<&Field>) =
        FIELDS.iter().partition(|field| field.table().is_empty());
    for field in top.into_iter().chain(rest) {
        let Some(setting) = settings.iter().rev().find(|setting| setting.key == field.key) else {
            continue;
        };
        if field.table() != table {
            table = field.table();
            let _ = writeln!(file, "\n[{table}]");
        }
        let _ = writeln!(file, "# {}", field.help);
        let _ = writeln!(file, "{} = {}", field.name(), value(setting));
    }
    file
}

/// Writes the file beside its name and then gives it that. Unless it may be replaced, a file of that
/// name is left as it is, and the answer is no.
///
/// # Errors
/// When the file system refuses.
pub fn write(path: &Path, text: &str, replace: bool) -> Result<bool> {
    let what = || format!("cannot write {}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).context(what)?;
    let mut file =
        tempfile::Builder::new().prefix(".facedeck-").tempfile_in(folder).context(what)?;
    file.write_all(text.as_bytes()).context(what)?;
    file.as_file().sync_all().context(what)?;
    if replace {
        file.persist(path).map_err(|e| e.error).context(what)?;
        return Ok(true);
    }
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(refused) if refused.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(refused) => Err(refused.error).context(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::layers::of_preset;
    use crate::profiles::{Library, Origin, schema};

    fn set(key: &str, value: Option<toml::Value>) -> Setting {
        let key = schema::find(key).unwrap().key;
        Setting { key, value, origin: Origin::Flag("a test".into()) }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let settings = [
            set("swap.weight", Some(0.25.into())),
            set("description", Some("a \"quoted\"\nline".into())),
            set("swap.weight", Some(0.5.into())),
            set("faces.score", None),
        ];
        let path = folder.path().join("own/mine.toml");
        assert!(write(&path, &text("mine", "fast", &settings), false).unwrap());
        let library = Library::at(folder.path().join("own"));
        let mine = of_preset(&library, library.get("mine").unwrap()).unwrap();
        assert_eq!(mine.lineage, ["fast", "mine"]);
        assert_eq!(mine.profile.swap.weight, Some(0.5));
        assert_eq!(mine.profile.description, "a \"quoted\"\nline");
        assert!(mine.origin("faces.score").is_none());
        assert!(!write(&path, "# nothing", false).unwrap(), "it is there");
        assert_eq!(library.get("mine").unwrap().text, text("mine", "fast", &settings));
        assert!(write(&path, "# nothing", true).unwrap());
        assert_eq!(library.get("mine").unwrap().text, "# nothing");
        assert_eq!(fs::read_dir(folder.path().join("own")).unwrap().count(), 1);
    }

    #[test]
    fn names_are_no_paths() {
        check_name("mein_Profil-2").unwrap();
        let long = "x".repeat(201);
        for name in ["", "a/b", "..", "a.toml", "a b", long.as_str()] {
            assert_eq!(check_name(name).unwrap_err().exit_code(), 2, "{name}");
        }
    }
}
