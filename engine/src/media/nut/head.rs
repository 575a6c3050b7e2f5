//! What a stream says about itself before its first packet.

use std::io::{self, Read};

use super::code::{
    self, FILE_ID, INVALID, LONG_PACKET, MAIN, Numbers, START, STREAM, bad, checksum, put,
    put_bytes,
};

/// Most bytes of any header packet, of a codec's own data, and of a frame's elided start.
const MOST: usize = 1 << 20;

/// The picture stream of a NUT file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Seconds a tick as a fraction, both at least 1.
    pub time_base: (u32, u32),
    /// ffmpeg's four letters for the codec, or for the pixel format of raw frames.
    pub tag: Vec<u8>,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Width and height of a pixel; 0:0 when unknown.
    pub sample_aspect: (u32, u32),
    /// How many packets may come before one that is shown earlier.
    pub decode_delay: u32,
    /// What the decoder must know before the first packet.
    pub codec_data: Vec<u8>,
}

/// What a frame's first byte stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FrameCode {
    pub flags: u64,
    pub pts_delta: i64,
    pub size_mul: u64,
    pub size_lsb: u64,
    pub reserved: u64,
    pub header: usize,
}

/// How frames are to be read.
pub(super) struct Coding {
    pub codes: Vec<FrameCode>,
    /// Bytes that frames begin with and that are not repeated; the first is empty.
    pub headers: Vec<Vec<u8>>,
    pub msb_pts_shift: u32,
}

/// Reads everything up to the first sync point, which is read, too.
pub(super) fn read(input: &mut impl Read) -> io::Result<(Head, Coding)> {
    let mut id = [0; FILE_ID.len()];
    input.read_exact(&mut id)?;
    if id != *FILE_ID {
        return Err(bad("it is no NUT file"));
    }
    let (start, packet) = read_packet(input)?;
    if start != MAIN {
        return Err(bad("it does not begin with its main header"));
    }
    let (time_bases, codes, headers) = main(&packet)?;
    let (start, packet) = read_packet(input)?;
    if start != STREAM {
        return Err(bad("no stream follows its main header"));
    }
    let (head, msb_pts_shift) = stream(&packet, &time_bases)?;
    Ok((head, Coding { codes, headers, msb_pts_shift }))
}

/// The next packet that is no frame: its start code and what it holds.
pub(super) fn read_packet(input: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    let mut first = [0];
    input.read_exact(&mut first)?;
    if first[0] != START {
        return Err(bad("a header was expected"));
    }
    read_packet_after_start(input)
}

/// The same when the first byte of the start code has been read.
pub(super) fn read_packet_after_start(input: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    let mut rest = [0; 7];
    input.read_exact(&mut rest)?;
    let start = rest.iter().fold(u64::from(START), |code, byte| code << 8 | u64::from(*byte));
    let mut numbers = Numbers::of(input);
    let length = numbers.number()?;
    if length > LONG_PACKET {
        let crc = checksum(checksum(0, &start.to_be_bytes()), numbers.seen());
        if numbers.word()? != crc {
            return Err(bad("the checksum of a header's length does not fit"));
        }
    }
    let length = usize::try_from(length).ok().filter(|n| (4..=MOST).contains(n));
    let mut packet = vec![0; length.ok_or_else(|| bad("a header has an impossible length"))?];
    input.read_exact(&mut packet)?;
    // With its own checksum at the end, the checksum of everything is 0.
    if checksum(0, &packet) != 0 {
        return Err(bad("the checksum of a header does not fit"));
    }
    packet.truncate(packet.len() - 4);
    Ok((start, packet))
}

type Main = (Vec<(u32, u32)>, Vec<FrameCode>, Vec<Vec<u8>>);

fn main(mut packet: &[u8]) -> io::Result<Main> {
    let mut numbers = Numbers::of(&mut packet);
    let version = numbers.number()?;
    if !(2..=4).contains(&version) {
        return Err(bad("its version is not known"));
    }
    if version > 3 {
        numbers.number()?;
    }
    if numbers.number()? != 1 {
        return Err(bad("it does not hold exactly one stream"));
    }
    let _max_distance = numbers.number()?;
    let count = numbers.number()?;
    if !(1..=16).contains(&count) {
        return Err(bad("its number of time bases is impossible"));
    }
    let mut time_bases = Vec::new();
    for _ in 0..count {
        let (num, den) = (numbers.number()?, numbers.number()?);
        let part = |n: u64| u32::try_from(n).ok().filter(|n| *n > 0);
        let base = part(num).zip(part(den)).ok_or_else(|| bad("a time base is impossible"))?;
        time_bases.push(base);
    }
    let codes = frame_codes(&mut numbers)?;
    let mut headers = vec![Vec::new()];
    for _ in 0..numbers.number()?.min(127) {
        headers.push(numbers.bytes(MOST)?);
    }
    if codes.iter().any(|c| c.flags & INVALID == 0 && c.header >= headers.len()) {
        return Err(bad("a frame begins with bytes that are not there"));
    }
    Ok((time_bases, codes, headers))
}

