//! Files that clients send, to be named in jobs as `upload:ID`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, FaultBody};
use crate::service::uploads::Coming;
use crate::service::wire::UPLOAD;

use super::answer::{Json, Path, Query, blocking};
use super::body::Incoming;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(upload)).routes(routes!(remove))
}

/// How a file is called.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NameQuery {
    /// The name of the file; results are named after it.
    #[param(example = "me.jpg", min_length = 1)]
    pub name: String,
}

/// A file that lies with the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uploaded {
    /// What to write in a job in place of a path.
    #[schema(example = "upload:01J8ZQ4T5V6W7X8Y9Z0A1B2C3D")]
    pub id: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Sends a file: its bytes are the body. It lies with the service as long as a job needs it, and for
/// an hour without one.
#[utoipa::path(
    post, path = "/v1/uploads", tag = "uploads", operation_id = "upload", params(NameQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is there.", body = Uploaded),
        (status = 429, description = "Too many come at the moment.", body = FaultBody)
    )
)]
async fn upload(
    State(core): State<Shared>,
    Query(query): Query<NameQuery>,
    headers: HeaderMap,
    body: Body,
) -> Answer<(StatusCode, Json<Uploaded>)> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length: Option<u64> = length.and_then(|length| length.parse().ok());
    let mut incoming = Incoming::new(body);
    let _counted = core.metrics.upload();
    let begun = blocking(&core, move |core| {
        let config = core.config();
        // GB as people and disks count them.
        let largest = (config.service.max_upload * 1e9) as u64;
        core.uploads.begin(&query.name, length, largest, config.service.max_uploads.max(1))
    });
    let taken = match begun.await {
        Ok(coming) => take(coming, &mut incoming).await,
        Err(fault) => Err(fault),
    };
    match taken {
        Ok((id, bytes)) => {
            Ok((StatusCode::CREATED, Json(Uploaded { id: format!("{UPLOAD}{id}"), bytes })))
        }
        Err(fault) => {
            incoming.linger();
            Err(fault)
        }
    }
}

async fn take(mut coming: Coming, incoming: &mut Incoming) -> Answer<(String, u64)> {
    while let Some(piece) = incoming.next().await? {
        coming.write(&piece).await?;
    }
    coming.finish().await
}

/// Removes a file that no job needs.
#[utoipa::path(
    delete, path = "/v1/uploads/{id}", tag = "uploads", operation_id = "remove_upload",
    params(("id" = String, Path, description = "Its id, with or without `upload:`.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is none with this id.", body = FaultBody),
        (status = 409, description = "A job needs it.", body = FaultBody)
    )
)]
async fn remove(State(core): State<Shared>, Path(id): Path<String>) -> Answer<StatusCode> {
    blocking(&core, move |core| core.uploads.remove(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
