//! Decides how pictures are drawn: what the user asked for, what the terminal answered, and only
//! then what the environment says (over SSH hardly more than `TERM` survives).

use std::fs::File;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::termios::{tcgetpgrp, tcgetwinsize};

use super::answers::Answers;
use super::query::{Questions, ask};
use super::tmux::{self, Tmux};
use super::{Detection, Graphics, Protocol};

/// How long a terminal on the same machine may take for its first answer.
const LOCAL: Duration = Duration::from_millis(300);
/// The same over SSH, where a round trip through a relay takes its time.
const REMOTE: Duration = Duration::from_millis(1500);
/// Columns and rows when nobody knows: the VT100's.
const USUAL_CELLS: (u16, u16) = (80, 24);
/// kitty learned in this version to leave the cursor alone (`C=1`) and to keep quiet (`q=2`).
const KITTY_SINCE: (u32, u32) = (0, 20);

/// The environment variables that matter here.
#[derive(Debug, Clone, Default)]
struct Environment {
    term: String,
    term_program: String,
    lc_terminal: String,
    tmux: bool,
    screen: bool,
    ssh: bool,
    no_color: bool,
}

impl Environment {
    fn read() -> Self {
        let text = |name| std::env::var(name).unwrap_or_default();
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Environment {
            term: text("TERM"),
            term_program: text("TERM_PROGRAM"),
            lc_terminal: text("LC_TERMINAL"),
            tmux: set("TMUX"),
            screen: set("STY"),
            ssh: set("SSH_CONNECTION") || set("SSH_TTY"),
            no_color: set("NO_COLOR"),
        }
    }

    /// Terminals that print questions they do not know instead of ignoring them, or know nothing.
    fn must_not_be_asked(&self) -> bool {
        self.screen
            || matches!(self.term.as_str(), "" | "dumb" | "linux")
            || self.term_program == "Apple_Terminal"
    }

    /// `TERM` values under which somebody else's tmux may hide, seen over SSH.
    fn may_be_tmux(&self) -> bool {
        self.tmux || self.term.starts_with("tmux") || self.term.starts_with("screen")
    }
}

/// Finds out how to draw pictures on this terminal.
///
/// Asks the terminal when that is needed and possible: standard output is a terminal, and so is
/// `/dev/tty` or standard input, and this process is in the foreground. Takes at most about three
/// seconds (over SSH, with a terminal that begins to answer and stops), usually a few milliseconds.
/// Call it once, before anything reads keys. A Ctrl-C typed meanwhile is raised as a signal.
pub fn detect(wanted: Graphics) -> Detection {
    let environment = Environment::read();
    let output = stdout();
    let is_terminal = output.is_terminal();
    let size = tcgetwinsize(output.as_fd()).ok();
    let cells = size
        .filter(|s| is_terminal && s.ws_col > 0 && s.ws_row > 0)
        .map_or(USUAL_CELLS, |s| (s.ws_col, s.ws_row));
    let pixels = size.map(|s| (s.ws_xpixel, s.ws_ypixel)).filter(|&(x, y)| x > 0 && y > 0);

    let asking = is_terminal
        && !matches!(wanted, Graphics::Off | Graphics::Blocks)
        && !environment.must_not_be_asked();
    let answers = if asking { ask_terminal(&environment) } else { None };
    let tmux = (asking && environment.tmux).then(Tmux::ask).flatten();

    let choice = if is_terminal {
        decide(wanted, &environment, answers.as_ref(), tmux.as_ref())
    } else {
        Choice::new(Protocol::Off, "the output is not a terminal")
    };
    let answers = answers.unwrap_or_default();
    let cell = tmux.and_then(|tmux| tmux.cell).filter(believable);
    let cell = cell.or(answers.cell.filter(believable));
    let cell = cell.or_else(|| divide(pixels?, cells).filter(believable));
    Detection {
        wanted,
        protocol: choice.protocol,
        why: choice.why,
        cell,
        cells,
        pixels,
        colors: answers.colors,
        sixel_limit: answers.sixel_limit,
        terminal: answers.terminal,
        through_tmux: choice.through_tmux,
    }
}

/// The size of a cell from the size of the text area; rounded down, since xterm counts its border.
fn divide(pixels: (u16, u16), cells: (u16, u16)) -> Option<(u16, u16)> {
    Some((pixels.0.checked_div(cells.0)?, pixels.1.checked_div(cells.1)?))
}

/// Some ptys report sizes that cannot be.
fn believable(&(width, height): &(u16, u16)) -> bool {
    (3..=200).contains(&width) && (5..=400).contains(&height)
}

