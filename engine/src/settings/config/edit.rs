//! Writing hot folders into the configuration, which keeps the user's comments and order.
//!
//! The file is read anew before each change, as somebody may have edited it; what is written is
//! read once more before it takes the place of the file, so that no change of ours can break it.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use crate::error::{Context, Error, Result};

use super::{Config, Watch, read};

/// One change at a time.
static WRITER: Mutex<()> = Mutex::new(());

/// Adds a hot folder at the end of the configuration, and returns the configuration as it is now.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the configuration as it lies there, or as it would become, is
/// wrong: then nothing is written. When the file cannot be written.
pub fn add_watch(config_dir: &Path, watch: &Watch) -> Result<Config> {
    change(config_dir, |document, text| {
        let table = table_of(watch)?;
        if let Some(Item::Value(toml_edit::Value::Array(tables))) = document.get_mut("watch") {
            tables.push(table.into_inline_table());
            return Ok(document.to_string());
        }
        // Behind everything that is there, comments as well: what is commented out at the end
        // belongs to the table above it.
        let end = text.trim_end();
        let parted = if end.is_empty() { String::new() } else { format!("{end}\n\n") };
        Ok(format!("{parted}[[watch]]\n{table}"))
    })
}

/// Removes a hot folder from the configuration, and returns the configuration as it is now. One
/// that is not in it is no error.
///
/// # Errors
/// As [`add_watch`].
pub fn remove_watch(config_dir: &Path, name: &str) -> Result<Config> {
    change(config_dir, |document, _| {
        match document.get_mut("watch") {
            Some(Item::ArrayOfTables(tables)) => {
                let at = tables.iter().position(|table| is_named(table.get("name"), name));
                if let Some(at) = at {
                    let removed = tables.remove(at);
                    let comments = comments_apart(&removed);
                    let empty = tables.is_empty();
                    match tables.get_mut(at) {
                        Some(next) => before_table(next, &comments),
                        None => before_end(document, &comments),
                    }
                    if empty {
                        document.remove("watch");
                    }
                }
            }
            Some(Item::Value(toml_edit::Value::Array(tables))) => {
                tables.retain(|table| {
                    let table = table.as_inline_table();
                    table.and_then(|table| table.get("name")?.as_str()) != Some(name)
                });
            }
            _ => {}
        }
        Ok(document.to_string())
    })
}

/// Gives the hot folder of this name other rules in the configuration, and returns the configuration
/// as it is now. What is said beside keys that stay is kept; one that is not in it is no error.
///
/// # Errors
/// As [`add_watch`].
pub fn change_watch(config_dir: &Path, watch: &Watch) -> Result<Config> {
    change(config_dir, |document, _| {
        let new = table_of(watch)?;
        match document.get_mut("watch") {
            Some(Item::ArrayOfTables(tables)) => {
                let named = |table: &&mut Table| is_named(table.get("name"), &watch.name);
                for table in tables.iter_mut().filter(named) {
                    replace(table, &new);
                }
            }
            Some(Item::Value(toml_edit::Value::Array(tables))) => {
                for table in tables.iter_mut().filter_map(|table| table.as_inline_table_mut()) {
                    if table.get("name").and_then(|v| v.as_str()) == Some(&watch.name) {
                        *table = new.clone().into_inline_table();
                    }
                }
            }
            _ => {}
        }
        Ok(document.to_string())
    })
}

/// Lets a table say what another one says, with what stands around its keys.
fn replace(old: &mut Table, new: &Table) {
    old.retain(|key, _| new.contains_key(key));
    for (key, item) in new {
        let decor = old.get(key).and_then(Item::as_value).map(|value| value.decor().clone());
        let mut item = item.clone();
        if let (Some(decor), Some(value)) = (decor, item.as_value_mut()) {
            *value.decor_mut() = decor;
        }
        match old.get_mut(key) {
            Some(before) => *before = item,
            None => _ = old.insert(key, item),
        }
    }
}

