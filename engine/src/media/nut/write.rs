//! Writes the packets of a stream one after the other.

use std::io::{self, Write};

use super::code::{CHECKSUM, CODED_PTS, KEY, SIDE_DATA, SIZE_MSB, SYNC_POINT, bad, checksum, put};
use super::head::{self, Head, MSB_PTS_SHIFT};
use super::read::PacketHead;

/// Writes a stream to a pipe or file.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    /// Reused for the start of each packet.
    start: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the headers.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn start(mut output: W, head: &Head) -> io::Result<Self> {
        output.write_all(&head::write(head))?;
        Ok(Writer { output, start: Vec::new() })
    }

    /// Writes a packet that can be decoded without others and is shown at `pts`, at least 0, in
    /// ticks of the time base.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&mut self, pts: i64, data: &[u8]) -> io::Result<()> {
        self.copy(&PacketHead { pts, key: true, side_data: false, size: data.len() }, data)
    }

    /// Writes a packet of another stream, with all that its head says.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn copy(&mut self, packet: &PacketHead, data: &[u8]) -> io::Result<()> {
        let PacketHead { pts, key, side_data, .. } = *packet;
        let pts = u64::try_from(pts).map_err(|_| bad("a time before the beginning"))?;
        self.start.clear();
        // Every packet can be found by itself: readers want that of large ones.
        let mut point = Vec::with_capacity(16);
        put(&mut point, pts);
        put(&mut point, 0);
        head::packet(&mut self.start, SYNC_POINT, &point);
        let begin = self.start.len();
        self.start.push(0);
        let mut flags = CODED_PTS | SIZE_MSB | CHECKSUM;
        for (set, flag) in [(key, KEY), (side_data, SIDE_DATA)] {
            flags |= if set { flag } else { 0 };
        }
        // The difference to what the table says, which is nothing.
        put(&mut self.start, flags);
        put(&mut self.start, pts + (1 << MSB_PTS_SHIFT));
        put(&mut self.start, data.len() as u64);
        let crc = checksum(0, &self.start[begin..]);
        self.start.extend_from_slice(&crc.to_be_bytes());
        self.output.write_all(&self.start)?;
        self.output.write_all(data)
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.output
    }
}
