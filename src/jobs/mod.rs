//! What a job is: what was asked for, where it stands, and the store that remembers both.
//!
//! A job lies in the store from the moment it was accepted until somebody removes it; every change
//! of its state is a row with its time and its reason.

pub mod failure;
pub mod id;
pub mod job;
pub mod output;
pub mod spec;
pub mod state;
pub mod store;

pub use id::JobId;
pub use job::{Failure, Job, Transition};
pub use spec::{JobSpec, Origin};
pub use state::State;
pub use store::Store;
