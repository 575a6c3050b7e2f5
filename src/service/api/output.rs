//! What a job made, in whole or in parts, and its log.

use std::io::{Read, Seek, SeekFrom};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tower_http::services::ServeFile;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Error;
use crate::jobs::{Origin, State as JobState};
use crate::media::numbered::home_of;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};

use super::answer::{Path, Query, blocking, with_status};
use super::door::Door;
use super::state::Shared;

/// The most of a log that is sent, in bytes; what comes before it is left out.
const LARGEST_LOG: u64 = 1 << 20;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(output)).routes(routes!(log))
}

/// What a job made: the file, or the part of it that the header `Range` names.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/output", tag = "jobs", operation_id = "job_output",
    params(
        ("id" = String, Path, description = "Its id, or a beginning that is clear."),
        ("Range" = Option<String>, Header, description = "One range of bytes.",
            example = "bytes=0-1048575"),
        ("If-Range" = Option<String>, Header,
            description = "The ETag of the part that is there: another file is sent whole.")
    ),
    responses(
        (status = 200, description = "The file.", body = Vec<u8>, content_type = "*/*",
            headers(
                ("etag" = String, description = "Another one when the file changes."),
                ("accept-ranges" = String, description = "`bytes`."),
                ("content-disposition" = String, description = "The name of the file.")
            )),
        (status = 206, description = "A part of it.", body = Vec<u8>, content_type = "*/*",
            headers(("content-range" = String, description = "Which part."))),
        (status = 304, description = "The client has it already."),
        (status = 403, description = "It lies where clients of the network may not read.",
            body = FaultBody),
        (status = 404, description = "There is no such job, or its output is gone.",
            body = FaultBody),
        (status = 409, description = "It is not done, or several ids begin like this.",
            body = FaultBody),
        (status = 412, description = "The file is not the one that the client has.",
            body = FaultBody),
        (status = 416, description = "The file has no such range.", body = FaultBody)
    )
)]
async fn output(
    State(core): State<Shared>,
    door: Door,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Response> {
    let path = blocking(&core, move |core| find_output(core, door, &id)).await?;
    send(&path, request).await
}

fn find_output(core: &Core, door: Door, id: &str) -> Answer<std::path::PathBuf> {
    let job = core.show(id)?.job;
    if job.state != JobState::Done {
        let error = Error::usage(format!("the job {} has no output: it is {}", job.id, job.state))
            .hint("wait until it is done");
        return Err(Fault::new(FaultKind::Conflict, error));
    }
    let path = std::path::PathBuf::from(&job.output);
    // What a client of the network made it may have; anything else only where it may read anyway.
    let path = match (door, job.origin) {
        (Door::Local, _) | (Door::Network, Origin::Network) => path,
        (Door::Network, _) => core.admit(&Origin::Network, "output", &job.output)?,
    };
    if home_of(&path).is_dir() {
        let error = Error::usage(format!("the output {} is a folder of pictures", job.output))
            .hint("take them from the folder; one file at a time can be sent");
        return Err(Fault::new(FaultKind::Conflict, error));
    }
    if path.is_file() { Ok(path) } else { Err(gone(&job.output)) }
}

fn gone(output: &str) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        Error::usage(format!("the output {output} is not there any more"))
            .hint("somebody moved or removed it"),
    )
}

/// A file as the answer to a request, with ranges and conditions.
async fn send(path: &std::path::Path, request: Request) -> Answer<Response> {
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => gone(&path.display().to_string()),
        _ => {
            Fault::internal(Error::failed(format!("cannot read {}", path.display())).because(error))
        }
    };
    let (parts, _) = request.into_parts();
    let mut headers = parts.headers;
    let ask = |method: Method, headers: HeaderMap| {
        let mut request = axum::http::Request::new(Body::empty());
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        ServeFile::new(path).try_call(request)
    };
    // The file server knows every condition but this one.
    if let Some(condition) = headers.remove(header::IF_RANGE) {
        let about = ask(Method::HEAD, HeaderMap::new()).await.map_err(cannot)?;
        let known = [header::ETAG, header::LAST_MODIFIED].map(|name| about.headers().get(name));
        if !known.contains(&Some(&condition)) {
            headers.remove(header::RANGE);
        }
    }
    let mut response = ask(parts.method, headers).await.map_err(cannot)?.map(Body::new);
    let complaint = match response.status() {
        StatusCode::NOT_FOUND => return Err(gone(&path.display().to_string())),
        StatusCode::RANGE_NOT_SATISFIABLE => "the file has no such range",
        StatusCode::PRECONDITION_FAILED => "the file is not the one that the client has",
        _ => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_DISPOSITION, attachment(&name));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
            return Ok(response);
        }
    };
    let fault = Fault::new(FaultKind::Invalid, Error::usage(complaint));
    let mut answer = with_status(response.status(), &fault);
    if let Some(range) = response.headers_mut().remove(header::CONTENT_RANGE) {
        answer.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    Ok(answer)
}

/// What RFC 8187 does not let stand for itself in the value of a header.
const OF_HEADERS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The name under which a file is saved, as RFC 6266 writes any name.
fn attachment(name: &str) -> HeaderValue {
    let name = utf8_percent_encode(name, OF_HEADERS);
    let text = format!("attachment; filename*=UTF-8''{name}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// How much of a log is wanted.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// Only the last lines.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1_000_000)]
    pub lines: Option<u32>,
}

/// The log of a job: its end, at most 1 MiB of it.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/log", tag = "jobs", operation_id = "job_log",
    params(("id" = String, Path, description = "Its id, or a beginning that is clear."), LogQuery),
    responses(
        (status = 200, description = "The log; empty before the job began.", body = String,
            content_type = "text/plain; charset=utf-8"),
        (status = 404, description = "There is no such job.", body = FaultBody),
        (status = 409, description = "Several ids begin like this.", body = FaultBody)
    )
)]
async fn log(
    State(core): State<Shared>,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> Answer<Response> {
    if query.lines.is_some_and(|lines| !(1..=1_000_000).contains(&lines)) {
        let error = Error::usage("lines must lie between 1 and 1000000");
        return Err(Fault::new(FaultKind::Invalid, error));
    }
    let text = blocking(&core, move |core| {
        let path = core.log_of(core.resolve(&id)?);
        tail(&path, query.lines, LARGEST_LOG).map_err(|error| {
            let message = format!("cannot read the log {}", path.display());
            Fault::internal(Error::failed(message).because(error))
        })
    });
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, text.await?).into_response())
}

/// The last whole lines of a file that fit in `most` bytes; nothing when there is no file.
fn tail(path: &std::path::Path, lines: Option<u32>, most: u64) -> std::io::Result<String> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error),
    };
    let from = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(most).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut text = text.as_ref();
    if from > 0 {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
    }
    if let Some(lines) = lines {
        let end = text.strip_suffix('\n').unwrap_or(text);
        let mut starts = end.rmatch_indices('\n').map(|(at, _)| at + 1);
        text = &text[starts.nth(lines as usize - 1).unwrap_or(0)..];
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
