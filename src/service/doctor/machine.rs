//! What this machine is: processor, memory, GPU.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::provision::command::capture;
use crate::provision::gpu::{Gpu, gpus};

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Machine {
    /// `linux x86_64`.
    pub platform: String,
    /// The processor's name, when the system tells it.
    pub cpu: Option<String>,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that matter for inference.
    pub features: Vec<String>,
    /// Main memory in bytes, when the system tells it.
    pub memory: Option<u64>,
    /// GPUs with their drivers; empty when none was found.
    pub gpus: Vec<Gpu>,
}

impl Machine {
    pub(super) fn look() -> Self {
        Machine {
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: cpu_name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            features: features().into_iter().map(str::to_owned).collect(),
            memory: memory(),
            gpus: gpus(),
        }
    }
}

/// What a helper program prints; nothing when it is not there or fails.
fn ask(program: &str, words: &[&str]) -> Option<String> {
    let done = capture(Command::new(program).args(words), Duration::from_secs(10)).ok()?;
    done.status.success().then_some(done.stdout)
}

fn cpu_name() -> Option<String> {
    let name = if cfg!(target_os = "macos") {
        ask("sysctl", &["-n", "machdep.cpu.brand_string"])?
    } else {
        // Arm's /proc/cpuinfo has numbers only; lscpu knows the names.
        field(&fs::read_to_string("/proc/cpuinfo").ok()?, "model name")
            .or_else(|| field(&ask("lscpu", &[])?, "Model name"))?
    };
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn memory() -> Option<u64> {
    if cfg!(target_os = "macos") {
        return ask("sysctl", &["-n", "hw.memsize"])?.trim().parse().ok();
    }
    let total = field(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal")?;
    total.trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    macro_rules! present {
        ($($name:tt),*) => {
            [$(($name, std::is_x86_feature_detected!($name))),*]
        };
    }
    let all =
        present!["sse4.2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512vnni", "avx512bf16"];
    all.into_iter().filter_map(|(name, here)| here.then_some(name)).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    macro_rules! present {
        ($($name:tt),*) => {
            [$(($name, std::arch::is_aarch64_feature_detected!($name))),*]
        };
    }
    let all = present!["neon", "fp16", "dotprod", "i8mm", "bf16", "sve"];
    all.into_iter().filter_map(|(name, here)| here.then_some(name)).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_cores_and_memory() {
        let machine = Machine::look();
        assert!(machine.cores >= 1);
        assert!(machine.memory.is_some_and(|bytes| bytes > 64 << 20), "{:?}", machine.memory);
    }
}
