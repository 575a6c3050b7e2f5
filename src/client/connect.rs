//! How a client gets to its service, and how requests are sent.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Context, Error, Result};
use crate::service::process::detach::start_detached;
use crate::service::process::{Places, Record};
use crate::service::{FaultKind, PROTOCOL};
use crate::settings::Directories;

use super::ssh::Tunnel;
use super::{Host, fault};

/// So long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// So long an answer to a small request may take.
const ANSWER: Duration = Duration::from_secs(60);
/// The largest answer that is read into memory: the longest page of a list is far below.
const LARGEST: usize = 64 << 20;

/// Which service, and what may be done to reach it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where it is.
    pub host: Host,
    /// The token, where it is on the network.
    pub token: Option<String>,
    /// Starts the one of this machine when it does not run.
    pub start: bool,
    /// The user accepted the terms by this very command.
    pub accept_terms: bool,
    /// So long it may take until it answers; ten seconds when not given.
    pub patience: Option<Duration>,
}

/// What the service says to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VersionView {
    /// facedeck's version.
    pub version: String,
    /// Version of the API.
    pub protocol: u32,
}

/// A service that was reached and speaks as this client does.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    host: Host,
    tunnel: Option<Tunnel>,
    version: VersionView,
}

impl Client {
    /// Connects, and makes sure that both sides mean the same.
    ///
    /// # Errors
    /// When nobody answers, or one that speaks another version of the API.
    pub async fn connect(options: &Options) -> Result<Self> {
        let patience = options.patience.unwrap_or(CONNECT);
        let mut tunnel = None;
        let (builder, base) = match &options.host {
            Host::Local => (at_socket(&local(options).await?), "http://facedeck".to_owned()),
            Host::Unix(path) => (at_socket(path), "http://facedeck".to_owned()),
            Host::Http(base) => (reqwest::Client::builder(), base.clone()),
            Host::Ssh(host) => {
                let dug = tunnel.insert(Tunnel::dig(host)?);
                (at_socket(&dug.socket()), "http://facedeck".to_owned())
            }
        };
        // One is there already when a client was made before; they are the same.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = builder
            .connect_timeout(patience)
            // A token goes where it was sent and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("facedeck/", env!("CARGO_PKG_VERSION")))
            .build()
            .context(|| "cannot start the client".into())?;
        let version = VersionView { version: String::new(), protocol: PROTOCOL };
        let (token, host) = (options.token.clone(), options.host.clone());
        let mut client = Client { http, base, token, host, tunnel, version };
        // A first connection over SSH may ask for a password.
        let patience = if client.tunnel.is_some() { ANSWER.max(patience) } else { patience };
        client.version = client.json(client.get("/v1/version").timeout(patience)).await?;
        match client.version.protocol {
            PROTOCOL => Ok(client),
            _ => Err(client.other_protocol()),
        }
    }

    /// What the service says about its version.
    pub fn version(&self) -> &VersionView {
        &self.version
    }

    /// Where the service is.
    pub fn host(&self) -> &Host {
        &self.host
    }

    fn other_protocol(&self) -> Error {
        let VersionView { version, protocol } = &self.version;
        Error::failed(format!(
            "the service on {} is facedeck {version} (API {protocol}), this is {} (API {PROTOCOL})",
            self.host,
            env!("CARGO_PKG_VERSION"),
        ))
        .hint("restart your service: facedeck service stop")
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A request without a limit on its time.
    pub(super) fn open(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.open(method, path).timeout(ANSWER)
    }

    /// Sends it and gives the answer, when that is no error.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let answer = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = self.body(answer).await?;
        Err(fault::of_answer(status.as_u16(), &body))
    }

    /// As [`Self::send`]; none when the service says that there is no such thing.
    pub(super) async fn send_if_there(&self, request: RequestBuilder) -> Result<Option<Response>> {
        let answer = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(Some(answer));
        }
        let body = self.body(answer).await?;
        match fault::kind_of(&body) {
            Some(FaultKind::NotFound) => Ok(None),
            _ => Err(fault::of_answer(status.as_u16(), &body)),
        }
    }

    /// Sends it and reads the answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let answer = self.send(request).await?;
        let body = self.body(answer).await?;
        serde_json::from_slice(&body).map_err(|e| {
            Error::failed(format!("the service on {} answered what makes no sense", self.host))
                .because(e)
                .hint("restart your service: facedeck service stop")
        })
    }

    /// Sends it and reads the answer as text.
    pub(super) async fn text(&self, request: RequestBuilder) -> Result<String> {
        let answer = self.send(request).await?;
        Ok(String::from_utf8_lossy(&self.body(answer).await?).into_owned())
    }

    /// The whole body of an answer, which is bounded.
    pub(super) async fn body(&self, mut answer: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.unreachable(e))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Error::failed("the answer of the service has no end"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(super) fn unreachable(&self, error: reqwest::Error) -> Error {
        let words = self.tunnel.as_ref().map(Tunnel::last_words).unwrap_or_default();
        let message = match (error.is_connect(), error.is_timeout()) {
            (true, _) => format!("cannot reach the service on {}", self.host),
            (_, true) => format!("the service on {} did not answer in time", self.host),
            _ => format!("the line to the service on {} was cut", self.host),
        };
        let failed = Error::failed(message);
        if !words.is_empty() {
            return failed.because(words).hint("check that facedeck is installed over there");
        }
        failed.because(error.without_url()).hint(match self.host {
            Host::Local => "see whether it runs: facedeck service status",
            _ => "check the address, and that the service listens there: service run --listen",
        })
    }
}

/// A client of a socket. Certificates are of no use there, and reading them takes time.
fn at_socket(path: &std::path::Path) -> reqwest::ClientBuilder {
    reqwest::Client::builder().unix_socket(path).tls_certs_only([])
}

/// The socket of this user's service, which is started where that is allowed.
async fn local(options: &Options) -> Result<std::path::PathBuf> {
    let directories = Directories::from_env()?;
    if !options.start {
        return Record::of_running(&Places::of(&directories))
            .map(|record| record.socket)
            .ok_or_else(none_runs);
    }
    let accept_terms = options.accept_terms;
    tokio::task::spawn_blocking(move || start_detached(&directories, accept_terms))
        .await
        .context(|| "cannot start the service".into())?
        .map(|record| record.socket)
}

/// No service runs here.
pub(super) fn none_runs() -> Error {
    Error::failed("no service runs").hint("start it: facedeck service start")
}
