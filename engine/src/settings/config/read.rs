//! The text of the configuration turned into settings.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::de::DeValue;

use crate::settings::document::{Document, Faults, flat};

use super::{Config, Watch, check};

/// Reads a configuration; `path` is the file that holds it.
///
/// # Errors
/// Everything that is wrong with it, by line.
pub(super) fn read(text: &str, path: &Path) -> Result<Config, Faults> {
    let mut document = Document::parse(text, path)?;
    let root = document.root();
    let parts = ["service", "notify", "dashboard", "watch"];
    let mut config: Config = document.table(&root, "", &parts);
    for (key, value) in &root {
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            ("service", DeValue::Table(table)) => {
                config.service = document.table(table, name, &[]);
            }
            ("notify", DeValue::Table(table)) => config.notify = document.table(table, name, &[]),
            ("dashboard", DeValue::Table(table)) => {
                config.dashboard = document.table(table, name, &[]);
            }
            ("watch", DeValue::Array(tables)) => {
                for member in tables {
                    match member.get_ref() {
                        DeValue::Table(table) => {
                            config.watch.push(document.table(table, name, &[]));
                        }
                        _ => document.complain(
                            &member.span(),
                            "a member of watch is a table, and this is none".into(),
                            Some("write each hot folder as [[watch]]".into()),
                        ),
                    }
                }
            }
            ("watch", _) => document.complain(
                &key.span(),
                "watch is a list of tables, and this is none".into(),
                Some("write each hot folder as [[watch]]".into()),
            ),
            ("service" | "notify" | "dashboard", _) => document.complain(
                &key.span(),
                format!("{name} is a table, and this is none"),
                Some(format!("write it as [{name}]")),
            ),
            _ => {}
        }
    }
    tidy(&mut config);
    document.reject(check::all(&config));
    document.finish(config)
}

/// Puts the user's own folder in the place of `~`, and turns nested settings into keys with dots.
fn tidy(config: &mut Config) {
    let home = home();
    let home = home.as_deref();
    let service = &mut config.service;
    let files =
        [&mut service.tls_cert, &mut service.tls_key, &mut config.notify.webhook_secret_file];
    for path in service.roots.iter_mut().chain(files.into_iter().flatten()) {
        expand(path, home);
    }
    if let Some(program) = config.notify.command.first_mut().filter(|word| word.starts_with("~/")) {
        let mut path = PathBuf::from(&*program);
        expand(&mut path, home);
        *program = path.to_string_lossy().into_owned();
    }
    for watch in &mut config.watch {
        tidy_watch(watch, home);
    }
}

/// The user's own folder.
pub(super) fn home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

/// As [`tidy`], for one hot folder.
pub(super) fn tidy_watch(watch: &mut Watch, home: Option<&Path>) {
    expand(&mut watch.folder, home);
    for path in watch.sources.iter_mut().chain(&mut watch.output) {
        expand(path, home);
    }
    let nested: Map<String, Value> = std::mem::take(&mut watch.set)
        .into_iter()
        .filter_map(|(key, value)| Some((key, serde_json::to_value(value).ok()?)))
        .collect();
    watch.set = serde_json::from_value(Value::Object(flat(nested))).unwrap_or_default();
}

fn expand(path: &mut PathBuf, home: Option<&Path>) {
    if let (Ok(rest), Some(home)) = (path.strip_prefix("~"), home) {
        *path = home.join(rest);
    }
}