/// The table of first bytes, which is told in runs.
fn frame_codes(numbers: &mut Numbers<'_, &[u8]>) -> io::Result<Vec<FrameCode>> {
    let mut codes: Vec<FrameCode> = Vec::with_capacity(256);
    let mut last = FrameCode { size_mul: 1, ..FrameCode::default() };
    while codes.len() < 256 {
        let flags = numbers.number()?;
        let fields = numbers.number()?;
        if fields > 64 {
            return Err(bad("its table of frames is impossible"));
        }
        last.flags = flags;
        (last.size_lsb, last.reserved) = (0, 0);
        let mut count = None;
        for field in 0..fields {
            match field {
                0 => last.pts_delta = numbers.signed()?,
                1 => last.size_mul = numbers.number()?,
                2 if numbers.number()? != 0 => return Err(bad("a frame belongs to no stream")),
                2 => {}
                3 => last.size_lsb = numbers.number()?,
                4 => last.reserved = numbers.number()?,
                5 => count = Some(numbers.number()?),
                6 => drop(numbers.signed()?),
                7 => last.header = usize::try_from(numbers.number()?).unwrap_or(usize::MAX),
                _ => drop(numbers.number()?),
            }
        }
        let count = count.unwrap_or_else(|| last.size_mul.saturating_sub(last.size_lsb));
        if count == 0 {
            return Err(bad("its table of frames is impossible"));
        }
        for step in 0..count.min(256) {
            if codes.len() == usize::from(START) {
                codes.push(FrameCode { flags: INVALID, ..FrameCode::default() });
            }
            if codes.len() == 256 {
                break;
            }
            let size_lsb = last.size_lsb.saturating_add(step);
            codes.push(FrameCode { size_lsb, ..last });
        }
    }
    Ok(codes)
}

fn stream(mut packet: &[u8], time_bases: &[(u32, u32)]) -> io::Result<(Head, u32)> {
    let mut numbers = Numbers::of(&mut packet);
    let impossible = || bad("its picture stream is impossible");
    if (numbers.number()?, numbers.number()?) != (0, 0) {
        return Err(bad("its stream holds no pictures"));
    }
    let tag = numbers.bytes(16)?;
    let base = usize::try_from(numbers.number()?).ok();
    let time_base = *base.and_then(|i| time_bases.get(i)).ok_or_else(impossible)?;
    let shift = numbers.number()?;
    let _max_pts_distance = numbers.number()?;
    let decode_delay = numbers.number()?;
    let _flags = numbers.number()?;
    let codec_data = numbers.bytes(MOST)?;
    let mut side = || Ok(u32::try_from(numbers.number()?).unwrap_or(0));
    let (width, height): (u32, io::Result<u32>) = (side()?, side());
    let height = height?;
    let sample_aspect = (side()?, side()?);
    if shift > 31 || width == 0 || height == 0 || decode_delay > 1000 {
        return Err(impossible());
    }
    let decode_delay = decode_delay as u32;
    let head = Head { time_base, tag, width, height, sample_aspect, decode_delay, codec_data };
    Ok((head, shift as u32))
}

/// Frames that are longer than this must say where they begin, in bytes.
const MAX_DISTANCE: u64 = 32_768;

/// Bits of a timestamp that are written when it is near the last one; all of them always are.
pub(super) const MSB_PTS_SHIFT: u32 = 0;

/// The file's beginning: all frames have the first byte 0 and tell everything else themselves.
pub(super) fn write(head: &Head) -> Vec<u8> {
    let mut out = FILE_ID.to_vec();
    let mut main = Vec::new();
    // Version 4.0, which can hold side data.
    for number in [4, 0, 1, MAX_DISTANCE, 1, head.time_base.0.into(), head.time_base.1.into()] {
        put(&mut main, number);
    }
    // One run of all codes: no delta of timestamps, sizes as they are told, the one stream.
    for number in [code::CODED, 6, 0, 1, 0, 0, 0, 255] {
        put(&mut main, number);
    }
    // No bytes are elided, and nothing is special about its sync points.
    put(&mut main, 0);
    put(&mut main, 0);
    packet(&mut out, MAIN, &main);
    let mut stream = Vec::new();
    for number in [0, 0] {
        put(&mut stream, number);
    }
    put_bytes(&mut stream, &head.tag);
    for number in [0, u64::from(MSB_PTS_SHIFT), 1 << 30, head.decode_delay.into(), 0] {
        put(&mut stream, number);
    }
    put_bytes(&mut stream, &head.codec_data);
    let (width, height) = head.sample_aspect;
    for number in [head.width, head.height, width, height, 0] {
        put(&mut stream, number.into());
    }
    packet(&mut out, STREAM, &stream);
    out
}

/// Adds a packet that is no frame.
pub(super) fn packet(out: &mut Vec<u8>, start: u64, data: &[u8]) {
    let begin = out.len();
    out.extend_from_slice(&start.to_be_bytes());
    let length = data.len() as u64 + 4;
    put(out, length);
    if length > LONG_PACKET {
        let crc = checksum(0, &out[begin..]);
        out.extend_from_slice(&crc.to_be_bytes());
    }
    out.extend_from_slice(data);
    out.extend_from_slice(&checksum(0, data).to_be_bytes());
}
