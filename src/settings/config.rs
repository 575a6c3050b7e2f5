//! The configuration: `config.toml` in the configuration folder. Every key has a default; an
//! unknown one is an error that names the nearest known one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// Everything that can be configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The service.
    pub service: Service,
    /// Who is told when something happens.
    pub notify: Notify,
    /// Hot folders.
    pub watch: Vec<Watch>,
}

impl Config {
    /// The configuration of this folder; the defaults where there is none.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it cannot be read or makes no sense.
    pub fn load(config_dir: &Path) -> Result<Self> {
        let path = config_dir.join("config.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|e| Error::usage(format!("{} makes no sense", path.display())).because(e)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(e) => Err(Error::usage(format!("cannot read {}", path.display())).because(e)),
        }
    }
}

/// `[service]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// An address such as `127.0.0.1:7870`, on which it listens beside its unix socket.
    pub listen: Option<String>,
    /// Folders in which clients of the network may name files. None: they can only upload.
    pub roots: Vec<PathBuf>,
    /// Jobs that run side by side on the processor.
    pub parallel_cpu: u32,
    /// Jobs that run side by side on each graphics processor.
    pub parallel_gpu: u32,
    /// How often a job is tried that fails for a reason that can pass.
    pub max_attempts: u32,
    /// Seconds before the second attempt; twice as long before each further one.
    pub retry_seconds: f64,
    /// The largest upload, in GB.
    pub max_upload: f64,
    /// Uploads at a time.
    pub max_uploads: usize,
    /// The largest picture or frame of a client of the network, in megapixels.
    pub max_megapixels: f64,
    /// The highest frame rate of a film of a client of the network.
    pub max_frame_rate: f64,
    /// Connections at a time: so many over the network, and as many over the socket.
    pub max_connections: usize,
    /// Origins from which browsers may ask (CORS); none when empty.
    pub cors: Vec<String>,
    /// Certificate and key (PEM) for TLS.
    pub tls_cert: Option<PathBuf>,
    /// See `tls_cert`.
    pub tls_key: Option<PathBuf>,
    /// A proxy in front of it speaks TLS with the world.
    pub behind_proxy: bool,
    /// Days for which logs are kept.
    pub log_days: usize,
}

impl Default for Service {
    fn default() -> Self {
        Service {
            listen: None,
            roots: Vec::new(),
            parallel_cpu: 1,
            parallel_gpu: 1,
            max_attempts: 3,
            retry_seconds: 10.0,
            max_upload: 20.0,
            max_uploads: 8,
            max_megapixels: 100.0,
            max_frame_rate: 240.0,
            max_connections: 1024,
            cors: Vec::new(),
            tls_cert: None,
            tls_key: None,
            behind_proxy: false,
            log_days: 14,
        }
    }
}

/// What happened, as far as people want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A job is done.
    Done,
    /// A job failed for good.
    Failed,
    /// The content filter refused a job.
    Refused,
    /// Nothing is left to do.
    QueueEmpty,
}

/// `[notify]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// On what occasions.
    pub on: Vec<Occasion>,
    /// A program with its arguments; it gets the event as JSON on standard input.
    pub command: Vec<String>,
    /// An address that gets the event as JSON by POST.
    pub webhook: Option<String>,
    /// A file with the secret that signs what goes to the webhook; only its owner may read it.
    pub webhook_secret_file: Option<PathBuf>,
}

impl Default for Notify {
    fn default() -> Self {
        let on = vec![Occasion::Done, Occasion::Failed, Occasion::Refused, Occasion::QueueEmpty];
        Notify { on, command: Vec::new(), webhook: None, webhook_secret_file: None }
    }
}

/// How files of a hot folder become jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Every picture and video is a target; `sources` go into all of them.
    #[default]
    Source,
    /// Every folder is a job: its `source*` files go into its `target*` file.
    Folder,
    /// `NAME.source.EXT` (or `NAME-source.EXT`) goes into `NAME.target.EXT` (or `NAME-target.EXT`).
    Pair,
    /// Every `NAME.job.toml` (or `job.toml`) says what its job is.
    Job,
}

/// What becomes of an input when its job is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// It goes to `done/`, or to `failed/` beside a file with the reason.
    #[default]
    Move,
    /// It stays where it is.
    Keep,
    /// It is removed when the job is done; after a failure it goes to `failed/`.
    Remove,
}

/// How a hot folder is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The system tells what changes; network file systems are polled.
    #[default]
    Auto,
    /// The system tells what changes.
    Notify,
    /// It is read again and again.
    Poll,
}

/// One of `[[watch]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Watch {
    /// Its name.
    pub name: String,
    /// The folder.
    #[schema(value_type = String)]
    pub folder: PathBuf,
    /// How its files become jobs.
    pub rule: Rule,
    /// The photos that go into every target, with `rule = "source"`.
    #[schema(value_type = Vec<String>)]
    pub sources: Vec<PathBuf>,
    /// The profile.
    pub profile: Option<String>,
    /// Keys of the profile with new values.
    #[schema(value_type = Object)]
    pub set: BTreeMap<String, toml::Value>,
    /// Where results go; in the folder itself when not given.
    #[schema(value_type = Option<String>)]
    pub output: Option<PathBuf>,
    /// The name of a result: `{target}`, `{source}`, `{ext}`, `{date}`, `{id}`.
    pub pattern: String,
    /// What becomes of an input.
    pub input: Input,
    /// Only names like these; all when empty.
    pub include: Vec<String>,
    /// No names like these.
    pub ignore: Vec<String>,
    /// Folders in the folder are looked into.
    pub recursive: bool,
    /// The priority of its jobs.
    pub priority: i32,
    /// How it is looked at.
    pub look: Look,
    /// Seconds between two looks, when polled.
    pub poll_seconds: f64,
    /// Seconds for which size and time of a file must stay the same, where nobody says that it was
    /// closed.
    pub settle_seconds: f64,
    /// It takes nothing at the moment.
    pub paused: bool,
}

impl Default for Watch {
    fn default() -> Self {
        Watch {
            name: String::new(),
            folder: PathBuf::new(),
            rule: Rule::default(),
            sources: Vec::new(),
            profile: None,
            set: BTreeMap::new(),
            output: None,
            pattern: "{target}-swapped.{ext}".into(),
            input: Input::default(),
            include: Vec::new(),
            ignore: Vec::new(),
            recursive: false,
            priority: 0,
            look: Look::default(),
            poll_seconds: 2.0,
            settle_seconds: 2.0,
            paused: false,
        }
    }
}
