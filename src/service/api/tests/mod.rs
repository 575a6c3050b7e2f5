//! The API held against a service in a folder of its own, in this process.

mod bodies;
mod document;
mod network;
mod sockets;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use tower::ServiceExt;

use crate::jobs::store::NewRow;
use crate::jobs::{Job, JobId, JobSpec, Origin, State};
use crate::profiles::Profile;
use crate::service::Core;
use crate::service::fault::{FaultBody, FaultKind};
use crate::service::token::{self, Token};
use crate::settings::Directories;
use crate::settings::config::{Config, Service};

use super::desk::Desk;
use super::door::Door;
use super::router;

/// A service without a socket.
struct House {
    home: tempfile::TempDir,
    core: Arc<Core>,
    desk: Arc<Desk>,
    token: Arc<Token>,
}

/// An answer that was read to its end.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    fn fault(&self) -> FaultKind {
        serde_json::from_slice::<FaultBody>(&self.body).unwrap().error.kind
    }
}

impl House {
    fn new() -> Self {
        Self::with(Service::default())
    }

    fn with(service: Service) -> Self {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::beneath(home.path()).unwrap();
        let token = Arc::new(token::load_or_make(&directories.config).unwrap());
        let config = Config { service, ..Config::default() };
        let core = Core::open(directories, config, home.path().join("socket")).unwrap();
        House { home, core, desk: Arc::default(), token }
    }

    fn local(&self) -> Router {
        router::build(&self.core, &self.desk, Door::Local, None).unwrap()
    }

    fn network(&self) -> Router {
        router::build(&self.core, &self.desk, Door::Network, Some(Arc::clone(&self.token))).unwrap()
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.reveal())
    }

    /// A job that is held.
    fn job(&self, name: &str) -> Job {
        let path = |end: &str| self.home.path().join(format!("{name}{end}"));
        let spec = JobSpec {
            name: name.into(),
            sources: vec![path(".jpg")],
            source_face: None,
            target: path(".png"),
            output: path("-out.png"),
            overwrite: false,
            profile_name: "embedded".into(),
            profile: Profile::default(),
            origin: Origin::Local,
        };
        let row = NewRow {
            id: JobId::generate(),
            spec,
            state: State::Paused,
            priority: 0,
            after: Vec::new(),
            not_before: None,
            max_attempts: 3,
        };
        self.core.store.add(&[row], Timestamp::now()).unwrap().pop().unwrap()
    }
}

async fn ask(router: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
    send(router, method, path, headers, Body::empty()).await
}

async fn send(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answered {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    Answered { status: parts.status, headers: parts.headers, body: body.to_vec() }
}
