//! Typed client of the service's API, over its unix socket, the network, or ssh.
