//! What this machine is: processor, memory, GPU.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use crate::provision::command::capture;

/// The machine.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    /// `linux x86_64`.
    pub(super) platform: String,
    /// The processor's name, when the system tells it.
    pub(super) cpu: Option<String>,
    /// Cores that this process may use.
    pub(super) cores: usize,
    /// Instruction sets that matter for inference.
    pub(super) features: Vec<&'static str>,
    /// Main memory in bytes, when the system tells it.
    pub(super) memory: Option<u64>,
    /// GPUs with their drivers; empty when none was found.
    pub(super) gpus: Vec<Gpu>,
}

/// A GPU.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Gpu {
    pub(super) name: String,
    pub(super) driver: Option<String>,
    /// Memory in MiB.
    pub(super) memory: Option<u64>,
}

impl Machine {
    pub(super) fn look() -> Self {
        Machine {
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: cpu_name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            features: features(),
            memory: memory(),
            gpus: gpus(),
        }
    }
}

/// What a helper program prints; nothing when it is not there or fails.
fn ask(program: &str, words: &[&str]) -> Option<String> {
    // nvidia-smi takes seconds when it has to wake a GPU up.
    let done = capture(Command::new(program).args(words), Duration::from_secs(20)).ok()?;
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

fn gpus() -> Vec<Gpu> {
    let query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"];
    match ask("nvidia-smi", &query) {
        Some(table) => gpus_in_table(&table),
        // A container may have the driver without its tools.
        None => gpus_of_the_driver(Path::new("/proc/driver/nvidia")),
    }
}

/// Lines such as `NVIDIA H100 80GB HBM3, 550.54.15, 81559`.
fn gpus_in_table(table: &str) -> Vec<Gpu> {
    table
        .lines()
        .filter_map(|line| {
            let mut cells = line.split(',').map(str::trim);
            let name = cells.next().filter(|name| !name.is_empty())?.to_owned();
            let driver = cells.next().map(str::to_owned);
            Some(Gpu { name, driver, memory: cells.next().and_then(|mib| mib.parse().ok()) })
        })
        .collect()
}

fn gpus_of_the_driver(folder: &Path) -> Vec<Gpu> {
    let version = fs::read_to_string(folder.join("version")).unwrap_or_default();
    // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar …"
    let driver = version
        .split_whitespace()
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned);
    let Ok(entries) = fs::read_dir(folder.join("gpus")) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path().join("information")).ok())
        .filter_map(|text| field(&text, "Model"))
        .map(|name| Gpu { name, driver: driver.clone(), memory: None })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_nvidia_smi_is_read() {
        let table = "NVIDIA H100 80GB HBM3, 550.54.15, 81559\nTesla T4, 535.1, [N/A]\n\n";
        let gpus = gpus_in_table(table);
        assert_eq!(gpus.len(), 2);
        assert_eq!(gpus[0].name, "NVIDIA H100 80GB HBM3");
        assert_eq!(gpus[0].driver.as_deref(), Some("550.54.15"));
        assert_eq!((gpus[0].memory, gpus[1].memory), (Some(81559), None));
    }

    #[test]
    fn the_driver_tells_without_its_tools() {
        let dir = tempfile::tempdir().unwrap();
        assert!(gpus_of_the_driver(dir.path()).is_empty());
        let card = dir.path().join("gpus/0000:01:00.0");
        fs::create_dir_all(&card).unwrap();
        fs::write(card.join("information"), "Model: \t\t NVIDIA A10\nIRQ: 1\n").unwrap();
        let banner = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar 5\n";
        fs::write(dir.path().join("version"), banner).unwrap();
        let expected =
            Gpu { name: "NVIDIA A10".into(), driver: Some("550.54.15".into()), memory: None };
        assert_eq!(gpus_of_the_driver(dir.path()), [expected]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_cores_and_memory() {
        let machine = Machine::look();
        assert!(machine.cores >= 1);
        assert!(machine.memory.is_some_and(|bytes| bytes > 64 << 20), "{:?}", machine.memory);
    }
}
