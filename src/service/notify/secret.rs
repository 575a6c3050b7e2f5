//! The secret that signs what goes to the webhook.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// More is no secret but the wrong file, in bytes.
const LARGEST: u64 = 4096;

/// The secret in a file, without the end of its line.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when others than its owner may read or write the file, or it
/// cannot be read, is empty or far too large.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    let name = file.display();
    let cannot = |e| Error::usage(format!("cannot read the webhook's secret {name}")).because(e);
    let mut open = File::open(file).map_err(cannot)?;
    // Of the open file, so that nobody exchanges it in between.
    let metadata = open.metadata().map_err(cannot)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::usage(format!(
            "others may read or change the webhook's secret {name} (mode {mode:04o})"
        ))
        .hint(format!("chmod 600 {name}")));
    }
    let mut secret = Vec::new();
    (&mut open).take(LARGEST + 1).read_to_end(&mut secret).map_err(cannot)?;
    if secret.len() as u64 > LARGEST {
        return Err(Error::usage(format!("{name} is too large for a secret")));
    }
    while secret.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        secret.pop();
    }
    if secret.is_empty() {
        return Err(Error::usage(format!("the webhook's secret {name} is empty"))
            .hint(format!("make one: openssl rand -hex 32 > {name}")));
    }
    Ok(secret)
}
