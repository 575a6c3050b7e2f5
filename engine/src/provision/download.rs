//! Fetches a file over HTTPS and checks files against their pins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

use super::pins::Pin;

/// A host that cannot be reached must be given up soon: there are other sources.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a host may take to begin its answer, and to go on with it.
const SILENCE_LIMIT: Duration = Duration::from_secs(20);

/// Fetches a pinned file to a path. Honors the usual proxy variables (`HTTPS_PROXY`, `ALL_PROXY`,
/// `NO_PROXY`).
///
/// # Errors
/// When the host cannot be reached, refuses, falls silent or sends more than was announced.
pub(super) fn download(url: &str, pin: &Pin, to: &Path) -> Result<()> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(CONNECT_LIMIT))
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_recv_response(Some(SILENCE_LIMIT))
        .timeout_per_read(Some(SILENCE_LIMIT))
        .https_only(true)
        .user_agent(concat!("facedeck/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let fail = |what: &str| Error::failed(format!("{what} {url}"));
    let response = agent.get(url).call().map_err(|e| fail("cannot fetch").because(e))?;
    // One byte more than the pin shows that the file is another one.
    let mut body = response.into_body().into_reader().take(pin.bytes + 1);
    let mut file = File::create(to).map_err(|e| unwritable(to).because(e))?;
    io::copy(&mut body, &mut file).map_err(|e| fail("the connection broke on").because(e))?;
    Ok(())
}

/// Makes sure that a file is the pinned one.
///
/// # Errors
/// When its size or its SHA-256 differs, or it cannot be read.
pub(super) fn verify(path: &Path, pin: &Pin) -> Result<()> {
    let unreadable = || Error::failed(format!("cannot read {}", path.display()));
    let mut file = File::open(path).map_err(|e| unreadable().because(e))?;
    let length = file.metadata().map_err(|e| unreadable().because(e))?.len();
    if length != pin.bytes {
        return Err(Error::failed(format!(
            "{} has {length} bytes instead of {}: it was thrown away",
            pin.file, pin.bytes
        )));
    }
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut block).map_err(|e| unreadable().because(e))?;
        if count == 0 {
            break;
        }
        hash.update(&block[..count]);
    }
    let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if sha256 != pin.sha256 {
        return Err(Error::failed(format!(
            "{} is not the expected file (SHA-256 {sha256} instead of {}): it was thrown away",
            pin.file, pin.sha256
        )));
    }
    Ok(())
}

/// "Cannot write", with what the user can do.
pub(super) fn unwritable(path: &Path) -> Error {
    Error::failed(format!("cannot write {}", path.display()))
        .hint("make room or set FACEDECK_HOME to a folder that facedeck may write to")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: Pin = Pin {
        version: "1.31.0",
        file: "abc.whl",
        bytes: 3,
        // SHA-256 of "abc" (FIPS 180-4, example 1).
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };

    #[test]
    fn only_the_pinned_file_passes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc.whl");
        std::fs::write(&path, "abc").unwrap();
        verify(&path, &PIN).unwrap();
        std::fs::write(&path, "abd").unwrap();
        assert!(verify(&path, &PIN).unwrap_err().message().contains("is not the expected file"));
        std::fs::write(&path, "abcd").unwrap();
        assert!(verify(&path, &PIN).unwrap_err().message().contains("4 bytes instead of 3"));
    }

    #[test]
    fn a_host_that_is_not_there_is_given_up_soon() {
        let dir = tempfile::tempdir().unwrap();
        let start = std::time::Instant::now();
        let to = dir.path().join("x");
        // Nothing listens on port 1; plain names below .invalid never resolve (RFC 2606).
        for url in ["https://127.0.0.1:1/x", "https://nowhere.invalid/x"] {
            let error = download(url, &PIN, &to).unwrap_err();
            assert!(error.message().contains(url), "{}", error.message());
            assert!(!to.exists());
        }
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    }
}
