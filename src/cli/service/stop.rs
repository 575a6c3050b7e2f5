//! `facedeck service stop`: ends it, and waits until it has ended.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::client::{Blocking, Host, Options};
use crate::error::{Error, Result};
use crate::service::process::{Places, Record, is_running};
use crate::settings::Directories;

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line};

/// So long the service may take to bring its jobs back to the queue.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long it may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How often it is looked whether it has ended.
const AGAIN: Duration = Duration::from_millis(20);

/// Arguments of `facedeck service stop`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct StopArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service stop

Jobs that run go back to the queue, and run when the service is started again.";

/// Runs the command.
///
/// # Errors
/// When it does not end in time.
pub(super) fn run(_: &StopArgs, mode: OutputMode) -> Result<()> {
    let stopped = stop(&Directories::from_env()?)?;
    if mode == OutputMode::Json {
        json_line(&json!({ "event": "stopped", "was_running": stopped }));
    } else {
        mode.note(if stopped { "✔ the service has ended" } else { "no service runs" });
    }
    Ok(())
}

/// Ends the service, if it runs, and waits until it is gone; says whether it ran.
pub(super) fn stop(directories: &Directories) -> Result<bool> {
    let places = Places::of(directories);
    if !is_running(&places) {
        return Ok(false);
    }
    // It withdraws its record when it begins to end.
    let process = Record::read(&places).and_then(|record| Pid::from_raw(record.pid.cast_signed()));
    if ask().is_err()
        && let Some(process) = process
    {
        // One of another version, or one that does not answer, still hears signals. The lock is
        // held, so the record is of the process that holds it.
        let _ = kill_process(process, Signal::TERM);
    }
    let begin = Instant::now();
    while is_running(&places) {
        if begin.elapsed() > PATIENCE {
            let who = process.map_or_else(String::new, |pid| format!(" (process {pid})"));
            let hint = process.map_or_else(
                || "try again in a moment".to_owned(),
                |pid| format!("end it the hard way, its jobs are begun again later: kill -9 {pid}"),
            );
            let seconds = PATIENCE.as_secs();
            return Err(Error::failed(format!(
                "the service{who} has not ended within {seconds} s"
            ))
            .hint(hint));
        }
        std::thread::sleep(AGAIN);
    }
    Ok(true)
}

fn ask() -> Result<()> {
    let options = Options { host: Host::Local, patience: Some(ANSWER), ..Options::default() };
    Blocking::connect(&options)?.run(async |client| client.stop_service().await)
}
