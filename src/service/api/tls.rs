//! TLS for the network, with a certificate of the user's.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Context, Error, Result};
use crate::settings::config::Service;

/// What speaks TLS, where the configuration has a certificate.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when certificate or key cannot be read or do not fit.
pub fn acceptor(config: &Service) -> Result<Option<TlsAcceptor>> {
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else { return Ok(None) };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert).and_then(Iterator::collect);
    let chain = chain.map_err(|error| unusable("certificate", cert).because(error))?;
    if chain.is_empty() {
        return Err(unusable("certificate", cert).because("there is none in it"));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| unusable("key", key).because(error))?;
    let mut tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .context(|| "cannot set up TLS".into())?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| unusable("certificate", cert).because(error))?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(tls))))
}

fn unusable(what: &str, path: &Path) -> Error {
    Error::usage(format!("the TLS {what} {} cannot be used", path.display())).hint(
        "tls_cert and tls_key under [service] in config.toml name PEM files that fit together",
    )
}
