//! Whether there is room on the disk, asked before the first byte.

use std::path::Path;

use crate::error::{Error, Result};

use super::super::store::mebibytes;

/// Makes sure that so many bytes fit into a folder. A file system that cannot tell is trusted.
///
/// # Errors
/// When there is less room, with both figures.
pub(in crate::models) fn check(folder: &Path, bytes: u64) -> Result<()> {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => judge(folder, bytes, disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(_) => Ok(()),
    }
}

fn judge(folder: &Path, bytes: u64, free: u64) -> Result<()> {
    if bytes <= free {
        return Ok(());
    }
    let (needed, here) = (mebibytes(bytes), mebibytes(free));
    Err(Error::failed(format!("{needed} do not fit into {}: {here} are free", folder.display()))
        .hint("make room, or set FACEDECK_HOME to a folder on another disk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_is_said_with_figures() {
        let error = judge(Path::new("/srv"), 3 << 20, 1 << 20).unwrap_err();
        assert_eq!(error.message(), "3.0 MiB do not fit into /srv: 1.0 MiB are free");
        judge(Path::new("/srv"), 1 << 20, 1 << 20).unwrap();
        check(Path::new("/"), 1).unwrap();
        assert!(check(Path::new("/"), u64::MAX).is_err());
    }
}