/// The terminal's answers; `None` when it could not be asked.
fn ask_terminal(environment: &Environment) -> Option<Answers> {
    let tty: OwnedFd = match File::options().read(true).write(true).open("/dev/tty") {
        Ok(file) => file.into(),
        Err(_) if stdin().is_terminal() => stdin().as_fd().try_clone_to_owned().ok()?,
        Err(_) => return None,
    };
    // A background process that changes the terminal's settings is stopped by the kernel.
    if tcgetpgrp(&tty).is_ok_and(|foreground| foreground != rustix::process::getpgrp()) {
        return None;
    }
    let _ = stdout().flush();
    let questions =
        if environment.may_be_tmux() { Questions::WithoutKitty } else { Questions::All };
    let limit = if environment.ssh { REMOTE } else { LOCAL };
    let answers = ask(tty.as_fd(), questions, limit).ok()?;
    if answers.interrupted {
        let _ = signal_hook::low_level::raise(signal_hook::consts::SIGINT);
    }
    Some(answers)
}

/// A protocol and the reason for it.
#[derive(Debug, PartialEq)]
struct Choice {
    protocol: Protocol,
    why: String,
    through_tmux: bool,
}

impl Choice {
    fn new(protocol: Protocol, why: impl Into<String>) -> Self {
        Choice { protocol, why: why.into(), through_tmux: false }
    }
}

/// The rules, for an output that is a terminal.
fn decide(
    wanted: Graphics,
    environment: &Environment,
    answers: Option<&Answers>,
    tmux: Option<&Tmux>,
) -> Choice {
    let term = environment.term.as_str();
    match wanted {
        Graphics::Off => return Choice::new(Protocol::Off, "switched off"),
        _ if matches!(term, "" | "dumb") => {
            return Choice::new(Protocol::Off, format!("TERM is '{term}'"));
        }
        Graphics::Blocks => return Choice::new(Protocol::Blocks, "asked for"),
        _ => {}
    }
    let choice = best(wanted, environment, answers, tmux);
    if wanted == Graphics::Auto && environment.no_color && choice.protocol == Protocol::Blocks {
        return Choice::new(Protocol::Off, format!("{}, and NO_COLOR is set", choice.why));
    }
    choice
}

fn best(
    wanted: Graphics,
    environment: &Environment,
    answers: Option<&Answers>,
    tmux: Option<&Tmux>,
) -> Choice {
    let name = answers.and_then(|a| a.terminal.as_deref());
    if environment.screen {
        return Choice::new(Protocol::Blocks, "GNU screen does not hand pictures on");
    }
    if environment.tmux || name.is_some_and(|name| name.starts_with("tmux")) {
        let sixel = answers.is_some_and(Answers::sixel);
        let (protocol, why, through_tmux) = tmux::choose(wanted, sixel, tmux);
        return Choice { protocol, why, through_tmux };
    }
    if let Some(protocol) = Protocol::asked_for(wanted) {
        return Choice::new(protocol, "asked for");
    }
    if environment.term == "linux" {
        return Choice::new(Protocol::Blocks, "the Linux console has no graphics");
    }
    let Some(answers) = answers.filter(|a| a.any()) else {
        return match iterm2_by_environment(environment) {
            Some(name) => Choice::new(Protocol::Iterm2, format!("the environment names {name}")),
            None => Choice::new(Protocol::Blocks, "the terminal was not asked or did not answer"),
        };
    };
    let called = name.unwrap_or("the terminal");
    if answers.kitty && name.is_none_or(kitty_is_new_enough) {
        return Choice::new(Protocol::Kitty, format!("{called} answers kitty's query"));
    }
    match name {
        Some(name) if speaks_iterm2(name) => {
            return Choice::new(Protocol::Iterm2, format!("{name} shows iTerm2's images"));
        }
        None if iterm2_by_environment(environment).is_some() => {
            return Choice::new(
                Protocol::Iterm2,
                "the environment names a terminal that shows them",
            );
        }
        _ => {}
    }
    if answers.sixel() {
        return Choice::new(Protocol::Sixel, format!("{called} lists sixel among its attributes"));
    }
    Choice::new(Protocol::Blocks, format!("{called} offers no graphics"))
}

/// Whether a terminal of this name (XTVERSION) shows iTerm2's inline images.
pub(super) fn speaks_iterm2(name: &str) -> bool {
    ["iTerm2", "WezTerm", "mintty"].iter().any(|known| name.starts_with(known))
}

/// The same by environment, for terminals that do not tell their name.
fn iterm2_by_environment(environment: &Environment) -> Option<&'static str> {
    if environment.lc_terminal == "iTerm2" {
        return Some("iTerm2");
    }
    match environment.term_program.as_str() {
        "iTerm.app" => Some("iTerm2"),
        "WezTerm" => Some("WezTerm"),
        "mintty" => Some("mintty"),
        _ => None,
    }
}

/// False only for a kitty that tells a version in which the pictures do not work. Other terminals
/// that speak its protocol have versions of their own.
fn kitty_is_new_enough(name: &str) -> bool {
    let version = || -> Option<(u32, u32)> {
        let mut parts = name.strip_prefix("kitty(")?.split(['.', ')']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    version().is_none_or(|version| version >= KITTY_SINCE)
}

#[cfg(test)]
mod tests;
