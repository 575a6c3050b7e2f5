//! Takes the terminal, and gives it back: at the end, for Ctrl-Z, in a panic.

use std::io::{self, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};

use crate::error::{Context, Result};

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is taken with it.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// The terminal while it is ours.
#[derive(Debug)]
pub struct Session;

impl Session {
    /// Takes the terminal: raw mode, the other screen, pastes in one piece, the mouse. In a panic
    /// it is given back, and a report is written into `reports`.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn begin(mouse: bool, reports: PathBuf) -> Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        report_panics(reports);
        take().context(|| "cannot take the terminal".into())?;
        Ok(Session)
    }

    /// Gives it back, stops this process as Ctrl-Z does, and takes it again when it goes on.
    ///
    /// # Errors
    /// When it cannot be taken again.
    pub fn suspend(&self) -> Result<()> {
        give_back();
        // Only ourselves: whoever started us with others in a group stops those, too.
        let _ = rustix::process::kill_process_group(
            rustix::process::getpgrp(),
            rustix::process::Signal::TSTP,
        );
        take().context(|| "cannot take the terminal again".into())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(
        stdout(),
        EnterAlternateScreen,
        SetTitle("facedeck"),
        EnableBracketedPaste,
        EnableFocusChange,
        cursor::Hide
    )?;
    if MOUSE.load(Ordering::SeqCst) {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back; does nothing when it is not ours. Everything is tried, as some of it may
/// fail on a terminal that is gone.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // A frame that was cut must not keep the screen frozen.
    let _ = stdout().write_all(b"\x1b[?2026l\x1b[0m");
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// The words of a panic belong on a screen that can be read, and into a file that can be sent.
fn report_panics(reports: PathBuf) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = TAKEN.load(Ordering::SeqCst);
            if ours {
                give_back();
            }
            usual(info);
            if ours && let Ok(file) = report(&reports, &info.to_string()) {
                let file = file.display();
                // A panic while one is told would end everything at once.
                let _ = writeln!(stderr(), "facedeck: this is a bug; a report is in {file}");
                let _ = writeln!(stderr(), "facedeck: jobs go on in the service");
            }
        }));
    });
}

/// Writes what happened and where.
fn report(folder: &Path, words: &str) -> io::Result<PathBuf> {
    let at = jiff::Timestamp::now().as_second();
    let file = folder.join(format!("dashboard-panic-{at}.txt"));
    std::fs::create_dir_all(folder)?;
    let trace = std::backtrace::Backtrace::force_capture();
    let version = env!("CARGO_PKG_VERSION");
    std::fs::write(&file, format!("facedeck {version}\n{words}\n\n{trace}\n"))?;
    Ok(file)
}
