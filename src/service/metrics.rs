//! What monitoring systems read: counts and gauges in the text format of OpenMetrics.
//!
//! Labels come from closed sets (states, types of errors, routes of the API), so that no client can
//! make the numbers grow.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::error::{Context, Result};
use crate::jobs::State;
use crate::jobs::store::Counts;

use super::Core;
use super::events::Event;
use super::fault::FaultKind;
use super::wire::JobView;

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Requests by methods that no route knows are counted together.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
/// Paths that no route knows are counted together.
const UNMATCHED: &str = "unmatched";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabel {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u64,
}

type Latencies = Family<RequestLabels, Histogram, fn() -> Histogram>;

/// A job that was begun, as far as it was counted.
#[derive(Debug, Default)]
struct Begun {
    started: Option<Timestamp>,
    frames: u64,
}

/// All numbers.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    jobs: Family<StateLabel, Gauge>,
    ended: Family<OutcomeLabel, Counter>,
    attempts: Counter,
    frames: Counter,
    rate: Gauge<f64, AtomicU64>,
    latencies: Latencies,
    faults: Family<FaultLabel, Counter>,
    uploads: Gauge,
    listeners: Gauge,
    pulls: Gauge,
    memory: Gauge<u64, AtomicU64>,
    uptime: Gauge<f64, AtomicU64>,
    /// Jobs that run or are held after they were begun.
    begun: Mutex<HashMap<String, Begun>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("facedeck");
        // From 1 ms, faster than any disk, to 16 s, longer than anybody waits.
        let latency = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let metrics = Metrics {
            jobs: Family::default(),
            ended: Family::default(),
            attempts: Counter::default(),
            frames: Counter::default(),
            rate: Gauge::default(),
            latencies: Family::new_with_constructor(latency),
            faults: Family::default(),
            uploads: Gauge::default(),
            listeners: Gauge::default(),
            pulls: Gauge::default(),
            memory: Gauge::default(),
            uptime: Gauge::default(),
            begun: Mutex::default(),
            registry: Registry::default(),
        };
        let seconds = || Unit::Seconds;
        registry.register("jobs", "Jobs by state", metrics.jobs.clone());
        registry.register("jobs_ended", "Jobs that came to an end", metrics.ended.clone());
        registry.register("attempts", "Attempts at jobs", metrics.attempts.clone());
        registry.register("frames", "Frames that were worked on", metrics.frames.clone());
        registry.register("frame_rate", "Frames a second, of all jobs", metrics.rate.clone());
        registry.register_with_unit(
            "request_duration",
            "Time until the head of an answer",
            seconds(),
            metrics.latencies.clone(),
        );
        registry.register("faults", "Answers that were errors, by type", metrics.faults.clone());
        registry.register("uploads_in_flight", "Uploads that come in", metrics.uploads.clone());
        registry.register(
            "event_listeners",
            "Listeners of the event bus, the service's own included",
            metrics.listeners.clone(),
        );
        registry.register("pulls", "Models that wait or are fetched", metrics.pulls.clone());
        registry.register_with_unit(
            "process_resident_memory",
            "Memory of the process",
            Unit::Bytes,
            metrics.memory.clone(),
        );
        registry.register_with_unit(
            "uptime",
            "Time since the start of the service",
            seconds(),
            metrics.uptime.clone(),
        );
        // Numbers that are there from the beginning show that nothing happened yet.
        for state in State::ALL.into_iter().filter(|state| state.is_final()) {
            drop(metrics.ended.get_or_create(&OutcomeLabel { outcome: state.name() }));
        }
        Metrics { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts what an event says; to be called once for every event, in their order.
    pub fn hear(&self, event: &Event) {
        match event {
            Event::Job { job, .. } => self.hear_job(job),
            Event::Progress { id, progress } => {
                if let Some(begun) = self.begun().get_mut(id) {
                    self.count_frames(begun, progress.frames);
                }
            }
            Event::Removed { id, .. } => _ = self.begun().remove(id),
            _ => {}
        }
    }

    fn hear_job(&self, job: &JobView) {
        let mut all = self.begun();
        match job.state {
            State::Running => {
                let begun = all.entry(job.id.clone()).or_default();
                // One that was held goes on with the attempt that it was.
                if begun.started != job.started {
                    *begun = Begun { started: job.started, frames: 0 };
                    self.attempts.inc();
                }
            }
            State::Paused => {}
            State::Queued => _ = all.remove(&job.id),
            State::Done | State::Failed | State::Refused | State::Cancelled => {
                // Only what was seen to run comes to an end; else it is told again, or was given up
                // in the queue.
                let begun = all.remove(&job.id);
                if let Some(mut begun) = begun {
                    let frames = job.summary.as_ref().and_then(|s| s["frames"].as_u64());
                    self.count_frames(&mut begun, frames.unwrap_or(0));
                }
            }
        }
    }

    /// A job came to its end; to be called once for each.
    pub fn ended(&self, state: State) {
        self.ended.get_or_create(&OutcomeLabel { outcome: state.name() }).inc();
    }

    fn count_frames(&self, begun: &mut Begun, frames: u64) {
        self.frames.inc_by(frames.saturating_sub(begun.frames));
        begun.frames = begun.frames.max(frames);
    }

    fn begun(&self) -> std::sync::MutexGuard<'_, HashMap<String, Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An upload comes in until this is dropped.
    pub fn upload(&self) -> Uploading {
        self.uploads.inc();
        Uploading(self.uploads.clone())
    }

    /// A request was answered.
    fn answered(&self, labels: RequestLabels, seconds: f64, fault: Option<FaultKind>) {
        self.latencies.get_or_create(&labels).observe(seconds);
        if let Some(kind) = fault {
            self.faults.get_or_create(&FaultLabel { kind: word(kind) }).inc();
        }
    }

    fn set_jobs(&self, counts: &Counts) {
        for state in State::ALL {
            let count = match state {
                State::Queued => counts.queued,
                State::Running => counts.running,
                State::Paused => counts.paused,
                State::Done => counts.done,
                State::Failed => counts.failed,
                State::Refused => counts.refused,
                State::Cancelled => counts.cancelled,
            };
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.jobs.get_or_create(&StateLabel { state: state.name() }).set(count);
        }
    }

    /// Everything, as it is now. Looks into the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn text(&self, core: &Core) -> Result<String> {
        self.set_jobs(&core.store.counts()?);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let rate: f64 = core.running.all().iter().map(|(_, run)| run.progress().fps).sum();
        self.rate.set(rate);
        self.listeners.set(count(core.events.listeners()));
        self.pulls.set(count(core.pulls.active()));
        self.memory.set(core.meters.sample(core)?.process.memory);
        self.uptime.set(core.started.elapsed().as_secs_f64());
        self.render()
    }

    fn render(&self) -> Result<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).context(|| "cannot write the metrics".into())?;
        Ok(text)
    }
}

