//! Tells people: a command, a signed webhook, a notice in the event stream.
//!
//! One thread listens to the events and decides what is worth telling; the command and the webhook
//! have a thread each and a bounded queue before it, so that neither a slow program nor a server
//! that is away holds up anything else.

mod command;
mod occasions;
mod outbox;
mod secret;
mod webhook;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use crate::error::Result;
use crate::settings::config::{Notify, Occasion};

use super::Core;
use super::events::{Begin, Event};
use super::wire::JobView;
use crate::jobs::store::Counts;

use occasions::Occasions;
use outbox::Outbox;

/// What is told: the body of the webhook, and what the command reads from its standard input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// What happened: `done`, `failed`, `refused`, `queue_empty`.
    pub event: Occasion,
    /// When it was noticed.
    pub at: Timestamp,
    /// In one line.
    pub title: String,
    /// More about it; may be empty.
    pub text: String,
    /// The job that it is about.
    pub job: Option<JobView>,
    /// How many jobs are in each state.
    pub counts: Counts,
}

impl Message {
    /// The name of the occasion, as it is sent.
    fn name(&self) -> &'static str {
        name(self.event)
    }

    fn json(&self) -> Result<Vec<u8>> {
        use crate::error::Context;
        serde_json::to_vec(self).context(|| "cannot write a notification as JSON".into())
    }
}

/// The name of an occasion, as it is configured and sent.
fn name(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Done => "done",
        Occasion::Failed => "failed",
        Occasion::Refused => "refused",
        Occasion::QueueEmpty => "queue_empty",
    }
}

/// Watches the events from now on, on a thread of its own that ends with the service.
pub fn start(core: &Arc<Core>) {
    warn_of_faults(&core.config().notify);
    let listener = Listener::new(core);
    let begun = std::thread::Builder::new().name("notify".into()).spawn(move || listener.listen());
    if let Err(error) = begun {
        tracing::error!("nobody will be told of anything: cannot start a thread: {error}");
    }
}

/// Says at the start what will keep people from being told.
fn warn_of_faults(notify: &Notify) {
    let Some(url) = &notify.webhook else { return };
    if let Err(error) = webhook::check(url) {
        tracing::warn!("{}", error.chain());
    }
    match &notify.webhook_secret_file {
        Some(file) => {
            if let Err(error) = secret::read(file) {
                let hint = error.hint_text().unwrap_or_default();
                tracing::warn!("the webhook is not called: {}; {hint}", error.chain());
            }
        }
        None => tracing::warn!(
            "what goes to the webhook is not signed: [notify] has no webhook_secret_file"
        ),
    }
}

/// The thread that listens.
struct Listener {
    core: Arc<Core>,
    occasions: Occasions,
    command: Outbox,
    webhook: Outbox,
}

impl Listener {
    fn new(core: &Arc<Core>) -> Self {
        let busy = core.store.counts().is_ok_and(|counts| is_busy(&counts));
        let outbox = |name, deliver: fn(&Core, &Message) -> Result<()>| {
            let core = Arc::clone(core);
            Outbox::start(name, move |message| deliver(&core, message))
        };
        Listener {
            core: Arc::clone(core),
            occasions: Occasions::new(busy),
            command: outbox("notify-command", |core, message| {
                command::run(&core.config().notify.command, message, &core.stopping)
            }),
            webhook: outbox("notify-webhook", |core, message| {
                webhook::call(&core.config().notify, message, &core.stopping)
            }),
        }
    }

    fn listen(mut self) {
        let (begin, mut receiver) = self.core.events.listen(None);
        let mut last = match begin {
            Begin::Snapshot(number) => number,
            Begin::Missed(_) => 0,
        };
        while !self.core.stopping.is_set() {
            match receiver.blocking_recv() {
                Ok(event) => {
                    last = event.number;
                    if !self.hear(&event.event) {
                        return;
                    }
                }
                // The bus waits for nobody. What it kept is heard now; what it did not keep shows
                // in the store, as far as it matters still.
                Err(RecvError::Lagged(_)) => {
                    let (begin, again) = self.core.events.listen(Some(last));
                    receiver = again;
                    match begin {
                        Begin::Missed(events) => {
                            for event in events {
                                last = event.number;
                                if !self.hear(&event.event) {
                                    return;
                                }
                            }
                        }
                        Begin::Snapshot(number) => {
                            last = number;
                            self.counted(None);
                        }
                    }
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Whether to go on.
    fn hear(&mut self, event: &Event) -> bool {
        self.core.metrics.hear(event);
        match event {
            Event::Job { job, counts } => {
                if self.occasions.has_ended(job) {
                    self.core.metrics.ended(job.state);
                    if let Some(occasion) = occasions::of(job.state) {
                        self.tell(occasion, Some(job), *counts);
                    }
                }
                self.counted(Some(counts));
            }
            Event::Removed { counts, .. } => self.counted(Some(counts)),
            Event::Stopping => return false,
            _ => {}
        }
        true
    }

    /// Sees whether nothing is left to do.
    fn counted(&mut self, counts: Option<&Counts>) {
        if counts.is_some_and(|counts| self.occasions.stays(is_busy(counts))) {
            return;
        }
        // Two threads may tell their counts in another order than that in which they counted.
        let Ok(counts) = self.core.store.counts() else { return };
        if self.occasions.is_empty_now(is_busy(&counts)) {
            self.tell(Occasion::QueueEmpty, None, counts);
        }
    }

    fn tell(&self, occasion: Occasion, job: Option<&JobView>, counts: Counts) {
        let notify = &self.core.config().notify;
        if !notify.on.contains(&occasion) {
            return;
        }
        let (title, text) = words(occasion, job, &counts);
        self.core.events.publish(Event::Notice {
            what: name(occasion).to_owned(),
            title: title.clone(),
            text: text.clone(),
            job: job.map(|job| job.id.clone()),
        });
        let job = job.cloned();
        let message = Message { event: occasion, at: Timestamp::now(), title, text, job, counts };
        if notify.webhook.is_some() {
            self.webhook.send(message.clone());
        }
        if !notify.command.is_empty() {
            self.command.send(message);
        }
    }
}

fn is_busy(counts: &Counts) -> bool {
    counts.queued + counts.running > 0
}

/// Title and text for people.
fn words(occasion: Occasion, job: Option<&JobView>, counts: &Counts) -> (String, String) {
    let Some(job) = job else {
        let Counts { done, failed, refused, paused, .. } = counts;
        let text = format!("{done} done, {failed} failed, {refused} refused");
        return match paused {
            0 => ("Nothing is left to do".to_owned(), text),
            1 => ("One paused job is left".to_owned(), text),
            paused => (format!("{paused} paused jobs are left"), text),
        };
    };
    let why = || job.failure.as_ref().map(|failure| failure.chain()).unwrap_or_default();
    match occasion {
        Occasion::Failed => (format!("{} failed", job.name), why()),
        Occasion::Refused => (format!("{} was refused", job.name), why()),
        Occasion::Done | Occasion::QueueEmpty => {
            (format!("{} is done", job.name), job.output.clone())
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
