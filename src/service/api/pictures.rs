//! What a job looks like: the frame that is being made, and stills that stay.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Error;
use crate::imaging::picture::Picture;
use crate::media::image_file;
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};
use crate::service::running::Look;

use super::answer::{Path, Query, blocking};
use super::desk::AtDesk;
use super::state::Shared;

/// Good enough to judge a face, small enough for a slow line.
const QUALITY: u8 = 85;
/// Pixels between the two pictures of `both`.
const GAP: usize = 4;
/// The smallest and the largest width that can be asked for.
const WIDTHS: std::ops::RangeInclusive<u32> = 16..=16_384;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(frame)).routes(routes!(still))
}

/// Which of the two pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// As it was.
    Before,
    /// As it is.
    #[default]
    After,
    /// Both, side by side.
    Both,
}

/// Which picture, and how large.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SideQuery {
    /// Before, after, or both side by side; after when not given.
    #[serde(default)]
    #[param(inline)]
    pub side: Side,
    /// Each picture is shrunk to this width, in pixels.
    #[serde(default)]
    #[param(minimum = 16, maximum = 16384)]
    pub width: Option<u32>,
}

/// The frame of a job that is being made right now. The first question only says that somebody
/// looks; frames come from then on.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/frame", tag = "jobs", operation_id = "job_frame",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear."), SideQuery),
    responses(
        (status = 200, description = "A JPEG.", body = Vec<u8>, content_type = "image/jpeg",
            headers(("x-facedeck-frame" = u64, description = "The index of the frame."))),
        (status = 404, description = "There is no such job, or no frame of it yet.",
            body = FaultBody),
        (status = 409, description = "Several ids begin like this.", body = FaultBody),
        (status = 429, description = "Too many pictures are made at the moment.",
            body = FaultBody)
    )
)]
async fn frame(
    State(core): State<Shared>,
    desk: AtDesk,
    Path(id): Path<String>,
    Query(query): Query<SideQuery>,
) -> Answer<Response> {
    check(query)?;
    let look = blocking(&core, move |core| {
        let id = core.resolve(&id)?;
        let run = core.running.get(id).ok_or_else(|| {
            let error = Error::usage(format!("the job {id} does not run"))
                .hint(format!("a job that has ended shows /v1/jobs/{id}/still"));
            Fault::new(FaultKind::NotFound, error)
        })?;
        run.look().ok_or_else(|| {
            let error = Error::usage(format!("there is no frame of the job {id} yet"))
                .hint("ask again in a second");
            Fault::new(FaultKind::NotFound, error)
        })
    });
    let look = look.await?;
    let index = look.frame;
    let _permit = permit(&desk).await?;
    let jpeg = blocking(&core, move |_| encode(&compose(&look, query))).await?;
    let mut response = picture(jpeg.into());
    let name = HeaderName::from_static("x-facedeck-frame");
    response.headers_mut().insert(name, HeaderValue::from(index));
    Ok(response)
}

/// A frame of a job before and after, which stays when it has ended.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/still", tag = "jobs", operation_id = "job_still",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear."), SideQuery),
    responses(
        (status = 200, description = "A JPEG.", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 404, description = "There is no such job, or no still of it.",
            body = FaultBody),
        (status = 409, description = "Several ids begin like this.", body = FaultBody),
        (status = 429, description = "Too many pictures are made at the moment.",
            body = FaultBody)
    )
)]
async fn still(
    State(core): State<Shared>,
    desk: AtDesk,
    Path(id): Path<String>,
    Query(query): Query<SideQuery>,
) -> Answer<Response> {
    check(query)?;
    let _permit = permit(&desk).await?;
    let jpeg = blocking(&core, move |core| {
        let id = core.resolve(&id)?;
        let folder = core.stills_of(id);
        let file = |name: &str| {
            let path = folder.join(name);
            if path.is_file() {
                return Ok(path);
            }
            Err(Fault::not_found(format!("there is no still of the job {id}")))
        };
        let whole = match query.side {
            Side::Before => Some("before.jpg"),
            Side::After => Some("after.jpg"),
            Side::Both => None,
        };
        if let (Some(name), None) = (whole, query.width) {
            let path = file(name)?;
            return std::fs::read(&path).map_err(|error| {
                let message = format!("cannot read {}", path.display());
                Fault::internal(Error::failed(message).because(error))
            });
        }
        let read = |name: &str| -> Answer<Arc<Picture>> {
            let still = image_file::read(&file(name)?).map_err(Fault::internal)?;
            Ok(Arc::new(Picture::of(&still.frame)))
        };
        let look = Look { frame: 0, before: read("before.jpg")?, after: read("after.jpg")? };
        encode(&compose(&look, query))
    });
    Ok(picture(jpeg.await?.into()))
}

