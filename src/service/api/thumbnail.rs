//! Small pictures of files.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::jobs::Origin;
use crate::service::fault::{Answer, FaultBody};
use crate::service::looks::{self, ThumbnailQuery};

use super::answer::{Query, blocking};
use super::door::Door;
use super::state::Shared;

/// Width of the original.
const WIDTH: HeaderName = HeaderName::from_static("facedeck-width");
/// Height of the original.
const HEIGHT: HeaderName = HeaderName::from_static("facedeck-height");
/// Which frame it is.
const FRAME: HeaderName = HeaderName::from_static("facedeck-frame");
/// How many frames there are.
const FRAMES: HeaderName = HeaderName::from_static("facedeck-frames");
/// Frames a second.
const FPS: HeaderName = HeaderName::from_static("facedeck-fps");
/// Seconds.
const DURATION: HeaderName = HeaderName::from_static("facedeck-duration");

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(thumbnail))
}

/// A picture, or a frame of a video, shrunk; or a part of it. The headers say what it is of.
#[utoipa::path(
    get, path = "/v1/thumbnail", tag = "looks", operation_id = "thumbnail", params(ThumbnailQuery),
    responses(
        (status = 200, description = "A JPEG.", body = Vec<u8>, content_type = "image/jpeg",
            headers(
                ("facedeck-width" = u32, description = "The width of the original."),
                ("facedeck-height" = u32, description = "The height of the original."),
                ("facedeck-frame" = u64, description = "The index of the frame."),
                ("facedeck-frames" = u64, description = "Of a video: how many frames it has, \
                    where the file tells."),
                ("facedeck-fps" = f64, description = "Of a video: frames a second."),
                ("facedeck-duration" = f64, description = "Of a video: its length in seconds, \
                    where the file tells.")
            )),
        (status = 403, description = "The file is not open to clients.", body = FaultBody),
        (status = 404, description = "There is no such upload.", body = FaultBody),
        (status = 409, description = "A program is missing.", body = FaultBody),
        (status = 413, description = "The picture is larger than allowed.", body = FaultBody),
        (status = 422, description = "The request makes no sense, or the file cannot be read or \
            is refused.", body = FaultBody),
        (status = 429, description = "Too many wait for a look.", body = FaultBody)
    )
)]
async fn thumbnail(
    State(core): State<Shared>,
    door: Door,
    Query(query): Query<ThumbnailQuery>,
) -> Answer<Response> {
    let turn = core.looks.turn().await?;
    let work = move |core: &Shared| {
        // It is taken until the work is done, though the client may be gone by then.
        let _turn = turn;
        looks::thumbnail(core, &Origin::from(door), &query)
    };
    let small = blocking(&core, work).await?;
    let mut response = ([(header::CONTENT_TYPE, "image/jpeg")], small.jpeg).into_response();
    let headers = response.headers_mut();
    headers.insert(WIDTH, HeaderValue::from(small.size[0]));
    headers.insert(HEIGHT, HeaderValue::from(small.size[1]));
    headers.insert(FRAME, HeaderValue::from(small.frame));
    if let Some(film) = small.video {
        let numbers = [(FPS, Some(film.fps)), (DURATION, film.duration)];
        let numbers = numbers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        // The digits of a number are always a header.
        headers.extend(numbers.filter_map(|(name, value)| {
            Some((name, HeaderValue::from_str(&value.to_string()).ok()?))
        }));
        headers.extend(film.frames.map(|frames| (FRAMES, HeaderValue::from(frames))));
    }
    Ok(response)
}
