//! What is written to the terminal: collected for a frame, then sent in one piece, so that a frame
//! is seen whole and a slow line is asked once.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How much was written.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    bytes: Arc<AtomicU64>,
    frames: Arc<AtomicU64>,
}

impl Traffic {
    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Frames that sent something.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }
}

/// Collects a frame; clones collect the same one.
#[derive(Debug)]
pub struct Output<W>(Arc<Mutex<Frame<W>>>);

#[derive(Debug)]
struct Frame<W> {
    to: W,
    bytes: Vec<u8>,
    traffic: Traffic,
}

impl<W> Clone for Output<W> {
    fn clone(&self) -> Self {
        Output(Arc::clone(&self.0))
    }
}

/// Between these a terminal shows nothing of what it gets: synchronized update, mode 2026.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

impl<W: Write> Output<W> {
    /// Writes to `to`.
    pub fn new(to: W, traffic: Traffic) -> Self {
        let bytes = Vec::with_capacity(64 << 10);
        Output(Arc::new(Mutex::new(Frame { to, bytes, traffic })))
    }

    /// Sends what was collected.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self) -> io::Result<()> {
        let mut frame = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Frame { to, bytes, traffic } = &mut *frame;
        if bytes.is_empty() {
            return Ok(());
        }
        let sent = (BEGIN.len() + bytes.len() + END.len()) as u64;
        to.write_all(BEGIN)?;
        to.write_all(bytes)?;
        to.write_all(END)?;
        to.flush()?;
        bytes.clear();
        traffic.bytes.fetch_add(sent, Ordering::Relaxed);
        traffic.frames.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Nothing is sent before the frame is whole.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_goes_in_one_piece_and_an_empty_one_not_at_all() {
        let traffic = Traffic::default();
        let mut output = Output::new(Vec::new(), traffic.clone());
        output.send().unwrap();
        assert_eq!((traffic.bytes(), traffic.frames()), (0, 0));
        output.write_all(b"one").unwrap();
        output.flush().unwrap();
        assert!(output.0.lock().unwrap().to.is_empty());
        output.write_all(b" two").unwrap();
        output.send().unwrap();
        let sent = output.0.lock().unwrap().to.clone();
        assert_eq!(sent, b"\x1b[?2026hone two\x1b[?2026l");
        assert_eq!((traffic.bytes(), traffic.frames()), (sent.len() as u64, 1));
    }
}
