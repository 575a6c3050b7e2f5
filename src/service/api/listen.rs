//! Where the service may listen.

use std::net::SocketAddr;

use crate::error::{Error, Result};
use crate::settings::config::Service;

/// Whether the service may listen on this address: on one of this machine always; on another only
/// when the user knows what that means and nobody on the way can read the token.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it may not, or when half of a certificate is configured.
pub fn check_listen(address: SocketAddr, config: &Service, i_know: bool) -> Result<()> {
    let has_tls = match (&config.tls_cert, &config.tls_key) {
        (Some(_), Some(_)) => true,
        (None, None) => false,
        _ => {
            return Err(Error::usage("TLS needs a certificate and its key")
                .hint("set tls_cert and tls_key under [service] in config.toml, or neither"));
        }
    };
    if address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    if !i_know {
        return Err(Error::usage(format!("{address} can be reached from other machines"))
            .hint("listen on 127.0.0.1, or say --i-know if that is what you want"));
    }
    if !has_tls && !config.behind_proxy {
        return Err(Error::usage(format!(
            "on {address} the token and everybody's pictures would cross the network unencrypted"
        ))
        .hint(
            "set tls_cert and tls_key under [service] in config.toml, or behind_proxy = true \
             if a proxy in front of it speaks TLS",
        ));
    }
    Ok(())
}

/// Lets the process have as many open files as its connections need, as far as the system allows.
pub fn raise_file_limit(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // The other half of them are files that are read and written, libraries and devices.
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_mul(4).max(4096);
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.unwrap_or(u64::MAX);
    if now.current.is_none_or(|current| current >= wanted.min(most)) {
        return;
    }
    let more = Rlimit { current: Some(wanted.min(most)), maximum: now.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, more) {
        tracing::warn!("cannot raise the number of files that may be open: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn other_machines_are_let_in_knowingly_and_encrypted_only() {
        let plain = Service::default();
        let pem = |name: &str| Some(PathBuf::from(name));
        let tls = Service { tls_cert: pem("a"), tls_key: pem("b"), ..Service::default() };
        let proxied = Service { behind_proxy: true, ..Service::default() };
        let half = Service { tls_cert: pem("a"), ..Service::default() };
        let ok = |address: &str, config, i_know| {
            check_listen(address.parse().unwrap(), config, i_know).is_ok()
        };
        for here in ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(ok(here, &plain, false) && ok(here, &tls, false), "{here}");
            assert!(!ok(here, &half, true), "{here}");
        }
        for there in ["0.0.0.0:1", "[::]:1", "192.168.1.2:1", "[::ffff:10.0.0.1]:1"] {
            assert!(!ok(there, &plain, false) && !ok(there, &plain, true), "{there}");
            assert!(!ok(there, &tls, false) && !ok(there, &proxied, false), "{there}");
            assert!(ok(there, &tls, true) && ok(there, &proxied, true), "{there}");
            assert!(!ok(there, &half, true), "{there}");
        }
    }
}
