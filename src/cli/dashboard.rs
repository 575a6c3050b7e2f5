//! `facedeck`: the dashboard, when it is run on a terminal and nothing else is asked for.

use std::io::{IsTerminal, stdin, stdout};

use clap::parser::ValueSource;
use clap::{ArgMatches, ValueHint};
use tracing_appender::rolling;

use crate::error::{Error, Result};
use crate::settings::Directories;
use crate::terminal::Graphics;
use crate::tui;

use super::host::HostArgs;
use super::output::OutputMode;

/// Arguments of the dashboard.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Dashboard")]
pub struct DashboardArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub host: HostArgs,
    /// How to draw pictures in the dashboard [default: as the configuration says]
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        env = "FACEDECK_GRAPHICS",
        help_heading = "Dashboard"
    )]
    pub graphics: Option<Graphics>,
    /// The theme of the dashboard: navy, light, terminal
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, help_heading = "Dashboard")]
    pub theme: Option<String>,
    /// Nothing but ASCII for the signs and lines of the dashboard
    #[arg(long, help_heading = "Dashboard")]
    pub ascii: bool,
    /// No screen: changes as lines, for screen readers and logs
    #[arg(long, help_heading = "Dashboard")]
    pub plain: bool,
}

/// Whether the command line says something about the dashboard: what comes from the environment
/// means every command.
pub fn is_given(matches: &ArgMatches) -> bool {
    ["host", "token_file", "graphics", "theme", "ascii", "plain"]
        .iter()
        .any(|id| matches.value_source(id) == Some(ValueSource::CommandLine))
}

/// Options of the dashboard before a command would be ignored.
pub fn misplaced() -> Error {
    Error::usage("the options before the command are about the dashboard").hint(
        "put them behind the command, such as facedeck jobs list --host ssh://box, or leave the \
         command out",
    )
}

/// Runs the dashboard.
///
/// # Errors
/// When there is no terminal, or what [`tui::run`] says.
pub fn run(args: &DashboardArgs, verbose: u8) -> Result<()> {
    let options = args.host.options(true, OutputMode::from_flags(false, false))?;
    if args.plain {
        return tui::plain(&options);
    }
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(Error::usage("the dashboard needs a terminal")
            .hint("facedeck --plain prints changes as lines; facedeck jobs list shows the queue"));
    }
    let _log = log_to_file(verbose);
    tui::run(&tui::Wishes {
        options,
        graphics: args.graphics,
        theme: args.theme.clone(),
        ascii: args.ascii,
    })
}

/// The screen is the dashboard's: what is logged goes into a file.
fn log_to_file(verbose: u8) -> Option<tracing_appender::non_blocking::WorkerGuard> {
    let folder = Directories::from_env().ok()?.state.join("logs");
    std::fs::create_dir_all(&folder).ok()?;
    let (writer, guard) = tracing_appender::non_blocking(rolling::never(folder, "dashboard.log"));
    let level = if verbose > 0 { tracing::Level::DEBUG } else { tracing::Level::WARN };
    let log = tracing_subscriber::fmt().with_max_level(level).with_ansi(false);
    let _ = log.with_writer(writer).with_target(false).try_init();
    Some(guard)
}
