//! What a job was asked to do: files, and a snapshot of the resolved profile.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::inference::Plan;
use crate::pipeline::{Request, Resume, network_plan};
use crate::profiles::Profile;
use crate::provision::Preference;

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A person on this machine: the command line or the dashboard.
    Local,
    /// Somebody over the network.
    Network,
    /// A hot folder.
    Watch {
        /// The hot folder's name.
        name: String,
    },
}

/// A job as it was asked for. It never changes: editing a profile changes no queued job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// What people call it.
    pub name: String,
    /// Photos of the person who is put in; absolute paths.
    pub sources: Vec<PathBuf>,
    /// Which face of the sources, by size from 0; the largest when not given.
    pub source_face: Option<usize>,
    /// The picture or video that is changed; an absolute path.
    pub target: PathBuf,
    /// Where the result goes; an absolute path.
    pub output: PathBuf,
    /// Whether an existing output may be replaced.
    pub overwrite: bool,
    /// The name of the profile that was asked for.
    pub profile_name: String,
    /// The resolved profile: everything else about the job.
    pub profile: Profile,
    /// Who asked.
    pub origin: Origin,
}

impl JobSpec {
    /// What the pipeline runs.
    pub fn request(&self) -> Request {
        Request {
            sources: self.sources.clone(),
            source_face: self.source_face,
            target: self.target.clone(),
            output: self.output.clone(),
            overwrite: self.overwrite,
            resume: Resume::default(),
            profile: self.profile.clone(),
        }
    }

    /// On which device it runs, as jobs that run side by side are counted: `cpu`, or `gpu:N`.
    pub fn device(&self) -> String {
        let plan: Plan = network_plan(&self.profile.run);
        match plan.preference() {
            Ok(Preference::Gpu) => format!("gpu:{}", self.profile.run.device),
            _ => "cpu".to_owned(),
        }
    }
}
