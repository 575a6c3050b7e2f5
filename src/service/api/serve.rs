//! The two doors: accepts connections, and sees to it that none costs the others anything.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use crate::error::{Context, Result};
use crate::service::token;

use super::desk::Desk;
use super::door::Door;
use super::state::Shared;
use super::{Listeners, listen, router, tls};

/// So long a client may take for the handshake, for the head of a request, and between two requests.
const HEAD: Duration = Duration::from_secs(10);
/// So long a client may read nothing of what is sent to it.
const STALLED: Duration = Duration::from_secs(30);
/// So long answers under way have when the service ends.
const GRACE: Duration = Duration::from_secs(5);
/// The pause after the system could give no connection, such as for want of open files.
const PAUSE: Duration = Duration::from_millis(200);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// How long clients may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// See [`HEAD`].
    pub(super) head: Duration,
    /// See [`STALLED`].
    pub(super) stalled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { head: HEAD, stalled: STALLED }
    }
}

/// A listener of either kind.
enum Listener {
    Unix(tokio::net::UnixListener),
    Tcp(tokio::net::TcpListener, Option<TlsAcceptor>),
}

/// See [`super::serve`].
pub(super) async fn serve(core: Shared, listeners: Listeners, patience: Patience) -> Result<()> {
    let config = core.config();
    let limit = config.service.max_connections.max(1);
    listen::raise_file_limit(limit);
    let desk = Arc::new(Desk::default());
    let cannot = || "cannot listen".to_owned();
    let unix = tokio::net::UnixListener::from_std(listeners.unix).context(cannot)?;
    let local = router::build(&core, &desk, Door::Local, None)?;
    let mut doors = vec![(Listener::Unix(unix), local)];
    if let Some(tcp) = listeners.tcp {
        let acceptor = tls::acceptor(&config.service)?;
        let token = token::load_or_make(&core.directories.config)?;
        let tcp = tokio::net::TcpListener::from_std(tcp).context(cannot)?;
        let network = router::build(&core, &desk, Door::Network, Some(Arc::new(token)))?;
        doors.push((Listener::Tcp(tcp, acceptor), network));
    }

    let graceful = GracefulShutdown::new();
    let accepting = doors.into_iter().map(|(listener, router)| {
        // Each door has its own number, so that the network cannot lock the local user out.
        let seats = Arc::new(Semaphore::new(limit));
        accept(listener, router, seats, &graceful, patience)
    });
    tokio::select! {
        _ = futures_util::future::join_all(accepting) => {}
        () = core.until_stopped() => {}
    }
    desk.ending.cancel();
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("clients that did not come to an end were left behind");
    }
    Ok(())
}

async fn accept(
    listener: Listener,
    router: Router,
    seats: Arc<Semaphore>,
    graceful: &GracefulShutdown,
    patience: Patience,
) {
    loop {
        // Without a free seat nobody is let in; who waits outside waits in the kernel.
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let (router, watcher) = (router.clone(), graceful.watcher());
        match &listener {
            Listener::Unix(unix) => match unix.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(async move {
                        converse(guarded(stream, patience), router, watcher, patience).await;
                        drop(seat);
                    });
                }
                Err(error) => pause_after(&error).await,
            },
            Listener::Tcp(tcp, acceptor) => match tcp.accept().await {
                Ok((stream, _)) => {
                    let acceptor = acceptor.clone();
                    // Small answers go out at once.
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(async move {
                        let stream = guarded(stream, patience);
                        match acceptor {
                            None => converse(stream, router, watcher, patience).await,
                            Some(tls) => {
                                let shaken = tls.accept(stream);
                                match tokio::time::timeout(patience.head, shaken).await {
                                    Ok(Ok(stream)) => {
                                        converse(stream, router, watcher, patience).await;
                                    }
                                    Ok(Err(error)) => tracing::debug!("no TLS: {error}"),
                                    Err(_) => tracing::debug!("no TLS: it took too long"),
                                }
                            }
                        }
                        drop(seat);
                    });
                }
                Err(error) => pause_after(&error).await,
            },
        }
    }
}

/// A stream that ends when the other side reads nothing for too long.
fn guarded<S: AsyncRead + AsyncWrite>(stream: S, patience: Patience) -> Pin<Box<TimeoutStream<S>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.stalled));
    Box::pin(stream)
}

async fn converse<S>(stream: S, router: Router, watcher: Watcher, patience: Patience)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(LARGEST_HEAD);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(connection).await {
        // Clients come and go; that is no fault of the service.
        tracing::debug!("a connection ended: {error}");
    }
}

async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    // These are about one client, who is gone.
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!("no connection could be accepted: {error}");
        tokio::time::sleep(PAUSE).await;
    }
}
