//! Fetches one exact file from any of several servers, through whatever they do wrong.
//!
//! The servers are asked in turn. One that cannot help now (busy, silent, cut off) is asked again
//! after a pause; one that has another file, or none, is not. What came so far stays in a part
//! beside the final name, whoever sent it: the hash of the whole decides, and bytes that turn out
//! wrong are thrown away, not kept. Knows nothing of terminals: a [`Watcher`] is told.

mod answer;
mod mirror;
pub(super) mod part;
mod patience;
pub(super) mod room;
mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::catalog::WeightFile;
use super::store::mebibytes;

use answer::{Answer, Asked};
use mirror::Mirror;
use part::Part;
use wire::{Event, Line, Request};

pub use patience::Patience;

/// A round that brought at least so much is progress, after which patience begins anew.
const PROGRESS: u64 = 1 << 20;
/// How long a stop goes unnoticed at most while the program waits.
const NOTICED: Duration = Duration::from_millis(50);

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    /// The file's name.
    pub file: &'a str,
    /// Bytes that are here.
    pub done: u64,
    /// Its size, where it is known.
    pub total: Option<u64>,
    /// Bytes a second since the connection came about; `None` until it can be told.
    pub rate: Option<f64>,
    /// The server, or whatever it comes from.
    pub from: &'a str,
}

/// Is told how a file comes along.
pub trait Watcher {
    /// Something that the user should know.
    fn note(&mut self, text: &str);
    /// Some more has come.
    fn progress(&mut self, progress: &Progress<'_>);
}

/// How a connection ended.
enum Outcome {
    /// The file is whole.
    Whole,
    /// It may go on, after this time where the server said one.
    Again(String, Option<Duration>),
    /// What is here does not fit what this server has: from the beginning.
    Restart(String),
    /// This server will not do.
    Never(String),
}

/// One file on its way.
struct Fetch<'a, 'w> {
    pin: &'a WeightFile,
    patience: Patience,
    watcher: &'w mut dyn Watcher,
    interrupt: &'w Interrupt,
}

/// Fetches a file from the first of these addresses that has it, to this name in this folder; the
/// host that sent its last byte. The caller keeps other processes away.
///
/// # Errors
/// When no server could or would send it, with the reason of each; when the disk is full or the
/// user stops it. What came so far is kept, except bytes that proved wrong.
pub fn fetch(
    pin: &WeightFile,
    urls: &[&str],
    to: &Path,
    patience: Patience,
    watcher: &mut dyn Watcher,
    interrupt: &Interrupt,
) -> Result<String> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let mut part = Part::open(folder, &name, pin, interrupt)?;
    let mut fetch = Fetch { pin, patience, watcher, interrupt };
    let served = match pin.bytes {
        Some(bytes) => room::check(folder, bytes.saturating_sub(part.length())),
        None => Ok(()),
    }
    .and_then(|()| fetch.try_all(&mut part, urls));
    match served {
        Ok(host) => {
            part.finish(to)?;
            Ok(host)
        }
        Err(error) => {
            part.leave();
            Err(error)
        }
    }
}

impl Fetch<'_, '_> {
    fn try_all(&mut self, part: &mut Part<'_>, urls: &[&str]) -> Result<String> {
        if part.is_whole() {
            return Ok("an earlier download".into());
        }
        let mut mirrors: Vec<Mirror<'_>> = urls.iter().map(|url| Mirror::new(url)).collect();
        let mut pauses = self.patience.pauses();
        let mut best = part.length();
        loop {
            for mirror in &mut mirrors {
                let early = mirror.not_before.is_some_and(|time| Instant::now() < time);
                if !mirror.hopeless && !early && self.try_mirror(part, mirror)? {
                    return Ok(mirror.host.clone());
                }
            }
            if part.length() >= best + PROGRESS {
                best = part.length();
                pauses = self.patience.pauses();
            }
            let pause = match pauses.next() {
                Some(pause) if mirrors.iter().any(|mirror| !mirror.hopeless) => pause,
                _ => return Err(self.failure(part, &mirrors)),
            };
            self.pause(&mirrors, pause)?;
        }
    }

    /// Asks one server, once more from the beginning where what is here does not fit; whether the
    /// file is whole.
    fn try_mirror(&mut self, part: &mut Part<'_>, mirror: &mut Mirror<'_>) -> Result<bool> {
        mirror.not_before = None;
        for _ in 0..2 {
            match self.connect(part, mirror)? {
                Outcome::Whole => return Ok(true),
                Outcome::Again(why, wait) => {
                    self.later(mirror, why, wait);
                    return Ok(false);
                }
                Outcome::Restart(why) => {
                    self.watcher.note(&format!("{} {why}: from the beginning", mirror.host));
                    part.restart()?;
                    mirror.fault = Some(why);
                }
                Outcome::Never(why) => {
                    mirror.give_up(why);
                    return Ok(false);
                }
            }
        }
        mirror.hopeless = true;
        Ok(false)
    }

    fn later(&self, mirror: &mut Mirror<'_>, why: String, wait: Option<Duration>) {
        match wait {
            Some(wait) if wait > self.patience.longest_wait() => {
                mirror.give_up(format!("{why} and asks to come back in {} s", wait.as_secs()));
            }
            _ => {
                mirror.not_before = wait.map(|wait| Instant::now() + wait);
                mirror.fault = Some(why);
            }
        }
    }

