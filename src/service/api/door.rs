//! Through which door a request came: what it may do depends on it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::error::Error;
use crate::jobs::Origin;
use crate::service::fault::{Answer, Fault, FaultKind};

/// The door of a request; every handler can take it as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The unix socket, which only this user can open.
    Local,
    /// The network, with a token.
    Network,
}

impl Door {
    /// Lets nobody of the network pass.
    ///
    /// # Errors
    /// [`FaultKind::Forbidden`]; `what` is what they may not do, such as "stop the service".
    pub fn only_local(self, what: &str) -> Answer<()> {
        match self {
            Door::Local => Ok(()),
            Door::Network => Err(Fault::new(
                FaultKind::Forbidden,
                Error::usage(format!("clients of the network may not {what}"))
                    .hint("do it on the machine on which the service runs"),
            )),
        }
    }
}

impl From<Door> for Origin {
    fn from(door: Door) -> Self {
        match door {
            Door::Local => Origin::Local,
            Door::Network => Origin::Network,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Door {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Whoever forgets to say where a request came from gets the door that may do less.
        Ok(parts.extensions.get::<Door>().copied().unwrap_or(Door::Network))
    }
}
