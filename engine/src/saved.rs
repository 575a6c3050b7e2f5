//! What a stage remembers from frame to frame, as bytes.
//!
//! A film is worked on in segments. What the stages remember at the end of a segment is saved with
//! it, so that work that was broken off goes on as if it never had been, bit for bit. Only what the
//! frames have left behind is saved: what comes from the profile, the models and the photos is
//! built anew.
//!
//! The bytes are gzip, whose checksum tells when they are damaged, around a label and the memory as
//! postcard writes it. The label says whose memory it is and which version of facedeck wrote it:
//! what another one may remember in another way is refused, not misread.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Context, Error, Result};

/// Nobody remembers more than this many bytes: hundreds of faces that wear glasses take as much.
const MOST: u64 = 256 << 20;
/// What another version remembers may lie in another order.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What somebody remembers, as bytes. `what` says whose memory it is.
///
/// # Errors
/// When it is larger than anything that is restored.
pub fn pack<T: Serialize>(what: &str, memory: &T) -> Result<Vec<u8>> {
    let cannot = || format!("what the {what} remembers cannot be saved");
    let plain = postcard::to_allocvec(&(what, VERSION, memory)).context(cannot)?;
    if plain.len() as u64 > MOST {
        return Err(Error::failed(cannot()).because(format!("it takes {} bytes", plain.len())));
    }
    compress(&plain).context(cannot)
}

/// What [`pack`] made into bytes, if it is all of it, of the same kind, and `fits`.
///
/// # Errors
/// When it is not: see [`misfit`].
pub fn unpack<T: DeserializeOwned>(
    what: &str,
    bytes: &[u8],
    fits: impl FnOnce(&T) -> bool,
) -> Result<T> {
    let plain = expand(bytes).map_err(|e| misfit(what).because(e))?;
    // The label comes first, so that nothing of another kind is read at all.
    let (label, rest) =
        postcard::take_from_bytes::<(&str, &str)>(&plain).map_err(|e| misfit(what).because(e))?;
    if label != (what, VERSION) {
        let (whose, version) = label;
        return Err(misfit(what).because(format!("it is of a {whose} of facedeck {version}")));
    }
    let (memory, rest) =
        postcard::take_from_bytes::<T>(rest).map_err(|e| misfit(what).because(e))?;
    if !rest.is_empty() || !fits(&memory) {
        return Err(misfit(what));
    }
    Ok(memory)
}

/// The error for bytes that are not what this `what` has saved.
pub fn misfit(what: &str) -> Error {
    Error::failed(format!("the saved state does not fit the {what}"))
}

fn compress(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain)?;
    encoder.finish()
}

fn expand(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoder = GzDecoder::new(bytes);
    let mut plain = Vec::new();
    decoder.by_ref().take(MOST).read_to_end(&mut plain)?;
    // At the limit nothing says that this is all and that the checksum is right.
    if plain.len() as u64 == MOST || !decoder.into_inner().is_empty() {
        return Err(std::io::Error::other("there is more of it than there should be"));
    }
    Ok(plain)
}

/// For the tests of those who remember.
#[cfg(test)]
pub mod testing {
    use super::*;

    /// Bytes that pass for somebody's memory until they are looked at closely.
    pub fn forged(what: &str, body: &[u8]) -> Vec<u8> {
        let mut plain = postcard::to_allocvec(&(what, VERSION)).unwrap();
        plain.extend_from_slice(body);
        compress(&plain).unwrap()
    }

    /// Saved memory with these bytes of it changed; label and checksum stay right.
    pub fn changed(what: &str, saved: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
        let mut body = body(saved);
        let length = body.len().max(1);
        for &(at, value) in changes {
            if let Some(byte) = body.get_mut(at % length) {
                *byte = value;
            }
        }
        forged(what, &body)
    }

    /// The memory without label and compression.
    pub fn body(saved: &[u8]) -> Vec<u8> {
        let plain = expand(saved).unwrap();
        postcard::take_from_bytes::<(&str, &str)>(&plain).unwrap().1.to_vec()
    }

    /// Asserts that this is the error for a state that does not fit.
    pub fn assert_misfit<T>(result: Result<T>) {
        let error = result.err().expect("the state fits");
        assert_eq!(error.exit_code(), 1);
        assert!(error.message().contains("does not fit"), "{}", error.chain());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::testing::{assert_misfit, changed, forged};
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Known {
        track: u64,
        place: [f32; 2],
        looks: Vec<f32>,
    }

    fn known() -> Known {
        Known { track: 3, place: [0.1, -0.0], looks: vec![f32::MIN_POSITIVE / 2.0, 1.0 / 3.0] }
    }

    #[test]
    fn numbers_come_back_bit_for_bit() {
        let looks: Vec<f32> = [0x7fc0_1234, 0xff80_0000, 0x8000_0000, 1].map(f32::from_bits).into();
        let known = Known { looks: looks.clone(), ..known() };
        let back: Known = unpack("tester", &pack("tester", &known).unwrap(), |_| true).unwrap();
        let bits = |all: &[f32]| all.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back.looks), bits(&looks));
        assert_eq!(bits(&back.place), bits(&known.place));
    }

    #[test]
    fn what_is_of_another_kind_torn_or_too_long_does_not_fit() {
        let saved = pack("tester", &known()).unwrap();
        assert_eq!(unpack::<Known>("tester", &saved, |_| true).unwrap(), known());
        assert_misfit(unpack::<Known>("tester", &saved, |_| false));
        assert_misfit(unpack::<Known>("another", &saved, |_| true));
        let old = compress(&postcard::to_allocvec(&("tester", "0.0.1", known())).unwrap()).unwrap();
        assert_misfit(unpack::<Known>("tester", &old, |_| true));
        assert_misfit(unpack::<Known>("tester", &changed("tester", &saved, &[(0, 255)]), |k| {
            k.track == 3
        }));
        for length in 0..saved.len() {
            assert_misfit(unpack::<Known>("tester", &saved[..length], |_| true));
        }
        let longer = [&saved[..], &[0]].concat();
        assert_misfit(unpack::<Known>("tester", &longer, |_| true));
        let mut body = postcard::to_allocvec(&known()).unwrap();
        body.push(0);
        assert_misfit(unpack::<Known>("tester", &forged("tester", &body), |_| true));
    }

    #[test]
    fn a_damaged_bit_is_noticed() {
        let saved = pack("tester", &known()).unwrap();
        // The ten bytes of the header hold nothing that counts.
        for bit in 80..8 * saved.len() {
            let mut damaged = saved.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_misfit(unpack::<Known>("tester", &damaged, |_| true));
        }
    }

    #[test]
    fn a_length_that_is_a_lie_takes_no_memory() {
        // Track and place, then a list of 2^63 numbers.
        let body = [&[3u8; 9][..], &[0xff; 8], &[0x7f]].concat();
        assert_misfit(unpack::<Known>("tester", &forged("tester", &body), |_| true));
        // Zeros that take a thousandth of their size.
        let bomb = compress(&vec![0; MOST as usize]).unwrap();
        assert_misfit(unpack::<Known>("tester", &bomb, |_| true));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            assert_misfit(unpack::<Known>("tester", &bytes, |_| true));
            let _ = unpack::<Known>("tester", &forged("tester", &bytes), |_| true);
        }
    }
}