    /// One connection, from its request to its end.
    fn connect(&mut self, part: &mut Part<'_>, mirror: &Mirror<'_>) -> Result<Outcome> {
        let offset = part.length();
        let validator = part.validator(mirror.url).map(str::to_owned);
        let request = Request { url: mirror.url.to_owned(), offset, if_range: validator.clone() };
        let line = Line::open(request, self.patience);
        let head = match line.next(self.interrupt)? {
            Event::Head(head) => head,
            Event::Broken(why) => return Ok(Outcome::Again(why, None)),
            Event::Hopeless(why) => return Ok(Outcome::Never(why)),
            Event::Block(_) | Event::End => {
                return Ok(Outcome::Again("sent nothing".into(), None));
            }
        };
        let total = match answer::read(&head, Asked { offset, bytes: self.pin.bytes }) {
            Answer::Continues(total) => {
                // A server that minds no If-Range shows here that its file is another one now.
                if validator.is_some() && head.validator.is_some() && head.validator != validator {
                    return Ok(Outcome::Restart("has another version of the file now".into()));
                }
                if offset > 0 {
                    self.watcher.note(&format!(
                        "{}: going on at {} of {}",
                        self.pin.name,
                        mebibytes(offset),
                        total.map_or("an unknown size".into(), mebibytes),
                    ));
                }
                total
            }
            Answer::Begins(total) => {
                // It knows no ranges, or it has another version of the file now.
                if offset > 0 {
                    let host = &mirror.host;
                    let note = format!("{host} sends the whole file: from the beginning");
                    self.watcher.note(&note);
                    part.restart()?;
                }
                total
            }
            Answer::Restart => {
                return Ok(Outcome::Restart(format!("has nothing at byte {offset}")));
            }
            Answer::Later(why, wait) => return Ok(Outcome::Again(why, wait)),
            Answer::Never(why) => return Ok(Outcome::Never(why)),
        };
        part.begin(mirror.url, head.validator)?;
        self.receive(part, &line, mirror, total)
    }

    /// The bytes of one connection.
    fn receive(
        &mut self,
        part: &mut Part<'_>,
        line: &Line,
        mirror: &Mirror<'_>,
        total: Option<u64>,
    ) -> Result<Outcome> {
        let (start, before) = (Instant::now(), part.length());
        let end = loop {
            match line.next(self.interrupt)? {
                Event::Block(block) => {
                    part.append(&block)?;
                    if self.pin.bytes.is_some_and(|bytes| part.length() > bytes) {
                        break Ok(());
                    }
                    let seconds = start.elapsed().as_secs_f64();
                    // Earlier it would be a guess.
                    let rate = (seconds > 0.5).then(|| (part.length() - before) as f64 / seconds);
                    self.watcher.progress(&Progress {
                        file: &self.pin.name,
                        done: part.length(),
                        total: total.or(self.pin.bytes),
                        rate,
                        from: &mirror.host,
                    });
                }
                Event::End => break Ok(()),
                Event::Broken(why) | Event::Hopeless(why) => break Err(why),
                Event::Head(_) => break Err("answered twice".to_owned()),
            }
        };
        if part.is_whole() {
            return Ok(Outcome::Whole);
        }
        let count = part.length();
        match (end, self.pin.bytes) {
            (Err(why), _) => Ok(Outcome::Again(format!("{why} ({})", mebibytes(count)), None)),
            (Ok(()), Some(bytes)) if count < bytes => {
                let why = format!("ended after {count} of {bytes} bytes");
                Ok(Outcome::Again(why, None))
            }
            (Ok(()), bytes) => {
                let why = match bytes {
                    Some(bytes) if count > bytes => format!("sent more than {bytes} bytes"),
                    _ => format!(
                        "sent another file (SHA-256 {} instead of {})",
                        part.sha256(),
                        self.pin.sha256
                    ),
                };
                // Not the fault of this server, perhaps, if an earlier one sent the beginning.
                if part.inherited() {
                    let why = "sent a rest that does not fit what was here".into();
                    return Ok(Outcome::Restart(why));
                }
                self.watcher.note(&format!("{} {why}: it was thrown away", mirror.host));
                part.restart()?;
                Ok(Outcome::Never(why))
            }
        }
    }

    /// Waits until a server may be asked again.
    fn pause(&mut self, mirrors: &[Mirror<'_>], pause: Duration) -> Result<()> {
        let open = || mirrors.iter().filter(|mirror| !mirror.hopeless);
        let now = Instant::now();
        // As long as the one that wants to be asked first says, and no shorter than usual.
        let asked = open().map(|m| m.not_before.map_or(Duration::ZERO, |t| t - now)).min();
        let wait = pause.max(asked.unwrap_or_default());
        let faults: Vec<String> =
            open().filter_map(|m| Some(format!("{} {}", m.host, m.fault.as_ref()?))).collect();
        let faults = faults.join("; ");
        self.watcher.note(&format!("{faults}: trying again in {:.1} s", wait.as_secs_f64()));
        let end = now + wait;
        while Instant::now() < end {
            self.interrupt.check()?;
            std::thread::sleep(NOTICED.min(end.saturating_duration_since(Instant::now())));
        }
        self.interrupt.check()
    }

    fn failure(&self, part: &Part<'_>, mirrors: &[Mirror<'_>]) -> Error {
        let faults: Vec<String> = mirrors
            .iter()
            .map(|m| format!("{} {}", m.host, m.fault.as_deref().unwrap_or("was not asked")))
            .collect();
        let name = &self.pin.name;
        let error = Error::failed(format!("cannot fetch {name}: {}", faults.join("; ")));
        match part.length() {
            0 => error.hint(format!(
                "check the connection, or get {name} in another way and run \"facedeck models \
                 import {name}\""
            )),
            bytes => error.hint(format!(
                "run the same command again: the {} that came are kept",
                mebibytes(bytes)
            )),
        }
    }
}
