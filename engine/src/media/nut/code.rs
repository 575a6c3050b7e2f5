//! The numbers of a NUT file: variable-length integers, checksums, start codes, flags.

use std::io::{self, ErrorKind, Read};

/// What every file begins with.
pub const FILE_ID: &[u8; 25] = b"nut/multimedia container\0";

/// Start codes of the packets that are no frames.
pub const MAIN: u64 = 0x4E4D_7A56_1F5F_04AD;
pub const STREAM: u64 = 0x4E53_1140_5BF2_F9DB;
pub const INFO: u64 = 0x4E49_AB68_B596_BA78;
pub const SYNC_POINT: u64 = 0x4E4B_E4AD_EECA_4569;
/// Every start code, and nothing else, begins with this byte.
pub const START: u8 = b'N';

/// Flags of a frame.
pub const KEY: u64 = 1;
pub const CODED_PTS: u64 = 8;
pub const STREAM_ID: u64 = 16;
pub const SIZE_MSB: u64 = 32;
pub const CHECKSUM: u64 = 64;
pub const RESERVED: u64 = 128;
pub const SIDE_DATA: u64 = 256;
pub const HEADER_INDEX: u64 = 1024;
pub const MATCH_TIME: u64 = 2048;
pub const CODED: u64 = 4096;
pub const INVALID: u64 = 8192;

/// Packets longer than this have a checksum over what comes before their data.
pub const LONG_PACKET: u64 = 4096;

/// The checksum: CRC-32 with the IEEE polynomial, most significant bit first, from 0, not inverted.
pub fn checksum(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |mut crc, byte| {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            let carry = crc & 0x8000_0000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x04C1_1DB7;
            }
        }
        crc
    })
}

/// Adds a variable-length number: seven bits a byte, the most significant first.
pub fn put(out: &mut Vec<u8>, value: u64) {
    let groups = (64 - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        out.push(((value >> (7 * group)) & 0x7F) as u8 | more);
    }
}

/// Adds a string of bytes with its length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// An error about what was read.
pub fn bad(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the stream is damaged: {what}"))
}

/// Reads numbers and remembers their bytes, so that checksums can be taken.
pub struct Numbers<'a, R> {
    input: &'a mut R,
    seen: Vec<u8>,
}

impl<'a, R: Read> Numbers<'a, R> {
    pub fn of(input: &'a mut R) -> Self {
        Numbers { input, seen: Vec::with_capacity(32) }
    }

    /// What was read so far.
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }

    pub fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        self.seen.push(byte[0]);
        Ok(byte[0])
    }

    /// The next byte; nothing at the end of the input.
    pub fn byte_or_end(&mut self) -> io::Result<Option<u8>> {
        match self.byte() {
            Ok(byte) => Ok(Some(byte)),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// A variable-length number.
    pub fn number(&mut self) -> io::Result<u64> {
        let mut value = 0u64;
        loop {
            let byte = self.byte()?;
            if value >> 57 != 0 {
                return Err(bad("a number is too large"));
            }
            value = value << 7 | u64::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
    }

    /// A number with a sign: odd ones are positive.
    pub fn signed(&mut self) -> io::Result<i64> {
        let value = self.number()?.checked_add(1).ok_or_else(|| bad("a number is too large"))?;
        let half = (value >> 1) as i64;
        Ok(if value & 1 == 1 { -half } else { half })
    }

    /// A string of bytes that is at most this long.
    pub fn bytes(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let length = self.number()?;
        let length = usize::try_from(length).ok().filter(|n| *n <= most);
        let mut bytes = vec![0; length.ok_or_else(|| bad("a string is too long"))?];
        self.input.read_exact(&mut bytes)?;
        self.seen.extend_from_slice(&bytes);
        Ok(bytes)
    }

    /// Four bytes, the most significant first; they belong to no checksum.
    pub fn word(&mut self) -> io::Result<u32> {
        let mut word = [0; 4];
        self.input.read_exact(&mut word)?;
        Ok(u32::from_be_bytes(word))
    }
}
