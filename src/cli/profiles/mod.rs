//! `facedeck profiles`: sets of choices, built in and the user's own. One file a verb.

mod check;
mod list;
mod new;
mod show;
mod users;

use clap::Subcommand;

use crate::error::Result;

use super::output::OutputMode;

pub(super) use users::users;

/// Arguments of `facedeck profiles`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ProfilesArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: ProfilesCommand,
}

const EXAMPLES: &str = "\
Examples:
  facedeck profiles list                                   which there are
  facedeck profiles show roop                              every key, what is not the default marked
  facedeck profiles show                                   what `swap` does here without a flag
  facedeck profiles new mine --from quality --set swap.pixel_boost=4
  facedeck swap --profile mine -s me.jpg -t film.mp4       and use it

A profile is a TOML file. Later wins: the defaults; the profile, with what it
`extends`; the environment, such as FACEDECK_SWAP_MODEL; flags. The value
\"default\" puts a key back. FACEDECK_PROFILE names the profile to use.";

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum ProfilesCommand {
    /// Show which profiles there are, and whether their models are here
    List(list::ListArgs),
    /// Show every key of a profile
    Show(show::ShowArgs),
    /// Make a profile of your own
    New(new::NewArgs),
    /// Find everything that is wrong with profiles
    Check(check::CheckArgs),
}

impl ProfilesArgs {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        let out = match &self.command {
            ProfilesCommand::List(args) => args.out,
            ProfilesCommand::Show(args) => args.out,
            ProfilesCommand::New(args) => args.out,
            ProfilesCommand::Check(args) => args.out,
        };
        OutputMode::from_flags(out.json, out.quiet)
    }
}

/// Runs the command.
///
/// # Errors
/// When a profile is wrong or cannot be written.
pub fn run(args: &ProfilesArgs) -> Result<()> {
    let mode = args.output_mode();
    match &args.command {
        ProfilesCommand::List(_) => list::run(mode),
        ProfilesCommand::Show(args) => show::run(args, mode),
        ProfilesCommand::New(args) => new::run(args, mode),
        ProfilesCommand::Check(args) => check::run(args, mode),
    }
}
