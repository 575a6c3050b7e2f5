//! Starts the service in the background: in a session of its own, without a terminal, and without
//! anything of the program that started it.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Context, Error, Result};
use crate::jobs::Failure;
use crate::settings::{Directories, variable, variables};

use super::{Places, Record, is_running};

/// So long it may take to start: to read a large store again after a crash, on a slow disk.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a service that another client starts is looked for.
const AGAIN: Duration = Duration::from_millis(20);
/// The longest line that is read from a service that starts.
const LONGEST: u64 = 1 << 20;
/// Variables that may name files by a path that is only right in this folder.
const PATHS: [&str; 2] = [variables::FFMPEG, variables::RUNTIME];
/// Variables by which a service manager talks to the program that it started, which is another one.
const NOT_OURS: [&str; 5] =
    ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID"];

/// The service of this home; it is started when none runs. Clients that start it at the same time
/// all get the one that wins.
///
/// # Errors
/// What the service says that could not start; when it is not ready in time.
pub fn start_detached(directories: &Directories, accept_terms: bool) -> Result<Record> {
    let places = Places::of(directories);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(record) = Record::of_running(&places) {
            return Ok(record);
        }
        if Instant::now() >= deadline {
            return Err(late(&places));
        }
        // One that starts or stops is waited for; the next round sees what became of it.
        if is_running(&places) {
            std::thread::sleep(AGAIN);
            continue;
        }
        if let Err(error) = spawn(&places, accept_terms, deadline)
            && !is_running(&places)
        {
            return Err(error);
        }
    }
}

fn late(places: &Places) -> Error {
    Error::failed(format!("the service was not ready within {} s", PATIENCE.as_secs()))
        .hint(format!("see why: {}", places.logs().join("service.log").display()))
}

/// Starts one and waits until it is ready.
fn spawn(places: &Places, accept_terms: bool, deadline: Instant) -> Result<()> {
    places.make()?;
    let program = std::env::current_exe().context(|| "cannot find facedeck itself".into())?;
    let stray = places.stray_words();
    let words = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&stray)
        .context(|| format!("cannot write {}", stray.display()))?;
    let mut command = Command::new(&program);
    command.args(["service", "run", "--log", "file", "--json"]);
    if accept_terms {
        command.arg("--accept-terms");
    }
    for name in PATHS {
        if let Some(path) = variable(name).filter(|path| Path::new(path).components().count() > 1)
            && let Ok(path) = std::path::absolute(path)
        {
            command.env(name, path);
        }
    }
    if let Some(home) = variable(variables::HOME).and_then(|home| std::path::absolute(home).ok()) {
        command.env(variables::HOME, home);
    }
    for name in NOT_OURS {
        command.env_remove(name);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(words);
    in_own_session(&mut command);
    keep_files_to_ourselves();
    let mut child = command.spawn().context(|| format!("cannot run {}", program.display()))?;
    let Some(output) = child.stdout.take() else {
        return Err(Error::failed("the service has no output"));
    };
    wait(child, output, deadline, places)
}

/// A session of its own: no signal of the terminal reaches it, and no terminal can become its own.
fn in_own_session(command: &mut Command) {
    let leave = || rustix::process::setsid().map(drop).map_err(Into::into);
    // SAFETY: between fork and exec only one system call is made; nothing is allocated or locked.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(leave);
    }
}

/// Files that this program was given by its own starter (a pipe of `make`, the lock of a script)
/// are not handed on: whoever waits for their end would wait for the end of the service.
fn keep_files_to_ourselves() {
    let Ok(entries) = fs::read_dir("/dev/fd") else { return };
    let numbers: Vec<i32> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|number| *number > 2)
        .collect();
    for number in numbers {
        // SAFETY: the call only sets a flag that says what becomes of the file when another program
        // is started; on a number that is closed meanwhile it does nothing.
        #[allow(unsafe_code)]
        unsafe {
            libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

/// Waits for its first word: that it is ready, or why it cannot be.
fn wait(mut child: Child, output: ChildStdout, deadline: Instant, places: &Places) -> Result<()> {
    let (sender, receiver) = channel();
    // This thread also takes note of the child's end, should that come before ours: no zombie.
    std::thread::Builder::new()
        .name("service".into())
        .spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(output.take(LONGEST)).read_line(&mut line);
            let _ = sender.send(line);
            let _ = child.wait();
        })
        .context(|| "cannot wait for the service".into())?;
    let left = deadline.saturating_duration_since(Instant::now());
    match receiver.recv_timeout(left) {
        Ok(line) => first_word(&line, places),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(late(places)),
    }
}

fn first_word(line: &str, places: &Places) -> Result<()> {
    let event: Value = serde_json::from_str(line).unwrap_or_default();
    match (event["event"].as_str(), serde_json::from_value::<Failure>(event.clone())) {
        (Some("ready"), _) => Ok(()),
        (Some("error"), Ok(failure)) => Err(Error::from(&failure)),
        _ => Err(Error::failed("the service ended while it started")
            .hint(format!("see why: {}", places.stray_words().display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_understood() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(&Directories::beneath(home.path()).unwrap());
        first_word("{\"event\":\"ready\",\"pid\":1}\n", &places).unwrap();
        let error = first_word(
            "{\"event\":\"error\",\"kind\":\"usage\",\"message\":\"no\",\"causes\":[\"why\"],\
             \"hint\":\"do\",\"exit_code\":2}\n",
            &places,
        )
        .unwrap_err();
        assert_eq!((error.exit_code(), error.chain().as_str()), (2, "no: why"));
        assert_eq!(error.hint_text(), Some("do"));
        for broken in ["", "Segmentation fault", "{\"event\":\"error\"}"] {
            let error = first_word(broken, &places).unwrap_err();
            assert!(error.hint_text().unwrap().contains("service.err"), "{broken}");
        }
    }
}
