//! Parity with InsightFace's swap, stage by stage, on the reference outputs of `tests/golden`.

mod data;
mod parity;
mod speed;
