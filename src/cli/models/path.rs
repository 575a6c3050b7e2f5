//! `facedeck models path`: prints where the weights are, for scripts.

use serde_json::json;

use crate::error::{Error, Result};
use crate::models::{Store, Weights};

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck models path`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PathArgs {
    /// The model whose file is asked for [default: the folder of all]
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  ls -l \"$(facedeck models path)\"
  sha256sum \"$(facedeck models path inswapper_128)\"";

/// Runs the command.
///
/// # Errors
/// When the model is not here, or lies in the binary.
pub(super) fn run(args: &PathArgs, mode: OutputMode) -> Result<()> {
    let store = Store::open()?;
    let path = match &args.id {
        None => store.folder().to_owned(),
        Some(id) => match store.locate(id)? {
            Weights::File(path) => path,
            Weights::Embedded(_) => {
                return Err(Error::usage(format!("{id} lies in facedeck itself, not in a file")));
            }
        },
    };
    match mode {
        OutputMode::Json => json_line(&json!({ "event": "path", "id": args.id, "path": path })),
        _ => result_line(&path.display().to_string()),
    }
    Ok(())
}
