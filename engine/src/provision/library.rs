//! Looks into a shared library without loading it: is it whole, is it for this machine, and which
//! version of ONNX Runtime is it?
//!
//! Loading a library runs its code and cannot be undone, so the ones that are not chosen are only
//! read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A version of ONNX Runtime; compared number by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl Version {
    /// The version that a text begins with: two or three numbers joined by dots.
    pub(super) fn starting(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let mut numbers = text[..end].split('.').map(|n| n.parse::<u32>().ok());
        let (major, minor) = (numbers.next()??, numbers.next()??);
        Some(Version(major, minor, numbers.next().flatten().unwrap_or(0)))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version, from the file's name (`libonnxruntime.so.1.31.0`, `libonnxruntime.1.31.0.dylib`)
/// or, where that says nothing, from what the linker recorded in the file.
///
/// # Errors
/// In words: why the file cannot be used.
pub(super) fn version_of(library: &Path) -> Result<Option<Version>, String> {
    let mut file = File::open(library).map_err(|e| e.to_string())?;
    check_header(&mut file)?;
    if let Some(version) = version_in_name(library) {
        return Ok(Some(version));
    }
    file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
    version_in_content(&mut file).map_err(|e| e.to_string())
}

/// Whether a file is a library that this machine's loader could load.
pub(super) fn fits_this_machine(library: &Path) -> bool {
    File::open(library).is_ok_and(|mut file| check_header(&mut file).is_ok())
}

fn version_in_name(library: &Path) -> Option<Version> {
    let name = library.file_name()?.to_str()?;
    let rest = name.strip_prefix("libonnxruntime.")?;
    Version::starting(rest.strip_prefix("so.").unwrap_or(rest))
}

/// The names that the linker writes into the library: the ELF symbol version of its exports, or
/// the Mach-O install name.
const MARKS: [&[u8]; 2] = [b"VERS_1.", b"libonnxruntime.1."];

fn version_in_content(file: &mut impl Read) -> std::io::Result<Option<Version>> {
    /// Longer than any mark with its version.
    const OVERLAP: usize = 64;
    let mut window = Vec::with_capacity((1 << 20) + OVERLAP);
    loop {
        // What is left of the last block may hold the beginning of a mark.
        let keep = window.len().saturating_sub(OVERLAP);
        window.drain(..keep);
        let before = window.len();
        file.by_ref().take(1 << 20).read_to_end(&mut window)?;
        let last = window.len() == before;
        if let Some(version) = find_mark(&window) {
            return Ok(Some(version));
        }
        if last {
            return Ok(None);
        }
    }
}

fn find_mark(bytes: &[u8]) -> Option<Version> {
    MARKS.iter().find_map(|mark| {
        bytes.windows(mark.len()).enumerate().filter(|(_, window)| window == mark).find_map(
            |(at, window)| {
                let start = at + window.len() - 2;
                let text = &bytes[start..(start + 24).min(bytes.len())];
                // A mark that the block cuts off is found whole in the next one.
                let end = text.iter().position(|b| !b.is_ascii_digit() && *b != b'.')?;
                Version::starting(std::str::from_utf8(&text[..end]).ok()?)
            },
        )
    })
}

/// ELF machine numbers (ELF specification, `e_machine`).
const ELF_MACHINE: Option<u16> = if cfg!(target_arch = "x86_64") {
    Some(62)
} else if cfg!(target_arch = "aarch64") {
    Some(183)
} else {
    None
};

/// Refuses what the loader could not load: another machine's library, or one cut short.
fn check_header(file: &mut File) -> Result<(), String> {
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut head = [0u8; 64];
    file.read_exact(&mut head).map_err(|_| "is no shared library (too short)".to_owned())?;
    if cfg!(target_os = "macos") {
        // Thin 64-bit or universal (`mach-o/loader.h`, `mach-o/fat.h`).
        let known = [[0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe], [0xca, 0xfe, 0xba, 0xbf]];
        return if known.iter().any(|magic| head.starts_with(magic)) {
            Ok(())
        } else {
            Err("is no shared library".into())
        };
    }
    // 64-bit little-endian, which is all that facedeck is built for.
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return Err("is no 64-bit shared library".into());
    }
    let half = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    if ELF_MACHINE.is_some_and(|machine| half(18) != machine) {
        return Err(format!("is for another kind of processor than {}", std::env::consts::ARCH));
    }
    // The section headers lie at the end of the file: offset, entry size, count.
    let mut offset = [0u8; 8];
    offset.copy_from_slice(&head[40..48]);
    let sections = u64::from(half(58)) * u64::from(half(60));
    if u64::from_le_bytes(offset).saturating_add(sections) > length {
        return Err("is cut short".into());
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file that passes for a library of this machine, with this text in it.
    pub(crate) fn fake_library(text: &str) -> Vec<u8> {
        let mut bytes = vec![0u8; 64];
        if cfg!(target_os = "macos") {
            bytes[..4].copy_from_slice(&[0xcf, 0xfa, 0xed, 0xfe]);
        } else {
            bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
            bytes[18..20].copy_from_slice(&ELF_MACHINE.unwrap_or(0).to_le_bytes());
        }
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        bytes
    }

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::starting("1.31.0"), Some(Version(1, 31, 0)));
        assert_eq!(Version::starting("1.18"), Some(Version(1, 18, 0)));
        assert_eq!(Version::starting("1.20.1.dylib"), Some(Version(1, 20, 1)));
        assert_eq!(Version::starting("1"), None);
        assert_eq!(Version::starting("dylib"), None);
        assert!(Version(1, 9, 0) < Version(1, 18, 0));
    }

    #[test]
    fn the_name_says_the_version() {
        for (name, expected) in [
            ("libonnxruntime.so.1.31.0", Some(Version(1, 31, 0))),
            ("libonnxruntime.1.31.0.dylib", Some(Version(1, 31, 0))),
            ("libonnxruntime.so", None),
            ("libonnxruntime.so.1", None),
            ("libonnxruntime_providers_shared.so", None),
        ] {
            assert_eq!(version_in_name(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn the_content_says_it_where_the_name_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libonnxruntime.so");
        // The mark lies across the border of two blocks.
        let text = format!("{}VERS_1.22.1\0tail", "x".repeat((1 << 20) - 64 - 4));
        std::fs::write(&path, fake_library(&text)).unwrap();
        assert_eq!(version_of(&path).unwrap(), Some(Version(1, 22, 1)));
        std::fs::write(&path, fake_library("nothing to see")).unwrap();
        assert_eq!(version_of(&path).unwrap(), None);
    }

    #[test]
    fn what_the_loader_would_refuse_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libonnxruntime.so.1.31.0");
        std::fs::write(&path, "text").unwrap();
        assert!(version_of(&path).unwrap_err().contains("too short"));
        std::fs::write(&path, "#!/bin/sh\n".repeat(20)).unwrap();
        assert!(version_of(&path).unwrap_err().contains("shared library"));
        if cfg!(target_os = "linux") {
            let mut other = fake_library("");
            other[18..20].copy_from_slice(&8u16.to_le_bytes());
            std::fs::write(&path, &other).unwrap();
            assert!(version_of(&path).unwrap_err().contains("another kind of processor"));
            let mut short = fake_library("");
            short[40..48].copy_from_slice(&30_000_000u64.to_le_bytes());
            std::fs::write(&path, &short).unwrap();
            assert_eq!(version_of(&path).unwrap_err(), "is cut short");
        }
    }
}
