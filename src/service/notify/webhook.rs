//! Posts a message to the user's server, signed, and again when the server cannot take it now.

use std::fmt::Write;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use ulid::Ulid;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::settings::config::Notify;

use super::{Message, secret};

/// Tries after the first one.
const RETRIES: usize = 5;
/// How long the end of the service goes unnoticed at most.
const NOTICED: Duration = Duration::from_millis(50);

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For one try, from its beginning to its end.
    pub(super) answer: Duration,
    /// Before the second try; twice as long before each further one.
    pub(super) pause: Duration,
}

const PATIENCE: Patience =
    Patience { answer: Duration::from_secs(10), pause: Duration::from_secs(2) };

/// What became of one try.
enum Outcome {
    Taken,
    /// It may be taken later.
    Later(String),
    Never(String),
}

/// Makes sure that an address can be posted to.
///
/// # Errors
/// [`crate::error::Kind::Usage`] otherwise.
pub(super) fn check(url: &str) -> Result<()> {
    let parsed = url.parse::<ureq::http::Uri>();
    let usable = parsed.is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if usable {
        return Ok(());
    }
    Err(Error::usage(format!("the webhook {url} is no address"))
        .hint("it looks like https://example.com/path: see webhook in [notify]"))
}

/// Posts a message. Five more tries are made when the server is busy, at fault or not there.
///
/// # Errors
/// When the secret cannot be used, the server does not want the message, or all tries failed.
pub(super) fn call(notify: &Notify, message: &Message, stopping: &Interrupt) -> Result<()> {
    call_with(PATIENCE, notify, message, stopping)
}

pub(super) fn call_with(
    patience: Patience,
    notify: &Notify,
    message: &Message,
    stopping: &Interrupt,
) -> Result<()> {
    let Some(url) = &notify.webhook else { return Ok(()) };
    check(url)?;
    let secret = notify.webhook_secret_file.as_deref().map(secret::read).transpose()?;
    let body = message.json()?;
    // The same for every try, so that the server knows a message that it took already.
    let delivery = Ulid::generate().to_string();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(patience.answer))
        .http_status_as_error(false)
        // What was signed for one server is not for another.
        .max_redirects(0)
        .user_agent(concat!("facedeck/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(patience.pause)
        .with_factor(2.0)
        .with_max_times(RETRIES)
        .with_jitter()
        .build();
    loop {
        let why = match post(&agent, url, &delivery, message.name(), &body, secret.as_deref()) {
            Outcome::Taken => return Ok(()),
            Outcome::Never(why) => return Err(Error::failed(format!("the webhook {url} {why}"))),
            Outcome::Later(why) => why,
        };
        let Some(pause) = pauses.next() else {
            let tries = RETRIES + 1;
            return Err(Error::failed(format!("the webhook {url} {why}, {tries} times")));
        };
        tracing::debug!("the webhook {url} {why}: again in {:.1} s", pause.as_secs_f64());
        wait(pause, stopping)?;
    }
}

fn post(
    agent: &ureq::Agent,
    url: &str,
    delivery: &str,
    event: &str,
    body: &[u8],
    secret: Option<&[u8]>,
) -> Outcome {
    // Of this try: servers refuse what is old.
    let timestamp = Timestamp::now().as_second().to_string();
    let mut request = agent
        .post(url)
        .content_type("application/json")
        .header("X-Facedeck-Event", event)
        .header("X-Facedeck-Timestamp", &timestamp)
        .header("X-Facedeck-Delivery", delivery);
    if let Some(secret) = secret {
        match signature(secret, &timestamp, body) {
            Some(signature) => request = request.header("X-Facedeck-Signature", signature),
            None => return Outcome::Never("has a secret that cannot sign".into()),
        }
    }
    match request.send(body) {
        Ok(response) => match response.status().as_u16() {
            200..=299 => Outcome::Taken,
            status @ (429 | 500..=599) => Outcome::Later(format!("answered {status}")),
            status => Outcome::Never(format!("answered {status}")),
        },
        Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
            Outcome::Never(format!("cannot be called: {error}"))
        }
        Err(error) => Outcome::Later(format!("cannot be reached: {error}")),
    }
}

/// `sha256=` and the HMAC of `TIMESTAMP.BODY` in hexadecimal.
fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut text = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

fn wait(pause: Duration, stopping: &Interrupt) -> Result<()> {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        stopping.check()?;
        std::thread::sleep(NOTICED.min(end.saturating_duration_since(Instant::now())));
    }
    stopping.check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_that_others_compute() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let expected = "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        assert_eq!(signature(b"key", "1700000000", b"{}").unwrap(), expected);
    }

    #[test]
    fn only_addresses_are_called() {
        check("https://example.com/hook").unwrap();
        check("http://127.0.0.1:8080").unwrap();
        for wrong in ["", "example.com", "ftp://example.com/", "https://", "http:///x"] {
            assert_eq!(check(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
