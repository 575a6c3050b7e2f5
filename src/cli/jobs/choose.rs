//! Which jobs a verb is for: some by id, or all of a kind.

use crate::client::Client;
use crate::error::{Error, Result};
use crate::jobs::State;
use crate::service::wire::ListQuery;

use super::super::offered;

/// Which jobs.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ChooseArgs {
    /// The jobs, by id
    #[arg(value_name = "ID", required_unless_present_any = ["all", "all_failed"],
          conflicts_with_all = ["all", "all_failed"], add = offered::jobs())]
    pub ids: Vec<String>,
    /// All for which it makes sense, or all in these states
    #[arg(long, value_name = "STATE,…", num_args = 0..=1, require_equals = true,
          value_delimiter = ',', default_missing_value = EVERY, value_parser = state_or_every)]
    pub all: Option<Vec<Wanted>>,
    /// All that failed
    #[arg(long, conflicts_with = "all")]
    pub all_failed: bool,
}

/// What `--all` without states stands for.
const EVERY: &str = "every";

/// A state that was named, or all that make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All that make sense.
    Every,
    /// This one.
    Only(State),
}

fn state_or_every(text: &str) -> Result<Wanted, String> {
    if text == EVERY { Ok(Wanted::Every) } else { text.parse().map(Wanted::Only) }
}

impl ChooseArgs {
    /// The ids; `fitting` are the states in which the verb makes sense.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when a state was named in which it makes none; what the
    /// service says.
    pub(super) async fn ids(&self, client: &Client, fitting: &[State]) -> Result<Vec<String>> {
        let Some(states) = self.states(fitting)? else { return Ok(self.ids.clone()) };
        let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
        let query = ListQuery { state: Some(names.join(",")), ..ListQuery::default() };
        let page = client.list_all(&query, u64::MAX).await?;
        Ok(page.jobs.into_iter().map(|job| job.id).collect())
    }

    fn states(&self, fitting: &[State]) -> Result<Option<Vec<State>>> {
        let wanted = match &self.all {
            Some(wanted) => wanted.clone(),
            None if self.all_failed => vec![Wanted::Only(State::Failed)],
            None => return Ok(None),
        };
        let mut states = Vec::new();
        for wanted in wanted {
            match wanted {
                Wanted::Every => states.extend_from_slice(fitting),
                Wanted::Only(state) if fitting.contains(&state) => states.push(state),
                Wanted::Only(state) => {
                    let names: Vec<&str> = fitting.iter().map(|state| state.name()).collect();
                    return Err(Error::usage(format!("this makes no sense for {state} jobs"))
                        .hint(format!("it does for: {}", names.join(", "))));
                }
            }
        }
        Ok(Some(states))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        choose: ChooseArgs,
    }

    fn read(line: &[&str]) -> Option<ChooseArgs> {
        Line::try_parse_from([&["verb"], line].concat()).ok().map(|line| line.choose)
    }

    #[test]
    fn some_are_named_or_all_are_meant() {
        let fitting = [State::Failed, State::Cancelled];
        let states = |line: &[&str]| read(line).unwrap().states(&fitting);
        assert_eq!(states(&["A", "B"]).unwrap(), None);
        assert_eq!(read(&["A", "B"]).unwrap().ids, ["A", "B"]);
        assert_eq!(states(&["--all"]).unwrap().unwrap(), fitting);
        assert_eq!(states(&["--all-failed"]).unwrap().unwrap(), [State::Failed]);
        assert_eq!(states(&["--all=cancelled,failed"]).unwrap().unwrap().len(), 2);
        let error = states(&["--all=running"]).unwrap_err();
        assert!(error.hint_text().unwrap().contains("failed, cancelled"), "{error}");
        for wrong in [&[][..], &["A", "--all"], &["--all=nonsense"], &["--all", "--all-failed"]] {
            assert!(read(wrong).is_none(), "{wrong:?}");
        }
    }
}
