//! `[notify]`: who is told when something happens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
