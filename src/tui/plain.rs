//! The dashboard without a screen: every change as a line, for screen readers, logs and dumb
//! terminals.

use std::collections::HashMap;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use crate::client::{Client, Options, Told};
use crate::error::{Context, Result};
use crate::interrupt::Interrupt;
use crate::jobs::State;
use crate::service::events::Event;
use crate::service::wire::{JobView, Progress};

use super::canvas::plain as clean;
use super::desk::Desk;
use super::words::{clock, duration};

/// A job that runs is told of again after so long, when it came further.
const EVERY: Duration = Duration::from_secs(15);
/// How often a Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Prints what changes until Ctrl-C, or until the service is gone.
///
/// # Errors
/// When the service cannot be reached, or goes away and does not come back.
pub fn plain(options: &Options) -> Result<()> {
    let interrupt = Interrupt::on_signals()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context(|| "cannot start the client".into())?;
    runtime.block_on(async {
        let client = Client::connect(options).await?;
        let mut events = client.events().await?;
        let mut teller = Teller::default();
        loop {
            let mut next = std::pin::pin!(events.next());
            let told = loop {
                if interrupt.is_set() {
                    return Ok(());
                }
                if let Ok(told) = tokio::time::timeout(TICK, next.as_mut()).await {
                    break told?;
                }
            };
            for line in teller.lines(told, Instant::now()) {
                // A reader that went away ends it, as it does with every command.
                if writeln!(stdout(), "{line}").is_err() {
                    return Ok(());
                }
            }
        }
    })
}

/// Says what is new.
#[derive(Debug, Default)]
struct Teller {
    desk: Desk,
    said: HashMap<String, (State, Instant)>,
}

impl Teller {
    fn lines(&mut self, told: Told, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        match &told {
            Told::Cut => lines.push("the service is away; it is looked for".to_owned()),
            Told::Again => lines.push("the service is back".to_owned()),
            Told::Event(event) => match &**event {
                Event::Snapshot { service, jobs, .. } => {
                    let counts = service.counts;
                    lines.push(format!(
                        "facedeck {}: {} running, {} queued, {} paused, {} done, {} failed",
                        service.version,
                        counts.running,
                        counts.queued,
                        counts.paused,
                        counts.done,
                        counts.failed + counts.refused
                    ));
                    let open = jobs.iter().filter(|job| !job.state.is_final());
                    lines.extend(open.map(|job| self.job(job, now)));
                }
                Event::Job { job, .. } => {
                    let before = self.said.get(&job.id).map(|(state, _)| *state);
                    if before != Some(job.state) {
                        lines.push(self.job(job, now));
                    }
                }
                Event::Progress { id, progress } => lines.extend(self.progress(id, progress, now)),
                Event::Removed { id, .. } => {
                    self.said.remove(id);
                    if let Some(job) = self.desk.jobs.get(id) {
                        lines.push(format!("{}: removed from the list", clean(&job.name)));
                    }
                }
                Event::Watch { watch } if !watch.reason.is_empty() => {
                    lines.push(format!("hot folder {}: {}", watch.name, clean(&watch.reason)));
                }
                Event::Notice { what, title, .. } if what == "queue_empty" => {
                    lines.push(clean(title));
                }
                Event::Stopping => lines.push("the service is about to stop".to_owned()),
                _ => {}
            },
        }
        self.desk.hear(told);
        lines
    }

    fn job(&mut self, job: &JobView, now: Instant) -> String {
        self.said.insert(job.id.clone(), (job.state, now));
        let why = match (&job.failure, &job.waiting) {
            (Some(failure), _) => format!(": {}", failure.message),
            (None, Some(waiting)) => format!(": {waiting}"),
            _ if job.state == State::Done => format!(": {}", job.output),
            _ => String::new(),
        };
        let id = &job.id[job.id.len().saturating_sub(8)..];
        clean(&format!("{} ({id}): {}{why}", job.name, job.state))
    }

    fn progress(&mut self, id: &str, progress: &Progress, now: Instant) -> Option<String> {
        let job = self.desk.jobs.get(id)?;
        let (_, at) = self.said.get_mut(id)?;
        if now.duration_since(*at) < EVERY {
            return None;
        }
        *at = now;
        let of = match progress.total {
            Some(total) if total > 0 => format!(
                "{:.0} percent, {} of {total} frames",
                100.0 * progress.frames as f64 / total as f64,
                progress.frames
            ),
            _ => format!("{} frames", progress.frames),
        };
        let left = match progress.eta_seconds {
            Some(eta) if eta >= 600.0 => format!(", {} left", duration(eta)),
            Some(eta) => format!(", {} left", clock(eta)),
            None => String::new(),
        };
        Some(format!("{}: {of}, {:.1} frames a second{left}", clean(&job.name), progress.fps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::store::Counts;
    use crate::tui::testing::job;

    fn event(event: Event) -> Told {
        Told::Event(Box::new(event))
    }

    #[test]
    fn every_change_is_a_line_and_progress_is_not_told_too_often() {
        let mut teller = Teller::default();
        let begin = Instant::now();
        let change = |state| {
            let mut job = job("01KAY7000000000000ABCDEFGH", state);
            job.name = "a\nb.mp4".into();
            event(Event::Job { job: Box::new(job), counts: Counts::default() })
        };
        assert_eq!(
            teller.lines(change(State::Queued), begin),
            ["a\u{fffd}b.mp4 (ABCDEFGH): queued"]
        );
        assert!(teller.lines(change(State::Queued), begin).is_empty());
        assert_eq!(teller.lines(change(State::Running), begin).len(), 1);
        let progress = |frames| {
            let progress = Progress {
                frames,
                total: Some(200),
                fps: 25.0,
                eta_seconds: Some(70.0),
                stage: "swap".into(),
                stages: Vec::new(),
                segments: None,
            };
            event(Event::Progress { id: "01KAY7000000000000ABCDEFGH".into(), progress })
        };
        assert!(teller.lines(progress(10), begin).is_empty());
        let later = begin + Duration::from_secs(20);
        assert_eq!(
            teller.lines(progress(50), later),
            ["a\u{fffd}b.mp4: 25 percent, 50 of 200 frames, 25.0 frames a second, 1:10 left"]
        );
        assert!(teller.lines(progress(60), later).is_empty());
        let done = teller.lines(change(State::Done), later);
        assert!(done[0].contains("done: /films/"), "{done:?}");
    }
}
