//! Pictures inside tmux: its own sixels where it has them, else handed through to the terminal
//! outside, when tmux allows that and something is known about that terminal.

use std::process::{Command, Stdio};

use super::detect::speaks_iterm2;
use super::{Graphics, Protocol};

/// What tmux tells about itself and the terminal it runs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tmux {
    /// `allow-passthrough` is on for this pane.
    pub passthrough: bool,
    /// Name and version of the terminal outside; empty when tmux does not know.
    pub outside: String,
    /// The features that tmux believes the terminal outside to have.
    pub features: Vec<String>,
    /// Width and height of a cell of the terminal outside in pixels. What tmux tells its panes may
    /// be made up (16 × 32) in a session that was started without a terminal.
    pub cell: Option<(u16, u16)>,
}

impl Tmux {
    /// Asks the tmux around us; `None` when it does not answer.
    pub fn ask() -> Option<Self> {
        let mut command = Command::new("tmux");
        command.args(["display-message", "-p"]);
        if let Some(pane) = std::env::var_os("TMUX_PANE") {
            command.arg("-t").arg(pane);
        }
        command.arg(
            "#{allow-passthrough}|#{client_termtype}|#{client_termfeatures}|\
             #{client_cell_width}|#{client_cell_height}",
        );
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| Tmux::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(text: &str) -> Self {
        let mut parts = text.trim_end_matches('\n').split('|');
        let mut next = || parts.next().unwrap_or_default();
        Tmux {
            passthrough: matches!(next(), "on" | "all" | "1"),
            outside: next().to_owned(),
            features: next().split(',').map(str::to_owned).collect(),
            cell: next().parse().ok().zip(next().parse().ok()),
        }
    }
}

/// Rows and columns between the corner of the terminal outside and that of our pane; nothing where
/// tmux does not answer.
pub fn offset() -> (u16, u16) {
    let mut command = Command::new("tmux");
    command.args(["display-message", "-p"]);
    if let Some(pane) = std::env::var_os("TMUX_PANE") {
        command.arg("-t").arg(pane);
    }
    command.arg("#{pane_top}|#{pane_left}|#{status}|#{status-position}");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.map(|output| read_offset(&String::from_utf8_lossy(&output.stdout))).unwrap_or_default()
}

/// The status lines are above all panes, when they are there and at the top.
fn read_offset(text: &str) -> (u16, u16) {
    let mut parts = text.trim().split('|');
    let mut next = || parts.next().unwrap_or_default();
    let (top, left): (u16, u16) = (next().parse().unwrap_or(0), next().parse().unwrap_or(0));
    let lines = match next() {
        "off" => 0,
        "on" => 1,
        several => several.parse().unwrap_or(1),
    };
    let above = if next() == "top" { lines } else { 0 };
    (top + above, left)
}

/// The rules inside tmux. `native_sixel`: tmux itself lists sixel in DA1 (3.4 and newer can).
/// Returns the protocol, the reason, and whether tmux has to be told to hand the sequences on.
pub fn choose(
    wanted: Graphics,
    native_sixel: bool,
    tmux: Option<&Tmux>,
) -> (Protocol, String, bool) {
    let passthrough = tmux.is_some_and(|tmux| tmux.passthrough);
    let outside = tmux.map_or("", |tmux| tmux.outside.as_str());
    if native_sixel && matches!(wanted, Graphics::Auto | Graphics::Sixel) {
        // A tmux with sixels says so whatever it runs in, and then draws a box of plus signs.
        match tmux {
            Some(tmux) if !tmux.features.iter().any(|f| f == "sixel") => {}
            _ => return (Protocol::Sixel, "tmux shows sixels itself".into(), false),
        }
    }
    match Protocol::asked_for(wanted) {
        Some(protocol) if passthrough => (protocol, "asked for, through tmux".into(), true),
        Some(protocol) => (
            Protocol::Blocks,
            format!("tmux does not hand {protocol} on: tmux set -g allow-passthrough on"),
            false,
        ),
        None if passthrough && speaks_iterm2(outside) => {
            (Protocol::Iterm2, format!("tmux hands them on to {outside}"), true)
        }
        None if passthrough && always_has_sixel(outside) => {
            (Protocol::Sixel, format!("tmux hands them on to {outside}"), true)
        }
        None => (Protocol::Blocks, "inside tmux, which offers no graphics".into(), false),
    }
}

/// Terminals that show sixels however they were built and started; xterm, for one, does so only
/// when it plays a VT340, which its name does not tell.
fn always_has_sixel(name: &str) -> bool {
    ["foot", "contour", "mlterm"].iter().any(|known| name.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tmux(text: &str) -> Tmux {
        Tmux::parse(text)
    }

    #[test]
    fn reads_what_tmux_prints() {
        let found = tmux("on|foot(1.13.1)|256,RGB,title|9|18\n");
        assert!(found.passthrough);
        assert_eq!(found.outside, "foot(1.13.1)");
        assert_eq!(found.features, ["256", "RGB", "title"]);
        assert_eq!(found.cell, Some((9, 18)));
        assert_eq!(tmux("on|foot(1.13.1)|256||\n").cell, None);
        assert!(!tmux("\n").passthrough, "3.2 has no such option");
    }

    #[test]
    fn the_pane_is_found_below_the_status_line() {
        assert_eq!(read_offset("10|41|on|bottom\n"), (10, 41));
        assert_eq!(read_offset("10|41|on|top\n"), (11, 41));
        assert_eq!(read_offset("0|0|3|top\n"), (3, 0));
        assert_eq!(read_offset("0|0|off|top\n"), (0, 0));
        assert_eq!(read_offset(""), (0, 0));
    }

    #[test]
    fn without_passthrough_there_are_blocks_and_a_hint() {
        let off = tmux("off|foot(1.13.1)|256");
        assert_eq!(choose(Graphics::Auto, false, Some(&off)).0, Protocol::Blocks);
        let (protocol, why, through) = choose(Graphics::Sixel, false, Some(&off));
        assert_eq!((protocol, through), (Protocol::Blocks, false));
        assert!(why.contains("allow-passthrough on"), "{why}");
    }

    #[test]
    fn passthrough_needs_a_known_terminal_or_an_order() {
        let foot = tmux("on|foot(1.13.1)|256");
        assert_eq!(choose(Graphics::Auto, false, Some(&foot)).0, Protocol::Sixel);
        let xterm = tmux("on|XTerm(379)|256");
        assert_eq!(choose(Graphics::Auto, false, Some(&xterm)).0, Protocol::Blocks);
        let (protocol, _, through) = choose(Graphics::Sixel, false, Some(&xterm));
        assert_eq!((protocol, through), (Protocol::Sixel, true));
        let iterm = tmux("all|iTerm2 3.5.0|256");
        assert_eq!(choose(Graphics::Auto, false, Some(&iterm)).0, Protocol::Iterm2);
    }

    #[test]
    fn its_own_sixels_are_taken_only_when_the_terminal_outside_has_them() {
        let has = tmux("off|foot(1.13.1)|256,sixel");
        assert_eq!(
            choose(Graphics::Auto, true, Some(&has)),
            (Protocol::Sixel, "tmux shows sixels itself".into(), false)
        );
        let has_not = tmux("off|st|256");
        assert_eq!(choose(Graphics::Auto, true, Some(&has_not)).0, Protocol::Blocks);
        assert_eq!(choose(Graphics::Auto, true, None).0, Protocol::Sixel, "over SSH");
    }
}
