//! Looks at pictures and frames outside of jobs.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};

use crate::error::{Error, Result};
use crate::service::wire::{FacesBody, FacesView, PreviewBody};

use super::Client;

/// So long a look may take: it waits for its turn, and may have networks to load.
const LOOK: Duration = Duration::from_secs(600);

/// What a job would make of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewPicture {
    /// How many faces were changed.
    pub faces: u64,
    /// What the bytes are, such as `image/jpeg`.
    pub media_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Who is in a picture or in a frame of a video.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn faces(&self, body: &FacesBody) -> Result<FacesView> {
        self.json(self.post("/v1/faces").timeout(LOOK).json(body)).await
    }

    /// What a job would make of one frame of its target.
    ///
    /// # Errors
    /// As [`Self::faces`].
    pub async fn preview(&self, body: &PreviewBody) -> Result<PreviewPicture> {
        let answer = self.send_look(self.post("/v1/preview").json(body)).await?;
        let media_type = header(&answer, CONTENT_TYPE.as_str())?.to_owned();
        let faces = number(&answer, "facedeck-faces")?;
        Ok(PreviewPicture { faces, media_type, bytes: self.body(answer).await? })
    }

    /// Sends a request for a look.
    async fn send_look(&self, request: RequestBuilder) -> Result<Response> {
        self.send(request.timeout(LOOK)).await
    }
}

/// A header that an answer must have.
fn header<'a>(answer: &'a Response, name: &str) -> Result<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).ok_or_else(|| {
        Error::failed(format!("the service left out the header {name}"))
            .hint("restart your service: facedeck service stop")
    })
}

/// A header that an answer must have and that is a number.
pub(super) fn number(answer: &Response, name: &str) -> Result<u64> {
    let text = header(answer, name)?;
    text.parse().map_err(|e| {
        Error::failed(format!("the service answered {name}: {text}, which is no number"))
            .because(e)
            .hint("restart your service: facedeck service stop")
    })
}
