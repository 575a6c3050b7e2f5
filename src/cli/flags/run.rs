//! On what the job runs.

use super::Layer;
use super::parse::Names;

/// On what the job runs.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Machine")]
pub struct RunArgs {
    /// Where networks run, in the order in which they are asked; "auto" is the best that works
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = Names::providers())]
    pub execution_provider: Vec<String>,
    /// Threads that process frames [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub execution_threads: Option<u16>,
    /// The most memory, in GB
    #[arg(long, value_name = "GB")]
    pub max_memory: Option<f64>,
    /// Which device of the provider, from 0
    #[arg(long, value_name = "N")]
    pub device_id: Option<u32>,
    /// The most memory of the device, in GB
    #[arg(long, value_name = "GB")]
    pub vram_limit: Option<f64>,
    /// Half precision where the network has it
    #[arg(long)]
    pub half_precision: bool,
    /// Run networks on the processor as ONNX Runtime computes them, not in their faster form
    #[arg(long)]
    pub exact_ort: bool,
    /// Fetch the models that are needed and not here
    #[arg(long)]
    pub pull: bool,
    /// Accept the licenses of what --pull fetches without being asked (for scripts)
    #[arg(long, requires = "pull")]
    pub accept_license: bool,
}

impl RunArgs {
    pub(super) fn fill(&self, layer: &mut Layer) {
        layer.list("run.providers", "--execution-provider", &self.execution_provider);
        let threads = self.execution_threads.map(i64::from);
        layer.maybe("run.threads", "--execution-threads", threads);
        layer.maybe("run.max_memory", "--max-memory", self.max_memory);
        layer.maybe("run.device", "--device-id", self.device_id.map(i64::from));
        layer.maybe("run.vram_limit", "--vram-limit", self.vram_limit);
        let half = self.half_precision.then_some(true);
        layer.maybe("run.half_precision", "--half-precision", half);
        let exact = self.exact_ort.then_some(true);
        layer.maybe("run.exact_ort", "--exact-ort", exact);
    }
}
