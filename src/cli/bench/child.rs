//! Runs the process that measures and listens to it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::error::{Context, Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::service::meters::Gpus;

use super::task::{Measured, Task, Told};

/// How long a stop may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Between two looks at the graphics processor.
const GPU_EVERY: Duration = Duration::from_millis(250);
/// A process that was asked to stop ends its ffmpegs and removes its files in this time, or it is
/// ended.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of its words on standard error is kept, in bytes.
const WORDS: u64 = 16 << 10;

/// One round: what the process measured, and what only shows from outside.
#[derive(Debug)]
pub(super) struct Round {
    /// What the process measured.
    pub measured: Measured,
    /// Seconds from before it was started until its first frame was swapped.
    pub start_seconds: f64,
    /// How busy the graphics processor was, 0 to 100, on average; nothing where there is none.
    pub gpu_percent: Option<f64>,
}

/// Runs a task in a process of its own; `folder` is for what passes between the two.
///
/// # Errors
/// What the process failed with; [`Error::interrupted`] when the user stopped the work. The process
/// is gone then.
pub(super) fn round(task: &Task, folder: &Path, interrupt: &Interrupt) -> Result<Round> {
    interrupt.check()?;
    let told = folder.join("task.json");
    let text = serde_json::to_vec(task).context(|| "cannot write down the task".into())?;
    std::fs::write(&told, text).context(|| format!("cannot write {}", told.display()))?;
    let program = std::env::current_exe().context(|| "cannot find facedeck itself".into())?;
    let mut command = Command::new(program);
    command.args(["bench", "--one"]).arg(&told);
    let device = task.profile.run.device;
    Running::start(command)?.listen(device, interrupt)
}

/// A process that measures. Dropped, it is ended and reaped.
struct Running {
    child: Child,
    begin: Instant,
    lines: Receiver<(Instant, String)>,
    words: Option<JoinHandle<String>>,
}

impl Running {
    fn start(mut command: Command) -> Result<Self> {
        // A group of its own: Ctrl-C reaches this process alone, which then tells the other.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let begin = Instant::now();
        let mut child = command.spawn().context(|| "cannot start facedeck once more".into())?;
        let (send, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
                    if send.send((Instant::now(), line)).is_err() {
                        break;
                    }
                }
            });
        }
        let words = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut words = Vec::new();
                let _ = stderr.by_ref().take(WORDS).read_to_end(&mut words);
                // What it says beyond that must not stop it.
                let _ = std::io::copy(&mut stderr, &mut std::io::sink());
                String::from_utf8_lossy(&words).trim().to_owned()
            })
        });
        Ok(Running { child, begin, lines, words })
    }

    fn listen(mut self, device: u32, interrupt: &Interrupt) -> Result<Round> {
        let mut gpu = Gpu::of(device);
        let (mut first, mut done, mut measured, mut failure) = (None, false, None, None);
        loop {
            if interrupt.is_set() {
                self.stop();
                return Err(Error::interrupted());
            }
            let (at, line) = match self.lines.recv_timeout(LOOK_EVERY) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    if first.is_some() && !done {
                        gpu.look();
                    }
                    continue;
                }
            };
            match serde_json::from_str(&line) {
                Ok(Told::First) => first = Some((at - self.begin).as_secs_f64()),
                Ok(Told::Done) => done = true,
                Ok(Told::Measured(all)) => measured = Some(all),
                Err(_) => failure = failure.or_else(|| failure_of(&line)),
            }
        }
        let status = self.child.wait().context(|| "cannot wait for facedeck".into())?;
        let words = self.words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        match (measured, first) {
            (Some(measured), Some(start_seconds)) if status.success() => {
                Ok(Round { measured, start_seconds, gpu_percent: gpu.mean() })
            }
            _ => Err(failure.unwrap_or_else(|| broken(status, &words))),
        }
    }

    /// Asks it to stop, and ends it when it does not.
    fn stop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // It has not been reaped, so the id is its own.
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let until = Instant::now() + PATIENCE;
        while asked && Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        self.end();
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Harmless when it is gone: one that was waited for is not looked for again.
        self.end();
    }
}

