//! What every handler can reach.

use std::sync::Arc;

use crate::service::Core;

/// The state of the router: what all parts of the service share.
pub type Shared = Arc<Core>;
