//! `facedeck models list`: every model that is known, and how it stands with it.

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::models::store::mebibytes;
use crate::models::{Entry, Role, Status, Store};

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, result_line};
use super::table;

/// Arguments of `facedeck models list`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ListArgs {
    /// Only models for this: detector, recognizer, swapper, enhancer, …
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Only what lies here
    #[arg(long)]
    pub here: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models list
  facedeck models list --role enhancer
  facedeck models list --here --json";

/// One model, as it is listed.
struct Row<'a> {
    entry: &'a Entry,
    status: Status,
    /// The profiles that run it.
    users: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When no model has the role, or the catalog cannot be read.
pub(super) fn run(args: &ListArgs, mode: OutputMode) -> Result<()> {
    let store = Store::open()?;
    let mut users = super::super::profiles::users(&store)?;
    let mut rows = Vec::new();
    for entry in chosen(&store, args.role.as_deref())? {
        let status = store.status(&entry.id)?;
        if !args.here || status != Status::Missing {
            let users = users.remove(&entry.id).unwrap_or_default();
            rows.push(Row { entry, status, users });
        }
    }
    if mode == OutputMode::Json {
        rows.iter().for_each(|row| json_line(&row.event()));
        return Ok(());
    }
    let head =
        ["MODEL", "ROLE", "STATE", "SIZE", "COMMERCIAL", "PROFILES", "LICENSE"].map(str::to_owned);
    let cells: Vec<[String; 7]> =
        std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    table::lines(&cells, table::width(), 0).iter().for_each(|line| result_line(line));
    mode.note(&format!("\n{}", summary(&rows, &store)));
    for row in &rows {
        if let Status::Damaged { path, why } = &row.status {
            mode.warn(&format!("{} is damaged: {why}", path.display()));
        }
    }
    Ok(())
}

/// "content filter".
fn role_words(role: Role) -> String {
    role.name().replace('_', " ")
}

/// The models with this role, by role.
fn chosen<'a>(store: &'a Store, role: Option<&str>) -> Result<Vec<&'a Entry>> {
    let mut entries: Vec<&Entry> = store.entries().iter().collect();
    entries.sort_by_key(|entry| entry.role as usize);
    let Some(role) = role else { return Ok(entries) };
    let wanted = role.to_lowercase().replace(['_', '-'], " ");
    let mut known: Vec<String> = entries.iter().map(|entry| role_words(entry.role)).collect();
    known.dedup();
    entries.retain(|entry| role_words(entry.role) == wanted);
    if entries.is_empty() {
        return Err(Error::usage(format!("no model has the role \"{role}\""))
            .hint(format!("the roles are: {}", known.join(", "))));
    }
    Ok(entries)
}

impl Row<'_> {
    /// Its size: that of the file that is here, or of the one that would be fetched.
    fn bytes(&self) -> Option<u64> {
        match &self.status {
            Status::Here(found) => Some(found.bytes),
            _ => self.entry.files.first().and_then(|file| file.bytes),
        }
    }

    fn state(&self) -> &'static str {
        match &self.status {
            Status::Embedded => "embedded",
            Status::Here(found) if found.pinned => "here",
            Status::Here(_) => "here, your own file",
            Status::Missing => "missing",
            Status::Damaged { .. } => "DAMAGED",
        }
    }

    fn cells(&self) -> [String; 7] {
        let entry = self.entry;
        [
            entry.id.clone(),
            role_words(entry.role),
            self.state().to_owned(),
            self.bytes().map_or("?".into(), mebibytes),
            if entry.commercial { "yes" } else { "no" }.to_owned(),
            self.users.join(", "),
            entry.license.clone(),
        ]
    }

    fn event(&self) -> Value {
        let entry = self.entry;
        let (status, path, origin, why) = match &self.status {
            Status::Embedded => ("embedded", None, None, None),
            Status::Missing => ("missing", None, None, None),
            Status::Here(found) => ("here", Some(&found.path), Some(&found.origin), None),
            Status::Damaged { path, why } => ("damaged", Some(path), None, Some(why)),
        };
        let pinned = match &self.status {
            Status::Here(found) => Some(found.pinned),
            _ => None,
        };
        json!({
            "event": "model",
            "id": entry.id,
            "role": entry.role,
            "summary": entry.summary,
            "status": status,
            "bytes": self.bytes(),
            "license": entry.license,
            "license_note": entry.license_note,
            "commercial": entry.commercial,
            "needs": entry.needs,
            "profiles": self.users,
            "path": path,
            "pinned": pinned,
            "origin": origin,
            "damage": why,
        })
    }
}

/// "3 here (560.1 MiB), 5 embedded, 24 missing; in FOLDER".
fn summary(rows: &[Row<'_>], store: &Store) -> String {
    let count =
        |wanted: &dyn Fn(&Status) -> bool| rows.iter().filter(|row| wanted(&row.status)).count();
    let here = count(&|status| matches!(status, Status::Here(_)));
    let embedded = count(&|status| *status == Status::Embedded);
    let missing = count(&|status| *status == Status::Missing);
    let bytes: u64 = rows
        .iter()
        .map(|row| match &row.status {
            Status::Here(found) => found.bytes,
            _ => 0,
        })
        .sum();
    let folder = store.folder().display();
    format!(
        "{here} here ({}), {embedded} embedded, {missing} missing; in {folder}",
        mebibytes(bytes)
    )
}
