//! What a job looks like.

use reqwest::RequestBuilder;

use crate::error::Result;
use crate::service::wire::Side;

use super::Client;
use super::jobs::path;
use super::looks::number;

/// The frame of a job that was being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number in the target, from 0.
    pub index: u64,
    /// The picture.
    pub jpeg: Vec<u8>,
}

impl Client {
    /// The frame of a job that is being made right now; none when the job does not run, or has no
    /// frame yet. The first question only says that somebody looks.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn frame(&self, id: &str, side: Side, width: Option<u32>) -> Result<Option<Frame>> {
        let request = self.shown(id, "/frame", side, width);
        let Some(answer) = self.send_if_there(request).await? else { return Ok(None) };
        let index = number(&answer, "x-facedeck-frame")?;
        Ok(Some(Frame { index, jpeg: self.body(answer).await? }))
    }

    /// A frame of a job as a JPEG, which stays when the job has ended; none where there is none.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub async fn still(&self, id: &str, side: Side, width: Option<u32>) -> Result<Option<Vec<u8>>> {
        let request = self.shown(id, "/still", side, width);
        let Some(answer) = self.send_if_there(request).await? else { return Ok(None) };
        self.body(answer).await.map(Some)
    }

    fn shown(&self, id: &str, what: &str, side: Side, width: Option<u32>) -> RequestBuilder {
        self.get(&path("jobs", id, what)).query(&[("side", side)]).query(&[("width", width)])
    }
}
