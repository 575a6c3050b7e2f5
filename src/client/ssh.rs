//! The way to a service on a machine that only SSH reaches: a socket of our own, each connection of
//! which is the input and output of an `ssh` that runs `facedeck service bridge` over there.

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Context, Result};
use crate::settings::{variable, variables};

use super::SshHost;

/// What ssh says is kept up to this many bytes, the last ones.
const WORDS: usize = 4096;

/// A socket that leads to another machine, as long as it is not dropped.
#[derive(Debug)]
pub(super) struct Tunnel {
    folder: tempfile::TempDir,
    closed: Arc<AtomicBool>,
    words: Arc<Mutex<Vec<u8>>>,
}

impl Tunnel {
    /// Makes the socket; ssh is started with the first connection.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub(super) fn dig(host: &SshHost) -> Result<Self> {
        // For this user alone: whoever can connect is over there as this user.
        let folder = tempfile::Builder::new()
            .prefix("facedeck-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
            .tempdir()
            .context(|| "cannot make a temporary folder".into())?;
        let listener = UnixListener::bind(socket_in(folder.path()))
            .context(|| "cannot make a socket for ssh".into())?;
        let words: Arc<Mutex<Vec<u8>>> = Arc::default();
        let closed: Arc<AtomicBool> = Arc::default();
        let (heard, over, host) = (Arc::clone(&words), Arc::clone(&closed), host.clone());
        std::thread::Builder::new()
            .name("ssh".into())
            .spawn(move || {
                for connection in listener.incoming() {
                    match connection {
                        Ok(connection) if !over.load(Ordering::Relaxed) => {
                            lead(&host, connection, &heard);
                        }
                        _ => return,
                    }
                }
            })
            .context(|| "cannot start a thread for ssh".into())?;
        Ok(Tunnel { folder, closed, words })
    }

    /// Where to connect.
    pub(super) fn socket(&self) -> PathBuf {
        socket_in(self.folder.path())
    }

    /// What ssh said last.
    pub(super) fn last_words(&self) -> String {
        // It says why a moment after the line is cut.
        std::thread::sleep(std::time::Duration::from_millis(100));
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&words).trim().to_owned()
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Wakes the thread, which sees that it is over.
        let _ = UnixStream::connect(self.socket());
    }
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join("ssh")
}

/// The command that speaks with the service over there.
fn command(host: &SshHost) -> Command {
    let mut command = Command::new(variable(variables::SSH).unwrap_or_else(|| "ssh".into()));
    command.arg("-T");
    if let Some(port) = host.port {
        command.args(["-p", &port.to_string()]);
    }
    // The shell over there takes this line apart.
    let program = quoted(&host.program);
    command.args(["--", &host.destination]).arg(format!("{program} service bridge"));
    command
}

/// A word that a shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Gives a connection to an ssh of its own, which ends with it.
fn lead(host: &SshHost, connection: UnixStream, words: &Arc<Mutex<Vec<u8>>>) {
    let ends =
        connection.try_clone().map(|input| (OwnedFd::from(input), OwnedFd::from(connection)));
    let spawned = ends.and_then(|(input, output)| {
        command(host).stdin(input).stdout(output).stderr(Stdio::piped()).spawn()
    });
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return hear(words, format!("cannot run ssh: {error}\n").as_bytes()),
    };
    let words = Arc::clone(words);
    // Ends with ssh, which ends with its connection.
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Some(stderr) = &mut child.stderr {
            match stderr.read(&mut buffer) {
                Ok(read) if read > 0 => hear(&words, &buffer[..read]),
                _ => break,
            }
        }
        let _ = child.wait();
    });
}

fn hear(words: &Mutex<Vec<u8>>, more: &[u8]) {
    let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
    words.extend_from_slice(more);
    let over = words.len().saturating_sub(WORDS);
    words.drain(..over);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_over_there_cannot_be_tricked() {
        let host = SshHost {
            destination: "me@box".into(),
            port: Some(22),
            program: "/opt/it's; rm -rf/facedeck".into(),
        };
        let command = command(&host);
        let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
        assert_eq!(arguments[..5], ["-T", "-p", "22", "--", "me@box"]);
        assert_eq!(arguments[5], r"'/opt/it'\''s; rm -rf/facedeck' service bridge");
    }

    #[test]
    fn nobody_else_can_use_the_way() {
        use std::os::unix::fs::PermissionsExt;
        let host = SshHost { destination: "box".into(), port: None, program: "x".into() };
        let tunnel = Tunnel::dig(&host).unwrap();
        let mode = std::fs::metadata(tunnel.folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let folder = tunnel.folder.path().to_owned();
        drop(tunnel);
        assert!(!folder.exists());
    }

    #[test]
    fn only_the_last_words_are_kept() {
        let words = Mutex::default();
        hear(&words, &[b'a'; 5000]);
        hear(&words, b"end");
        let words = words.lock().unwrap();
        assert!(words.len() == WORDS && words.ends_with(b"aend"));
    }
}
