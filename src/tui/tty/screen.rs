//! What the main loop draws on: the terminal, or a test's stand-in.

use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType as Part};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::output::Output;

/// A backend of ratatui that also takes escape sequences, and sends a frame when it is whole.
pub trait Screen: Backend {
    /// Puts a sequence into the frame.
    fn raw(&mut self, bytes: &[u8]);

    /// Sends the frame.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn send(&mut self) -> io::Result<()>;
}

/// The terminal.
#[derive(Debug)]
pub struct Tty<W: Write> {
    backend: CrosstermBackend<Output<W>>,
    output: Output<W>,
    /// Cursor moves that change nothing are not worth their bytes.
    cursor: Option<bool>,
}

impl<W: Write> Tty<W> {
    /// Draws on it.
    pub fn new(output: Output<W>) -> Self {
        Tty { backend: CrosstermBackend::new(output.clone()), output, cursor: None }
    }
}

impl<W: Write> Screen for Tty<W> {
    fn raw(&mut self, bytes: &[u8]) {
        // It only collects.
        let _ = self.output.write_all(bytes);
    }

    fn send(&mut self) -> io::Result<()> {
        self.output.send()
    }
}

impl<W: Write> Backend for Tty<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // An empty change would still reset the colors.
        let mut content = content.peekable();
        if content.peek().is_none() { Ok(()) } else { self.backend.draw(content) }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor != Some(false) {
            self.cursor = Some(false);
            queue!(self.output, Hide)?;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.cursor != Some(true) {
            self.cursor = Some(true);
            queue!(self.output, Show)?;
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // To ask the terminal would take the answer from the reader of keys; nobody needs it.
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        queue!(self.output, MoveTo(x, y))
    }

    fn clear(&mut self) -> io::Result<()> {
        queue!(self.output, Clear(Part::All))
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        self.backend.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.backend.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
