//! A terminal that a test plays: it answers what a terminal of its kind would answer, and keeps
//! what it is sent.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::super::service::Desk;

/// How the terminal answers when it is asked what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plays {
    /// Not at all.
    Silent,
    /// As xterm does without graphics.
    Plain,
    /// As xterm does as a VT340.
    Sixel,
    /// As kitty does.
    Kitty,
    /// As iTerm2 does.
    Iterm2,
    /// As one with sixels does, but only when nobody waits any more.
    Late,
    /// With nonsense.
    Garbage,
}

impl Plays {
    fn answer(self) -> &'static [u8] {
        match self {
            Plays::Silent => b"",
            Plays::Plain => b"\x1bP>|XTerm(379)\x1b\\\x1b[6;20;10t\x1b[?62;22c\x1b[0n",
            Plays::Sixel | Plays::Late => {
                b"\x1bP>|XTerm(379)\x1b\\\x1b[6;20;10t\x1b[?1;0;256S\x1b[?2;0;1000;1000S\
                  \x1b[?63;1;2;4;6;9;15;16;22;28c\x1b[0n"
            }
            Plays::Kitty => {
                b"\x1bP>|kitty(0.32.0)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c\x1b[0n"
            }
            Plays::Iterm2 => b"\x1bP>|iTerm2 3.5.0\x1b\\\x1b[6;20;10t\x1b[?62;4;22c\x1b[0n",
            Plays::Garbage => b"\x1b[\x1b]\x1bP\xff\xfe\x1b[?999999999c\x1b[6;0;0t\x00hello\x1b[0n",
        }
    }
}

/// What was sent to the terminal.
#[derive(Default)]
struct Sent {
    bytes: Vec<u8>,
    asked: bool,
    over: bool,
}

/// The dashboard on a terminal.
pub struct Pty {
    pub child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    sent: Arc<Mutex<Sent>>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Pty {
    /// Starts the dashboard of a desk.
    pub fn start(
        desk: &Desk,
        plays: Plays,
        (columns, rows): (u16, u16),
        arguments: &[&str],
    ) -> Pty {
        let (pixel_width, pixel_height) = match plays {
            Plays::Silent | Plays::Garbage => (0, 0),
            _ => (columns * 10, rows * 20),
        };
        let size = PtySize { rows, cols: columns, pixel_width, pixel_height };
        let terminal = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_facedeck"));
        for name in
            ["TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR", "TERM_PROGRAM", "LC_TERMINAL"]
        {
            command.env_remove(name);
        }
        for (name, value) in desk.command(&[]).get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.args(arguments);
        let child = terminal.slave.spawn_command(command).expect("the binary starts");
        drop(terminal.slave);
        let reader = terminal.master.try_clone_reader().expect("a reader");
        let writer = terminal.master.take_writer().expect("a writer");
        let keyboard: Arc<Mutex<Box<dyn Write + Send>>> = Arc::new(Mutex::new(writer));
        let sent = Arc::new(Mutex::new(Sent::default()));
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0)));
        listen(reader, plays, Arc::clone(&keyboard), Arc::clone(&sent), Arc::clone(&screen));
        let keyboard = Box::new(Shared(keyboard));
        Pty { child, master: terminal.master, keyboard, sent, screen }
    }

    /// Types.
    pub fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("the terminal takes keys");
        self.keyboard.flush().expect("the terminal takes keys");
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner).screen().contents()
    }

    /// Everything that was sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }

    /// Whether this was sent.
    pub fn was_sent(&self, sequence: &[u8]) -> bool {
        self.bytes().windows(sequence.len()).any(|window| window == sequence)
    }

    /// Waits until the screen shows something like this.
    pub fn shows(&self, what: &str) -> String {
        self.waits(&format!("\"{what}\" on the screen"), || self.text().contains(what));
        self.text()
    }

    /// Waits until the screen does not show this any more.
    pub fn hides(&self, what: &str) {
        self.waits(&format!("no \"{what}\" on the screen"), || !self.text().contains(what));
    }

    /// Waits until something was sent.
    pub fn gets(&self, sequence: &[u8]) {
        self.waits(&String::from_utf8_lossy(sequence), || self.was_sent(sequence));
    }

    pub fn waits(&self, what: &str, happened: impl Fn() -> bool) {
        let begin = Instant::now();
        while !happened() {
            let late = begin.elapsed() > Duration::from_secs(40);
            assert!(!late, "there is no {what} in:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The window becomes another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let size =
            PtySize { rows, cols: columns, pixel_width: columns * 10, pixel_height: rows * 20 };
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.screen_mut().set_size(cells(rows), cells(columns));
        drop(screen);
        self.master.resize(size).expect("another size");
    }

    /// Waits for the end of the dashboard; its exit code.
    pub fn end(&mut self) -> u32 {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.exit_code();
            }
            let late = begin.elapsed() > Duration::from_secs(20);
            assert!(!late, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The terminal is as it was before: the usual screen, the cursor, no mouse, no frozen frame.
    pub fn is_restored(&self) {
        self.waits("end of what is sent", || {
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).over
        });
        let bytes = self.bytes();
        let last =
            |sequence: &[u8]| (0..bytes.len()).rev().find(|at| bytes[*at..].starts_with(sequence));
        for (on, off) in [
            (&b"\x1b[?1049h"[..], &b"\x1b[?1049l"[..]),
            (b"\x1b[?25l", b"\x1b[?25h"),
            (b"\x1b[?1000h", b"\x1b[?1000l"),
            (b"\x1b[?2004h", b"\x1b[?2004l"),
            (b"\x1b[?2026h", b"\x1b[?2026l"),
        ] {
            let name = String::from_utf8_lossy(on).into_owned();
            assert!(last(on).is_some(), "{name} was never sent");
            assert!(last(off) > last(on), "{name} was left on");
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a size")
}

/// The keyboard is also that of the one who answers.
struct Shared(Arc<Mutex<Box<dyn Write + Send>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// Reads what is sent, and answers the question that ends a batch.
fn listen(
    mut reader: Box<dyn Read + Send>,
    plays: Plays,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    sent: Arc<Mutex<Sent>>,
    screen: Arc<Mutex<vt100::Parser>>,
) {
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(read @ 1..) = reader.read(&mut bytes) {
            screen.lock().unwrap_or_else(PoisonError::into_inner).process(&bytes[..read]);
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.bytes.extend_from_slice(&bytes[..read]);
            let asks = sent.bytes.windows(4).any(|window| window == b"\x1b[5n");
            if asks && !sent.asked {
                sent.asked = true;
                let keyboard = Arc::clone(&keyboard);
                std::thread::spawn(move || {
                    if plays == Plays::Late {
                        std::thread::sleep(Duration::from_millis(900));
                    }
                    let mut keyboard = keyboard.lock().unwrap_or_else(PoisonError::into_inner);
                    let _ = keyboard.write_all(plays.answer());
                    let _ = keyboard.flush();
                });
            }
        }
        sent.lock().unwrap_or_else(PoisonError::into_inner).over = true;
    });
}
