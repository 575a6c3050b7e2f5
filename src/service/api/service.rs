//! The service about itself.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::PROTOCOL;
use crate::service::fault::{Answer, FaultBody};
use crate::service::wire::ServiceView;

use super::answer::{Json, blocking};
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(version))
        .routes(routes!(show))
        .routes(routes!(stop))
        .routes(routes!(openapi))
}

/// How the service is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or `stopping`.
    #[schema(example = "ok")]
    pub status: String,
    /// facedeck's version.
    pub version: String,
    /// Version of the API.
    pub protocol: u32,
    /// The networks that are loaded, each with the provider that it really runs on.
    pub networks: Vec<NetworkView>,
}

/// A network that is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkView {
    /// Its name in the catalog.
    pub model: String,
    /// The execution provider that most of it runs on.
    pub provider: String,
}

/// What speaks here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// facedeck's version.
    pub version: String,
    /// Version of the API: a client of another one should say so instead of guessing.
    pub protocol: u32,
}

/// Whether the service is well. The only answer without a token.
#[utoipa::path(
    get, path = "/v1/health", tag = "service", operation_id = "health", security(()),
    responses((status = 200, description = "It is there.", body = Health))
)]
async fn health(State(core): State<Shared>) -> Json<Health> {
    let status = if core.stopping.is_set() { "stopping" } else { "ok" };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let networks = core.engines.loaded().into_iter();
    let networks = networks
        .map(|one| NetworkView { model: one.id, provider: one.provider.to_owned() })
        .collect();
    Json(Health { status: status.into(), version, protocol: PROTOCOL, networks })
}

/// What speaks here; the first thing that a client asks.
#[utoipa::path(
    get, path = "/v1/version", tag = "service", operation_id = "version",
    responses((status = 200, description = "The versions.", body = Version))
)]
async fn version() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION").to_owned(), protocol: PROTOCOL })
}

/// Process, places, and how many jobs are in each state.
#[utoipa::path(
    get, path = "/v1/service", tag = "service", operation_id = "service",
    responses((status = 200, description = "The service.", body = ServiceView))
)]
async fn show(State(core): State<Shared>) -> Answer<Json<ServiceView>> {
    blocking(&core, |core| core.view()).await.map(Json)
}

/// Ends the service; jobs that run go back to the queue. Not for clients of the network.
#[utoipa::path(
    post, path = "/v1/service/stop", tag = "service", operation_id = "stop_service",
    responses(
        (status = 202, description = "It is about to stop.", body = ServiceView),
        (status = 403, description = "The client came over the network.", body = FaultBody)
    )
)]
async fn stop(
    State(core): State<Shared>,
    door: Door,
) -> Answer<(axum::http::StatusCode, Json<ServiceView>)> {
    door.only_local("stop the service")?;
    core.stop();
    let view = blocking(&core, |core| core.view()).await?;
    Ok((axum::http::StatusCode::ACCEPTED, Json(ServiceView { stopping: true, ..view })))
}

/// This document.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "service", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object))
)]
async fn openapi() -> Json<Arc<utoipa::openapi::OpenApi>> {
    Json(super::routes::document())
}
