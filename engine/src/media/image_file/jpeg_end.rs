//! Whether a JPEG file is all there: decoders fill what is missing with gray and say nothing.

use std::io::{BufRead, ErrorKind, Read};

/// Start of an entropy-coded scan.
const SCAN: u8 = 0xda;
/// End of the image.
const END: u8 = 0xd9;

/// Walks from marker to marker (ITU-T T.81, annex B) and returns whether the image ends with its
/// end marker. Thumbnails inside metadata have one of their own, which does not count.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn is_whole(mut file: impl BufRead) -> std::io::Result<bool> {
    loop {
        // To the next marker: over the samples of a scan, in which 0xff 0x00 is a sample and
        // 0xff 0xd0 to 0xff 0xd7 are restarts, and over fill bytes.
        if file.skip_until(0xff)? == 0 {
            return Ok(false);
        }
        let Some(marker) = next_but(&mut file, 0xff)? else { return Ok(false) };
        match marker {
            END => return Ok(true),
            // No length follows these.
            0x00 | 0x01 | 0xd0..=0xd8 | SCAN => {}
            _ => {
                let mut length = [0; 2];
                match file.read_exact(&mut length) {
                    Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(false),
                    result => result?,
                }
                let body = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
                std::io::copy(&mut file.by_ref().take(body), &mut std::io::sink())?;
            }
        }
    }
}

/// The next byte that is not this one.
fn next_but(file: &mut impl BufRead, skipped: u8) -> std::io::Result<Option<u8>> {
    for byte in file.bytes() {
        let byte = byte?;
        if byte != skipped {
            return Ok(Some(byte));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> bool {
        is_whole(bytes).unwrap()
    }

    #[test]
    fn only_the_end_of_the_image_itself_counts() {
        let jpeg =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/grace_hopper.jpg"))
                .unwrap();
        assert!(whole(&jpeg));
        for kept in [0, 1, 2, 100, jpeg.len() / 2, jpeg.len() - 2, jpeg.len() - 1] {
            assert!(!whole(&jpeg[..kept]), "{kept} bytes of {}", jpeg.len());
        }
        let mut followed = jpeg.clone();
        followed.extend(b"what a phone appends");
        assert!(whole(&followed));
        // A thumbnail in an APP1 segment that ends by itself, after which nothing comes.
        let mut inner = vec![0xff, 0xd8, 0xff, 0xe1];
        inner.extend([0, 6, 0xff, 0xd8, 0xff, 0xd9]);
        assert!(!whole(&inner));
        inner.extend([0xff, 0xda, 0, 2, 7, 0xff, 0, 0xff, 0xd0, 9, 0xff, 0xff, 0xd9]);
        assert!(whole(&inner));
    }
}
