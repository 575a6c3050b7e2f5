//! `facedeck profiles new`: a profile of the user's own.

use std::io::IsTerminal;
use std::path::Path;

use serde_json::json;

use crate::error::{Context, Error, Result};
use crate::models::Store;
use crate::pipeline::fit;
use crate::profiles::layers::resolve;
use crate::profiles::library::{USUAL, is_path};
use crate::profiles::{Library, Setting, own, schema, value};

use super::super::args::OutArgs;
use super::super::flags::set;
use super::super::output::{OutputMode, json_line};

/// Arguments of `facedeck profiles new`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct NewArgs {
    /// Its name, of letters, digits, - and _
    pub name: String,
    /// The profile on which it is built
    #[arg(long, value_name = "NAME|FILE.toml", default_value = USUAL)]
    pub from: String,
    /// What differs, such as swap.weight=0.5
    #[arg(long, value_name = "KEY=VALUE", value_parser = set)]
    pub set: Vec<Setting>,
    /// Replace the profile of this name if you have one
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck profiles new mine
  facedeck profiles new soft --from quality --set mask.blur=0.5 --set enhance=codeformer
  facedeck profiles new family --set 'faces.map=ann.jpg=me.jpg;bob.jpg=you.jpg'";

/// Runs the command.
///
/// # Errors
/// When the name cannot be one, what is set is wrong, or there is such a profile already.
pub(super) fn run(args: &NewArgs, mode: OutputMode) -> Result<()> {
    own::check_name(&args.name)?;
    let library = Library::open()?;
    let path = library.folder().join(format!("{}.toml", args.name));
    // Faults are found before anything is written.
    let resolved = resolve(&library, &args.from, vec![args.set.clone()])?;
    fit(resolved, &Store::open()?)?;
    if path.exists() && !args.overwrite && !may_replace(&path, mode)? {
        return Err(Error::usage(format!("{} was left as it is", path.display())));
    }
    own::write(&path, &text(args)?, true)?;
    match mode {
        OutputMode::Json => json_line(&json!({
            "event": "profile_written",
            "name": args.name,
            "path": path,
        })),
        _ => {
            mode.note(&format!("✔ {}", path.display()));
            mode.note(&format!("  use it: facedeck swap --profile {} …", args.name));
        }
    }
    Ok(())
}

/// Asks whether a file may be replaced.
///
/// # Errors
/// When there is nobody to ask.
fn may_replace(path: &Path, mode: OutputMode) -> Result<bool> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !terminal || mode == OutputMode::Json {
        return Err(Error::usage(format!("{} exists already", path.display()))
            .hint("give --overwrite to replace it, or another name"));
    }
    eprint!("{} exists already. Replace it? [y/N] ", path.display());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// The file: what it is built on, and what differs.
fn text(args: &NewArgs) -> Result<String> {
    let base = match is_path(&args.from) {
        true => std::path::absolute(&args.from)
            .context(|| format!("{} is no usable path", args.from))?
            .display()
            .to_string(),
        false => args.from.clone(),
    };
    let settings: Vec<Setting> = args.set.iter().map(absolute).collect();
    Ok(own::text(&args.name, &base, &settings))
}

/// Paths of the command line are seen from where it was typed; those of a file from its folder.
fn absolute(setting: &Setting) -> Setting {
    let here = std::env::current_dir().unwrap_or_default();
    let kind = schema::find(setting.key).map_or(schema::Kind::Text, |field| field.kind);
    let value = setting.value.clone().map(|value| value::anchored(kind, value, &here));
    Setting { value, ..setting.clone() }
}
