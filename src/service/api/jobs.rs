//! The queue: jobs are added, listed, changed, held, given up, tried again and removed.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::jobs::JobId;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultBody};
use crate::service::wire::{
    EditJob, JobDetail, JobPage, JobView, ListQuery, NewJob, PauseJob, RetryJob,
};

use super::answer::{Json, MaybeJson, Path, Query, blocking, json};
use super::desk::AtDesk;
use super::door::Door;
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, edit, remove))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// Does something with the job that is named in the path.
async fn with_job<T: Send + 'static>(
    core: &Shared,
    id: String,
    work: impl FnOnce(&Core, JobId) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    blocking(core, move |core| work(core, core.resolve(&id)?)).await
}

/// A part of the list of jobs.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", operation_id = "list_jobs", params(ListQuery),
    responses((status = 200, description = "The jobs.", body = JobPage))
)]
async fn list(
    State(core): State<Shared>,
    desk: AtDesk,
    Query(query): Query<ListQuery>,
) -> Answer<Response> {
    let key = serde_json::to_string(&query).map_err(|error| {
        Fault::internal(crate::error::Error::failed("a query is no JSON").because(error))
    })?;
    desk.pages.get(&core, key, move |core| core.list(&query)).await.map(json)
}

/// Adds a job to the queue, after everything about it was checked.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "jobs", operation_id = "add_job",
    request_body(content = NewJob, example = json!({
        "sources": ["upload:01J8ZQ4T5V6W7X8Y9Z0A1B2C3D"],
        "target": "upload:01J8ZQ4T5V6W7X8Y9Z0A1B2C3E",
        "profile": "quality",
        "settings": {"video.quality": 90}
    })),
    responses(
        (status = 201, description = "It waits for its turn.", body = JobView,
            headers(("location" = String, description = "Where it is shown."))),
        (status = 403, description = "A path lies outside the allowed folders.", body = FaultBody),
        (status = 404, description = "An upload, a job before it or the profile is not there.",
            body = FaultBody),
        (status = 409, description = "Its output is another job's, or something is missing here.",
            body = FaultBody)
    )
)]
async fn add(
    State(core): State<Shared>,
    door: Door,
    Json(new): Json<NewJob>,
) -> Answer<impl IntoResponse> {
    let view = blocking(&core, move |core| core.add(&new, door.into())).await?;
    let place = format!("/v1/jobs/{}", view.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(view)))
}

/// A job with everything about it.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "jobs", operation_id = "show_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    responses(
        (status = 200, description = "The job.", body = JobDetail),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "Several ids begin like this.", body = FaultBody)
    )
)]
async fn show(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<JobDetail>> {
    blocking(&core, move |core| core.show(&id)).await.map(Json)
}

/// Changes a job that has not ended: its priority, its place, when it begins, its name.
#[utoipa::path(
    patch, path = "/v1/jobs/{id}", tag = "jobs", operation_id = "edit_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    request_body(content = EditJob, example = json!({"priority": 10, "place": "top"})),
    responses(
        (status = 200, description = "As it is now.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "It cannot be changed any more.", body = FaultBody)
    )
)]
async fn edit(
    State(core): State<Shared>,
    Path(id): Path<String>,
    Json(change): Json<EditJob>,
) -> Answer<Json<JobView>> {
    with_job(&core, id, move |core, id| core.edit(id, &change)).await.map(Json)
}

/// Removes a job that does not run. Its output stays.
#[utoipa::path(
    delete, path = "/v1/jobs/{id}", tag = "jobs", operation_id = "remove_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    responses(
        (status = 200, description = "As it was.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "It runs, or another job waits for it.", body = FaultBody)
    )
)]
async fn remove(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<JobView>> {
    with_job(&core, id, Core::remove).await.map(Json)
}

/// Holds a job where it is; with `release` its memory is given back.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/pause", tag = "jobs", operation_id = "pause_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    request_body(content = Option<PauseJob>),
    responses(
        (status = 200, description = "It is held.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "It has ended.", body = FaultBody)
    )
)]
async fn pause(
    State(core): State<Shared>,
    Path(id): Path<String>,
    MaybeJson(how): MaybeJson<PauseJob>,
) -> Answer<Json<JobView>> {
    with_job(&core, id, move |core, id| core.pause(id, how.release)).await.map(Json)
}

/// Lets a held job go on.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/resume", tag = "jobs", operation_id = "resume_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    responses(
        (status = 200, description = "It goes on, or waits for its turn.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "It is not held.", body = FaultBody)
    )
)]
async fn resume(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<JobView>> {
    with_job(&core, id, Core::resume).await.map(Json)
}

/// Gives a job up.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    responses(
        (status = 200, description = "It is given up, or about to stop.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "It has ended.", body = FaultBody)
    )
)]
async fn cancel(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<JobView>> {
    with_job(&core, id, Core::cancel).await.map(Json)
}

/// Tries a job again that failed, was refused or given up.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/retry", tag = "jobs", operation_id = "retry_job",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear.")),
    request_body(content = Option<RetryJob>),
    responses(
        (status = 200, description = "It waits for its turn.", body = JobView),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "There is nothing to try again.", body = FaultBody)
    )
)]
async fn retry(
    State(core): State<Shared>,
    Path(id): Path<String>,
    MaybeJson(how): MaybeJson<RetryJob>,
) -> Answer<Json<JobView>> {
    with_job(&core, id, move |core, id| core.retry(id, how.from_scratch)).await.map(Json)
}
