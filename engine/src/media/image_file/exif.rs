//! Keeps an EXIF block true after the picture was turned upright and will be changed.

use image::metadata::Orientation;

/// Some writers put JPEG's own prefix before the TIFF structure in other formats too.
const JPEG_PREFIX: &[u8] = b"Exif\0\0";

/// Offset and length of an embedded JPEG thumbnail (EXIF 2.32, table 4).
const THUMBNAIL_OFFSET: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;

/// The block with its orientation set to 1 and its thumbnail taken out: the thumbnail shows the
/// picture as it was. Nothing when it is not an EXIF block.
pub(super) fn clean(mut exif: Vec<u8>) -> Option<Vec<u8>> {
    if exif.starts_with(JPEG_PREFIX) {
        exif.drain(..JPEG_PREFIX.len());
    }
    let order = Order::of(&exif)?;
    // Whatever orientation it had, the picture is upright now.
    let _ = Orientation::remove_from_exif_chunk(&mut exif);
    remove_thumbnail(&mut exif, order);
    Some(exif)
}

fn remove_thumbnail(exif: &mut [u8], order: Order) -> Option<()> {
    let first = order.u32(exif, 4)? as usize;
    let link = next_link(exif, order, first)?;
    let second = order.u32(exif, link)? as usize;
    if second == 0 {
        return None;
    }
    exif.get_mut(link..link.checked_add(4)?)?.fill(0);
    let entry = |tag| find(exif, order, second, tag);
    let (start, length) = (entry(THUMBNAIL_OFFSET)? as usize, entry(THUMBNAIL_LENGTH)? as usize);
    exif.get_mut(start..start.checked_add(length)?)?.fill(0);
    Some(())
}

/// Where a directory keeps the offset of the one after it.
fn next_link(exif: &[u8], order: Order, directory: usize) -> Option<usize> {
    let entries = usize::from(order.u16(exif, directory)?);
    directory.checked_add(2 + 12 * entries)
}

/// The value of a 32-bit entry of a directory.
fn find(exif: &[u8], order: Order, directory: usize, tag: u16) -> Option<u32> {
    let entries = usize::from(order.u16(exif, directory)?);
    (0..entries)
        .map(|i| directory + 2 + 12 * i)
        .find(|&at| order.u16(exif, at) == Some(tag))
        .and_then(|at| order.u32(exif, at + 8))
}

/// The byte order of a TIFF structure.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn of(exif: &[u8]) -> Option<Self> {
        match exif.get(..4)? {
            [b'I', b'I', 42, 0] => Some(Order::Little),
            [b'M', b'M', 0, 42] => Some(Order::Big),
            _ => None,
        }
    }

    fn u16(self, data: &[u8], at: usize) -> Option<u16> {
        let bytes = data.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(self, data: &[u8], at: usize) -> Option<u32> {
        let bytes = data.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orientation 6 in the first directory, a 4-byte thumbnail in the second.
    fn block() -> Vec<u8> {
        let mut b = b"II*\0\x08\0\0\0".to_vec();
        b.extend([1, 0]); // at 8: one entry
        b.extend([0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        b.extend(26u32.to_le_bytes()); // at 22: the next directory
        b.extend([2, 0]); // at 26: two entries
        b.extend([1, 2, 4, 0, 1, 0, 0, 0, 56, 0, 0, 0]);
        b.extend([2, 2, 4, 0, 1, 0, 0, 0, 4, 0, 0, 0]);
        b.extend([0; 4]);
        b.extend([0xff, 0xd8, 0xff, 0xd9]); // at 56
        b
    }

    #[test]
    fn orientation_is_reset_and_the_old_thumbnail_gone() {
        let cleaned = clean([JPEG_PREFIX, &block()].concat()).unwrap();
        assert_eq!(cleaned.len(), 60);
        assert_eq!(Orientation::from_exif_chunk(&cleaned), Some(Orientation::NoTransforms));
        assert_eq!(cleaned[22..26], [0; 4]);
        assert_eq!(cleaned[56..60], [0; 4]);
    }

    #[test]
    fn damaged_blocks_never_panic() {
        for cut in 0..block().len() {
            let _ = clean(block()[..cut].to_vec());
        }
        let mut wild = block();
        wild[22..26].fill(0xff);
        assert!(clean(wild).is_some());
        assert!(clean(b"text".to_vec()).is_none());
    }
}
