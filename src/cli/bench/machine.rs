//! On what was measured.

use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use crate::service::meters::Gpus;

/// A machine and the program on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Machine {
    /// The version of facedeck.
    pub facedeck: String,
    /// Whether it was built for speed.
    pub optimized: bool,
    /// The operating system.
    pub system: String,
    /// The processor's name.
    pub processor: String,
    /// Its cores that this process may use.
    pub cores: usize,
    /// Bytes of memory.
    pub memory: u64,
    /// The graphics processors' names.
    pub gpus: Vec<String>,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let cpu = CpuRefreshKind::nothing();
        let what = RefreshKind::nothing()
            .with_cpu(cpu)
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        // What the system does not tell is not worth failing for.
        let system = System::new_with_specifics(what).ok();
        let cpus = system.as_ref().map_or(&[][..], |system| system.cpus());
        let brand = cpus.first().map_or("", |cpu| cpu.brand().trim());
        Machine {
            facedeck: env!("CARGO_PKG_VERSION").into(),
            optimized: !cfg!(debug_assertions),
            system: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into()),
            processor: if brand.is_empty() { std::env::consts::ARCH } else { brand }.into(),
            cores: std::thread::available_parallelism().map_or(1, |n| n.get()),
            memory: system.as_ref().map_or(0, System::total_memory),
            gpus: Gpus::default().sample().into_iter().map(|gpu| gpu.name).collect(),
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let mut parts = vec![
            format!("facedeck {}", self.facedeck),
            self.processor.clone(),
            format!("{} cores", self.cores),
            format!("{:.0} GB", self.memory as f64 / 1e9),
        ];
        parts.extend(self.gpus.iter().cloned());
        parts.push(self.system.clone());
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_processor_and_memory() {
        let here = Machine::here();
        assert!(here.cores > 0 && here.memory > 1 << 28 && !here.processor.is_empty(), "{here:?}");
        assert!(here.line().contains(&here.processor));
    }
}
