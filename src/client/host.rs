//! Where the service is: here, at an address, or behind SSH.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Where the service is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Host {
    /// This user's own, on this machine.
    #[default]
    Local,
    /// Behind a socket on this machine: `unix:///run/facedeck/service.sock`.
    Unix(PathBuf),
    /// On the network: `http://box:7870`, `https://deck.example.org`. Without a slash at its end.
    Http(String),
    /// Behind SSH: `ssh://me@box`.
    Ssh(SshHost),
}

/// `ssh://[user@]box[:port][/path/to/facedeck]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshHost {
    /// `box`, or `user@box`.
    pub destination: String,
    /// The port, where it is not what SSH is used to.
    pub port: Option<u16>,
    /// The program over there.
    pub program: String,
}

impl Host {
    /// Whether the service sees the same files as this program.
    pub fn shares_files(&self) -> bool {
        matches!(self, Host::Local | Host::Unix(_))
    }

    /// Whether what is sent there, a token too, can be read on the way: `http://` to another
    /// machine. What stays on this one is seen by nobody else.
    pub fn is_in_clear(&self) -> bool {
        let Host::Http(base) = self else { return false };
        let Ok(url) = reqwest::Url::parse(base) else { return false };
        let name = url.host_str().unwrap_or_default();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let here = match address {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => name == "localhost" || name.ends_with(".localhost"),
        };
        url.scheme() == "http" && !here
    }
}

impl FromStr for Host {
    type Err = Error;

    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none of the forms.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::usage(format!("{text} is no host: {why}"))
                .hint("write it as http://box:7870, https://box, ssh://me@box or unix:///path")
        };
        if text == "local" {
            return Ok(Host::Local);
        }
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| wrong("it does not say how to get there"))?;
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Host::Unix(rest.into())),
            "unix" => Err(wrong("the path of a socket begins with /")),
            "http" | "https" => {
                let url = reqwest::Url::parse(text).map_err(|e| wrong(&e.to_string()))?;
                if !url.username().is_empty() || url.password().is_some() {
                    return Err(wrong("a token goes into FACEDECK_TOKEN or --token-file"));
                }
                if url.query().is_some() || url.fragment().is_some() {
                    return Err(wrong("it holds more than an address"));
                }
                Ok(Host::Http(url.as_str().trim_end_matches('/').to_owned()))
            }
            "ssh" => ssh(rest).map(Host::Ssh).map_err(wrong),
            _ => Err(wrong("the way there is not known")),
        }
    }
}

/// What follows `ssh://`.
fn ssh(rest: &str) -> Result<SshHost, &'static str> {
    let (address, program) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, "facedeck"),
    };
    let (user, place) = match address.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, address),
    };
    let (name, port) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, after)) => (name, Some(after.strip_prefix(':').ok_or("what follows ]?")?)),
        None => match place.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (place, None),
        },
    };
    let port = port.map(str::parse::<u16>).transpose().map_err(|_| "the port is no number")?;
    // What begins with a dash would be an option of ssh, and one of them runs commands.
    let odd = |part: &str| {
        part.is_empty()
            || part.starts_with('-')
            || part.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    if odd(name) || user.is_some_and(odd) {
        return Err("the name of the machine or of the user is odd");
    }
    let program = if program == "/" { "facedeck" } else { program };
    let destination = user.map_or_else(|| name.to_owned(), |user| format!("{user}@{name}"));
    Ok(SshHost { destination, port, program: program.to_owned() })
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Local => f.write_str("this machine"),
            Host::Unix(path) => write!(f, "{}", path.display()),
            Host::Http(url) => f.write_str(url),
            Host::Ssh(host) => write!(f, "ssh://{}", host.destination),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Host {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(read("local"), Host::Local);
        assert_eq!(read("unix:///run/a.sock"), Host::Unix("/run/a.sock".into()));
        assert_eq!(read("http://box:7870/"), Host::Http("http://box:7870".into()));
        assert_eq!(read("https://box/deck/"), Host::Http("https://box/deck".into()));
        let of = |text| match read(text) {
            Host::Ssh(SshHost { destination, port, program }) => (destination, port, program),
            other => panic!("{other}"),
        };
        let ssh = |destination: &str, port, program: &str| {
            (destination.to_owned(), port, program.to_owned())
        };
        assert_eq!(of("ssh://box"), ssh("box", None, "facedeck"));
        assert_eq!(of("ssh://box/"), ssh("box", None, "facedeck"));
        assert_eq!(of("ssh://me@box:2222"), ssh("me@box", Some(2222), "facedeck"));
        assert_eq!(
            of("ssh://me@[fe80::1]:22/opt/my deck/facedeck"),
            ssh("me@fe80::1", Some(22), "/opt/my deck/facedeck")
        );
    }

    #[test]
    fn only_plain_http_to_another_machine_is_in_clear() {
        for clear in ["http://box:7870", "http://192.0.2.7", "http://[2001:db8::7]:1"] {
            assert!(read(clear).is_in_clear(), "{clear}");
        }
        for closed in [
            "local",
            "unix:///a.sock",
            "ssh://box",
            "https://box",
            "http://localhost:7870",
            "http://127.0.0.1:7870",
            "http://127.9.9.9",
            "http://[::1]:7870",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(!read(closed).is_in_clear(), "{closed}");
        }
        assert!(read("http://localhost.example.org").is_in_clear());
    }

    #[test]
    fn what_is_no_host_is_told_with_the_forms() {
        for wrong in [
            "",
            "box",
            "box:7870",
            "ftp://box",
            "unix://a.sock",
            "http://",
            "http://me:secret@box",
            "http://box?x=1",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-l@box",
            "ssh://a b",
            "ssh://box:ssh",
            "ssh://[::1]x",
        ] {
            let error = wrong.parse::<Host>().expect_err(wrong);
            assert_eq!(error.exit_code(), 2, "{wrong}");
            assert!(error.hint_text().unwrap().contains("ssh://me@box"), "{wrong}");
        }
    }
}
