//! The unix socket: never open to others, not even for a moment, wherever it has to lie.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

use super::Places;
use super::place::make_private;

/// The longest path that a socket can have, in bytes.
const LONGEST: usize = if cfg!(target_os = "macos") { 103 } else { 107 };
/// What the folder in which a socket is made adds to the path of its own, at most.
const ASIDE: usize = 16;

/// Binds the socket of the service. The lock is held, so what lies in its place belongs to nobody.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no place for it; when it cannot be made.
pub(super) fn bind(places: &Places) -> Result<(UnixListener, PathBuf)> {
    let path = place(places)?;
    let listener = bind_at(&path).map_err(|e| {
        Error::failed(format!("cannot make the socket {}", path.display())).because(e)
    })?;
    Ok((listener, path))
}

/// Where the socket goes: beside the other files, or where the path is short enough.
fn place(places: &Places) -> Result<PathBuf> {
    let usual = places.socket();
    if fits(&usual) {
        return Ok(usual);
    }
    let name = format!("facedeck-{}.sock", short_hash(places.folder()));
    if let Some(folder) = crate::settings::variable("XDG_RUNTIME_DIR").map(PathBuf::from) {
        let path = folder.join(&name);
        if folder.is_absolute() && is_private(&folder) && fits(&path) {
            return Ok(path);
        }
    }
    let user = rustix::process::geteuid().as_raw();
    let folder = std::env::temp_dir().join(format!("facedeck-{user}"));
    let path = folder.join(&name);
    // A folder that somebody else made in a place that is open to all must not be trusted.
    if make_private(&folder).is_ok() && is_private(&folder) && fits(&path) {
        return Ok(path);
    }
    Err(Error::usage(format!(
        "{} is too long for a socket, and {} is not for this user alone",
        usual.display(),
        folder.display()
    ))
    .hint("set FACEDECK_HOME to a folder with a shorter path"))
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() + ASIDE <= LONGEST
}

/// Whether this is a folder, no link, of this user, into which nobody else can look.
fn is_private(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|about| {
        about.is_dir()
            && about.uid() == rustix::process::geteuid().as_raw()
            && about.mode() & 0o077 == 0
    })
}

/// Enough of a hash to tell homes apart.
fn short_hash(folder: &Path) -> String {
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Makes it in a folder of its own into which nobody else can look, closes it to others, and only
/// then moves it to its place: whatever the umask says, there is no moment in which others could
/// connect. A socket that a killed service left is replaced.
fn bind_at(path: &Path) -> io::Result<UnixListener> {
    match fs::symlink_metadata(path) {
        Ok(about) if !about.file_type().is_socket() => {
            return Err(io::Error::other("something that is no socket has its name"));
        }
        _ => {}
    }
    let beside = path.parent().unwrap_or(Path::new("/"));
    let aside = aside(beside)?;
    let new = aside.path().join("s");
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
    fs::rename(&new, path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A folder into which nobody else can look. Its name is as long as [`ASIDE`] allows.
fn aside(beside: &Path) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix(".")
        .rand_bytes(6)
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;
    use std::os::unix::net::UnixStream;

    fn home(folder: &Path) -> Places {
        let places = Places::of(&Directories::beneath(folder).unwrap());
        places.make().unwrap();
        places
    }

    #[test]
    fn it_is_for_its_owner_alone_and_replaces_what_a_killed_service_left() {
        let folder = tempfile::tempdir().unwrap();
        let places = home(folder.path());
        for _ in 0..2 {
            let (listener, path) = bind(&places).unwrap();
            assert_eq!(path, places.socket());
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            UnixStream::connect(&path).unwrap();
            drop(listener);
            assert!(UnixStream::connect(&path).is_err() && path.exists());
        }
        let names: Vec<_> = fs::read_dir(places.folder()).unwrap().collect();
        assert_eq!(names.len(), 2, "the socket and the logs: {names:?}");
    }

    #[test]
    fn what_is_no_socket_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let places = home(folder.path());
        fs::write(places.socket(), "precious").unwrap();
        assert!(bind(&places).unwrap_err().chain().contains("no socket"));
        assert_eq!(fs::read(places.socket()).unwrap(), b"precious");
    }

    #[test]
    fn a_long_home_gets_a_short_socket_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("x".repeat(100));
        let (places, other) = (home(&long.join("a")), home(&long.join("b")));
        let (listener, path) = bind(&places).unwrap();
        assert!(path.as_os_str().len() <= LONGEST, "{}", path.display());
        assert!(is_private(path.parent().unwrap()));
        let (_, second) = bind(&other).unwrap();
        assert_ne!(path, second);
        UnixStream::connect(&path).unwrap();
        drop(listener);
        fs::remove_file(path).unwrap();
        fs::remove_file(second).unwrap();
    }

    #[test]
    fn folders_that_others_can_look_into_are_not_trusted() {
        let above = tempfile::tempdir().unwrap();
        let folder = aside(above.path()).unwrap();
        assert!(is_private(folder.path()), "whatever the umask says");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(!is_private(&link));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert!(!is_private(folder.path()));
    }
}
