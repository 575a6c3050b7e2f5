//! `[[watch]]`: a hot folder and its rules.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// Its name: small letters, digits, `-` and `_`.
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
    /// Keys of the profile with new values, such as `"swap.weight" = 0.5`.
    #[schema(value_type = Object)]
    pub set: BTreeMap<String, toml::Value>,
    /// Where results go; `output` in the folder when not given. A relative path is taken from the
    /// folder, so that `.` is the folder itself.
    #[schema(value_type = Option<String>)]
    pub output: Option<PathBuf>,
    /// The name of a result: `{target}`, `{source}`, `{ext}`, `{date}`, `{id}`.
    pub pattern: String,
    /// What becomes of an input.
    pub input: Input,
    /// Only files whose name, or path below the folder, is like one of these; all when empty.
    pub include: Vec<String>,
    /// No files whose name, or path below the folder, is like one of these.
    pub ignore: Vec<String>,
    /// Folders in the folder are looked into.
    pub recursive: bool,
    /// The priority of its jobs, -1000..=1000.
    pub priority: i32,
    /// How it is looked at.
    pub look: Look,
    /// Seconds between two looks, when polled; 0.05..=3600.
    pub poll_seconds: f64,
    /// Seconds for which size and time of a file must stay the same, where nobody says that it was
    /// closed; 0.05..=3600.
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

/// What a name of a result may hold.
pub const PARTS: [&str; 5] = ["target", "source", "ext", "date", "id"];

impl Watch {
    /// Where results go.
    pub fn output_folder(&self) -> PathBuf {
        // Component by component, so that "." is the folder itself.
        let output = self.output.as_deref().unwrap_or(std::path::Path::new("output"));
        self.folder.join(output).components().collect()
    }
}
