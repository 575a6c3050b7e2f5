//! The stream of events, which goes on where it was after the line was cut.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderName};
use reqwest::{Method, Response};
use tokio::time::{Instant, sleep, timeout};

use crate::error::{Error, Result};
use crate::service::events::Event;

use super::Client;
use super::sse::{Message, Parser};

/// The header by which a client says where it was.
const LAST: HeaderName = HeaderName::from_static("last-event-id");
/// A line on which nothing comes for so long, not even a sign of life, is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// So long a service that went away is looked for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks for it: this much at first, and twice as much each time up to the second.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));

/// What the stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Something changed.
    Event(Box<Event>),
    /// The line was cut; it is looked for.
    Cut,
    /// The line is there again. What was missed comes next: the events, or a snapshot.
    Again,
}

/// The events of a service from now on; begins with a snapshot.
#[derive(Debug)]
pub struct EventStream<'a> {
    client: &'a Client,
    answer: Option<Response>,
    parser: Parser,
    waiting: VecDeque<Message>,
    /// The last event; its id also says which run of the service it is of.
    last: Option<String>,
}

impl Client {
    /// Listens to what changes.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn events(&self) -> Result<EventStream<'_>> {
        let mut stream = EventStream {
            client: self,
            answer: None,
            parser: Parser::default(),
            waiting: VecDeque::new(),
            last: None,
        };
        stream.open().await?;
        Ok(stream)
    }
}

impl EventStream<'_> {
    /// The next word. Nothing is lost when the waiting for it is given up.
    ///
    /// # Errors
    /// When the service went away and does not come back.
    pub async fn next(&mut self) -> Result<Told> {
        loop {
            while let Some(message) = self.waiting.pop_front() {
                if message.id.is_some() {
                    self.last = message.id;
                }
                match serde_json::from_str(&message.data) {
                    Ok(event) => return Ok(Told::Event(event)),
                    // A newer service of the same protocol may tell more.
                    Err(error) => tracing::debug!("an event that is not known: {error}"),
                }
            }
            if self.answer.is_none() {
                self.reopen().await?;
                return Ok(Told::Again);
            }
            self.read().await?;
            if self.answer.is_none() && self.waiting.is_empty() {
                return Ok(Told::Cut);
            }
        }
    }

    /// Reads a piece; the line is given up when none comes.
    async fn read(&mut self) -> Result<()> {
        let Some(answer) = &mut self.answer else { return Ok(()) };
        match timeout(SILENCE, answer.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                let waiting = &mut self.waiting;
                self.parser.feed(&bytes, |message| waiting.push_back(message))
            }
            Ok(Ok(None) | Err(_)) | Err(_) => {
                self.answer = None;
                Ok(())
            }
        }
    }

    async fn open(&mut self) -> Result<()> {
        let mut request =
            self.client.open(Method::GET, "/v1/events").header(ACCEPT, "text/event-stream");
        if let Some(last) = &self.last {
            request = request.header(LAST, last);
        }
        let answer = self.client.send(request).await?;
        self.parser = Parser::default();
        self.answer = Some(answer);
        Ok(())
    }

    async fn reopen(&mut self) -> Result<()> {
        let begin = Instant::now();
        let mut pause = AGAIN.0;
        loop {
            match self.open().await {
                Ok(()) => return Ok(()),
                Err(error) if begin.elapsed() >= PATIENCE => {
                    return Err(Error::failed("the service went away and did not come back")
                        .because(error)
                        .hint("start it: facedeck service start; its jobs are not lost"));
                }
                Err(_) => sleep(pause).await,
            }
            pause = (pause * 2).min(AGAIN.1);
        }
    }
}
