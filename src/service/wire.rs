//! What the service and its clients say to each other, as JSON. The OpenAPI document is generated
//! from these types.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::jobs::store::{Counts, Sort};
use crate::jobs::{Failure, Origin, State, Transition};
use crate::pipeline::StageShare;

// What is made where its route is, and told to clients all the same.
pub use super::api::capabilities::{
    Capabilities, EncoderView, FfmpegView, KindView, ModelName, Operation, OptionView,
    ProcessorView, ProviderView, RuntimeView,
};
pub use super::api::models::{LicenseView, ModelView, PullBody};
pub use super::api::profiles::{ChangeView, ProfileDetail, ProfileView};
pub use super::api::service::{Health, NetworkView};
pub use super::doctor::Findings;
pub use super::files::{FileKind, FileView, FilesQuery, FilesView};
pub use super::looks::{FacesBody, FacesView, ImageFormat, PreviewBody, Side, ThumbnailQuery};
pub use super::meters::{CpuMeter, DiskMeter, GpuMeter, MemoryMeter, MetersView, ProcessMeter};
pub use super::presets::{CheckBody, CheckView, KeyFault, NewProfile};
pub use super::weights::{ImportBody, ImportedView, RemovedView, VerifiedView};

/// How a file of an upload is named in place of a path: `upload:ID`.
pub const UPLOAD: &str = "upload:";

/// A job to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// Photos of the person who is put in: paths on the service's machine, or `upload:ID`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Which face of the sources, by size from 0; the largest when not given.
    #[serde(default)]
    pub source_face: Option<usize>,
    /// The picture or video that is changed: a path, or `upload:ID`.
    pub target: String,
    /// Where the result goes. Beside the target, named TARGET-swapped, when not given; for an
    /// uploaded target among the service's own files, to be fetched from `/v1/jobs/{id}/output`.
    #[serde(default)]
    pub output: Option<String>,
    /// Whether an existing output may be replaced.
    #[serde(default)]
    pub overwrite: bool,
    /// The name of a profile; `embedded` when not given.
    #[serde(default)]
    pub profile: Option<String>,
    /// Keys of the profile with new values, such as `{"swap.weight": 0.5, "video.quality": 90}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    /// A whole resolved profile, as its tables; `profile` is then only its name.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub snapshot: Option<Value>,
    /// What people call it; the target's file name when not given.
    #[serde(default)]
    pub name: Option<String>,
    /// Those with more go first; -1000 to 1000.
    #[serde(default)]
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: i32,
    /// Ids of jobs that must be done before it.
    #[serde(default)]
    pub after: Vec<String>,
    /// It does not begin before this time.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    /// How often it is tried when it fails for a reason that can pass.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub max_attempts: Option<u32>,
    /// It waits until somebody resumes it.
    #[serde(default)]
    pub hold: bool,
}

/// A change to a job that has not ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditJob {
    /// A new priority.
    #[serde(default)]
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: Option<i32>,
    /// A new place in the queue.
    #[serde(default)]
    pub place: Option<PlaceView>,
    /// A new time before which it does not begin; an empty string takes it away.
    #[serde(default)]
    pub not_before: Option<String>,
    /// New jobs before it.
    #[serde(default)]
    pub after: Option<Vec<String>>,
    /// How often it is tried.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub max_attempts: Option<u32>,
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A place in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceView {
    /// Before all others of its priority.
    Top,
    /// Behind all others of its priority.
    Bottom,
    /// One place earlier.
    Up,
    /// One place later.
    Down,
    /// Right before the job with this id.
    Before(String),
    /// Right behind the job with this id.
    Behind(String),
}

/// How a job is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseJob {
    /// Gives the memory back: the work is put away, and begun again when it is resumed.
    #[serde(default)]
    pub release: bool,
}

