//! `[service]`: what it listens on, how much it does at a time, what clients may do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[service]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// An address such as `127.0.0.1:7870`, on which it listens beside its unix socket.
    pub listen: Option<String>,
    /// Folders in which clients of the network may name files. None: they can only upload.
    pub roots: Vec<PathBuf>,
    /// Jobs that run side by side on the processor.
    pub parallel_cpu: u32,
    /// Jobs that run side by side on each graphics processor.
    pub parallel_gpu: u32,
    /// How often a job is tried that fails for a reason that can pass.
    pub max_attempts: u32,
    /// Seconds before the second attempt; twice as long before each further one.
    pub retry_seconds: f64,
    /// The largest upload, in GB.
    pub max_upload: f64,
    /// Uploads at a time.
    pub max_uploads: usize,
    /// The largest picture or frame of a client of the network, in megapixels.
    pub max_megapixels: f64,
    /// The highest frame rate of a film of a client of the network.
    pub max_frame_rate: f64,
    /// Connections at a time: so many over the network, and as many over the socket.
    pub max_connections: usize,
    /// Origins from which browsers may ask (CORS); none when empty.
    pub cors: Vec<String>,
    /// Certificate and key (PEM) for TLS.
    pub tls_cert: Option<PathBuf>,
    /// See `tls_cert`.
    pub tls_key: Option<PathBuf>,
    /// A proxy in front of it speaks TLS with the world.
    pub behind_proxy: bool,
    /// Days for which logs are kept.
    pub log_days: usize,
}

impl Default for Service {
    fn default() -> Self {
        Service {
            listen: None,
            roots: Vec::new(),
            parallel_cpu: 1,
            parallel_gpu: 1,
            max_attempts: 3,
            retry_seconds: 10.0,
            max_upload: 20.0,
            max_uploads: 8,
            max_megapixels: 100.0,
            max_frame_rate: 240.0,
            max_connections: 1024,
            cors: Vec::new(),
            tls_cert: None,
            tls_key: None,
            behind_proxy: false,
            log_days: 14,
        }
    }
}
