//! Looks at pictures and frames outside of jobs.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};

use crate::error::{Error, Result};
use crate::service::wire::{FacesBody, FacesView, PreviewBody, ThumbnailQuery};

pub use crate::service::looks::Film;

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

/// A small picture of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Thumbnail {
    /// The picture.
    pub jpeg: Vec<u8>,
    /// The width of the original in pixels.
    pub width: u32,
    /// The height of the original in pixels.
    pub height: u32,
    /// Which frame it is; 0 for a picture.
    pub frame: u64,
    /// About the video, where it is one.
    pub video: Option<Film>,
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

    /// A picture, or a frame of a video, shrunk; or a part of it.
    ///
    /// # Errors
    /// As [`Self::faces`].
    pub async fn thumbnail(&self, query: &ThumbnailQuery) -> Result<Thumbnail> {
        let answer = self.send_look(self.get("/v1/thumbnail").query(query)).await?;
        let (width, height) =
            (number(&answer, "facedeck-width")?, number(&answer, "facedeck-height")?);
        let frame = number(&answer, "facedeck-frame")?;
        // Only videos have a rate.
        let video = match answer.headers().contains_key("facedeck-fps") {
            false => None,
            true => Some(Film {
                frames: number(&answer, "facedeck-frames").ok(),
                fps: number(&answer, "facedeck-fps")?,
                duration: number(&answer, "facedeck-duration").ok(),
            }),
        };
        Ok(Thumbnail { jpeg: self.body(answer).await?, width, height, frame, video })
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
pub(super) fn number<T>(answer: &Response, name: &str) -> Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text = header(answer, name)?;
    text.parse().map_err(|e| {
        Error::failed(format!("the service answered {name}: {text}, which is no number"))
            .because(e)
            .hint("restart your service: facedeck service stop")
    })
}
