//! The page that shows the API, from what is in the program: it fetches nothing from elsewhere.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui::Config;

use crate::error::Error;
use crate::service::fault::Fault;

use super::state::Shared;

/// Only what comes from the service itself; the page draws with styles of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// `/docs` and what belongs to it.
pub(super) fn pages() -> Router<Shared> {
    Router::new()
        .route("/docs", get(|| async { Redirect::permanent("docs/") }))
        .route("/docs/", get(|| async { file("") }))
        .route("/docs/{*file}", get(|Path(name): Path<String>| async move { file(&name) }))
}

fn config() -> Arc<Config<'static>> {
    static CONFIG: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    let make = || {
        // Relative, so that it is found behind a proxy that serves it beneath another path; and no
        // badge of a validator that lies on the internet.
        let config = Config::from("../v1/openapi.json").validator_url("none");
        Arc::new(config.doc_expansion("list").display_request_duration(true))
    };
    Arc::clone(CONFIG.get_or_init(make))
}

fn file(name: &str) -> Response {
    match utoipa_swagger_ui::serve(name, config()) {
        Ok(Some(file)) => {
            let headers = [
                (header::CONTENT_TYPE, file.content_type),
                (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            ];
            (StatusCode::OK, headers, file.bytes.into_owned()).into_response()
        }
        Ok(None) => Fault::not_found(format!("there is no page /docs/{name}")).into_response(),
        Err(error) => {
            let error = Error::failed("the page cannot be shown").because(error.to_string());
            Fault::internal(error).into_response()
        }
    }
}
