//! `facedeck service`: the process that owns the queue. One file a verb.

mod bridge;
mod restart;
mod run;
mod start;
mod status;
mod stop;
mod token;

use clap::Subcommand;

use crate::error::Result;

use super::output::OutputMode;

/// Arguments of `facedeck service`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ServiceArgs {
    /// What to do with it
    #[command(subcommand)]
    pub command: ServiceCommand,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service status                    is it there, and what does it do
  facedeck service start                     in the background; add and jobs do it by themselves
  facedeck service run --log stderr          in the foreground, for systemd and containers
  facedeck service run --listen 127.0.0.1:7870
                                             also for the network; facedeck service token opens it

The service outlives the terminal and the login. Jobs that run when it ends go back to the queue.";

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum ServiceCommand {
    /// Run it here, until it is told to stop
    Run(run::RunArgs),
    /// Start it in the background
    Start(start::StartArgs),
    /// End it; jobs that run go back to the queue
    Stop(stop::StopArgs),
    /// End it and start it again
    Restart(restart::RestartArgs),
    /// Show whether it runs, and what it does
    Status(status::StatusArgs),
    /// Print the token that opens it to the network
    Token(token::TokenArgs),
    /// Connect standard input and output with it
    #[command(hide = true)]
    Bridge,
}

impl ServiceArgs {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        let out = match &self.command {
            ServiceCommand::Run(args) => return OutputMode::from_flags(args.json, false),
            ServiceCommand::Start(args) => args.out,
            ServiceCommand::Stop(args) => args.out,
            ServiceCommand::Restart(args) => args.out,
            ServiceCommand::Status(args) => args.out,
            ServiceCommand::Token(args) => args.out,
            ServiceCommand::Bridge => return OutputMode::Plain,
        };
        OutputMode::from_flags(out.json, out.quiet)
    }

    /// Whether this command has a log of its own.
    pub fn has_own_log(&self) -> bool {
        matches!(self.command, ServiceCommand::Run(_))
    }
}

/// Runs the command.
///
/// # Errors
/// What the verb says.
pub fn run(args: &ServiceArgs, verbose: u8) -> Result<()> {
    let mode = args.output_mode();
    match &args.command {
        ServiceCommand::Run(args) => run::run(args, verbose, mode),
        ServiceCommand::Start(args) => start::run(args, mode),
        ServiceCommand::Stop(args) => stop::run(args, mode),
        ServiceCommand::Restart(args) => restart::run(args, mode),
        ServiceCommand::Status(args) => status::run(args, mode),
        ServiceCommand::Token(_) => token::run(mode),
        ServiceCommand::Bridge => bridge::run(),
    }
}
