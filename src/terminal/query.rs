//! Asks a terminal what it is and reads the answers, with a time limit and without leaving a trace.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::answers::{Answers, parse};

/// More bytes than this are not answers to our questions.
const MOST: usize = 16 * 1024;

/// What to ask. The last question is one that every terminal answers, so that nobody has to wait
/// for the time limit to learn that the others stay unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Questions {
    /// Everything.
    All,
    /// Everything but kitty's query: tmux takes it for the window's title.
    WithoutKitty,
}

impl Questions {
    fn bytes(self) -> Vec<u8> {
        // XTVERSION; kitty: "could you show this 1x1 picture?"; cell size; sixel color registers
        // and largest sixel picture (XTSMGRAPHICS); DA1; DSR as the terminator.
        let kitty = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
        let kitty = if self == Questions::All { kitty } else { "" };
        format!("\x1b[>q{kitty}\x1b[16t\x1b[?1;1;0S\x1b[?2;1;0S\x1b[c\x1b[5n").into_bytes()
    }
}

/// Writes the questions to `tty` and collects answers until the last one came or time is up.
///
/// `limit` is the wait for the first answer. A terminal that began to answer is given as long
/// again for the rest, because what arrives after we stop listening would show up as typed text.
/// The terminal's settings are restored on every path; type-ahead and answers that are still in
/// the queue are thrown away.
///
/// # Errors
/// When `tty` is no terminal or cannot be read or written.
pub fn ask(tty: BorrowedFd<'_>, questions: Questions, limit: Duration) -> io::Result<Answers> {
    let _quiet = Quiet::enter(tty)?;
    let start = Instant::now();
    let bytes = questions.bytes();
    // An output that was stopped with Ctrl-S would block the write for ever.
    if !ready(tty, PollFlags::OUT, limit)? {
        return Ok(Answers::default());
    }
    let mut written = 0;
    while written < bytes.len() {
        match rustix::io::write(tty, &bytes[written..]) {
            Ok(n) => written += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }

    let mut heard = Vec::new();
    let mut answers = Answers::default();
    while !answers.finished && !answers.interrupted && heard.len() < MOST {
        let patience = if answers.any() { 2 * limit } else { limit };
        let Some(left) = patience.checked_sub(start.elapsed()).filter(|d| !d.is_zero()) else {
            break;
        };
        if !ready(tty, PollFlags::IN, left)? {
            continue;
        }
        let mut buffer = [0; 1024];
        match rustix::io::read(tty, &mut buffer) {
            Ok(0) => break,
            Ok(n) => heard.extend_from_slice(&buffer[..n]),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
            Err(e) => return Err(e.into()),
        }
        answers = parse(&heard);
    }
    Ok(answers)
}

/// Waits until `tty` is ready; false when the time is up or a signal came.
fn ready(tty: BorrowedFd<'_>, what: PollFlags, limit: Duration) -> io::Result<bool> {
    let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
    match poll(&mut [PollFd::from_borrowed_fd(tty, what)], Some(&limit)) {
        Ok(n) => Ok(n > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// A terminal that neither echoes nor waits for Enter, until dropped.
struct Quiet<'a> {
    tty: BorrowedFd<'a>,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn enter(tty: BorrowedFd<'a>) -> io::Result<Self> {
        let before = tcgetattr(tty.as_fd())?;
        let mut now = before.clone();
        // Ctrl-C must come as a byte: as a signal it could end the process while the echo is off.
        // Output processing stays as it is, other threads may be printing.
        now.local_modes &=
            !(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        now.input_modes &= !(InputModes::ICRNL | InputModes::INLCR | InputModes::IXON);
        now.special_codes[SpecialCodeIndex::VMIN] = 0;
        now.special_codes[SpecialCodeIndex::VTIME] = 0;
        let quiet = Quiet { tty, before };
        tcsetattr(tty, OptionalActions::Now, &now)?;
        Ok(quiet)
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Flush: what is still unread is an answer that came too late. Nobody to tell of a failure.
        let _ = tcsetattr(self.tty, OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests;
