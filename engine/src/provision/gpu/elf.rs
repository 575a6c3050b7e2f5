//! Reads what a Linux shared library says that it needs, without loading it.

use std::fs::File;
use std::path::Path;

use object::elf::{DT_NEEDED, DT_RPATH, DT_RUNPATH, FileHeader64};
use object::read::elf::FileHeader;
use object::{Endianness, ReadCache};

/// What the dynamic section of a library says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The names of the libraries that are loaded with it (`DT_NEEDED`), in order.
    pub needed: Vec<String>,
    /// Whether the loader also looks beside it (`$ORIGIN` in its run path).
    pub beside: bool,
}

/// Reads a library's dynamic section; only the parts of the file that are needed are read, as
/// provider libraries are hundreds of megabytes large.
///
/// # Errors
/// In words, when the file cannot be read or is no 64-bit ELF library.
pub fn dependencies(library: &Path) -> Result<Dependencies, String> {
    let file = File::open(library).map_err(|e| e.to_string())?;
    read(&ReadCache::new(file)).map_err(|e| format!("is no shared library that can be read ({e})"))
}

fn read(data: &ReadCache<File>) -> object::Result<Dependencies> {
    let header = FileHeader64::<Endianness>::parse(data)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let mut found = Dependencies::default();
    let table = sections.dynamic_table(endian, data)?;
    for entry in table.iter() {
        if entry.tag != DT_NEEDED && entry.tag != DT_RUNPATH && entry.tag != DT_RPATH {
            continue;
        }
        let text = String::from_utf8_lossy(table.string(entry)?).into_owned();
        if entry.tag == DT_NEEDED {
            found.needed.push(text);
        } else {
            found.beside |= text.split(':').any(|f| matches!(f, "$ORIGIN" | "${ORIGIN}"));
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A library that can be read but not loaded, which needs these others: an ELF header, a
    /// dynamic section, its strings.
    pub(crate) fn library_needing(needed: &[&str], run_path: Option<&str>) -> Vec<u8> {
        let mut strings = vec![0u8];
        let mut dynamic = Vec::new();
        let mut entry = |tag: u64, text: &str| {
            dynamic.extend_from_slice(&tag.to_le_bytes());
            dynamic.extend_from_slice(&(strings.len() as u64).to_le_bytes());
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
        };
        needed.iter().for_each(|name| entry(1, name));
        if let Some(path) = run_path {
            entry(29, path);
        }
        dynamic.extend_from_slice(&[0; 16]);
        let strings_at = 64 + dynamic.len();
        // Section headers are read as arrays of 8-byte words.
        strings.resize(strings.len().next_multiple_of(8), 0);
        let headers_at = strings_at + strings.len();
        let mut file = vec![0u8; 64];
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        file[16..18].copy_from_slice(&3u16.to_le_bytes()); // a shared object
        let machine: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
        file[18..20].copy_from_slice(&machine.to_le_bytes());
        file[20..24].copy_from_slice(&1u32.to_le_bytes());
        file[40..48].copy_from_slice(&(headers_at as u64).to_le_bytes());
        file[52..54].copy_from_slice(&64u16.to_le_bytes());
        file[58..60].copy_from_slice(&64u16.to_le_bytes());
        file[60..62].copy_from_slice(&3u16.to_le_bytes());
        file[62..64].copy_from_slice(&2u16.to_le_bytes());
        file.extend_from_slice(&dynamic);
        file.extend_from_slice(&strings);
        file.extend_from_slice(&[0; 64]);
        // (type, offset, size, link, size of an entry): SHT_DYNAMIC, SHT_STRTAB.
        for (kind, at, size, link, each) in
            [(6u32, 64, dynamic.len(), 2u32, 16u64), (3, strings_at, strings.len(), 0, 0)]
        {
            let mut section = [0u8; 64];
            section[4..8].copy_from_slice(&kind.to_le_bytes());
            section[24..32].copy_from_slice(&(at as u64).to_le_bytes());
            section[32..40].copy_from_slice(&(size as u64).to_le_bytes());
            section[40..44].copy_from_slice(&link.to_le_bytes());
            section[56..64].copy_from_slice(&each.to_le_bytes());
            file.extend_from_slice(&section);
        }
        file
    }

    #[test]
    fn names_and_run_path_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libx.so");
        std::fs::write(&path, library_needing(&["libcudnn.so.9", "libc.so.6"], None)).unwrap();
        let found = dependencies(&path).unwrap();
        assert_eq!(found.needed, ["libcudnn.so.9", "libc.so.6"]);
        assert!(!found.beside);
        std::fs::write(&path, library_needing(&[], Some("/opt:$ORIGIN"))).unwrap();
        assert_eq!(dependencies(&path).unwrap(), Dependencies { needed: vec![], beside: true });
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_real_library_is_read() {
        let runtime = &crate::provision::for_tests().unwrap().runtime;
        let found = dependencies(&runtime.path).unwrap();
        assert!(found.needed.iter().any(|n| n.starts_with("libc.so")), "{:?}", found.needed);
    }

    #[test]
    fn what_is_no_library_is_said_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libx.so");
        assert!(dependencies(&path).is_err());
        for bytes in [&b"text"[..], &b"#!/bin/sh\n".repeat(30), &[]] {
            std::fs::write(&path, bytes).unwrap();
            let words = dependencies(&path).unwrap_err();
            assert!(words.contains("no shared library"), "{words}");
        }
        // Cut short anywhere, it is refused or read in part, and never worse.
        let whole = library_needing(&["libcudnn.so.9"], Some("$ORIGIN"));
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let _ = dependencies(&path);
        }
    }
}
