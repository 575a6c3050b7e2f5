//! Runs the user's command: no shell, the message on its standard input, ended when it hangs.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;

use super::Message;

/// Longer than this it may not take.
const LIMIT: Duration = Duration::from_secs(30);
/// How often it is looked after.
const PAUSE: Duration = Duration::from_millis(20);
/// So much of the end of what it complains is logged, in bytes.
const COMPLAINT: usize = 2048;

/// Runs the command. When the service stops meanwhile, the command goes on by itself.
///
/// # Errors
/// When it cannot be started, fails, or takes longer than 30 seconds: then it is killed, with
/// everything that it started.
pub(super) fn run(words: &[String], message: &Message, stopping: &Interrupt) -> Result<()> {
    run_within(LIMIT, words, message, stopping)
}

pub(super) fn run_within(
    limit: Duration,
    words: &[String],
    message: &Message,
    stopping: &Interrupt,
) -> Result<()> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let body = message.json()?;
    let mut command = Command::new(program);
    command.args(arguments).env("FACEDECK_EVENT", message.name());
    match &message.job {
        Some(job) => command.env("FACEDECK_JOB", &job.id),
        None => command.env_remove("FACEDECK_JOB"),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    // A group of its own, so that what it starts can be ended with it.
    command.process_group(0);
    let what = || format!("the command {program} cannot be run");
    let mut child = command.spawn().map_err(|e| {
        Error::failed(what()).because(e).hint("see command in [notify] of the configuration")
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // It need not read. Its own thread, as a program that does not would hold up this one.
        std::thread::spawn(move || stdin.write_all(&body));
    }
    let complaint = listen(&mut child);
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().context(what)? {
            break status;
        }
        if stopping.is_set() {
            return Ok(());
        }
        if Instant::now() >= end {
            kill(&mut child);
            let seconds = limit.as_secs_f64();
            return Err(Error::failed(format!(
                "the command {program} took longer than {seconds} s and was killed"
            )));
        }
        std::thread::sleep(PAUSE);
    };
    verdict(program, status, &complaint)
}

/// Collects the end of what a program complains, on a thread of its own.
fn listen(child: &mut Child) -> Receiver<String> {
    let (tell, told) = channel();
    if let Some(mut stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            let mut block = [0; COMPLAINT];
            while let Ok(count @ 1..) = stderr.read(&mut block) {
                kept.extend_from_slice(&block[..count]);
                let before = kept.len().saturating_sub(COMPLAINT);
                kept.drain(..before);
            }
            let _ = tell.send(String::from_utf8_lossy(&kept).trim().to_owned());
        });
    }
    told
}

fn kill(child: &mut Child) {
    // The group's number is that of its first process, which is not yet waited for.
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn verdict(program: &str, status: ExitStatus, complaint: &Receiver<String>) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "failed".to_owned(),
    };
    let error = Error::failed(format!("the command {program} {how}"));
    // Something that it left behind may hold the line open.
    match complaint.recv_timeout(Duration::from_secs(1)) {
        Ok(words) if !words.is_empty() => Err(error.because(words)),
        _ => Err(error),
    }
}
