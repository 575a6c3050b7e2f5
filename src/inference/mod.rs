//! ONNX Runtime: the environment, sessions, execution providers.

pub mod environment;
pub mod provider;
pub mod session;

pub use environment::{for_tests, init};
pub use provider::{Provider, providers};
pub use session::{Output, Session, TensorInfo};
