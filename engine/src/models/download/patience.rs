//! How long a server is waited for, and how long to pause between two tries.
//!
//! Everything follows from one number, how long a line may be silent, so that somebody on a slow
//! line has one thing to set: `FACEDECK_NETWORK_PATIENCE`.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::error::{Error, Result};
use crate::settings::{self, variables};

/// Long for a living server, short for somebody who waits at a dead one.
const SILENCE: Duration = Duration::from_secs(20);
/// Pauses before a source that makes no progress is given up; each is twice the one before.
const PAUSES: usize = 4;

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// A server that says nothing for so long is taken for dead.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { silence: SILENCE }
    }
}

impl Patience {
    /// As `FACEDECK_NETWORK_PATIENCE` says, in seconds; 20 s when it is not set.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is no number from 0.1 to 3600.
    pub fn from_env() -> Result<Self> {
        match settings::variable(variables::NETWORK_PATIENCE) {
            Some(text) => Self::parse(&text.to_string_lossy()),
            None => Ok(Self::default()),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let seconds: Option<f64> = text.trim().parse().ok().filter(|s| (0.1..=3600.0).contains(s));
        let seconds = seconds.ok_or_else(|| {
            Error::usage(format!("{}={text} is not usable", variables::NETWORK_PATIENCE))
                .hint("it is the number of seconds that a server may be silent, 0.1 to 3600")
        })?;
        Ok(Patience { silence: Duration::from_secs_f64(seconds) })
    }

    /// How long a connection may take to come about: a host that is not there is given up sooner
    /// than one that thinks.
    pub(super) fn connect(self) -> Duration {
        self.silence.min(Duration::from_secs(10))
    }

    /// The pauses between tries: 1, 2, 4 and 8 s with the usual patience, each longer by a random
    /// part of itself, so that many who were cut off together do not return together.
    pub(super) fn pauses(self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::new()
            .with_min_delay(self.silence / 20)
            .with_max_delay(self.silence)
            .with_factor(2.0)
            .with_max_times(PAUSES)
            .with_jitter()
            .build()
    }

    /// The longest time that a server may send the program away for and still be waited for: two
    /// minutes with the usual patience.
    pub(super) fn longest_wait(self) -> Duration {
        self.silence * 6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_differ() {
        let patience = Patience::default();
        let pauses: Vec<f64> = patience.pauses().map(|p| p.as_secs_f64()).collect();
        assert_eq!(pauses.len(), PAUSES);
        for (pause, least) in pauses.iter().zip([1.0, 2.0, 4.0, 8.0]) {
            assert!((least..=2.0 * least).contains(pause), "{pauses:?}");
        }
        let other: Vec<f64> = patience.pauses().map(|p| p.as_secs_f64()).collect();
        assert_ne!(pauses, other, "no two alike");
    }

    #[test]
    fn the_variable_is_seconds() {
        assert_eq!(Patience::parse("0.5").unwrap().silence, Duration::from_millis(500));
        for bad in ["", "soon", "0", "-1", "1e9", "nan"] {
            assert_eq!(Patience::parse(bad).unwrap_err().exit_code(), 2, "{bad}");
        }
    }
}
