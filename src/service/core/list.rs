//! Looking jobs up.

use crate::error::Error;
use crate::jobs::store::Filter;
use crate::jobs::{self, JobId, State};

use super::super::fault::{Answer, Fault};
use super::super::wire::{JobDetail, JobPage, ListQuery};
use super::Core;

/// Jobs on a page when nobody says how many.
const USUAL_PAGE: u64 = 50;
/// Jobs on a page at most.
const LARGEST_PAGE: u64 = 1000;

impl Core {
    /// A part of the list of jobs.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Invalid`] for a state that there is not.
    pub fn list(&self, query: &ListQuery) -> Answer<JobPage> {
        let filter = filter(query)?;
        let page = self.store.list(&filter).map_err(Fault::internal)?;
        let counts = self.store.counts().map_err(Fault::internal)?;
        let end = filter.offset.saturating_add(page.jobs.len() as u64);
        let next_offset = (end < page.total && !page.jobs.is_empty()).then_some(end);
        let jobs = page.jobs.iter().map(|job| self.view_of(job)).collect::<Answer<Vec<_>>>()?;
        Ok(JobPage { jobs, total: page.total, counts, next_offset })
    }

    /// A job with everything about it; see [`Self::resolve`].
    ///
    /// # Errors
    /// [`super::super::FaultKind::NotFound`].
    pub fn show(&self, id: &str) -> Answer<JobDetail> {
        let job = self.job(self.resolve(id)?)?;
        let settings = serde_json::to_value(&job.spec.profile).unwrap_or_default();
        let history = self.store.history(job.id).map_err(Fault::internal)?;
        Ok(JobDetail { job: self.view_of(&job)?, settings, history })
    }

    /// The job with this id.
    ///
    /// # Errors
    /// [`super::super::FaultKind::NotFound`].
    pub fn job(&self, id: JobId) -> Answer<jobs::Job> {
        let job = self.store.job(id).map_err(Fault::internal)?;
        job.ok_or_else(|| Fault::not_found(format!("there is no job {id}")))
    }

    /// The one id that is this, or begins or ends with it.
    ///
    /// # Errors
    /// [`super::super::FaultKind::NotFound`] when there is none, and
    /// [`super::super::FaultKind::Conflict`] when there are several.
    pub fn resolve(&self, text: &str) -> Answer<JobId> {
        let unknown = || Fault::not_found(format!("there is no job {text}"));
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(unknown());
        }
        if let Ok(id) = text.parse::<JobId>() {
            return Ok(id);
        }
        match self.store.find(text).map_err(Fault::internal)?.as_slice() {
            [] => Err(unknown()),
            [id] => Ok(*id),
            several => {
                let names: Vec<String> = several.iter().map(JobId::to_string).collect();
                let message = format!("{text} may be any of {}", names.join(", "));
                Err(Fault::conflict(message))
            }
        }
    }
}

fn filter(query: &ListQuery) -> Result<Filter, Error> {
    let words = query.state.iter().flat_map(|text| text.split(','));
    let words = words.map(str::trim).filter(|word| !word.is_empty());
    let states = words
        .map(|word| word.parse::<State>().map_err(Error::usage))
        .collect::<Result<Vec<_>, Error>>()?;
    let limit = query.limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Error::usage(format!("a page has 1 to {LARGEST_PAGE} jobs, not {limit}")));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Ok(Filter {
        states,
        text: given(&query.text),
        profile: given(&query.profile),
        watch: given(&query.watch),
        sort: query.sort.unwrap_or_default(),
        // What SQLite counts with.
        offset: query.offset.unwrap_or(0).min(i64::MAX as u64),
        limit,
    })
}
