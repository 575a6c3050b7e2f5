//! `facedeck jobs`: the queue. One file a verb.

mod cancel;
mod choose;
pub(super) mod each;
mod edit;
pub(super) mod fetch;
pub(super) mod follow;
mod list;
mod logs;
mod pause;
mod place;
mod remove;
mod resume;
mod retry;
mod show;
mod wait;
pub(super) mod when;
pub(super) mod words;

use clap::Subcommand;

use crate::error::Result;

use super::args::OutArgs;
use super::host::HostArgs;
use super::output::OutputMode;

/// Arguments of `facedeck jobs`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct JobsArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: JobsCommand,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs list                         the queue, what runs first
  facedeck jobs show 7K2M9QXA                everything about a job
  facedeck jobs pause 7K2M9QXA               hold it where it is
  facedeck jobs move 7K2M9QXA top            let it be the next
  facedeck jobs retry --all-failed           try again what failed
  facedeck jobs wait 7K2M9QXA && echo done   until it has ended, with its exit code

A job is named by its id, or by the end or the beginning of one that is clear.";

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum JobsCommand {
    /// Show the queue
    List(list::ListArgs),
    /// Show everything about a job
    Show(show::ShowArgs),
    /// Hold jobs
    Pause(pause::PauseArgs),
    /// Let held jobs go on
    Resume(resume::ResumeArgs),
    /// Give jobs up
    Cancel(cancel::CancelArgs),
    /// Try jobs again that failed, were refused or given up
    Retry(retry::RetryArgs),
    /// Remove jobs from the list; their results stay
    Remove(remove::RemoveArgs),
    /// Change the place of a job in the queue
    Move(place::MoveArgs),
    /// Change a job that has not ended
    Edit(edit::EditArgs),
    /// Print the log of a job
    Logs(logs::LogsArgs),
    /// Wait until jobs have ended
    Wait(wait::WaitArgs),
    /// Fetch the result of a job from the service
    Fetch(fetch::FetchArgs),
}

/// What every verb has.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Common {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub host: HostArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

impl Common {
    /// How the command speaks.
    pub fn mode(&self) -> OutputMode {
        OutputMode::from_flags(self.out.json, self.out.quiet)
    }
}

impl JobsArgs {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        match &self.command {
            JobsCommand::List(args) => args.common.mode(),
            JobsCommand::Show(args) => args.common.mode(),
            JobsCommand::Pause(args) => args.common.mode(),
            JobsCommand::Resume(args) => args.common.mode(),
            JobsCommand::Cancel(args) => args.common.mode(),
            JobsCommand::Retry(args) => args.common.mode(),
            JobsCommand::Remove(args) => args.common.mode(),
            JobsCommand::Move(args) => args.common.mode(),
            JobsCommand::Edit(args) => args.common.mode(),
            JobsCommand::Logs(args) => args.common.mode(),
            JobsCommand::Wait(args) => args.common.mode(),
            JobsCommand::Fetch(args) => args.common.mode(),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// What the verb says.
pub fn run(args: &JobsArgs) -> Result<()> {
    let mode = args.output_mode();
    match &args.command {
        JobsCommand::List(args) => list::run(args, mode),
        JobsCommand::Show(args) => show::run(args, mode),
        JobsCommand::Pause(args) => pause::run(args, mode),
        JobsCommand::Resume(args) => resume::run(args, mode),
        JobsCommand::Cancel(args) => cancel::run(args, mode),
        JobsCommand::Retry(args) => retry::run(args, mode),
        JobsCommand::Remove(args) => remove::run(args, mode),
        JobsCommand::Move(args) => place::run(args, mode),
        JobsCommand::Edit(args) => edit::run(args, mode),
        JobsCommand::Logs(args) => logs::run(args, mode),
        JobsCommand::Wait(args) => wait::run(args, mode),
        JobsCommand::Fetch(args) => fetch::run(args, mode),
    }
}
