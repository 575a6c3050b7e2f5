//! The router with everything around it: who may ask, what every answer carries, and what is
//! answered where there is no route.

use std::any::Any;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::error::{Error, Result};
use crate::service::fault::{Fault, FaultKind};
use crate::service::metrics;
use crate::service::token::Token;

use super::answer::{mistake, with_status};
use super::desk::Desk;
use super::door::Door;
use super::state::Shared;
use super::{auth, docs, routes};

/// The router behind a door; with a token, nobody gets in without it.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when an origin of the configuration is none.
pub(super) fn build(
    core: &Shared,
    desk: &Arc<Desk>,
    door: Door,
    token: Option<Arc<Token>>,
) -> Result<Router> {
    let router = routes::all().split_for_parts().0.merge(docs::pages());
    let mut router = router
        .method_not_allowed_fallback(no_method)
        .fallback(no_route)
        .with_state(Arc::clone(core))
        .layer(Extension(Arc::clone(desk)))
        .layer(Extension(door));
    if let Some(token) = token {
        router = router.layer(middleware::from_fn_with_state(token, auth::authenticate));
    }
    if door == Door::Network
        && let Some(cors) = cors(&core.config().service.cors)?
    {
        router = router.layer(cors);
    }
    let router = router.layer(panics()).layer(middleware::from_fn(seal));
    Ok(router.layer(middleware::from_fn_with_state(Arc::clone(core), metrics::track)))
}

/// What every answer says to browsers.
async fn seal(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    // What is asked for again is asked of the service: it changes all the time, or is private.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn cors(origins: &[String]) -> Result<Option<CorsLayer>> {
    if origins.is_empty() {
        return Ok(None);
    }
    let mut allowed = Vec::new();
    for origin in origins {
        let is_origin = ["http://", "https://"].iter().any(|scheme| {
            origin.strip_prefix(scheme).is_some_and(|host| !host.is_empty() && !host.contains('/'))
        });
        match HeaderValue::from_str(origin) {
            Ok(value) if is_origin => allowed.push(value),
            _ => {
                return Err(Error::usage(format!("cors: {origin} is no origin"))
                    .hint("write scheme, host and port alone, such as https://example.org"));
            }
        }
    }
    let last_event = HeaderName::from_static("last-event-id");
    Ok(Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(allowed))
            .allow_methods([
                Method::GET,
                Method::HEAD,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::RANGE,
                header::IF_RANGE,
                last_event,
            ])
            .expose_headers([
                header::CONTENT_RANGE,
                header::CONTENT_DISPOSITION,
                header::ETAG,
                header::LOCATION,
                HeaderName::from_static("facedeck-faces"),
                HeaderName::from_static("facedeck-width"),
                HeaderName::from_static("facedeck-height"),
                HeaderName::from_static("facedeck-frame"),
                HeaderName::from_static("facedeck-frames"),
                HeaderName::from_static("facedeck-fps"),
                HeaderName::from_static("facedeck-duration"),
            ]),
    ))
}

async fn no_route(request: Request) -> Response {
    let path = request.uri().path().to_owned();
    super::body::linger(request.into_body(), super::body::LINGER_BYTES);
    let error = Error::usage(format!("there is no {path}"))
        .hint("see what there is at /docs or in /v1/openapi.json");
    Fault::new(FaultKind::NotFound, error).into_response()
}

async fn no_method(request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    super::body::linger(request.into_body(), super::body::LINGER_BYTES);
    let error = Error::usage(format!("{path} knows no {method}"))
        .hint("the header Allow says what it knows");
    with_status(StatusCode::METHOD_NOT_ALLOWED, &Fault::new(FaultKind::Invalid, error))
}

/// A panic is a mistake of the service, and an answer all the same.
pub(super) fn panics() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(panicked as fn(Box<dyn Any + Send + 'static>) -> Response)
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // The words of a panic are for the log: they can name what the client should not see.
    tracing::error!("a handler panicked: {}", text.unwrap_or_default());
    mistake().into_response()
}
