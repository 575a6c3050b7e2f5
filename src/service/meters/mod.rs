//! How the machine does: processor, memory, disks, graphics processors.
//!
//! Measured at most once a second, whoever asks and how often; what a machine does not have is left
//! out.

mod gpu;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sysinfo::{MINIMUM_CPU_UPDATE_INTERVAL, Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use utoipa::ToSchema;

use crate::error::{Context, Result};

use super::Core;

pub use gpu::GpuMeter;
pub(crate) use gpu::Gpus;

/// Between two measurements at least.
const SPACING: Duration = Duration::from_secs(1);
/// Over more time than this, a share of the processor says nothing about now.
const STALE: Duration = Duration::from_secs(10);
/// Folders whose disks are looked at, at most.
const MOST_DISKS: usize = 16;

/// How the machine does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetersView {
    /// When it was measured.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The processor.
    pub cpu: CpuMeter,
    /// The main memory.
    pub memory: MemoryMeter,
    /// The process of the service; ffmpeg's are not counted.
    pub process: ProcessMeter,
    /// The disks of the service's own files and of what is written now.
    pub disks: Vec<DiskMeter>,
    /// NVIDIA's graphics processors; none where there is no driver.
    pub gpus: Vec<GpuMeter>,
}

/// The processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CpuMeter {
    /// How much of it is used, 0 to 100.
    pub percent: f32,
    /// Its cores, as the system counts them.
    pub cores: usize,
    /// Processes that run or want to, on average over the last 1, 5 and 15 minutes.
    #[schema(value_type = Option<Vec<f64>>)]
    pub load: Option<[f64; 3]>,
}

/// The main memory, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemoryMeter {
    /// All.
    pub total: u64,
    /// Used.
    pub used: u64,
    /// What programs could still get.
    pub available: u64,
    /// Swap space.
    pub swap_total: u64,
    /// Swap space that is used.
    pub swap_used: u64,
}

/// The process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProcessMeter {
    /// Memory that it holds, in bytes.
    pub memory: u64,
    /// How much it computes: 100 is one core.
    pub cpu_percent: f32,
}

/// A disk, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskMeter {
    /// A folder on it.
    pub folder: String,
    /// All.
    pub total: u64,
    /// What may still be written.
    pub free: u64,
}

/// The meters, with what was last measured.
#[derive(Default)]
pub struct Meters(Mutex<Option<Sampler>>);

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meters")
    }
}

impl Meters {
    /// How the machine does: measured now, or within the last second. The first time, and after a
    /// while, it takes a fifth of a second, as nothing is known of the time before.
    ///
    /// # Errors
    /// When the system tells nothing about itself.
    pub fn sample(&self, core: &Core) -> Result<Arc<MetersView>> {
        self.sample_with(|| folders(core))
    }

    fn sample_with(&self, folders: impl FnOnce() -> Vec<PathBuf>) -> Result<Arc<MetersView>> {
        // Held all the while: who comes second gets what the first one measured.
        let mut sampler = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sampler = match &mut *sampler {
            Some(sampler) => sampler,
            none => none.insert(Sampler::new()?),
        };
        Ok(sampler.sample(folders))
    }
}

/// What measures.
struct Sampler {
    system: System,
    gpus: Gpus,
    last: Option<(Instant, Arc<MetersView>)>,
}

impl Sampler {
    fn new() -> Result<Self> {
        let system = System::new().context(|| "the system tells nothing about itself".into())?;
        Ok(Sampler { system, gpus: Gpus::default(), last: None })
    }

    fn sample(&mut self, folders: impl FnOnce() -> Vec<PathBuf>) -> Arc<MetersView> {
        let age = self.last.as_ref().map(|(at, view)| (at.elapsed(), view));
        match age {
            Some((age, view)) if age < SPACING => return Arc::clone(view),
            Some((age, _)) if age < STALE => {}
            _ => {
                self.refresh();
                std::thread::sleep(MINIMUM_CPU_UPDATE_INTERVAL);
            }
        }
        self.refresh();
        let view = Arc::new(self.view(&folders()));
        self.last = Some((Instant::now(), Arc::clone(&view)));
        view
    }

