//! ffmpeg as a child process: started apart from the terminal, listened to, always reaped.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;

/// How much of what a child says is kept, in bytes: its last words explain why it died.
const TAIL_BYTES: usize = 4096;

/// How long a stop may go unnoticed at the end.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long a child that was killed may take to end.
const REAP_WITHIN: Duration = Duration::from_secs(3);

/// What a demuxer says when a file is shorter than its header promises.
const TRUNCATION_SIGNS: [&str; 2] = ["partial file", "File ended prematurely"];

/// ffmpeg's name of animated PNG.
pub(super) const APNG: &str = "apng";

/// Protocols that an input may lead to: a playlist must not make facedeck read the network.
pub(super) const PROTOCOLS: [&str; 2] = ["-protocol_whitelist", "file,pipe,crypto,data"];

/// Options before an input that ffmpeg does not always recognize: an animated PNG in which much
/// else (a color profile) comes before the animation's header passes for a still.
pub(super) fn demuxer(container: &str) -> &'static [&'static str] {
    if container == APNG { &["-f", APNG] } else { &[] }
}

/// A command in its own process group, so that Ctrl-C in the terminal reaches facedeck alone and
/// facedeck decides what becomes of the child.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A file's name as ffmpeg takes it literally: without the prefix `a:b.mp4` would be a protocol
/// and `-x.mp4` an option.
pub(super) fn file_url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

/// Runs a command to its end and returns what it printed.
pub(super) fn capture(mut command: Command) -> Result<String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().context(|| format!("cannot run {program}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut words = Words::default();
    words.hear(&output.stderr);
    Err(Error::failed(format!("{program} {}", ending(output.status))).because(words.text()))
}

/// How a process ended, in words.
pub(super) fn ending(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("was killed by signal {signal}"),
        (None, Some(code)) => format!("failed with exit code {code}"),
        (None, None) => "failed".to_owned(),
    }
}

/// What to do about a child that somebody ended from outside; nothing when it ended by itself.
pub(super) fn killed_hint(status: ExitStatus) -> Option<&'static str> {
    status.signal().map(|signal| match signal {
        libc::SIGXFSZ => "files may not become that large here: raise the limit (ulimit -f)",
        _ => {
            "another program ended it, or the system did because memory ran out (its log says so); \
             try again"
        }
    })
}

/// A running child whose standard error is read all the time. Dropped, it is killed and reaped.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    listener: Option<JoinHandle<Words>>,
    ended: bool,
}

impl Running {
    /// Starts a command whose pipes were chosen by the caller; standard error is taken here.
    pub(super) fn start(mut command: Command) -> Result<Self> {
        let program = Path::new(command.get_program()).display().to_string();
        let mut child =
            command.stderr(Stdio::piped()).spawn().context(|| format!("cannot run {program}"))?;
        let listener = child.stderr.take().map(|stderr| std::thread::spawn(|| listen(stderr)));
        Ok(Running { child, listener, ended: false })
    }

    pub(super) fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(super) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for the end and returns it with the child's last words. The caller has closed the
    /// pipes before, else both wait forever.
    pub(super) fn finish(&mut self) -> Result<(ExitStatus, Words)> {
        let status = self.child.wait().context(|| "cannot wait for ffmpeg".into())?;
        self.ended = true;
        let words = self.listener.take().and_then(|l| l.join().ok()).unwrap_or_default();
        Ok((status, words))
    }

