//! Who is in a picture or a frame.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::jobs::Origin;
use crate::service::fault::{Answer, FaultBody};
use crate::service::looks::{self, FacesBody, FacesView};

use super::answer::{Json, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(faces))
}

/// Who is in a picture or a frame of a video: boxes, scores, sex and age, and how much each face
/// looks like a photo.
#[utoipa::path(
    post, path = "/v1/faces", tag = "looks", operation_id = "faces", request_body = FacesBody,
    responses(
        (status = 200, description = "The faces; none where nobody is seen.", body = FacesView),
        (status = 403, description = "The file is not open to clients.", body = FaultBody),
        (status = 404, description = "There is no such upload.", body = FaultBody),
        (status = 409, description = "A model or a program is missing.", body = FaultBody),
        (status = 413, description = "The picture is larger than allowed.", body = FaultBody),
        (status = 422, description = "The file cannot be read, or is refused; the photo shows \
            nobody.", body = FaultBody),
        (status = 429, description = "Too many wait for a look.", body = FaultBody)
    )
)]
async fn faces(
    State(core): State<Shared>,
    door: Door,
    Json(body): Json<FacesBody>,
) -> Answer<Json<FacesView>> {
    let turn = core.looks.turn().await?;
    let work = move |core: &Shared| {
        // It is taken until the work is done, though the client may be gone by then.
        let _turn = turn;
        looks::faces(core, &Origin::from(door), &body)
    };
    blocking(&core, work).await.map(Json)
}
