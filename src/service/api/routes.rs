//! All routes, and the document that describes them.
//!
//! A file holds the routes of one thing and gives them as `routes()`. Every path is written in
//! full, `/v1` included. What every route can answer is added to the document here: 401, 422 and
//! 500, and 408 and 413 where it has a body; all else is said at the route.

use std::sync::{Arc, OnceLock};

use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Info, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa_axum::router::OpenApiRouter;

use super::state::Shared;
use super::{
    capabilities, doctor, events, faces, files, jobs, meters, metrics, models, output, pictures,
    presets, preview, profiles, service, thumbnail, uploads, watches, weights,
};

/// The name of the security scheme in the document.
const BEARER: &str = "bearer";

#[derive(utoipa::OpenApi)]
#[openapi(
    components(schemas(crate::service::fault::FaultBody, crate::jobs::store::Sort)),
    tags(
        (name = "service", description = "The service about itself."),
        (name = "jobs", description = "The queue."),
        (name = "uploads", description = "Files that clients send."),
        (name = "files", description = "Files on the service's machine."),
        (name = "hot folders", description = "Folders whose files become jobs."),
        (name = "events", description = "Everything that changes."),
        (name = "looks", description = "Looks at pictures and frames outside of jobs."),
        (name = "profiles", description = "How jobs are done."),
        (name = "models", description = "Networks, and fetching them.")
    )
)]
struct Frame;

/// Every route of the API.
pub fn all() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Frame::openapi())
        .merge(service::routes())
        .merge(jobs::routes())
        .merge(output::routes())
        .merge(pictures::routes())
        .merge(uploads::routes())
        .merge(watches::routes())
        .merge(events::routes())
        .merge(faces::routes())
        .merge(preview::routes())
        .merge(thumbnail::routes())
        .merge(files::routes())
        .merge(profiles::routes())
        .merge(presets::routes())
        .merge(models::routes())
        .merge(weights::routes())
        .merge(capabilities::routes())
        .merge(meters::routes())
        .merge(doctor::routes())
        .merge(metrics::routes())
}

/// The document that describes every route: OpenAPI 3.1.
pub fn document() -> Arc<OpenApi> {
    static DOCUMENT: OnceLock<Arc<OpenApi>> = OnceLock::new();
    Arc::clone(DOCUMENT.get_or_init(|| Arc::new(complete(all().into_openapi()))))
}

fn complete(mut document: OpenApi) -> OpenApi {
    let mut info = Info::new("facedeck", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Face swapping: a queue, hot folders and what it takes to steer them. Over the unix socket \
         no token is needed; over the network every request but /v1/health shows it. Every error \
         has the same body, whose `type` stays the same whatever the words."
            .into(),
    );
    info.license = Some(utoipa::openapi::License::new("MIT"));
    document.info = info;
    let mut scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    scheme = scheme.description(Some("The token in the file config/token."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme.build()));
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete_operation(operation);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    all.into_iter().flatten()
}

fn complete_operation(operation: &mut Operation) {
    let mut add = |status: &str, description: &str| {
        let response = RefOr::T(fault(description));
        operation.responses.responses.entry(status.to_owned()).or_insert(response);
    };
    add("500", "The service itself is at fault.");
    if operation.security.is_some() {
        // Said at the route: it needs no token.
        return;
    }
    add("401", "There is no or a wrong token.");
    add("422", "The request makes no sense.");
    if operation.request_body.is_some() {
        add("408", "The body came too slowly.");
        add("413", "The body is larger than allowed.");
    }
    let none: [&str; 0] = [];
    operation.security = Some(vec![SecurityRequirement::new(BEARER, none)]);
}

fn fault(description: &str) -> Response {
    let schema = Ref::from_schema_name("FaultBody");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
