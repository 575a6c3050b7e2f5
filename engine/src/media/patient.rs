//! Pipes to and from a child that is waited for only so long.
//!
//! A child hangs where its file system does, and then nobody can end it: whoever reads from it looks
//! up every moment to see whether the user has stopped the work, and gives up when there was no sign
//! of life for as long as the user has patience.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::interrupt::Interrupt;

/// How long a stop may go unnoticed.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// What a pipe holds, in bytes, where the system allows so much: frames are megabytes, and each
/// time that one side waits for the other costs more than the bytes do.
const PIPE_BYTES: usize = 1 << 20;

/// A pipe whose other end may hang.
#[derive(Debug)]
pub(super) struct Patient<P> {
    pipe: P,
    patience: Duration,
    interrupt: Interrupt,
}

impl Patient<ChildStdout> {
    /// Reads what a child writes.
    pub(super) fn reading(pipe: ChildStdout, patience: Duration, interrupt: &Interrupt) -> Self {
        enlarge(&pipe);
        Patient { pipe, patience, interrupt: interrupt.clone() }
    }
}

impl Patient<ChildStdin> {
    /// Writes what a child reads.
    ///
    /// # Errors
    /// When the pipe cannot be set up.
    pub(super) fn writing(
        pipe: ChildStdin,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> io::Result<Self> {
        enlarge(&pipe);
        // Else a write of more than fits waits in the system, where nobody looks up. The child's
        // end is another description and stays as it is.
        fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
        Ok(Patient { pipe, patience, interrupt: interrupt.clone() })
    }
}

impl<P: AsFd> Patient<P> {
    /// Waits until something can be done.
    fn wait(&self, ready: PollFlags) -> io::Result<()> {
        let since = Instant::now();
        loop {
            let mut ends = [PollFd::new(&self.pipe, ready)];
            match poll(&mut ends, Some(&LOOK_EVERY)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if self.interrupt.is_set() {
                return Err(io::Error::new(ErrorKind::ConnectionAborted, "the work was stopped"));
            }
            if since.elapsed() > self.patience {
                let seconds = self.patience.as_secs_f64();
                let message = format!("it gave no sign of life for {seconds} s");
                return Err(io::Error::new(ErrorKind::TimedOut, message));
            }
        }
    }
}

impl<P: Read + AsFd> Read for Patient<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait(PollFlags::IN)?;
        self.pipe.read(buffer)
    }
}

impl<P: Write + AsFd> Write for Patient<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.pipe.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait(PollFlags::OUT)?,
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}

/// Makes a pipe as large as it may be. Where it may not, it works as it is.
fn enlarge(pipe: impl AsFd) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_BYTES);
    #[cfg(not(target_os = "linux"))]
    let _ = (pipe, PIPE_BYTES);
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Stdio;
    use std::thread;

    use super::*;
    use crate::media::process::{Running, command};

    fn shell(words: &str) -> Running {
        let mut command = command(Path::new("/bin/sh"));
        command.args(["-c", words]).stdin(Stdio::piped()).stdout(Stdio::piped());
        Running::start(command).unwrap()
    }

    #[test]
    fn who_hangs_is_given_up_and_who_is_slow_is_not() {
        let patience = Duration::from_millis(600);
        let mut running = shell("for i in 1 2 3 4; do sleep 0.2; echo $i; done; exec sleep 600");
        let stdout = running.take_stdout().unwrap();
        let mut pipe = Patient::reading(stdout, patience, &Interrupt::new());
        let mut heard = [0; 8];
        pipe.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"1\n2\n3\n4\n");
        let error = pipe.read(&mut heard).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "it gave no sign of life for 0.6 s");
    }

    #[test]
    fn who_takes_nothing_is_given_up_and_everything_else_arrives() {
        let mut running = shell("cat");
        let (stdin, stdout) = (running.take_stdin().unwrap(), running.take_stdout().unwrap());
        let patience = Duration::from_secs(60);
        let sent: Vec<u8> = (0..5_000_000u32).map(|i| (i % 251) as u8).collect();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut pipe = Patient::writing(stdin, patience, &Interrupt::new()).unwrap();
                pipe.write_all(&sent).unwrap();
            });
            let mut heard = Vec::new();
            let mut pipe = Patient::reading(stdout, patience, &Interrupt::new());
            pipe.read_to_end(&mut heard).unwrap();
            assert!(heard == sent);
        });
        let mut deaf = shell("exec sleep 600");
        let stdin = deaf.take_stdin().unwrap();
        let patience = Duration::from_millis(300);
        let mut pipe = Patient::writing(stdin, patience, &Interrupt::new()).unwrap();
        assert_eq!(pipe.write_all(&sent).unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_stop_is_noticed_while_nothing_comes() {
        let mut running = shell("exec sleep 600");
        let interrupt = Interrupt::new();
        let stdout = running.take_stdout().unwrap();
        let mut pipe = Patient::reading(stdout, Duration::from_secs(600), &interrupt);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(100));
                interrupt.set();
            });
            let error = pipe.read(&mut [0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
        });
    }
}
