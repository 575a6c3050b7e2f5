//! Names of jobs that no two jobs share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::error::{Error, Result};

/// A ULID: 26 letters and digits that sort by the time at which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Ulid);

impl JobId {
    /// A new one.
    pub fn generate() -> Self {
        JobId(Ulid::generate())
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
    fn ids_are_read_as_they_are_written() {
        let id = JobId::generate();
        assert_eq!(id.to_string().parse::<JobId>().unwrap(), id);
        assert_eq!(id.to_string().to_lowercase().parse::<JobId>().unwrap(), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!("nonsense".parse::<JobId>().unwrap_err().exit_code(), 2);
    }
}
