//! The event stream: a snapshot, then every change with its number.
//!
//! A client that lost its line says which event it saw last and gets what it missed. One that reads
//! too slowly is not waited for: it gets a snapshot again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Error;
use crate::service::Core;
use crate::service::events::{Begin, Event, Numbered};
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};
use crate::service::wire::ListQuery;

use super::answer::{Query, blocking};
use super::desk::{AtDesk, Desk};
use super::state::Shared;

/// Jobs in a snapshot.
const FIRST_JOBS: u64 = 100;
/// A comment so often tells both sides that the line is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Which events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The id of the last event that the client saw, for clients that cannot send the header.
    #[serde(default)]
    pub after: Option<String>,
    /// Only what is about the job with this id.
    #[serde(default)]
    pub job: Option<String>,
}

/// Everything that changes, as server-sent events whose data is JSON. The first is a snapshot, or
/// what the client missed since the event that it names.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", operation_id = "events",
    params(
        EventsQuery,
        ("Last-Event-ID" = Option<String>, Header,
            description = "The id of the last event that the client saw.")
    ),
    responses(
        (status = 200, description = "Events without end. The field `event` is the type.",
            body = Event, content_type = "text/event-stream"),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "Several ids begin like this.", body = FaultBody),
        (status = 429, description = "Too many clients listen.", body = FaultBody)
    )
)]
async fn events(
    State(core): State<Shared>,
    desk: AtDesk,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let permit = Arc::clone(&desk.streams).try_acquire_owned().map_err(|_| {
        let error = Error::failed("too many clients listen to the events already")
            .hint("try again when one of them has gone");
        Fault::new(FaultKind::Busy, error)
    })?;
    let only = match query.job {
        Some(job) => Some(blocking(&core, move |core| core.resolve(&job)).await?.to_string()),
        None => None,
    };
    // A browser that lost its line asks for the old address again and sends the newer header.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok().map(str::to_owned));
    let after = last.or(query.after).and_then(|id| number_of(&desk.boot, &id));
    let mut stream = Stream::begin(core, Arc::clone(&desk), only, after, permit);
    // What cannot be told is an error of this request, not the silent end of a stream.
    stream.prepare().await?;
    let events = futures_util::stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<Sent, Infallible>(event), stream))
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // A proxy that collects the answer first would hold every event back.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, sse).into_response())
}

fn number_of(boot: &str, id: &str) -> Option<u64> {
    let (run, number) = id.trim().split_once('-')?;
    if run == boot { number.parse().ok() } else { None }
}

/// One client that listens.
struct Stream {
    core: Shared,
    desk: Arc<Desk>,
    /// The id of the only job that it wants to hear about.
    only: Option<String>,
    /// A snapshot is needed, as of the event with this number.
    snapshot: Option<u64>,
    /// What is sent before anything else.
    first: Option<Sent>,
    missed: VecDeque<Numbered>,
    receiver: Receiver<Numbered>,
    _permit: OwnedSemaphorePermit,
}

impl Stream {
    fn begin(
        core: Shared,
        desk: Arc<Desk>,
        only: Option<String>,
        after: Option<u64>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let (begin, receiver) = core.events.listen(after);
        let (snapshot, missed) = match begin {
            Begin::Snapshot(number) => (Some(number), VecDeque::new()),
            Begin::Missed(missed) => (None, missed.into()),
        };
        Stream { core, desk, only, snapshot, first: None, missed, receiver, _permit: permit }
    }

    /// Makes the snapshot, where one is needed.
    async fn prepare(&mut self) -> Answer<()> {
        let Some(number) = self.snapshot else { return Ok(()) };
        let only = self.only.clone();
        let key = format!("snapshot {}", only.as_deref().unwrap_or_default());
        let made =
            self.desk.pages.get(&self.core, key, move |core| snapshot(core, only.as_deref()));
        let json = made.await?;
        // It shows at least what was true at that number; what came since is told again, and
        // telling a state twice does no harm.
        let json = String::from_utf8_lossy(&json);
        self.first = Some(self.sent(number, "snapshot", &json));
        self.snapshot = None;
        Ok(())
    }

    /// The next event; nothing at the end.
    async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Err(fault) = self.prepare().await {
                tracing::debug!("an event stream ends: {}", fault.error.chain());
                return None;
            }
            if let Some(first) = self.first.take() {
                return Some(first);
            }
            let event = match self.missed.pop_front() {
                Some(event) => event,
                None => tokio::select! {
                    // What was said before the end is still heard.
                    biased;
                    event = self.receiver.recv() => match event {
                        Ok(event) => event,
                        Err(RecvError::Lagged(_)) => {
                            self.again();
                            continue;
                        }
                        Err(RecvError::Closed) => return None,
                    },
                    () = self.desk.ending.cancelled() => return None,
                },
            };
            if self.is_wanted(&event.event) {
                return Some(self.sent(event.number, event.event.name(), &event.json));
            }
        }
    }

    /// It was too slow: from here on with a snapshot.
    fn again(&mut self) {
        let (begin, receiver) = self.core.events.listen(None);
        self.receiver = receiver;
        if let Begin::Snapshot(number) = begin {
            self.snapshot = Some(number);
        }
    }

    fn sent(&self, number: u64, name: &str, json: &str) -> Sent {
        Sent::default().id(format!("{}-{number}", self.desk.boot)).event(name).data(json)
    }

    fn is_wanted(&self, event: &Event) -> bool {
        let Some(only) = &self.only else { return true };
        match event {
            Event::Job { job, .. } => job.id == *only,
            Event::Removed { id, .. } | Event::Progress { id, .. } => id == only,
            Event::Notice { job, .. } => job.as_ref() == Some(only),
            Event::Stopping => true,
            Event::Snapshot { .. }
            | Event::Watch { .. }
            | Event::WatchRemoved { .. }
            | Event::Pull { .. } => false,
        }
    }
}

fn snapshot(core: &Core, only: Option<&str>) -> Answer<Event> {
    let service = Box::new(core.view()?);
    Ok(match only {
        Some(id) => {
            let jobs = vec![core.show(id)?.job];
            Event::Snapshot { service, jobs, watches: Vec::new(), pulls: Vec::new() }
        }
        None => {
            let query = ListQuery { limit: Some(FIRST_JOBS), ..ListQuery::default() };
            let jobs = core.list(&query)?.jobs;
            let (watches, pulls) = (core.watches.list(), core.pulls.list());
            Event::Snapshot { service, jobs, watches, pulls }
        }
    })
}
