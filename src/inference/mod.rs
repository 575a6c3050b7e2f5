//! ONNX Runtime: the environment, sessions, execution providers.

pub mod environment;
pub mod pool;
pub mod provider;
pub mod session;

pub use environment::{for_tests, init};
pub use pool::{Pool, Settings, Shared};
pub use provider::{Provider, providers};
pub use session::{Input, Output, Session, TensorInfo, Values};