/// How a job is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryJob {
    /// Begins from the first frame, whatever is left of an earlier attempt.
    #[serde(default)]
    pub from_scratch: bool,
}

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Its ULID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// Why it stands there, in words; empty where that says nothing new.
    pub reason: String,
    /// What a queued job waits for, when it is not only for its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
    /// Photos of the person who is put in.
    pub sources: Vec<String>,
    /// What is changed.
    pub target: String,
    /// Where the result goes.
    pub output: String,
    /// The name of the profile.
    pub profile: String,
    /// The device on which it runs: `cpu`, or `gpu:N`.
    pub device: String,
    /// Who asked.
    pub origin: Origin,
    /// Those with more go first.
    pub priority: i32,
    /// Its place among those of the same priority; less goes first. Only the order means anything.
    #[serde(default)]
    pub place: i64,
    /// Jobs that must be done before it.
    pub after: Vec<String>,
    /// It does not begin before this time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts at most.
    pub max_attempts: u32,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When its last attempt began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Timestamp>,
    /// When it came to its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// How far it is, while it is worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// Why it failed or was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub summary: Option<Value>,
}

/// A job with everything about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobDetail {
    /// What the list shows.
    #[serde(flatten)]
    pub job: JobView,
    /// The resolved profile, as its tables.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Every change of its state.
    pub history: Vec<Transition>,
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Frames done.
    pub frames: u64,
    /// Frames in all, when that is known.
    pub total: Option<u64>,
    /// Frames a second, over the last seconds.
    pub fps: f64,
    /// Seconds left at this rate.
    pub eta_seconds: Option<f64>,
    /// The stage that limits, or what is done before the first frame.
    pub stage: String,
    /// How busy each stage is, in the order in which frames go through them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageView>,
    /// What of a film is safe, whatever happens; not for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<SegmentsView>,
}

/// The segments in which a film is made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SegmentsView {
    /// Frames of each, but for the last.
    pub frames: u64,
    /// How many are finished and safe: nothing of them is ever made again.
    pub safe: u64,
    /// How many there are in all, when that is known.
    pub total: Option<u64>,
}

/// How busy a stage is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageView {
    /// Its name: `decode`, `analyze`, that of the processor, `encode`.
    pub stage: String,
    /// Its share of the time since the first frame, 0 to 1.
    pub busy: f64,
}

impl From<&StageShare> for StageView {
    fn from(share: &StageShare) -> Self {
        // Two digits are what can be seen; more are only bytes.
        StageView { stage: share.stage.to_owned(), busy: (share.busy * 100.0).round() / 100.0 }
    }
}

/// A part of the list of jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobView>,
    /// How many fit the filter in all.
    pub total: u64,
    /// How many jobs are in each state, whatever the filter.
    pub counts: Counts,
    /// Where the next page begins; none on the last one.
    pub next_offset: Option<u64>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only in these states, with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those whose name, id or paths hold this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Only with this profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Only those of this hot folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<String>,
    /// In which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Jobs to leave out at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// At most so many; 50 when not given, at most 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u64>,
}

/// The service about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceView {
    /// facedeck's version.
    pub version: String,
    /// Version of the API.
    pub protocol: u32,
    /// The process.
    pub pid: u32,
    /// Seconds since it was started.
    pub uptime_seconds: f64,
    /// The unix socket.
    pub socket: String,
    /// The address on the network, where it listens there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where it keeps its files.
    pub home: String,
    /// Its log.
    pub log: String,
    /// How many jobs are in each state.
    pub counts: Counts,
    /// It is about to stop.
    pub stopping: bool,
}

/// A hot folder as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WatchView {
    /// Its name.
    pub name: String,
    /// The folder.
    pub folder: String,
    /// Its rules, as in the configuration.
    #[schema(value_type = Object)]
    pub rules: Value,
    /// It takes nothing at the moment.
    pub paused: bool,
    /// What it is doing, in a word: `watching`, `polling`, `paused`, `gone`, `broken`.
    pub status: String,
    /// Why, where that needs words.
    pub reason: String,
    /// Files whose jobs have not ended.
    pub working: u64,
    /// Files whose jobs have ended.
    pub settled: u64,
    /// Files that could not become jobs.
    pub rejected: u64,
}

/// A model that is being fetched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PullView {
    /// Its catalog id.
    pub model: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Bytes so far.
    pub done: u64,
    /// Bytes in all, when that is known.
    pub total: Option<u64>,
    /// The last word on it.
    pub message: String,
}
