//! The states of a job, and which may follow which.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a job stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its turn, for another job, or for a time.
    Queued,
    /// It is worked on.
    Running,
    /// Somebody held it; it goes on when somebody says so.
    Paused,
    /// Its output is there.
    Done,
    /// It was tried and failed.
    Failed,
    /// The content filter refused it.
    Refused,
    /// Somebody gave it up.
    Cancelled,
}

impl State {
    /// All of them, in the order of a job's life.
    pub const ALL: [State; 7] = [
        State::Queued,
        State::Running,
        State::Paused,
        State::Done,
        State::Failed,
        State::Refused,
        State::Cancelled,
    ];

    /// Its name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Paused => "paused",
            State::Done => "done",
            State::Failed => "failed",
            State::Refused => "refused",
            State::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to the job unless somebody tries it again.
    pub fn is_final(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Refused | State::Cancelled)
    }

    /// Whether a job may go from here to there.
    pub fn may_become(self, next: State) -> bool {
        use State::{Cancelled, Done, Failed, Paused, Queued, Refused, Running};
        match self {
            Queued => matches!(next, Running | Paused | Failed | Cancelled),
            // Back to the queue after a stop of the service, a crash, or a fault that can pass.
            Running => matches!(next, Queued | Paused | Done | Failed | Refused | Cancelled),
            // To running where the work is held in memory, else to the queue.
            Paused => matches!(next, Queued | Running | Failed | Cancelled),
            // A retry. What is done stays done.
            Failed | Refused | Cancelled => next == Queued,
            Done => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        State::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| {
            let known = State::ALL.map(State::name).join(", ");
            format!("there is no state {text}; there are {known}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_stays_done_and_other_ends_can_be_tried_again() {
        for state in State::ALL {
            assert_eq!(state.name().parse::<State>().unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
            assert!(!state.may_become(state));
            if state.is_final() {
                let next: Vec<State> =
                    State::ALL.into_iter().filter(|next| state.may_become(*next)).collect();
                let expected = if state == State::Done { vec![] } else { vec![State::Queued] };
                assert_eq!(next, expected, "{state}");
            }
        }
        assert!("running ".parse::<State>().is_err());
    }

    #[test]
    fn only_running_jobs_come_to_an_end_by_work() {
        for state in State::ALL {
            for end in [State::Done, State::Refused] {
                assert_eq!(state.may_become(end), state == State::Running);
            }
        }
    }
}
