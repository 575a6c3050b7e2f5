//! Protocol buffers' wire format over anything that can be sought in.
//!
//! Lengths in a file may lie: every one is held against the message around it before anything is
//! read or reserved.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

/// A field's value; of what has a length, only where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number of variable length.
    Varint(u64),
    /// Four bytes, little-endian.
    Fixed32(u32),
    /// Eight bytes, little-endian.
    Fixed64(u64),
    /// Text, bytes, a message or packed numbers.
    Bytes(Range<u64>),
}

/// A reader that knows where it is.
#[derive(Debug)]
pub(super) struct Wire<R> {
    inner: BufReader<R>,
    at: u64,
    length: u64,
}

/// The error of a file that is not what it should be.
pub(super) fn malformed(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

impl<R: Read + Seek> Wire<R> {
    /// A reader at the beginning of a file.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let length = inner.seek(SeekFrom::End(0))?;
        inner.rewind()?;
        Ok(Wire { inner: BufReader::new(inner), at: 0, length })
    }

    /// The whole file.
    pub fn all(&self) -> Range<u64> {
        0..self.length
    }

    /// Calls `each` with the number and value of every field of a message. `each` may read within a
    /// value; it goes on behind it.
    pub fn fields(
        &mut self,
        message: Range<u64>,
        mut each: impl FnMut(&mut Self, u64, Value) -> io::Result<()>,
    ) -> io::Result<()> {
        self.go_to(message.start)?;
        while self.at < message.end {
            let tag = self.varint(message.end)?;
            let value = match tag & 7 {
                0 => Value::Varint(self.varint(message.end)?),
                1 => Value::Fixed64(u64::from_le_bytes(self.exactly(message.end)?)),
                2 => {
                    let length = self.varint(message.end)?;
                    let end = self.at.checked_add(length).filter(|end| *end <= message.end);
                    Value::Bytes(self.at..end.ok_or_else(cut_off)?)
                }
                5 => Value::Fixed32(u32::from_le_bytes(self.exactly(message.end)?)),
                kind => return Err(malformed(format!("wire type {kind} at byte {}", self.at))),
            };
            let next = if let Value::Bytes(range) = &value { range.end } else { self.at };
            each(self, tag >> 3, value)?;
            self.go_to(next)?;
        }
        Ok(())
    }

    /// A number of variable length that ends before `end`.
    pub fn varint(&mut self, end: u64) -> io::Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.exactly(end)?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(malformed(format!("a number without an end at byte {}", self.at)))
    }

    /// The next `N` bytes, which lie before `end`.
    pub fn exactly<const N: usize>(&mut self, end: u64) -> io::Result<[u8; N]> {
        if end.saturating_sub(self.at) < N as u64 {
            return Err(cut_off());
        }
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// The text in a range, which must not be longer than `most` bytes.
    pub fn text(&mut self, range: Range<u64>, most: usize) -> io::Result<String> {
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        if length > most {
            return Err(malformed(format!("a name of {length} bytes at byte {}", range.start)));
        }
        self.go_to(range.start)?;
        let mut bytes = vec![0; length];
        self.inner.read_exact(&mut bytes)?;
        self.at = range.end;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where the next byte is read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Goes to a place in the file.
    pub fn go_to(&mut self, place: u64) -> io::Result<()> {
        // Keeps the buffer where the place is in it.
        let by = i64::try_from(i128::from(place) - i128::from(self.at));
        self.inner.seek_relative(by.map_err(|_| cut_off())?)?;
        self.at = place;
        Ok(())
    }
}

fn cut_off() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "it is cut off or damaged: a part is longer than the whole",
    )
}
