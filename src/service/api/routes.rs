//! All routes, and the document that describes them.
//!
//! A file holds the routes of one thing and gives them as `routes()`. Every path is written in
//! full, `/v1` included. What every route can answer is added to the document here: 401 and 500, and
//! 408 and 413 where it has a body; all else is said at the route.

use utoipa_axum::router::OpenApiRouter;

use super::state::Shared;

/// Every route of the API.
pub fn all() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
}
