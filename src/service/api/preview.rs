//! What a job would make of one frame.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::jobs::Origin;
use crate::service::fault::{Answer, FaultBody};
use crate::service::looks::{self, PreviewBody};

use super::answer::{Json, blocking};
use super::door::Door;
use super::state::Shared;

/// Says how many faces were changed.
const FACES: HeaderName = HeaderName::from_static("facedeck-faces");

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// What a job would make of one frame of its target, as a picture. Nothing is added to the queue.
#[utoipa::path(
    post, path = "/v1/preview", tag = "looks", operation_id = "preview",
    request_body = PreviewBody,
    responses(
        (status = 200, description = "The picture.", content(
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/png")
        ), headers(("facedeck-faces" = u64, description = "How many faces were changed."))),
        (status = 403, description = "A file is not open to clients.", body = FaultBody),
        (status = 404, description = "There is no such upload.", body = FaultBody),
        (status = 409, description = "A model or a program is missing.", body = FaultBody),
        (status = 413, description = "A picture is larger than allowed.", body = FaultBody),
        (status = 422, description = "The request makes no sense, a file is refused, or there is \
            no face.", body = FaultBody),
        (status = 429, description = "Too many wait for a look.", body = FaultBody)
    )
)]
async fn preview(
    State(core): State<Shared>,
    door: Door,
    Json(body): Json<PreviewBody>,
) -> Answer<Response> {
    let turn = core.looks.turn().await?;
    let work = move |core: &Shared| {
        // It is taken until the work is done, though the client may be gone by then.
        let _turn = turn;
        looks::preview(core, &Origin::from(door), &body)
    };
    let image = blocking(&core, work).await?;
    let headers = [
        (header::CONTENT_TYPE, image.format.media_type().to_owned()),
        (FACES, image.faces.to_string()),
    ];
    Ok((headers, image.bytes).into_response())
}
