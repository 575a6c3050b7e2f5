//! What monitoring systems read.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::fault::{Answer, Fault};
use crate::service::metrics::MEDIA_TYPE;

use super::answer::blocking;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Counts and gauges for Prometheus and its like, as OpenMetrics.
#[utoipa::path(
    get, path = "/metrics", tag = "service", operation_id = "metrics",
    responses((status = 200, description = "The metrics.", body = String,
        content_type = "application/openmetrics-text"))
)]
async fn metrics(State(core): State<Shared>) -> Answer<Response> {
    let work = |core: &Shared| core.metrics.text(core).map_err(Fault::internal);
    let text = blocking(&core, work).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}
