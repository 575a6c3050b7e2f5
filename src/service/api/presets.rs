//! Profiles of the user's own: written, removed, checked.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, FaultBody};
use crate::service::presets::{self, CheckBody, CheckView, NewProfile};

use super::answer::{Json, Path, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(write, remove)).routes(routes!(check))
}

/// Writes a profile of the user's own. Not for clients of the network.
#[utoipa::path(
    put, path = "/v1/profiles/{name}", tag = "profiles", operation_id = "write_profile",
    params(("name" = String, Path, description = "Its name, of letters, digits, - and _.")),
    request_body = NewProfile,
    responses(
        (status = 204, description = "It is written."),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 409, description = "It is a built-in one, or is there already.",
            body = FaultBody),
        (status = 422, description = "Something is wrong with it.", body = FaultBody)
    )
)]
async fn write(
    State(core): State<Shared>,
    door: Door,
    Path(name): Path<String>,
    Json(body): Json<NewProfile>,
) -> Answer<StatusCode> {
    door.only_local("write profiles")?;
    blocking(&core, move |core| presets::write(core, &name, &body)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a profile of the user's own. Not for clients of the network.
#[utoipa::path(
    delete, path = "/v1/profiles/{name}", tag = "profiles", operation_id = "remove_profile",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "There is no such profile.", body = FaultBody),
        (status = 409, description = "It is built in.", body = FaultBody)
    )
)]
async fn remove(
    State(core): State<Shared>,
    door: Door,
    Path(name): Path<String>,
) -> Answer<StatusCode> {
    door.only_local("remove profiles")?;
    blocking(&core, move |core| presets::remove(core, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What would be wrong with a profile, were these keys changed in it; for forms that say so while
/// somebody types. Nothing is written, and faults are an answer.
#[utoipa::path(
    post, path = "/v1/profiles/check", tag = "profiles", operation_id = "check_profile",
    request_body = CheckBody,
    responses((status = 200, description = "What was found.", body = CheckView))
)]
async fn check(State(core): State<Shared>, Json(body): Json<CheckBody>) -> Answer<Json<CheckView>> {
    blocking(&core, move |core| presets::check(core, &body)).await.map(Json)
}
