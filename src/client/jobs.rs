//! The verbs on jobs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;

use crate::error::Result;
use crate::service::wire::{
    EditJob, JobDetail, JobPage, JobView, ListQuery, NewJob, PauseJob, RetryJob,
};

use super::Client;

/// What means something else in a part of a path.
const OF_PARTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The path of a thing with a name, and of something about it.
pub(super) fn path(things: &str, name: &str, about: &str) -> String {
    format!("/v1/{things}/{}{about}", utf8_percent_encode(name, OF_PARTS))
}

impl Client {
    /// Adds a job.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn add(&self, new: &NewJob) -> Result<JobView> {
        self.json(self.post("/v1/jobs").json(new)).await
    }

    /// A part of the list.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn list(&self, query: &ListQuery) -> Result<JobPage> {
        self.json(self.get("/v1/jobs").query(query)).await
    }

    /// All jobs that fit, page by page; at most so many.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn list_all(&self, query: &ListQuery, most: u64) -> Result<JobPage> {
        const PAGE: u64 = 1000;
        let mut query = query.clone();
        query.limit = Some(most.clamp(1, PAGE));
        let mut all = self.list(&query).await?;
        while let Some(offset) = all.next_offset {
            let left = most.saturating_sub(all.jobs.len() as u64);
            if left == 0 {
                break;
            }
            query.offset = Some(offset);
            query.limit = Some(left.min(PAGE));
            let more = self.list(&query).await?;
            if more.jobs.is_empty() {
                break;
            }
            all.jobs.extend(more.jobs);
            all.next_offset = more.next_offset;
        }
        Ok(all)
    }

    /// A job with everything about it.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn show(&self, id: &str) -> Result<JobDetail> {
        self.json(self.get(&path("jobs", id, ""))).await
    }

    /// Changes a job that has not ended.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn edit(&self, id: &str, edit: &EditJob) -> Result<JobView> {
        self.json(self.request(Method::PATCH, &path("jobs", id, "")).json(edit)).await
    }

    /// Removes a job that does not run.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.send(self.request(Method::DELETE, &path("jobs", id, ""))).await.map(drop)
    }

    /// Holds a job.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn pause(&self, id: &str, release: bool) -> Result<JobView> {
        self.json(self.post(&path("jobs", id, "/pause")).json(&PauseJob { release })).await
    }

    /// Lets a held job go on.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn resume(&self, id: &str) -> Result<JobView> {
        self.json(self.post(&path("jobs", id, "/resume"))).await
    }

    /// Gives a job up.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn cancel(&self, id: &str) -> Result<JobView> {
        self.json(self.post(&path("jobs", id, "/cancel"))).await
    }

    /// Tries a job again.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn retry(&self, id: &str, from_scratch: bool) -> Result<JobView> {
        self.json(self.post(&path("jobs", id, "/retry")).json(&RetryJob { from_scratch })).await
    }

    /// The last lines of a job's log.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn log(&self, id: &str, lines: u64) -> Result<String> {
        self.text(self.get(&path("jobs", id, "/log")).query(&[("lines", lines)])).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_parts_of_the_path() {
        assert_eq!(path("jobs", "01KAY7", "/log"), "/v1/jobs/01KAY7/log");
        assert_eq!(path("watches", "a/../b c?", ""), "/v1/watches/a%2F%2E%2E%2Fb%20c%3F");
        assert_eq!(path("watches", "ü", ""), "/v1/watches/%C3%BC");
    }
}
