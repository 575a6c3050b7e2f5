//! How many files the service may hold open: connections, hot folders and jobs share the number,
//! and the usual limit is made for programs with a handful.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More are not needed: see `max_connections` in the configuration.
const ENOUGH: u64 = 65_536;

/// Raises the limit as far as the system allows and as is of use.
pub(super) fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
    if current.is_some_and(|now| now < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::warn!("cannot raise the limit of open files to {wanted}: {error}");
    }
}
