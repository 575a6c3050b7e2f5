//! How requests are read and answers written: JSON both ways, and every error with the same body.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};

use super::body;
use super::state::Shared;

/// The largest JSON body, in bytes.
pub const LARGEST_JSON: usize = 1 << 20;

/// A JSON body, of a request or an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// A JSON body that a request may leave out; then it is the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct MaybeJson<T>(pub T);

/// The query of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// The parts of the path of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

/// Does something that reads the disk or the store away from the threads that answer.
///
/// # Errors
/// What the work says; [`FaultKind::Internal`] when it panics.
pub async fn blocking<T: Send + 'static>(
    core: &Shared,
    work: impl FnOnce(&Shared) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let core: std::sync::Arc<Core> = std::sync::Arc::clone(core);
    match tokio::task::spawn_blocking(move || work(&core)).await {
        Ok(answer) => answer,
        Err(error) => {
            // The words of a panic are for the log: they can name what the client should not see.
            tracing::error!("a handler panicked: {error}");
            Err(mistake())
        }
    }
}

/// What is answered after a panic.
pub(super) fn mistake() -> Fault {
    Fault::internal(
        Error::failed("the service made a mistake; what was asked for may not be done")
            .hint("look into the service's log"),
    )
}

/// An error with another status than its type has.
pub fn with_status(status: StatusCode, fault: &Fault) -> Response {
    // The type is left for the metrics, which count it.
    (status, Extension(fault.kind), Json(FaultBody::from(fault))).into_response()
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if self.kind == FaultKind::Internal {
            tracing::error!("{}", self.error.chain());
        }
        let status = StatusCode::from_u16(self.kind.status());
        with_status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => json(text.into()),
            Err(error) => {
                tracing::error!("an answer is no JSON: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// An answer whose JSON is there already.
pub fn json(text: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn invalid(message: String, cause: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::new(FaultKind::Invalid, Error::usage(message).because(cause))
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

async fn read_json<T: DeserializeOwned>(request: Request) -> Answer<Option<T>> {
    let told = is_json(&request);
    let text = body::collect(request.into_body(), LARGEST_JSON).await?;
    if text.is_empty() || text == b"null" {
        return Ok(None);
    }
    if !told {
        let error = Error::usage("the body is not said to be JSON")
            .hint("send it with the header Content-Type: application/json");
        return Err(Fault::new(FaultKind::Invalid, error));
    }
    // A list would be taken as well, its items by the order of the fields.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(Fault::new(FaultKind::Invalid, Error::usage("the body is no JSON object")));
    }
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| invalid("the body is not what is expected here".into(), error))
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Answer<Self> {
        let missing = || Fault::new(FaultKind::Invalid, Error::usage("the request has no body"));
        read_json(request).await?.map(Json).ok_or_else(missing)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaybeJson<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Answer<Self> {
        Ok(MaybeJson(read_json(request).await?.unwrap_or_default()))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(query)| Query(query))
            .map_err(|error| invalid("the query is not what is expected here".into(), error))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Path(path)).map_err(|error| {
            let error = Error::usage("there is nothing of that name").because(error);
            Fault::new(FaultKind::NotFound, error)
        })
    }
}
