//! Lists of jobs, sorted and filtered.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;

use super::super::{Job, State};
use super::access::Trouble;
use super::{Store, read, rows};

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only in these states; any when empty.
    pub states: Vec<State>,
    /// Only those whose name, id or paths hold this, whatever its case.
    pub text: Option<String>,
    /// Only with this profile.
    pub profile: Option<String>,
    /// Only those of this hot folder.
    pub watch: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Jobs to leave out at the beginning.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// As people look at a queue: running, paused, queued in the order in which they will run, then
    /// what has ended, the latest first.
    #[default]
    Queue,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// How many fit the filter in all.
    pub total: u64,
}

impl Store {
    /// A part of a list. A job whose stored profile is not understood is shown with the built-in
    /// one and with a failure that says so; a row that is damaged beyond that is left out, and the
    /// log says which.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Page> {
        self.read(|connection| {
            let query = Query::of(filter);
            let mut jobs = Vec::new();
            for seq in query.page(connection, filter)? {
                match rows::by_seq(connection, seq) {
                    Ok(entry) => jobs.extend(entry.map(rows::Entry::shown)),
                    Err(Trouble::Sql(
                        error @ (rusqlite::Error::FromSqlConversionFailure(..)
                        | rusqlite::Error::InvalidColumnType(..)
                        | rusqlite::Error::IntegralValueOutOfRange(..)),
                    )) => tracing::warn!("row {seq} of the jobs is left out of the list: {error}"),
                    Err(trouble) => return Err(trouble),
                }
            }
            Ok(Page { jobs, total: query.total(connection, filter)? })
        })
    }
}

/// What a filter is in SQL.
pub(super) struct Query {
    wheres: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut query = Query { wheres: Vec::new(), values: Vec::new() };
        if !filter.states.is_empty() {
            // The rank narrows the part of the index that is looked at.
            let ranks = filter.states.iter().map(|state| rank(*state));
            let (low, high) = ranks.fold((3, 0), |(low, high), r| (r.min(low), r.max(high)));
            let marks = vec!["?"; filter.states.len()].join(", ");
            query.wheres.push(format!("list_rank BETWEEN {low} AND {high} AND state IN ({marks})"));
            query
                .values
                .extend(filter.states.iter().map(|state| Value::from(state.name().to_owned())));
        }
        let equal = [("profile_name", &filter.profile), ("watch", &filter.watch)];
        for (column, value) in equal {
            if let Some(value) = value {
                query.wheres.push(format!("{column} = ?"));
                query.values.push(value.clone().into());
            }
        }
        if let Some(text) = &filter.text {
            query.wheres.push("instr(search, ?) > 0".to_owned());
            query.values.push(text.to_lowercase().into());
        }
        query
    }

    fn condition(&self) -> String {
        if self.wheres.is_empty() { "TRUE".to_owned() } else { self.wheres.join(" AND ") }
    }

    /// The text of the query for a page.
    pub(super) fn page_sql(&self, sort: Sort) -> String {
        let order = match sort {
            Sort::Queue => "list_rank, list_key, list_tie",
            Sort::Newest => "seq DESC",
            Sort::Oldest => "seq",
        };
        format!("SELECT seq FROM jobs WHERE {} ORDER BY {order} LIMIT ? OFFSET ?", self.condition())
    }

    fn page(&self, connection: &Connection, filter: &Filter) -> Result<Vec<i64>, Trouble> {
        let clamp = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let mut values = self.values.clone();
        values.extend([clamp(filter.limit), clamp(filter.offset)]);
        let mut statement = connection.prepare_cached(&self.page_sql(filter.sort))?;
        let seqs = statement.query_map(params_from_iter(values), |row| row.get(0))?;
        Ok(seqs.collect::<rusqlite::Result<_>>()?)
    }

    fn total(&self, connection: &Connection, filter: &Filter) -> Result<u64, Trouble> {
        if filter.text.is_none() && filter.profile.is_none() && filter.watch.is_none() {
            let counts = read::counts(connection)?;
            let mut states = filter.states.clone();
            states.sort_unstable();
            states.dedup();
            let states = if states.is_empty() { State::ALL.to_vec() } else { states };
            return Ok(states.into_iter().map(|state| counts.of(state)).sum());
        }
        let sql = format!("SELECT count(*) FROM jobs WHERE {}", self.condition());
        let values = params_from_iter(&self.values);
        Ok(connection.prepare_cached(&sql)?.query_row(values, |row| rows::count(row, 0))?)
    }
}

/// The same as `list_rank` in the schema.
pub(super) fn rank(state: State) -> u8 {
    match state {
        State::Running => 0,
        State::Paused => 1,
        State::Queued => 2,
        State::Done | State::Failed | State::Refused | State::Cancelled => 3,
    }
}
