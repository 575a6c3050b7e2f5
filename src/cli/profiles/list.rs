//! `facedeck profiles list`: which profiles there are, and whether their models are here.

use serde_json::json;

use crate::error::{Error, Result};
use crate::models::Store;
use crate::pipeline::{fit, needs};
use crate::profiles::{Library, layers};

use super::super::args::OutArgs;
use super::super::models::table;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck profiles list`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ListArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck profiles list
  facedeck profiles list --json";

/// One profile as it is listed.
struct Row {
    name: String,
    place: String,
    description: String,
    /// Models that are needed and neither embedded nor here; what is wrong where that cannot be
    /// said.
    missing: Result<Vec<String>>,
    models: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When the catalog cannot be read. A profile with faults is listed with the first of them.
pub(super) fn run(mode: OutputMode) -> Result<()> {
    let (library, store) = (Library::open()?, Store::open()?);
    let rows: Vec<Row> =
        library.names().iter().map(|name| row(&library, &store, name)).collect::<Result<_>>()?;
    if mode == OutputMode::Json {
        rows.iter().for_each(|row| json_line(&row.event()));
        return Ok(());
    }
    let head = ["PROFILE", "MODELS", "FROM", "WHAT FOR"].map(str::to_owned);
    let cells: Vec<[String; 4]> =
        std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    table::lines(&cells, table::width(), 2).iter().for_each(|line| result_line(line));
    mode.note(&format!("\nyour own: {}", library.folder().display()));
    for row in &rows {
        if let Err(error) = &row.missing {
            mode.warn(&format!("{error}"));
        }
    }
    Ok(())
}

fn row(library: &Library, store: &Store, name: &str) -> Result<Row> {
    let preset = match library.get(name) {
        Ok(preset) => preset,
        Err(error) => {
            let place = library.folder().display().to_string();
            let (name, description) = (name.to_owned(), String::new());
            return Ok(Row { name, place, description, missing: Err(error), models: Vec::new() });
        }
    };
    let place = preset.place();
    let resolved = layers::of_preset(library, preset).map_err(Error::from);
    let description = resolved.as_ref().map(|r| r.profile.description.clone()).unwrap_or_default();
    let models = resolved.and_then(|r| needs(&fit(r, store)?.profile));
    let missing = match &models {
        Ok(ids) => Ok(store.missing(ids)?.into_iter().map(|missing| missing.id).collect()),
        Err(e) => Err(Error::usage(e.to_string())),
    };
    let models = models.unwrap_or_default();
    Ok(Row { name: name.to_owned(), place, description, missing, models })
}

impl Row {
    fn cells(&self) -> [String; 4] {
        let state = match &self.missing {
            Err(_) => "FAULTY".to_owned(),
            Ok(missing) if missing.is_empty() => "here".to_owned(),
            Ok(missing) => format!("{} missing", missing.len()),
        };
        [self.name.clone(), state, self.place.clone(), self.description.clone()]
    }

    fn event(&self) -> serde_json::Value {
        json!({
            "event": "profile",
            "name": self.name,
            "from": self.place,
            "description": self.description,
            "models": self.models,
            "missing": self.missing.as_ref().ok(),
            "fault": self.missing.as_ref().err().map(ToString::to_string),
        })
    }
}
