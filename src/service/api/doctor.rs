//! What is here, and what is missing.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::doctor::{self, Findings};
use crate::service::fault::{Answer, FaultBody};

use super::answer::{Json, blocking};
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(doctor))
}

/// What is here, what is missing, and what would run where. Unlike `/v1/capabilities` it tries every
/// provider and runs every embedded network, which takes seconds.
#[utoipa::path(
    get, path = "/v1/doctor", tag = "service", operation_id = "doctor",
    responses(
        (status = 200, description = "The findings; problems are among them.", body = Findings),
        (status = 429, description = "Too many wait for a look.", body = FaultBody)
    )
)]
async fn doctor(State(core): State<Shared>) -> Answer<Json<Findings>> {
    let turn = core.looks.turn().await?;
    let work = move |core: &Shared| {
        // It is taken until the work is done, though the client may be gone by then.
        let _turn = turn;
        doctor::of_service(core)
    };
    blocking(&core, work).await.map(Json)
}
