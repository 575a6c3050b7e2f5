//! Reads the packets of a stream one after the other.

use std::io::{self, Read};

use super::code::{
    CHECKSUM, CODED, CODED_PTS, HEADER_INDEX, INVALID, KEY, MATCH_TIME, Numbers, RESERVED,
    SIDE_DATA, SIZE_MSB, START, STREAM_ID, SYNC_POINT, bad, checksum,
};
use super::head::{self, Coding, Head};

/// What is known of a packet before its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketHead {
    /// When it is shown, in ticks of the stream's time base.
    pub pts: i64,
    /// Whether decoding can begin with it.
    pub key: bool,
    /// Whether its data begin with side data.
    pub side_data: bool,
    /// Bytes of its data, side data included.
    pub size: usize,
}

/// Reads a stream from a pipe or file.
pub struct Reader<R> {
    input: R,
    head: Head,
    coding: Coding,
    last_pts: i64,
    /// How much of the data is still to be read, and what it begins with.
    rest: usize,
    begin: usize,
}

impl<R: Read> Reader<R> {
    /// Reads the headers.
    ///
    /// # Errors
    /// When the input cannot be read ([`io::ErrorKind::UnexpectedEof`] when it ends before), or is
    /// no NUT stream with exactly one picture stream ([`io::ErrorKind::InvalidData`]).
    pub fn open(mut input: R) -> io::Result<Self> {
        let (head, coding) = head::read(&mut input)?;
        Ok(Reader { input, head, coding, last_pts: 0, rest: 0, begin: 0 })
    }

    /// What the stream is.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Goes to the next packet; nothing at the end. Data of the last one that was not read is
    /// passed over.
    ///
    /// # Errors
    /// As [`Reader::open`]; the end within a packet is an [`io::ErrorKind::UnexpectedEof`].
    pub fn next_packet(&mut self) -> io::Result<Option<PacketHead>> {
        let rest = std::mem::take(&mut self.rest) as u64;
        if rest > 0 && io::copy(&mut self.input.by_ref().take(rest), &mut io::sink())? < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut synced = false;
        loop {
            let mut numbers = Numbers::of(&mut self.input);
            let Some(first) = numbers.byte_or_end()? else {
                // A sync point stands before a packet: without one the stream was cut off.
                return if synced { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
            };
            if first != START {
                return self.packet(first).map(Some);
            }
            let (start, packet) = head::read_packet_after_start(&mut self.input)?;
            if start == SYNC_POINT {
                // There is one time base, so the number is its ticks.
                let pts = Numbers::of(&mut packet.as_slice()).number()?;
                synced = true;
                self.last_pts = i64::try_from(pts).map_err(|_| bad("a time is impossible"))?;
            }
            // Everything else repeats what is known, or is of no use here: indices, texts.
        }
    }

    fn packet(&mut self, first: u8) -> io::Result<PacketHead> {
        let code = self.coding.codes[usize::from(first)];
        let mut numbers = Numbers::of(&mut self.input);
        let mut flags = code.flags;
        if flags & INVALID != 0 {
            return Err(bad("a packet of no kind"));
        }
        if flags & CODED != 0 {
            flags ^= numbers.number()?;
        }
        if flags & STREAM_ID != 0 && numbers.number()? != 0 {
            return Err(bad("a packet of no stream"));
        }
        let impossible = || bad("a packet's time is impossible");
        let pts = if flags & CODED_PTS != 0 {
            let coded = i64::try_from(numbers.number()?).map_err(|_| impossible())?;
            let span = 1i64 << self.coding.msb_pts_shift;
            if coded < span {
                // Only its last bits: the time nearest to the one before that ends so.
                let mask = span - 1;
                let from = self.last_pts - mask / 2;
                (coded.wrapping_sub(from) & mask) + from
            } else {
                coded - span
            }
        } else {
            self.last_pts.checked_add(code.pts_delta).ok_or_else(impossible)?
        };
        let msb = if flags & SIZE_MSB != 0 { numbers.number()? } else { 0 };
        let size = code.size_mul.checked_mul(msb).and_then(|s| s.checked_add(code.size_lsb));
        if flags & MATCH_TIME != 0 {
            numbers.signed()?;
        }
        let mut header = code.header;
        if flags & HEADER_INDEX != 0 {
            header = usize::try_from(numbers.number()?).unwrap_or(usize::MAX);
        }
        let reserved = if flags & RESERVED != 0 { numbers.number()? } else { code.reserved };
        for _ in 0..reserved.min(64) {
            numbers.number()?;
        }
        let begin = self.coding.headers.get(header).ok_or_else(|| bad("a packet's start"))?.len();
        if flags & CHECKSUM != 0 {
            let crc = checksum(checksum(0, &[first]), numbers.seen());
            if numbers.word()? != crc {
                return Err(bad("the checksum of a packet does not fit"));
            }
        }
        let size = size.and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| bad("a packet's size is impossible"))?;
        self.last_pts = pts;
        // What is elided counts as a part of the data, but is not in the file.
        self.rest = size.checked_sub(begin).ok_or_else(|| bad("a packet's size is impossible"))?;
        self.begin = header;
        Ok(PacketHead { pts, key: flags & KEY != 0, side_data: flags & SIDE_DATA != 0, size })
    }

    /// Reads the data of the packet that [`Reader::next_packet`] went to; `data` must be as long as it.
    ///
    /// # Errors
    /// When the input cannot be read or ends.
    pub fn read(&mut self, data: &mut [u8]) -> io::Result<()> {
        let (begin, rest) = data.split_at_mut(data.len().saturating_sub(self.rest));
        let elided = &self.coding.headers[self.begin];
        if begin.len() != elided.len() || rest.len() != self.rest {
            return Err(bad("a packet has another size"));
        }
        begin.copy_from_slice(elided);
        self.rest = 0;
        self.input.read_exact(rest)
    }
}
