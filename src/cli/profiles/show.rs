//! `facedeck profiles show`: every key of a profile, what is not the default marked.

use serde_json::{Map, Value, json};

use crate::error::{Context, Result};
use crate::models::Store;
use crate::pipeline::{fit, needs};
use crate::profiles::layers::{differences, resolve};
use crate::profiles::library::USUAL;
use crate::profiles::{Library, Profile, Resolved, render, variables};

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck profiles show`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowArgs {
    /// The profile, by name or file [default: what is used here, the environment included]
    #[arg(value_name = "NAME|FILE.toml")]
    pub name: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck profiles show roop
  facedeck profiles show quality > mine.toml
  FACEDECK_SWAP_WEIGHT=0.7 facedeck profiles show
  facedeck profiles show roop --json | jq .changed";

/// Runs the command.
///
/// # Errors
/// When there is no such profile, or something is wrong with it.
pub(super) fn run(args: &ShowArgs, mode: OutputMode) -> Result<()> {
    let library = Library::open()?;
    let resolved = match &args.name {
        Some(name) => resolve(&library, name, Vec::new())?,
        None => {
            let named = std::env::var("FACEDECK_PROFILE").ok().filter(|name| !name.is_empty());
            let name = named.as_deref().unwrap_or(USUAL);
            resolve(&library, name, vec![variables::from_env()?])?
        }
    };
    let store = Store::open()?;
    let resolved = fit(resolved, &store)?;
    if mode == OutputMode::Json {
        json_line(&event(&resolved, &store)?);
        return Ok(());
    }
    let line = resolved.lineage.join(" → ");
    result_line(&format!("# {line}, {}", resolved.place));
    for id in needs(&resolved.profile)? {
        let state = match store.missing(&[&id])?.is_empty() {
            true => "here",
            false => "missing",
        };
        result_line(&format!("# needs {id}: {state}"));
    }
    result_line(render::whole(&resolved)?.trim_end());
    Ok(())
}

fn event(resolved: &Resolved, store: &Store) -> Result<Value> {
    let json = |value: &toml::Value| {
        serde_json::to_value(value).context(|| "cannot write the profile as JSON".into())
    };
    let mut changed = Map::new();
    for (key, (value, default)) in differences(&resolved.profile, &Profile::default())? {
        if key == "description" {
            continue;
        }
        let from = resolved.origin(&key).map(ToString::to_string);
        let row = json!({ "value": json(&value)?, "default": json(&default)?, "from": from });
        changed.insert(key, row);
    }
    let models = needs(&resolved.profile)?;
    let missing: Vec<String> = store.missing(&models)?.into_iter().map(|m| m.id).collect();
    let profile = toml::Value::try_from(&resolved.profile)
        .context(|| "cannot write the profile as JSON".into())?;
    Ok(json!({
        "event": "profile",
        "name": resolved.name,
        "from": resolved.place,
        "lineage": resolved.lineage,
        "models": models,
        "missing": missing,
        "changed": changed,
        "profile": json(&profile)?,
    }))
}
