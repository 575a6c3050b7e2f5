//! Runs a helper program, with a time limit, and collects what it said.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a finished program left.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

impl Finished {
    /// The last line that says something: stderr first, as that is where programs complain.
    pub fn last_line(&self) -> &str {
        let text = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        text.trim_end().lines().next_back().unwrap_or("").trim()
    }
}

/// Runs a program without input and waits at most `limit` for it; then it is killed.
///
/// # Errors
/// When it cannot be started, or [`std::io::ErrorKind::TimedOut`].
pub fn capture(command: &mut Command, limit: Duration) -> std::io::Result<Finished> {
    capture_watched(command, limit, &mut || {})
}

/// As [`capture`]; `tick` is called again and again while the program runs.
///
/// # Errors
/// As [`capture`].
pub fn capture_watched(
    command: &mut Command,
    limit: Duration,
    tick: &mut dyn FnMut(),
) -> std::io::Result<Finished> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child, limit, tick)?;
    Ok(Finished { status, stdout: join(stdout), stderr: join(stderr) })
}

/// Reads a pipe to its end on its own thread, so that a talkative program never blocks.
fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn join(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}

fn wait(child: &mut Child, limit: Duration, tick: &mut dyn FnMut()) -> std::io::Result<ExitStatus> {
    let end = Instant::now() + limit;
    // Most helpers answer within milliseconds: look often at first, seldom later.
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Err(std::io::Error::new(
                std::io::ErrorKind::TimedOut,
                format!("no answer within {} s", limit.as_secs_f32()),
            ));
        }
        tick();
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Writes a program. Another one writes it: were it open here while another test starts a
    /// process, it would be "busy" when it is to run.
    pub(crate) fn write_script(path: &std::path::Path, text: &str) {
        let mut writer = Command::new("sh");
        writer.args(["-c", "printf '%s' \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", text]);
        let done = capture(writer.arg(path), Duration::from_secs(20)).unwrap();
        assert!(done.status.success(), "{}", done.stderr);
    }

    #[test]
    fn both_streams_are_collected() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo first >&2; echo last >&2; exit 3"]);
        let done = capture(&mut command, Duration::from_secs(10)).unwrap();
        assert_eq!(done.status.code(), Some(3));
        assert_eq!(done.stdout, "out\n");
        assert_eq!(done.last_line(), "last");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let start = Instant::now();
        let error = capture(Command::new("sleep").arg("60"), Duration::from_millis(200));
        assert_eq!(error.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn more_than_a_pipe_holds_does_not_block() {
        let mut command = Command::new("sh");
        command.args(["-c", "head -c 1000000 /dev/zero | tr '\\0' x"]);
        let done = capture(&mut command, Duration::from_secs(20)).unwrap();
        assert_eq!(done.stdout.len(), 1_000_000);
    }
}
