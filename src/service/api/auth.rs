//! Who may ask over the network: whoever shows the token. It is asked for before anything else is
//! looked at, so that an answer without it says nothing but that.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::service::fault::{Fault, FaultKind};
use crate::service::token::Token;

use super::body;

/// What is read of the body of a request that is refused, so that its client sees the answer.
const PATIENCE_BYTES: u64 = 1 << 20;

/// Lets pass what shows the token, and the question whether the service is well.
pub async fn authenticate(
    State(token): State<Arc<Token>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if reads && path == "/v1/health" {
        return next.run(request).await;
    }
    // Browsers send a password by themselves, also when another page makes them ask. So it opens
    // nothing but what a browser opens as a page of its own, which changes nothing.
    let is_page = path == "/docs" || path.starts_with("/docs/") || path == "/v1/openapi.json";
    let by_password = reads && is_page;
    if shows(&token, request.headers().get(header::AUTHORIZATION), by_password) {
        return next.run(request).await;
    }
    body::linger(request.into_body(), PATIENCE_BYTES);
    refuse(by_password)
}

fn shows(token: &Token, header: Option<&HeaderValue>, by_password: bool) -> bool {
    let Some((scheme, shown)) =
        header.and_then(|h| h.to_str().ok()).and_then(|h| h.split_once(' '))
    else {
        return false;
    };
    let shown = shown.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return token.is(shown.as_bytes());
    }
    if scheme.eq_ignore_ascii_case("basic") && by_password {
        let Ok(pair) = STANDARD.decode(shown) else { return false };
        let colon = pair.iter().position(|byte| *byte == b':');
        return colon.is_some_and(|colon| token.is(&pair[colon + 1..]));
    }
    false
}

fn refuse(by_password: bool) -> Response {
    let error = Error::usage("this needs the service's token").hint(
        "send the header Authorization: Bearer TOKEN; the token lies in the file config/token",
    );
    let mut response = Fault::new(FaultKind::Unauthorized, error).into_response();
    let headers = response.headers_mut();
    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"facedeck\""));
    if by_password {
        let basic = HeaderValue::from_static("Basic realm=\"facedeck: the token is the password\"");
        headers.append(header::WWW_AUTHENTICATE, basic);
    }
    response
}
