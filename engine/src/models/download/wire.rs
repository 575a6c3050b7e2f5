//! One request, on a thread of its own, so that the user can stop it whatever it waits for.

use std::io::Read;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use ureq::http::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, HeaderMap,
    HeaderName, IF_RANGE, LAST_MODIFIED, RANGE, RETRY_AFTER,
};

use crate::error::Result;
use crate::interrupt::Interrupt;

use super::answer::{content_range, retry_after};
use super::patience::Patience;

/// Read at a time.
const BLOCK: usize = 1 << 16;
/// Blocks that wait for the disk; more would only be memory.
const WAITING: usize = 8;
/// How long a stop goes unnoticed at most.
const NOTICED: Duration = Duration::from_millis(50);

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The address.
    pub(super) url: String,
    /// The first byte that is wanted.
    pub(super) offset: u64,
    /// Only if this is still true of the file; else all of it.
    pub(super) if_range: Option<String>,
}

/// What the server said before the bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Head {
    /// The status code.
    pub(super) status: u16,
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// `Content-Range`: the first byte and the whole size.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// What tells this version of the file from others: a strong `ETag`, or `Last-Modified`.
    pub(super) validator: Option<String>,
    /// `Retry-After`.
    pub(super) retry_after: Option<Duration>,
    /// Whether it is a page for people.
    pub(super) is_page: bool,
}

/// What happens on the line, in this order: a head, blocks, an end. The line may break at any time;
/// `Hopeless` says that it would again.
#[derive(Debug)]
pub(super) enum Event {
    Head(Head),
    Block(Vec<u8>),
    End,
    Broken(String),
    Hopeless(String),
}

/// The line to a server.
pub(super) struct Line(Receiver<Event>);

impl Line {
    /// Sends a request.
    pub(super) fn open(request: Request, patience: Patience) -> Self {
        let (sender, receiver) = bounded(WAITING);
        // Not joined: when nobody listens any more it ends by itself, at the latest when the
        // server's time is up.
        std::thread::spawn(move || {
            let last = match talk(&request, patience, &sender) {
                Ok(()) => Event::End,
                Err(error) if is_hopeless(&error) => Event::Hopeless(words(&error, patience)),
                Err(error) => Event::Broken(words(&error, patience)),
            };
            let _ = sender.send(last);
        });
        Line(receiver)
    }

    /// The next thing that happens.
    ///
    /// # Errors
    /// When the user stops it.
    pub(super) fn next(&self, interrupt: &Interrupt) -> Result<Event> {
        loop {
            interrupt.check()?;
            match self.0.recv_timeout(NOTICED) {
                Ok(event) => return Ok(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Event::Broken("the download stopped unexpectedly".into()));
                }
            }
        }
    }
}

fn talk(
    request: &Request,
    patience: Patience,
    sender: &Sender<Event>,
) -> std::result::Result<(), ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(patience.connect()))
        .timeout_connect(Some(patience.connect()))
        .timeout_recv_response(Some(patience.silence))
        .timeout_per_read(Some(patience.silence))
        .timeout_per_write(Some(patience.silence))
        .http_status_as_error(false)
        // An address of this machine may be plain; nothing that begins encrypted becomes so.
        .https_only(!request.url.starts_with("http://"))
        .user_agent(concat!("facedeck/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    // Compressed, the offsets would not be the file's.
    let mut call = agent.get(&request.url).header(ACCEPT_ENCODING, "identity");
    if request.offset > 0 {
        call = call.header(RANGE, format!("bytes={}-", request.offset));
        if let Some(validator) = &request.if_range {
            call = call.header(IF_RANGE, validator);
        }
    }
    let response = call.call()?;
    let head = head(response.status().as_u16(), response.headers());
    if sender.send(Event::Head(head)).is_err() {
        return Ok(());
    }
    let mut body = response.into_body().into_reader();
    loop {
        let mut block = vec![0; BLOCK];
        let count = body.read(&mut block)?;
        block.truncate(count);
        if count == 0 || sender.send(Event::Block(block)).is_err() {
            return Ok(());
        }
    }
}

fn head(status: u16, headers: &HeaderMap) -> Head {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A weak tag says that two versions are as good as each other, not that they are the same.
    let tag = text(ETAG).filter(|tag| tag.starts_with('"'));
    Head {
        status,
        length: text(CONTENT_LENGTH).and_then(|value| value.trim().parse().ok()),
        range: text(CONTENT_RANGE).and_then(content_range),
        validator: tag.or_else(|| text(LAST_MODIFIED)).map(str::to_owned),
        retry_after: text(RETRY_AFTER).and_then(|value| retry_after(value, text(DATE))),
        is_page: text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")),
    }
}

/// Whether asking again would end in the same way.
fn is_hopeless(error: &ureq::Error) -> bool {
    matches!(
        error,
        ureq::Error::TooManyRedirects
            | ureq::Error::BadUri(_)
            | ureq::Error::RequireHttpsOnly(_)
            | ureq::Error::InvalidProxyUrl
    )
}

/// Why a line broke, in words.
fn words(error: &ureq::Error, patience: Patience) -> String {
    let silent = || format!("was silent for {} s", patience.silence.as_secs_f32());
    match error {
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            format!("cannot be reached within {} s", patience.connect().as_secs_f32())
        }
        ureq::Error::Timeout(_) => silent(),
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => silent(),
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "closed the connection too early".into()
        }
        ureq::Error::HostNotFound => "has a name that is not known".into(),
        ureq::Error::Io(e) => format!("cannot be reached: {e}"),
        ureq::Error::TooManyRedirects => "redirects without end".into(),
        ureq::Error::RequireHttpsOnly(_) => "redirects to an address that is not encrypted".into(),
        other => format!("failed: {other}"),
    }
}