/// The error that a line of `--json` tells, with its kind and hint; nothing for other lines.
fn failure_of(line: &str) -> Option<Error> {
    let event: Value = serde_json::from_str(line).ok()?;
    let message = event["message"].as_str().filter(|_| event["event"] == "error")?;
    let kind = match event["kind"].as_str() {
        Some("usage") => Kind::Usage,
        Some("no_face") => Kind::NoFace,
        Some("missing") => Kind::Missing,
        Some("provider") => Kind::Provider,
        Some("interrupted") => Kind::Interrupted,
        _ => Kind::Failed,
    };
    let causes = event["causes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let causes: Vec<&str> = causes.collect();
    let mut error = Error::new(kind, message);
    if !causes.is_empty() {
        error = error.because(causes.join(": "));
    }
    Some(match event["hint"].as_str() {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// A process that ended without a word of why.
fn broken(status: ExitStatus, words: &str) -> Error {
    let error = Error::failed(format!("the process that measures ended early ({status})"));
    if words.is_empty() { error } else { error.because(words.to_owned()) }
}

/// How busy a graphics processor is.
struct Gpu {
    all: Gpus,
    device: u32,
    looked: Option<Instant>,
    sum: f64,
    count: u32,
}

impl Gpu {
    fn of(device: u32) -> Self {
        Gpu { all: Gpus::default(), device, looked: None, sum: 0.0, count: 0 }
    }

    fn look(&mut self) {
        if self.looked.is_some_and(|at| at.elapsed() < GPU_EVERY) {
            return;
        }
        self.looked = Some(Instant::now());
        let meters = self.all.sample();
        let meter = meters.iter().find(|meter| meter.index == self.device);
        if let Some(percent) = meter.and_then(|meter| meter.percent) {
            self.sum += f64::from(percent);
            self.count += 1;
        }
    }

    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run(script: &str) -> Result<Round> {
        Running::start(shell(script))?.listen(0, &Interrupt::new())
    }

    const MEASURED: &str = r#"{"event":"measured","frames":8,"frames_with_swap":8,"seconds":2.0,
        "own_cpu":1.0,"ffmpeg_cpu":0.5,"peak_memory":1000,"written":null,"output":10,"stages":[],
        "provider":"cpu","bare_ms":null}"#;

    #[test]
    fn what_is_told_is_heard_and_timed() {
        let measured = MEASURED.replace('\n', " ");
        let round =
            run(&format!(r#"sleep 0.2; echo '{{"event":"first"}}'; echo '{measured}'"#)).unwrap();
        assert_eq!(round.measured.frames, 8);
        assert!((0.2..30.0).contains(&round.start_seconds), "{}", round.start_seconds);
        assert_eq!(round.measured.shares(), [0.0; 0]);
    }

    #[test]
    fn its_error_is_told_as_it_was() {
        let error = run(r#"echo '{"event":"error","kind":"missing","message":"no model",
            "causes":["a","b"],"hint":"pull it","exit_code":5}' | tr -d '\n'; exit 5"#);
        let error = error.unwrap_err();
        assert_eq!((error.exit_code(), error.message()), (5, "no model"));
        assert_eq!(error.chain(), "no model: a: b");
        assert_eq!(error.hint_text(), Some("pull it"));
    }

    #[test]
    fn an_end_without_a_word_is_an_error_with_what_was_said() {
        let error = run("echo out of luck >&2; kill -9 $$").unwrap_err();
        assert!(error.chain().contains("signal: 9"), "{}", error.chain());
        assert!(error.chain().contains("out of luck"), "{}", error.chain());
        // All was well but its end.
        let measured = MEASURED.replace('\n', " ");
        assert!(run(&format!("echo '{measured}'; exit 1")).is_err());
    }

    #[test]
    fn a_stop_ends_it() {
        let stopped = Interrupt::new();
        let stop = stopped.clone();
        let running = Running::start(shell("echo '{\"event\":\"first\"}'; exec sleep 60")).unwrap();
        let pid = Pid::from_raw(i32::try_from(running.child.id()).unwrap()).unwrap();
        let begin = Instant::now();
        std::thread::spawn(move || stop.set());
        assert_eq!(running.listen(0, &stopped).unwrap_err().exit_code(), 130);
        assert!(begin.elapsed() < PATIENCE, "it was ended the hard way");
        assert!(rustix::process::test_kill_process(pid).is_err(), "it is still there");
    }
}
