//! A pty plays the terminal: real file descriptors, real termios.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;

const LIMIT: Duration = Duration::from_millis(500);

/// The two ends of a pty: what the terminal holds, and the program's tty.
fn pty() -> (File, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (File::from(master), slave)
}

/// A terminal that waits for the last question, then says these pieces, each after its pause.
/// Returns everything that the program wrote to it, echoes included.
fn play(mut master: File, say: Vec<(u64, &'static [u8])>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut seen = Vec::new();
        let mut buffer = [0; 256];
        while !seen.ends_with(b"\x1b[5n") {
            match master.read(&mut buffer) {
                Ok(n) if n > 0 => seen.extend_from_slice(&buffer[..n]),
                _ => return seen,
            }
        }
        for (pause, piece) in say {
            std::thread::sleep(Duration::from_millis(pause));
            let _ = master.write_all(piece);
        }
        // Until the program's end is closed, which reads as an error or as nothing.
        while let Ok(n) = master.read(&mut buffer) {
            if n == 0 {
                break;
            }
            seen.extend_from_slice(&buffer[..n]);
        }
        seen
    })
}

/// Asks a terminal that says this; checks that it was left as it was found, without an echo.
fn ask_one_that_says(say: Vec<(u64, &'static [u8])>) -> (Answers, Duration) {
    let (master, slave) = pty();
    let before = tcgetattr(&slave).unwrap();
    assert!(before.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
    let terminal = play(master, say);
    let start = Instant::now();
    let answers = ask(slave.as_fd(), Questions::All, LIMIT).unwrap();
    let took = start.elapsed();

    let after = tcgetattr(&slave).unwrap();
    assert_eq!(after.local_modes, before.local_modes);
    assert_eq!(after.input_modes, before.input_modes);
    assert_eq!(
        after.special_codes[SpecialCodeIndex::VMIN],
        before.special_codes[SpecialCodeIndex::VMIN]
    );
    assert!(!ready(slave.as_fd(), PollFlags::IN, Duration::ZERO).unwrap(), "an answer is left");
    drop(slave);
    let seen = terminal.join().unwrap();
    assert_eq!(seen, Questions::All.bytes(), "only the questions reach the screen");
    (answers, took)
}

#[test]
fn a_sixel_terminal_is_heard_without_waiting_for_the_limit() {
    let (answers, took) =
        ask_one_that_says(vec![(0, b"\x1bP>|XTerm(379)\x1b\\\x1b[6;20;10t\x1b[?63;4;22c\x1b[0n")]);
    assert!(answers.sixel() && answers.finished);
    assert_eq!(answers.cell, Some((10, 20)));
    assert!(took < LIMIT, "{took:?}");
}

#[test]
fn a_plain_terminal_has_no_graphics() {
    let (answers, took) = ask_one_that_says(vec![(0, b"\x1b[?62;22c\x1b[0n")]);
    assert!(!answers.sixel() && !answers.kitty && answers.finished && answers.any());
    assert!(took < LIMIT, "{took:?}");
}

#[test]
fn kitty_says_ok() {
    let (answers, _) = ask_one_that_says(vec![(
        0,
        b"\x1bP>|kitty(0.35.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c\x1b[0n",
    )]);
    assert!(answers.kitty && !answers.sixel());
    assert_eq!(answers.terminal.as_deref(), Some("kitty(0.35.1)"));
}

#[test]
fn a_silent_terminal_costs_the_limit_and_no_more() {
    let (answers, took) = ask_one_that_says(vec![]);
    assert_eq!(answers, Answers::default());
    assert!(took >= LIMIT && took < LIMIT * 2, "{took:?}");
}

#[test]
fn an_answer_in_slow_pieces_is_put_together() {
    let (answers, took) = ask_one_that_says(vec![
        (100, b"\x1bP>|Slow"),
        (100, b"Term\x1b"),
        (100, b"\\\x1b[?62;4"),
        (400, b";22c\x1b[0n"),
    ]);
    assert!(answers.sixel() && answers.finished, "{answers:?}");
    assert!(took > LIMIT && took < LIMIT * 2, "past the limit, since it had begun: {took:?}");
}

#[test]
fn ctrl_c_ends_the_wait_and_is_told() {
    let (answers, took) = ask_one_that_says(vec![(20, b"\x03")]);
    assert!(answers.interrupted && !answers.any());
    assert!(took < LIMIT, "{took:?}");
}

#[test]
fn garbage_is_swallowed() {
    let (answers, _) = ask_one_that_says(vec![(0, b"\xff\x00\x1b[\x1b]0;title\x07hello\x1b[0n")]);
    assert!(answers.finished && answers.attributes.is_empty());
}

#[test]
fn a_file_is_no_terminal() {
    let file = tempfile::tempfile().unwrap();
    assert!(ask(file.as_fd(), Questions::All, LIMIT).is_err());
}

#[test]
fn tmux_is_not_asked_about_kitty() {
    let bytes = Questions::WithoutKitty.bytes();
    assert!(!bytes.contains(&b'_') && bytes.ends_with(b"\x1b[5n"));
}
