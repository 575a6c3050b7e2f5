//! The files of models: read again, taken, removed.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, FaultBody};
use crate::service::weights::{self, ImportBody, ImportedView, RemovedView, VerifiedView};

use super::answer::{Json, Path, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(remove)).routes(routes!(verify)).routes(routes!(import))
}

/// Takes the file of a model off the disk. Not for clients of the network.
#[utoipa::path(
    delete, path = "/v1/models/{id}", tag = "models", operation_id = "remove_model",
    params(("id" = String, Path, description = "Its id in the catalog.")),
    responses(
        (status = 200, description = "It is gone.", body = RemovedView),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "There is no such model.", body = FaultBody),
        (status = 409, description = "It is embedded, not here, or being fetched.",
            body = FaultBody)
    )
)]
async fn remove(
    State(core): State<Shared>,
    door: Door,
    Path(id): Path<String>,
) -> Answer<Json<RemovedView>> {
    door.only_local("remove models")?;
    blocking(&core, move |core| weights::remove(core, &id)).await.map(Json)
}

/// Reads the whole file of a model and compares it with its hash; a damaged one is an answer, not
/// an error.
#[utoipa::path(
    post, path = "/v1/models/{id}/verify", tag = "models", operation_id = "verify_model",
    params(("id" = String, Path, description = "Its id in the catalog.")),
    responses(
        (status = 200, description = "It was read.", body = VerifiedView),
        (status = 404, description = "There is no such model.", body = FaultBody),
        (status = 409, description = "It is not here.", body = FaultBody),
        (status = 429, description = "Too many wait for a look.", body = FaultBody)
    )
)]
async fn verify(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<VerifiedView>> {
    // It keeps a disk busy, so it waits for its turn as looks do.
    let turn = core.looks.turn().await?;
    let work = move |core: &Shared| {
        let _turn = turn;
        weights::verify(core, &id)
    };
    blocking(&core, work).await.map(Json)
}

/// Takes a file of the service's machine as the weights of a model, or of a folder what the catalog
/// knows. Not for clients of the network.
#[utoipa::path(
    post, path = "/v1/models/import", tag = "models", operation_id = "import_models",
    request_body = ImportBody,
    responses(
        (status = 200, description = "What was taken.", body = Vec<ImportedView>),
        (status = 403, description = "The client came over the network.", body = FaultBody),
        (status = 404, description = "There is no such model.", body = FaultBody),
        (status = 422, description = "It is no file that can be taken.", body = FaultBody)
    )
)]
async fn import(
    State(core): State<Shared>,
    door: Door,
    Json(body): Json<ImportBody>,
) -> Answer<Json<Vec<ImportedView>>> {
    door.only_local("import models")?;
    blocking(&core, move |core| weights::import(core, &body)).await.map(Json)
}
