//! ONNX Runtime: the environment, sessions, execution providers.

pub mod environment;
pub(crate) mod graph;
mod int8;
mod numbers;
mod operators;
pub mod plan;
pub mod pool;
pub mod provider;
mod rewrite;
pub mod session;
pub mod settings;
mod winograd;

pub use environment::{for_tests, init};
pub use plan::Plan;
pub use pool::{Guarded, Loaded, Note, Pool, Shared};
pub use provider::{Provider, providers};
pub use rewrite::made::compare::{self, compare};
pub use rewrite::made::int8 as quantized;
pub use rewrite::made::{Verdict, verdicts};
pub use session::{Input, Output, Session, TensorInfo, Values};
pub use settings::Settings;
