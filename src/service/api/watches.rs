//! Hot folders. What they name lies anywhere on this machine, so clients of the network may look at
//! them and hold them, but make, change and remove none.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, FaultBody};
use crate::service::hotfolder;
use crate::service::wire::WatchView;
use crate::settings::config::Watch;

use super::answer::{Json, Path, Query, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// All hot folders.
#[utoipa::path(
    get, path = "/v1/watches", tag = "hot folders", operation_id = "list_watches",
    responses((status = 200, description = "The hot folders.", body = Vec<WatchView>))
)]
async fn list(State(core): State<Shared>) -> Answer<Json<Vec<WatchView>>> {
    blocking(&core, |core| Ok(core.watches.list())).await.map(Json)
}

/// Whether it is only said what would be done.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AddQuery {
    /// Nothing is added; the answer says what would be done with what lies in the folder now.
    #[serde(default)]
    pub dry_run: bool,
}

/// Adds a hot folder, also to the configuration.
#[utoipa::path(
    post, path = "/v1/watches", tag = "hot folders", operation_id = "add_watch",
    params(AddQuery), request_body = Watch,
    responses(
        (status = 200, description = "What would be done, one line a file.", body = Vec<String>),
        (status = 201, description = "It is looked at from now on.", body = WatchView),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "Its folder or its profile is not there.", body = FaultBody),
        (status = 409, description = "There is one of its name or folder.", body = FaultBody)
    )
)]
async fn add(
    State(core): State<Shared>,
    door: Door,
    Query(query): Query<AddQuery>,
    Json(watch): Json<Watch>,
) -> Answer<Response> {
    door.only_local("add hot folders")?;
    if query.dry_run {
        let lines = blocking(&core, move |core| hotfolder::rehearse(core, &watch)).await?;
        return Ok(Json(lines).into_response());
    }
    let view = blocking(&core, move |core| hotfolder::add(core, watch)).await?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Gives a hot folder other rules, also in the configuration. Its name and its folder stay, and with
/// them everything that is known of what it has done.
#[utoipa::path(
    put, path = "/v1/watches/{name}", tag = "hot folders", operation_id = "change_watch",
    params(("name" = String, Path, description = "Its name.")), request_body = Watch,
    responses(
        (status = 200, description = "It is looked at by these rules from now on.", body = WatchView),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "There is none of this name.", body = FaultBody),
        (status = 409, description = "Its name or its folder would change.", body = FaultBody)
    )
)]
async fn change(
    State(core): State<Shared>,
    door: Door,
    Path(name): Path<String>,
    Json(watch): Json<Watch>,
) -> Answer<Json<WatchView>> {
    door.only_local("change hot folders")?;
    blocking(&core, move |core| hotfolder::change(core, &name, watch)).await.map(Json)
}

/// Removes a hot folder, also from the configuration. Its jobs and files stay.
#[utoipa::path(
    delete, path = "/v1/watches/{name}", tag = "hot folders", operation_id = "remove_watch",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 204, description = "It is not looked at any more."),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "There is none of this name.", body = FaultBody)
    )
)]
async fn remove(
    State(core): State<Shared>,
    door: Door,
    Path(name): Path<String>,
) -> Answer<StatusCode> {
    door.only_local("remove hot folders")?;
    blocking(&core, move |core| hotfolder::remove(core, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a hot folder take nothing for now.
#[utoipa::path(
    post, path = "/v1/watches/{name}/pause", tag = "hot folders", operation_id = "pause_watch",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "It takes nothing.", body = WatchView),
        (status = 404, description = "There is none of this name.", body = FaultBody)
    )
)]
async fn pause(State(core): State<Shared>, Path(name): Path<String>) -> Answer<Json<WatchView>> {
    blocking(&core, move |core| hotfolder::set_paused(core, &name, true)).await.map(Json)
}

/// Lets a hot folder go on.
#[utoipa::path(
    post, path = "/v1/watches/{name}/resume", tag = "hot folders", operation_id = "resume_watch",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "It goes on.", body = WatchView),
        (status = 404, description = "There is none of this name.", body = FaultBody)
    )
)]
async fn resume(State(core): State<Shared>, Path(name): Path<String>) -> Answer<Json<WatchView>> {
    blocking(&core, move |core| hotfolder::set_paused(core, &name, false)).await.map(Json)
}