fn check(query: SideQuery) -> Answer<()> {
    if query.width.is_some_and(|width| !WIDTHS.contains(&width)) {
        let error = Error::usage(format!(
            "width must lie between {} and {} pixels",
            WIDTHS.start(),
            WIDTHS.end()
        ));
        return Err(Fault::new(FaultKind::Invalid, error));
    }
    Ok(())
}

/// Waits for its turn, but not for long: a live picture that comes late is worth nothing.
async fn permit(desk: &AtDesk) -> Answer<tokio::sync::OwnedSemaphorePermit> {
    let turn = Arc::clone(&desk.pictures).acquire_owned();
    let patience = std::time::Duration::from_secs(5);
    match tokio::time::timeout(patience, turn).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => {
            let error = Error::failed("too many pictures are made at the moment")
                .hint("ask again in a second");
            Err(Fault::new(FaultKind::Busy, error))
        }
    }
}

fn compose(look: &Look, query: SideQuery) -> Picture {
    let shrunk = |picture: &Picture| match query.width {
        Some(width) if (width as usize) < picture.width => {
            let width = width as usize;
            let height = (picture.height * width).div_ceil(picture.width).max(1);
            picture.resized(width, height)
        }
        _ => picture.clone(),
    };
    match query.side {
        Side::Before => shrunk(&look.before),
        Side::After => shrunk(&look.after),
        Side::Both => Picture::sheet(&[vec![shrunk(&look.before), shrunk(&look.after)]], GAP),
    }
}

fn encode(picture: &Picture) -> Answer<Vec<u8>> {
    let cannot = |error: Box<dyn std::error::Error + Send + Sync>| {
        Fault::internal(Error::failed("the picture cannot be made").because(error))
    };
    let size = |side: usize| u32::try_from(side).map_err(|error| cannot(error.into()));
    let (width, height) = (size(picture.width)?, size(picture.height)?);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(picture.pixels.as_flattened(), width, height, ExtendedColorType::Rgb8)
        .map_err(|error| cannot(error.into()))?;
    Ok(jpeg)
}

fn picture(jpeg: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_shown_from_each_side_and_from_both() {
        let plain = |color| Arc::new(Picture::plain(64, 48, color));
        let look = Look { frame: 7, before: plain([200, 0, 0]), after: plain([0, 0, 200]) };
        let shown = |side, width| {
            let jpeg = encode(&compose(&look, SideQuery { side, width })).unwrap();
            image::load_from_memory(&jpeg).unwrap().to_rgb8()
        };
        let before = shown(Side::Before, None);
        assert_eq!(before.dimensions(), (64, 48));
        assert!(before.get_pixel(32, 24)[0] > 180);
        assert!(shown(Side::After, Some(16)).get_pixel(8, 6)[2] > 180);
        assert_eq!(shown(Side::After, Some(16)).dimensions(), (16, 12));
        assert_eq!(shown(Side::After, Some(4096)).dimensions(), (64, 48));
        let both = shown(Side::Both, Some(32));
        assert_eq!(both.dimensions(), (32 * 2 + 3 * GAP as u32, 24 + 2 * GAP as u32));
        assert!(both.get_pixel(16, 12)[0] > 150 && both.get_pixel(56, 12)[2] > 150);
    }

    #[test]
    fn widths_out_of_range_are_refused() {
        for width in [0, 15, 16_385] {
            let query = SideQuery { width: Some(width), ..SideQuery::default() };
            assert_eq!(check(query).unwrap_err().kind, FaultKind::Invalid);
        }
    }
}
