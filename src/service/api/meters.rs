//! How the machine does.

use std::sync::Arc;

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, Fault};
use crate::service::meters::MetersView;

use super::answer::{Json, blocking};
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(meters))
}

/// Processor, memory, disks and graphics processors; measured at most once a second.
#[utoipa::path(
    get, path = "/v1/meters", tag = "service", operation_id = "meters",
    responses((status = 200, description = "The last measurement.", body = MetersView))
)]
async fn meters(State(core): State<Shared>) -> Answer<Json<Arc<MetersView>>> {
    blocking(&core, |core| core.meters.sample(core).map_err(Fault::internal)).await.map(Json)
}
