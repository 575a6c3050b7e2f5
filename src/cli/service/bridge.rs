//! `facedeck service bridge`: standard input and output are a connection to the service. It is what
//! `ssh://` hosts run over there.

use std::io::{self, Read, Write, stdin, stdout};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use crate::error::{Context, Result};
use crate::service::process::detach::start_detached;
use crate::settings::Directories;

/// Moved at a time.
const PIECE: usize = 64 << 10;

/// Runs the command, until the service closes the connection.
///
/// # Errors
/// When the service cannot be started or reached.
pub(super) fn run() -> Result<()> {
    let record = start_detached(&Directories::from_env()?, false)?;
    let service = UnixStream::connect(&record.socket)
        .context(|| format!("cannot reach the service at {}", record.socket.display()))?;
    let mut to = service.try_clone().context(|| "cannot share the connection".into())?;
    std::thread::spawn(move || {
        // Whatever ended it: nothing more is said, and the service may still answer.
        let _ = copy(&mut stdin().lock(), &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut from = service;
    // A reader that went away is the usual end.
    let _ = copy(&mut from, &mut stdout().lock());
    Ok(())
}

/// Moves every piece on at once: the other side waits for it.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                to.write_all(&piece[..read])?;
                to.flush()?;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