/// Says in the configuration whether a hot folder is paused, and returns the configuration as it is
/// now. One that is not in it is no error.
///
/// # Errors
/// As [`add_watch`].
pub fn set_watch_paused(config_dir: &Path, name: &str, paused: bool) -> Result<Config> {
    change(config_dir, |document, _| {
        match document.get_mut("watch") {
            Some(Item::ArrayOfTables(tables)) => {
                for table in tables.iter_mut().filter(|table| is_named(table.get("name"), name)) {
                    match table.get_mut("paused").and_then(Item::as_value_mut) {
                        // With the comment behind it.
                        Some(old) => {
                            let decor = old.decor().clone();
                            *old = paused.into();
                            *old.decor_mut() = decor;
                        }
                        None if paused => table["paused"] = value(true),
                        None => {}
                    }
                }
            }
            Some(Item::Value(toml_edit::Value::Array(tables))) => {
                for table in tables.iter_mut().filter_map(|table| table.as_inline_table_mut()) {
                    if table.get("name").and_then(|v| v.as_str()) == Some(name) {
                        table.insert("paused", paused.into());
                    }
                }
            }
            _ => {}
        }
        Ok(document.to_string())
    })
}

fn is_named(item: Option<&Item>, name: &str) -> bool {
    item.and_then(Item::as_str) == Some(name)
}

/// The comments above a table that a blank line parts from it: they are about what follows as a
/// whole, not about this table.
fn comments_apart(table: &Table) -> String {
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    above.rfind("\n\n").map_or(String::new(), |at| above[..=at].to_owned())
}

fn before_table(table: &mut Table, comments: &str) {
    if !comments.trim().is_empty() {
        let old = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let new = format!("{comments}{old}");
        table.decor_mut().set_prefix(new);
    }
}

fn before_end(document: &mut DocumentMut, comments: &str) {
    if !comments.trim().is_empty() {
        let new = format!("{comments}{}", document.trailing().as_str().unwrap_or_default());
        document.set_trailing(new);
    }
}

/// A hot folder as a table that says what differs from the defaults, in the order of its fields.
fn table_of(watch: &Watch) -> Result<Table> {
    let what = || format!("cannot write the hot folder {}", watch.name);
    let text = |watch: &Watch| toml::to_string(watch).context(what);
    let parse = |text: String| text.parse::<DocumentMut>().context(what);
    let usual = parse(text(&Watch::default())?)?;
    let mut table = Table::new();
    for (key, item) in parse(text(watch)?)?.iter() {
        let said = match item {
            Item::Table(settings) => {
                let mut inline = InlineTable::new();
                for (key, item) in settings {
                    if let Ok(value) = item.clone().into_value() {
                        inline.insert(key, value);
                    }
                }
                inline.fmt();
                toml_edit::Value::InlineTable(inline)
            }
            other => other.clone().into_value().unwrap_or_else(|_| false.into()),
        };
        let is_usual = usual.get(key).is_some_and(|old| old.to_string() == item.to_string());
        if !is_usual || ["name", "folder", "rule"].contains(&key) {
            table.insert(key, Item::Value(said));
        }
    }
    Ok(table)
}

/// Changes the text of the configuration; `edit` gets it parsed, too.
fn change(
    config_dir: &Path,
    edit: impl FnOnce(&mut DocumentMut, &str) -> Result<String>,
) -> Result<Config> {
    let _one = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    let named = Config::path(config_dir);
    let what = || format!("cannot write the configuration {}", named.display());
    // A link stays a link: many keep their files elsewhere.
    let path = fs::canonicalize(&named).unwrap_or_else(|_| named.clone());
    let (text, mode) = match fs::read_to_string(&path) {
        Ok(text) => (text, fs::metadata(&path).context(what)?.permissions()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            (String::new(), Permissions::from_mode(0o600))
        }
        Err(e) => return Err(Error::failed(what()).because(e)),
    };
    read::read(&text, &named)?;
    let mut document: DocumentMut = text.parse().context(what)?;
    let new = edit(&mut document, &text)?;
    let config = read::read(&new, &named)?;
    if new != text {
        write(&path, &new, mode).context(what)?;
    }
    Ok(config)
}

fn write(path: &Path, text: &str, mode: Permissions) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(mode)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()
}
