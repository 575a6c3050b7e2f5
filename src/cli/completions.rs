//! `facedeck completions SHELL`: prints what makes a shell ask facedeck itself what could come next.

use std::io::{ErrorKind, Write, stdout};

use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::error::{Context, Error, Result};

/// The variable by which the shell asks.
pub const VARIABLE: &str = "COMPLETE";

/// Arguments of `facedeck completions`.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell to complete in
    #[arg(value_enum)]
    pub shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  facedeck completions bash > ~/.local/share/bash-completion/completions/facedeck
  facedeck completions zsh > ~/.zfunc/_facedeck
  facedeck completions fish > ~/.config/fish/completions/facedeck.fish

The script asks facedeck itself, so that ids of jobs, hot folders and profiles complete, too; only
a service that runs is asked, and only for a moment.";

/// Prints the completion script of `command` to standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &CompletionsArgs, command: &clap::Command) -> Result<()> {
    let script = script(args.shell, command.get_name())?;
    match stdout().write_all(&script) {
        // `facedeck completions zsh | head` is no failure.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context(|| "cannot print the completion script".into()),
    }
}

fn script(shell: Shell, name: &str) -> Result<Vec<u8>> {
    let shells = Shells::builtins();
    let completer = shells
        .completer(&shell.to_string())
        .ok_or_else(|| Error::usage(format!("there is no completion for {shell}")))?;
    let mut bytes = Vec::new();
    completer
        .write_registration(VARIABLE, name, name, name, &mut bytes)
        .context(|| "cannot write the completion script".into())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_is_told_to_ask() {
        for &shell in Shell::value_variants() {
            let text = String::from_utf8(script(shell, "facedeck").unwrap()).unwrap();
            for word in ["facedeck", VARIABLE] {
                assert!(text.contains(word), "{shell}: no {word}");
            }
        }
    }
}
