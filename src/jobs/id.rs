//! Names of jobs that no two jobs share.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::error::{Error, Result};

static GENERATOR: Mutex<ulid::Generator> = Mutex::new(ulid::Generator::new());

/// A ULID: 26 letters and digits that sort by the time at which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Ulid);

impl JobId {
    /// A new one; of this process's ids it is the last in their order, also within a millisecond
    /// and after the clock was put back.
    pub fn generate() -> Self {
        let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
        let id = generator.generate();
        // After 2^80 of them in one millisecond, the next one takes its time from the future.
        JobId(id.unwrap_or_else(ulid::Overflow::commit_overflow_increment))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = Error;

    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is no ULID.
    fn from_str(text: &str) -> Result<Self> {
        Ulid::from_string(&text.to_ascii_uppercase()).map(JobId).map_err(|e| {
            Error::usage(format!("{text} is no job id"))
                .because(e)
                .hint("see the ids: facedeck jobs list")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_they_were_made() {
        let ids: Vec<JobId> = (0..10_000).map(|_| JobId::generate()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = JobId::generate();
        assert_eq!(id.to_string().parse::<JobId>().unwrap(), id);
        assert_eq!(id.to_string().to_lowercase().parse::<JobId>().unwrap(), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!("nonsense".parse::<JobId>().unwrap_err().exit_code(), 2);
    }
}
