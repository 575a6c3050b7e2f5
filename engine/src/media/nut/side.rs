//! What lies beside the data of a packet.

use std::io;

use super::code::{Numbers, put};

/// What ffmpeg calls the additions of Matroska's blocks, before their number: VP9's transparency is
/// the first.
const ADDITION: &[u8] = b"CodecSpecificSide";

/// A value that is bytes of a named kind.
const BYTES: i64 = -2;

/// Takes out of a packet with side data what ffmpeg writes too much of: the number of an addition
/// stands in its name, and once more before its bytes, and whoever reads it takes that for a part of
/// them. The number has eight bytes that begin with zeros, which no picture of VP9 does.
///
/// # Errors
/// When the side data are damaged.
pub fn mend(packet: &mut Vec<u8>) -> io::Result<()> {
    let all = packet.len();
    let mut rest = packet.as_slice();
    let count = Numbers::of(&mut rest).number()?;
    for _ in 0..count {
        let name = Numbers::of(&mut rest).bytes(all)?;
        let number = name.strip_prefix(ADDITION).and_then(|n| std::str::from_utf8(n).ok());
        let number: Option<u64> = number.and_then(|n| n.parse().ok());
        if Numbers::of(&mut rest).signed()? != BYTES {
            // Something else than pictures has; nothing of it is known to be wrong.
            return Ok(());
        }
        Numbers::of(&mut rest).bytes(all)?;
        let from = all - rest.len();
        let value = Numbers::of(&mut rest).bytes(all)?;
        let twice = number.map(u64::to_be_bytes);
        if let Some(value) = twice.and_then(|number| value.strip_prefix(&number)) {
            let mut mended = Vec::with_capacity(value.len() + 8);
            put(&mut mended, value.len() as u64);
            mended.extend_from_slice(value);
            let to = all - rest.len();
            packet.splice(from..to, mended);
            // A picture has one.
            return Ok(());
        }
    }
    Ok(())
}