/// An upload that comes in.
#[derive(Debug)]
pub struct Uploading(Gauge);

impl Drop for Uploading {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The name of a type of errors, as it is sent.
fn word(kind: FaultKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Counts every request: a layer for the whole router, within which routes are matched.
pub async fn track(
    Shared(core): Shared<std::sync::Arc<Core>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let method = METHODS.iter().find(|known| **known == request.method().as_str());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| UNMATCHED.to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let labels = RequestLabels {
        method: method.copied().unwrap_or("other"),
        route,
        status: u64::from(response.status().as_u16()),
    };
    let fault = response.extensions().get::<FaultKind>().copied();
    core.metrics.answered(labels, begun.elapsed().as_secs_f64(), fault);
    response
}

#[cfg(test)]
mod tests {
    use super::super::wire::Progress;
    use super::*;

    fn value(text: &str, line: &str) -> f64 {
        let found = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("{line} is not in\n{text}")).parse().unwrap()
    }

    fn heard(metrics: &Metrics, job: &JobView) {
        metrics.hear(&Event::Job { job: Box::new(job.clone()), counts: Counts::default() });
    }

    #[test]
    fn frames_and_attempts_are_counted_once_whatever_is_heard_again() {
        let metrics = Metrics::default();
        let mut job = super::super::notify::tests::job(State::Running);
        let progress = |frames| Event::Progress {
            id: job.id.clone(),
            progress: Progress { frames, ..Progress::default() },
        };
        let (ten, seven, twelve) = (progress(10), progress(7), progress(12));
        heard(&metrics, &job);
        heard(&metrics, &job);
        for event in [&ten, &seven, &twelve] {
            metrics.hear(event);
        }
        job.state = State::Paused;
        heard(&metrics, &job);
        job.state = State::Running;
        heard(&metrics, &job);
        let text = metrics.render().unwrap();
        assert_eq!(value(&text, "facedeck_attempts_total"), 1.0);
        assert_eq!(value(&text, "facedeck_frames_total"), 12.0);

        // A second attempt works on its frames again.
        job.state = State::Queued;
        heard(&metrics, &job);
        job.state = State::Running;
        job.started = Some(Timestamp::now());
        heard(&metrics, &job);
        metrics.hear(&ten);
        job.state = State::Done;
        job.summary = Some(serde_json::json!({ "frames": 15 }));
        heard(&metrics, &job);
        heard(&metrics, &job);
        let text = metrics.render().unwrap();
        assert_eq!(value(&text, "facedeck_attempts_total"), 2.0);
        assert_eq!(value(&text, "facedeck_frames_total"), 27.0);
        assert!(metrics.begun().is_empty());
    }

    #[test]
    fn the_text_is_what_monitoring_systems_read() {
        let metrics = Metrics::default();
        metrics.set_jobs(&Counts { queued: 3, done: 2, ..Counts::default() });
        metrics.ended(State::Done);
        let labels = RequestLabels { method: "GET", route: "/v1/jobs/{id}".into(), status: 404 };
        metrics.answered(labels, 0.003, Some(FaultKind::NotFound));
        let upload = metrics.upload();
        let text = metrics.render().unwrap();
        assert_eq!(value(&text, "facedeck_jobs{state=\"queued\"}"), 3.0);
        assert_eq!(value(&text, "facedeck_jobs{state=\"running\"}"), 0.0);
        assert_eq!(value(&text, "facedeck_jobs_ended_total{outcome=\"done\"}"), 1.0);
        assert_eq!(value(&text, "facedeck_jobs_ended_total{outcome=\"refused\"}"), 0.0);
        assert_eq!(value(&text, "facedeck_faults_total{kind=\"not_found\"}"), 1.0);
        assert_eq!(value(&text, "facedeck_uploads_in_flight"), 1.0);
        let request = "method=\"GET\",route=\"/v1/jobs/{id}\",status=\"404\"";
        let count = format!("facedeck_request_duration_seconds_count{{{request}}}");
        assert_eq!(value(&text, &count), 1.0);
        assert!(text.ends_with("# EOF\n"));
        drop(upload);
        assert_eq!(value(&metrics.render().unwrap(), "facedeck_uploads_in_flight"), 0.0);
    }
}