    fn refresh(&mut self) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        if let Ok(pid) = sysinfo::get_current_pid() {
            let what = ProcessRefreshKind::nothing().with_memory().with_cpu();
            self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        }
    }

    fn view(&mut self, folders: &[PathBuf]) -> MetersView {
        let system = &self.system;
        let process = sysinfo::get_current_pid().ok().and_then(|pid: Pid| system.process(pid));
        MetersView {
            at: Timestamp::now(),
            cpu: CpuMeter {
                percent: system.global_cpu_usage().clamp(0.0, 100.0),
                cores: system.cpus().len(),
                load: System::load_average().ok().map(|load| [load.one, load.five, load.fifteen]),
            },
            memory: MemoryMeter {
                total: system.total_memory(),
                used: system.used_memory(),
                available: system.available_memory(),
                swap_total: system.total_swap(),
                swap_used: system.used_swap(),
            },
            process: ProcessMeter {
                memory: process.map_or(0, sysinfo::Process::memory),
                cpu_percent: process.map_or(0.0, sysinfo::Process::cpu_usage),
            },
            disks: disks(folders),
            gpus: self.gpus.sample(),
        }
    }
}

/// The service's own folder, and those into which is written now.
fn folders(core: &Core) -> Vec<PathBuf> {
    let own = [&core.directories.state, &core.directories.data].map(PathBuf::clone);
    let outputs = core.running.all().into_iter().take(MOST_DISKS).filter_map(|(id, _)| {
        let job = core.store.job(id).ok()??;
        job.spec.output.parent().map(Path::to_owned)
    });
    own.into_iter().chain(outputs).collect()
}

/// One entry for each disk; folders that are not there count as the one that they would be in.
fn disks(folders: &[PathBuf]) -> Vec<DiskMeter> {
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for folder in folders {
        let Some(there) = folder.ancestors().find(|path| path.is_dir()) else { continue };
        let (Ok(stat), Ok(disk)) = (rustix::fs::stat(there), rustix::fs::statvfs(there)) else {
            continue;
        };
        if seen.contains(&stat.st_dev) || all.len() == MOST_DISKS {
            continue;
        }
        seen.push(stat.st_dev);
        all.push(DiskMeter {
            folder: there.display().to_string(),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_a_processor_memory_and_a_disk() {
        let home = tempfile::tempdir().unwrap();
        let folders = vec![home.path().join("not/yet"), home.path().to_owned()];
        let meters = Meters::default();
        let view = meters.sample_with(|| folders).unwrap();
        assert!(view.cpu.cores >= 1, "{view:?}");
        assert!((0.0..=100.0).contains(&view.cpu.percent));
        assert!(view.memory.total > 64 << 20);
        assert!(view.memory.used <= view.memory.total);
        assert!(view.process.memory > 1 << 20, "{view:?}");
        assert_eq!(view.disks.len(), 1, "both are on one disk");
        assert_eq!(view.disks[0].folder, home.path().display().to_string());
        assert!(view.disks[0].free <= view.disks[0].total && view.disks[0].total > 0);
    }

    #[test]
    fn whoever_asks_within_a_second_gets_the_same() {
        let meters = Meters::default();
        let first = meters.sample_with(Vec::new).unwrap();
        let again = meters.sample_with(|| panic!("nothing is measured")).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        let mut sampler = meters.0.lock().unwrap();
        let Some((at, _)) = &mut sampler.as_mut().unwrap().last else { panic!() };
        *at = at.checked_sub(SPACING).unwrap();
        drop(sampler);
        assert!(!Arc::ptr_eq(&first, &meters.sample_with(Vec::new).unwrap()));
    }

    #[test]
    fn work_shows_in_the_processor() {
        let meters = Meters::default();
        let stop = crate::interrupt::Interrupt::new();
        let busy = stop.clone();
        let work = std::thread::spawn(move || while !busy.is_set() {});
        let view = meters.sample_with(Vec::new).unwrap();
        stop.set();
        work.join().unwrap();
        assert!(view.process.cpu_percent > 0.0 && view.cpu.percent > 0.0, "{view:?}");
    }
}