    /// The same, but ends the child when the user stops the work: an encoder may have minutes of
    /// frames left to write.
    pub(super) fn finish_unless(&mut self, interrupt: &Interrupt) -> Result<(ExitStatus, Words)> {
        while self.child.try_wait().context(|| "cannot wait for ffmpeg".into())?.is_none() {
            if interrupt.is_set() {
                self.kill();
                return Err(Error::interrupted());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        self.finish()
    }

    /// Ends the child now.
    pub(super) fn kill(&mut self) {
        if self.ended {
            return;
        }
        kill_group(self.child.id());
        let _ = self.child.kill();
        // Who hangs in the system itself, on a dead network file system, cannot be ended before
        // that answers: nobody waits for it.
        let since = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && since.elapsed() < REAP_WITHIN {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.ended = true;
    }
}

#[cfg(test)]
impl Running {
    /// As if somebody else had killed it: it is not reaped.
    pub(super) fn kill_for_test(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills a child and, where "ffmpeg" is a wrapper script, what it started.
#[allow(unsafe_code)]
fn kill_group(leader: u32) {
    let Ok(leader) = i32::try_from(leader) else { return };
    // SAFETY: kill(2) touches no memory. The child has not been waited for, so its id, which is
    // also its group's (see `command`), cannot belong to anybody else.
    unsafe {
        libc::kill(-leader, libc::SIGKILL);
    }
}

/// What a child said on standard error.
#[derive(Debug, Default)]
pub(super) struct Words {
    tail: VecDeque<u8>,
    /// A demuxer found that the file is cut short.
    pub truncated: bool,
}

impl Words {
    fn hear(&mut self, bytes: &[u8]) {
        self.tail.extend(bytes);
        let excess = self.tail.len().saturating_sub(TAIL_BYTES);
        // Looked at before it is cut: the sign may be followed by many other complaints.
        if !self.truncated {
            let text = String::from_utf8_lossy(self.tail.make_contiguous());
            self.truncated = TRUNCATION_SIGNS.iter().any(|sign| text.contains(sign));
        }
        self.tail.drain(..excess);
    }

    /// The last lines, without the addresses that ffmpeg puts before them and without repeats.
    pub(super) fn text(&self) -> String {
        let text =
            String::from_utf8_lossy(&self.tail.iter().copied().collect::<Vec<u8>>()).into_owned();
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines().map(without_address).filter(|line| !line.is_empty()) {
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        let last = lines.len().saturating_sub(6);
        if lines.is_empty() {
            "ffmpeg said nothing more".to_owned()
        } else {
            lines[last..].join("; ")
        }
    }
}

/// `[mov @ 0x55d0c8] moov atom not found` → `moov atom not found`.
fn without_address(line: &str) -> &str {
    let line = line.trim();
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((source, rest)) if source.contains(" @ 0x") => rest.trim(),
        _ => line,
    }
}

fn listen(mut stderr: ChildStderr) -> Words {
    let mut words = Words::default();
    let mut chunk = [0u8; 1024];
    loop {
        match stderr.read(&mut chunk) {
            Ok(0) => return words,
            Ok(n) => words.hear(&chunk[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_words_are_kept_and_signs_are_not_lost() {
        let mut words = Words::default();
        words.hear(b"[mov @ 0x5] stream 0, offset 0x30: partial ");
        words.hear(b"file\n");
        for i in 0..2000 {
            words.hear(format!("[h264 @ 0x55] complaint {i}\n").as_bytes());
        }
        assert!(words.truncated);
        assert!(words.tail.len() <= TAIL_BYTES);
        assert!(words.text().ends_with("complaint 1998; complaint 1999"), "{}", words.text());
        assert!(!words.text().contains("0x55"));
    }

    #[test]
    fn a_failing_command_tells_its_reason() {
        let mut failing = command(Path::new("/bin/sh"));
        failing.args(["-c", "echo no room left >&2; exit 3"]);
        let error = capture(failing).unwrap_err();
        assert_eq!(error.chain(), "/bin/sh failed with exit code 3: no room left");
    }

    #[test]
    fn dropped_children_are_gone_with_their_own_children() {
        let mut sleeper = command(Path::new("/bin/sh"));
        sleeper.args(["-c", "sleep 60 & echo $!; wait"]).stdout(Stdio::piped());
        let mut running = Running::start(sleeper).unwrap();
        let mut stdout = running.take_stdout().unwrap();
        let mut pid = [0u8; 16];
        let n = stdout.read(&mut pid).unwrap();
        let pid = std::str::from_utf8(&pid[..n]).unwrap().trim().to_owned();
        drop(running);
        // Killed at once; an orphan's entry may stay until its new parent reaps it.
        let gone = || {
            std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .map_or(true, |stat| stat.contains(") Z "))
        };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while !gone() {
            assert!(std::time::Instant::now() < deadline, "the grandchild lives on");
            std::thread::yield_now();
        }
    }
}
