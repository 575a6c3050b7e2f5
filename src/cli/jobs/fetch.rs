//! `facedeck jobs fetch`: the result of a job, from a service that has other disks.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use serde_json::json;

use crate::client::Blocking;
use crate::error::{Error, Result};
use crate::jobs::State;

use super::super::offered;
use super::super::output::{OutputMode, json_line, result_line};
use super::super::transfer::Transfer;
use super::Common;

/// Arguments of `facedeck jobs fetch`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct FetchArgs {
    /// The job, by id
    #[arg(value_name = "ID", add = offered::jobs())]
    pub id: String,
    /// Where it goes [default: here, under its own name]
    #[arg(short, long, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs fetch 7K2M9QXA --host ssh://me@box
  facedeck jobs fetch 7K2M9QXA --host https://box:7870 -o film.mp4";

/// Runs the command.
///
/// # Errors
/// When there is no such job, it is not done, or the file cannot be written.
pub(super) fn run(args: &FetchArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let job = service.run(async |client| client.show(&args.id).await)?.job;
    if job.state != State::Done {
        return Err(Error::failed(format!("there is no result yet: the job is {}", job.state)));
    }
    let name = Path::new(&job.output).file_name().unwrap_or(job.id.as_ref());
    let to = match &args.output {
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file.clone(),
        None => PathBuf::from(name),
    };
    if to.exists() && !args.overwrite {
        return Err(Error::usage(format!("{} exists already", to.display()))
            .hint("give --overwrite to replace it, or another name"));
    }
    fetch(&service, &job.id, &to, mode)
}

/// Fetches the result of a job that is done.
pub(in super::super) fn fetch(
    service: &Blocking,
    id: &str,
    to: &Path,
    mode: OutputMode,
) -> Result<()> {
    let shown = Transfer::new(mode, &to.display().to_string());
    let begin = |size| shown.begin(size);
    let bytes = service
        .run(async |client| client.download(id, to, begin, |bytes| shown.moved(bytes)).await)?;
    shown.finish();
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            json_line(&json!({ "event": "fetched", "id": id, "file": to, "bytes": bytes }));
        }
        _ => result_line(&format!("✔ {}", to.display())),
    }
    Ok(())
}
