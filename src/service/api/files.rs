//! What lies on the service's machine.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::jobs::Origin;
use crate::service::fault::{Answer, FaultBody};
use crate::service::files::{self, FilesQuery, FilesView};

use super::answer::{Json, Query, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What lies in a folder, for people who pick a file. Clients of the network see the folders that
/// are open to them and what is in those.
#[utoipa::path(
    get, path = "/v1/files", tag = "files", operation_id = "files", params(FilesQuery),
    responses(
        (status = 200, description = "At most 10,000 entries.", body = FilesView),
        (status = 403, description = "The folder is not open to clients.", body = FaultBody),
        (status = 404, description = "There is no such folder.", body = FaultBody)
    )
)]
async fn list(
    State(core): State<Shared>,
    door: Door,
    Query(query): Query<FilesQuery>,
) -> Answer<Json<FilesView>> {
    blocking(&core, move |core| files::list(core, &Origin::from(door), &query)).await.map(Json)
}
