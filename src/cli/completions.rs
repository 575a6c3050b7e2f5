//! `facedeck completions SHELL`: prints a completion script.

use std::io::{ErrorKind, Write, stdout};

use clap_complete::Shell;

use crate::error::{Context, Result};

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
  facedeck completions fish > ~/.config/fish/completions/facedeck.fish";

/// Prints the completion script of `command` to standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &CompletionsArgs, command: clap::Command) -> Result<()> {
    match stdout().write_all(&script(args.shell, command)) {
        // `facedeck completions zsh | head` is no failure.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context(|| "cannot print the completion script".into()),
    }
}

fn script(shell: Shell, mut command: clap::Command) -> Vec<u8> {
    let name = command.get_name().to_owned();
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command, ValueEnum};

    #[test]
    fn every_shell_gets_commands_and_flags() {
        for &shell in Shell::value_variants() {
            let command = Command::new("facedeck")
                .subcommand(Command::new("swap").arg(Arg::new("source").long("source")));
            let text = String::from_utf8(script(shell, command)).unwrap();
            for word in ["facedeck", "swap", "source"] {
                assert!(text.contains(word), "{shell}: no {word}");
            }
        }
    }
}
