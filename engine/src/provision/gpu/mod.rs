//! What the GPU providers of ONNX Runtime stand on: which GPUs are here, which libraries a
//! provider's library needs and where they lie, and the GPU runtime that facedeck fetches into its
//! own folder so that neither root nor `LD_LIBRARY_PATH` is needed.

mod devices;
mod elf;
mod fetch;
mod pins;
mod search;
mod stage;

pub use devices::{Gpu, gpus, nvidia_is_here};
pub use elf::{Dependencies, dependencies};
pub use fetch::{GpuFetch, fetch_gpu_runtime, planned_gpu_fetch};
pub use search::{Absent, Resolved, Search};

/// What tests of other rooms write libraries with.
#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::elf::tests::library_needing;
}
