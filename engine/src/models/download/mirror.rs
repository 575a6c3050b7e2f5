//! One of the servers that have a file, and what is known about it so far.

use std::time::Instant;

/// A server, and what is known about it.
pub(super) struct Mirror<'a> {
    pub(super) url: &'a str,
    /// Its name and port.
    pub(super) host: String,
    /// Why it did not serve, last time.
    pub(super) fault: Option<String>,
    /// Whether it never will.
    pub(super) hopeless: bool,
    /// It asked not to be bothered before.
    pub(super) not_before: Option<Instant>,
}

impl<'a> Mirror<'a> {
    /// What is known of a server that was not asked yet.
    pub(super) fn new(url: &'a str) -> Self {
        let fault = forbidden(url);
        let hopeless = fault.is_some();
        Mirror { url, host: host(url), fault, hopeless, not_before: None }
    }

    /// It is not asked any more.
    pub(super) fn give_up(&mut self, why: String) {
        self.fault = Some(why);
        self.hopeless = true;
    }
}

/// Why an address may not be used: what is fetched must not be readable or changeable on its way,
/// unless it never leaves this machine.
fn forbidden(url: &str) -> Option<String> {
    let uri: ureq::http::Uri = match url.parse() {
        Ok(uri) => uri,
        Err(_) => return Some("is no address".into()),
    };
    let local = matches!(uri.host(), Some("localhost" | "127.0.0.1"));
    match uri.scheme_str() {
        Some("https") => None,
        Some("http") if local => None,
        _ => Some("is not asked: its address does not begin with https://".into()),
    }
}

fn host(url: &str) -> String {
    let uri = url.parse::<ureq::http::Uri>().ok();
    uri.and_then(|uri| uri.authority().map(|a| a.as_str().to_owned())).unwrap_or(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_in_the_clear() {
        for url in ["https://huggingface.co/x", "http://127.0.0.1:8080/x", "http://localhost/x"] {
            assert_eq!(forbidden(url), None, "{url}");
        }
        for url in ["http://example.com/x", "ftp://localhost/x", "file:///etc/passwd", "x", ""] {
            assert!(forbidden(url).is_some(), "{url}");
        }
        assert_eq!(host("https://example.com:444/a?b"), "example.com:444");
    }
}
