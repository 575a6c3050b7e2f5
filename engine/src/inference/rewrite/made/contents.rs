//! Hashes of files' contents.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use twox_hash::XxHash3_128;

use crate::error::{Context, Result};

/// The hash of a file's contents, remembered as long as its size and time stay the same.
pub(super) fn contents_of(cache: &Path, path: &Path) -> Result<u128> {
    let fail = || format!("cannot read the model {}", path.display());
    let about = fs::metadata(path).context(fail)?;
    let written = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mut stamp = XxHash3_128::new();
    let place = fs::canonicalize(path).context(fail)?;
    stamp.write(place.as_os_str().as_encoded_bytes());
    stamp.write(&about.len().to_le_bytes());
    stamp.write(&written.map_or(0, |time| time.as_nanos()).to_le_bytes());
    let known = cache.join("files").join(format!("{:032x}", stamp.finish_128()));
    let remembered = fs::read_to_string(&known).ok();
    if let Some(hash) = remembered.and_then(|text| u128::from_str_radix(text.trim(), 16).ok()) {
        return Ok(hash);
    }
    let mut hash = Hashing(XxHash3_128::new());
    std::io::copy(&mut fs::File::open(path).context(fail)?, &mut hash).context(fail)?;
    let hash = hash.0.finish_128();
    let kept = known.parent().map_or(Ok(()), fs::create_dir_all);
    let kept = kept.and_then(|()| fs::write(&known, format!("{hash:032x}\n")));
    kept.context(|| format!("cannot write {}", known.display()))?;
    Ok(hash)
}

/// Hashes what is written to it.
struct Hashing(XxHash3_128);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The hash of some files together.
pub(super) fn hash_of(files: &[PathBuf]) -> Result<String> {
    let mut hash = Hashing(XxHash3_128::new());
    for file in files {
        let fail = || format!("cannot read {}", file.display());
        std::io::copy(&mut fs::File::open(file).context(fail)?, &mut hash).context(fail)?;
    }
    Ok(format!("{:032x}", hash.0.finish_128()))
}
