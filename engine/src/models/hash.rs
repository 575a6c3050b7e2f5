//! SHA-256 of files that may be half a gigabyte: told how far it is, and stopped when asked.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// Read at a time: large enough that the system calls do not show.
const BLOCK: usize = 1 << 18;

/// Adds what a reader gives to a hash, handing every block to `each` as well.
///
/// # Errors
/// What the reader, `each` or the interrupt says.
pub(super) fn feed(
    from: &mut impl Read,
    hash: &mut Sha256,
    interrupt: &Interrupt,
    mut each: impl FnMut(&[u8]) -> Result<()>,
    unreadable: impl Fn() -> Error,
) -> Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut total = 0;
    loop {
        interrupt.check()?;
        let count = from.read(&mut block).map_err(|e| unreadable().because(e))?;
        if count == 0 {
            return Ok(total);
        }
        hash.update(&block[..count]);
        each(&block[..count])?;
        total += count as u64;
    }
}

/// SHA-256 of a file in lower-case hexadecimal.
///
/// # Errors
/// When it cannot be read, or the user stops it.
pub fn of_file(path: &Path, interrupt: &Interrupt) -> Result<String> {
    let unreadable = || Error::failed(format!("cannot read {}", path.display()));
    let mut file = File::open(path).map_err(|e| unreadable().because(e))?;
    let mut hash = Sha256::new();
    feed(&mut file, &mut hash, interrupt, |_| Ok(()), unreadable)?;
    Ok(hex(&hash))
}

/// SHA-256 of bytes in lower-case hexadecimal.
pub fn of_bytes(bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hex(&hash)
}

/// What a hash says so far; it can go on.
pub(super) fn hex(hash: &Sha256) -> String {
    hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // SHA-256 of "abc" (FIPS 180-4, example 1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_has_the_hash_of_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(of_file(&path, &Interrupt::new()).unwrap(), ABC);
        assert_eq!(of_bytes(b"abc"), ABC);
        let long = vec![7; 3 * BLOCK + 5];
        std::fs::write(&path, &long).unwrap();
        assert_eq!(of_file(&path, &Interrupt::new()).unwrap(), of_bytes(&long));
    }

    #[test]
    fn it_can_be_stopped() {
        let stop = Interrupt::new();
        stop.set();
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("Cargo.toml");
        assert_eq!(of_file(&path, &stop).unwrap_err().exit_code(), 130);
        let gone = of_file(Path::new("gone.onnx"), &Interrupt::new()).unwrap_err();
        assert!(gone.message().contains("gone.onnx"));
    }
}
