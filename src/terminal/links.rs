//! Words that lead to a file when they are clicked: hyperlinks (OSC 8).
//!
//! No terminal says whether it knows them. Those that do not should ignore them; the few that do
//! not even that are known by name.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What does not stand for itself in an address.
const OF_ADDRESSES: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Ends a link.
pub const END: &[u8] = b"\x1b]8;;\x1b\\";

/// Whether links may be written to this terminal.
pub fn are_taken() -> bool {
    let text = |name| std::env::var(name).unwrap_or_default();
    taken(&text("TERM"), &text("TERM_PROGRAM"), !text("STY").is_empty())
}

/// The console of Linux and simple terminals print what they do not know; screen hands on only half
/// of it.
fn taken(term: &str, program: &str, screen: bool) -> bool {
    let simple = ["dumb", "linux", "screen", "vt"].iter().any(|name| term.starts_with(name));
    !(term.is_empty() || simple || screen || program == "Apple_Terminal")
}

/// The address of a file on a machine, as terminals want it: with the machine's name, so that one on
/// another machine does not look for the file on its own.
pub fn address(machine: &str, path: &str) -> String {
    let safe = |text: &str| percent_encode(text.as_bytes(), OF_ADDRESSES).to_string();
    format!("file://{}{}", safe(machine), safe(path))
}

/// Begins a link. Parts of one that stand in several lines have the same `id`.
pub fn begin(id: u64, address: &str) -> Vec<u8> {
    format!("\x1b]8;id={id:x};{address}\x1b\\").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_that_would_print_them_get_none() {
        for term in ["", "dumb", "linux", "linux-16color", "screen", "screen-256color", "vt220"] {
            assert!(!taken(term, "", false), "{term}");
        }
        assert!(!taken("xterm-256color", "", true), "within screen");
        assert!(!taken("xterm-256color", "Apple_Terminal", false));
        for term in ["xterm-256color", "tmux-256color", "xterm-kitty", "foot", "alacritty"] {
            assert!(taken(term, "", false), "{term}");
        }
    }

    #[test]
    fn an_address_holds_nothing_that_a_terminal_would_act_upon() {
        assert_eq!(address("box", "/films/a.mp4"), "file://box/films/a.mp4");
        let path = "/a b/映;\x1b\\100%.mp4";
        assert_eq!(address("box", path), "file://box/a%20b/%E6%98%A0%3B%1B%5C100%25.mp4");
        let begun = begin(255, &address("box", path));
        assert_eq!(begun, b"\x1b]8;id=ff;file://box/a%20b/%E6%98%A0%3B%1B%5C100%25.mp4\x1b\\");
    }
}
