//! `facedeck profiles check`: everything that is wrong with profiles, by file, line and key.

use serde_json::json;

use crate::error::{Error, Result};
use crate::models::Store;
use crate::profiles::{Complaint, Complaints, Library, layers};

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, line};
use crate::pipeline::fit;

/// Arguments of `facedeck profiles check`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Profiles, by name or file [default: all that there are]
    #[arg(value_name = "NAME|FILE.toml")]
    pub names: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck profiles check
  facedeck profiles check mine.toml";

/// Runs the command.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when anything is wrong with any of them.
pub(super) fn run(args: &CheckArgs, mode: OutputMode) -> Result<()> {
    let (library, store) = (Library::open()?, Store::open()?);
    let names = if args.names.is_empty() { library.names() } else { args.names.clone() };
    let mut faulty = 0;
    for name in &names {
        let complaints = match library.get(name) {
            Ok(preset) => layers::of_preset(&library, preset)
                .and_then(|resolved| fit(resolved, &store))
                .err()
                .map_or_else(Vec::new, |Complaints(all)| all),
            Err(error) => {
                faulty += 1;
                mode.error(&error);
                continue;
            }
        };
        faulty += usize::from(!complaints.is_empty());
        report(name, &complaints, mode);
    }
    if faulty == 0 {
        return Ok(());
    }
    let noun = if names.len() == 1 { "profile" } else { "profiles" };
    Err(Error::usage(format!("{faulty} of {} {noun} cannot be used", names.len())))
}

fn report(name: &str, complaints: &[Complaint], mode: OutputMode) {
    if mode == OutputMode::Json {
        let faults: Vec<_> = complaints
            .iter()
            .map(|c| {
                json!({
                    "where": c.origin,
                    "message": c.message,
                    "hint": c.hint,
                })
            })
            .collect();
        json_line(&json!({ "event": "profile_checked", "name": name, "faults": faults }));
        return;
    }
    if complaints.is_empty() {
        mode.note(&format!("✔ {name}"));
    }
    for complaint in complaints {
        line(&format!("✖ {complaint}"));
        if let Some(hint) = &complaint.hint {
            line(&format!("    try: {hint}"));
        }
    }
}
