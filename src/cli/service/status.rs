//! `facedeck service status`: is it there, and what does it do.

use serde_json::json;

use crate::client::Blocking;
use crate::error::Result;
use crate::service::wire::ServiceView;

use super::super::args::OutArgs;
use super::super::host::HostArgs;
use super::super::jobs::words;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck service status`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct StatusArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub host: HostArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service status
  facedeck service status --json
  facedeck service status --host ssh://me@box

Nothing is started. Where no service runs the exit code is 1.";

/// Runs the command.
///
/// # Errors
/// When no service runs, or it cannot be reached.
pub(super) fn run(args: &StatusArgs, mode: OutputMode) -> Result<()> {
    let service = Blocking::connect(&args.host.options(false, mode)?)?;
    let view = service.run(async |client| client.service().await)?;
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            let mut event = json!(view);
            event["event"] = json!("service");
            json_line(&event);
        }
        _ => lines(&view).iter().for_each(|line| result_line(line)),
    }
    Ok(())
}

fn lines(view: &ServiceView) -> Vec<String> {
    let uptime = words::duration(view.uptime_seconds);
    let doing = if view.stopping { "is about to stop" } else { "runs" };
    let mut lines = vec![
        format!("facedeck {} {doing}: process {}, for {uptime}", view.version, view.pid),
        format!("  queue    {}", words::counts(&view.counts)),
        format!("  socket   {}", view.socket),
    ];
    if let Some(listen) = &view.listen {
        lines.push(format!("  network  {listen}"));
    }
    lines.push(format!("  home     {}", view.home));
    lines.push(format!("  log      {}", view.log));
    lines
}
