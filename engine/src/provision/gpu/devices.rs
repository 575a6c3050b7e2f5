//! The GPUs of this machine, as the NVIDIA driver and its tools tell.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::provision::command::capture;

/// nvidia-smi takes seconds when it has to wake a GPU up.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// A GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Gpu {
    /// Its name, e.g. `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// The driver's version, when it is told.
    pub driver: Option<String>,
    /// Its memory in MiB, when it is told.
    pub memory: Option<u64>,
}

/// Whether the kernel offers an NVIDIA device to this process. Looks at files only.
pub fn nvidia_is_here() -> bool {
    ["/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/dxg"]
        .iter()
        .any(|path| Path::new(path).exists())
}

/// The NVIDIA GPUs in the driver's order; empty when none was found.
pub fn gpus() -> Vec<Gpu> {
    let query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"];
    match capture(Command::new("nvidia-smi").args(query), ANSWER_LIMIT) {
        Ok(done) if done.status.success() => gpus_in_table(&done.stdout),
        // A container may have the driver without its tools.
        _ => gpus_of_the_driver(Path::new("/proc/driver/nvidia")),
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
    // The folders are named by the bus address, which is also the driver's order.
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort_unstable();
    folders
        .iter()
        .filter_map(|folder| fs::read_to_string(folder.join("information")).ok())
        .filter_map(|text| model(&text))
        .map(|name| Gpu { name, driver: driver.clone(), memory: None })
        .collect()
}

/// The value of the line `Model: …`.
fn model(information: &str) -> Option<String> {
    information
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == "Model")
        .map(|(_, value)| value.trim().to_owned())
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
        for (bus, name) in [("0000:02:00.0", "NVIDIA T4"), ("0000:01:00.0", "NVIDIA A10")] {
            let card = dir.path().join("gpus").join(bus);
            fs::create_dir_all(&card).unwrap();
            fs::write(card.join("information"), format!("Model: \t\t {name}\nIRQ: 1\n")).unwrap();
        }
        let banner = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar 5\n";
        fs::write(dir.path().join("version"), banner).unwrap();
        let found = gpus_of_the_driver(dir.path());
        let names: Vec<&str> = found.iter().map(|gpu| gpu.name.as_str()).collect();
        assert_eq!(names, ["NVIDIA A10", "NVIDIA T4"]);
        assert!(found.iter().all(|gpu| gpu.driver.as_deref() == Some("550.54.15")));
    }
}
