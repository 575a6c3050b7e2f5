//! What will go wrong, told before it does: memory that is too small, a disk that will be full.

use std::collections::BTreeSet;

use crate::jobs::State;
use crate::service::wire::{DiskMeter, JobView};
use crate::tui::desk::Order;
use crate::tui::model::Model;
use crate::tui::words::{bytes, duration};

/// With less than this a disk is almost full.
const LOW: u64 = 2_000_000_000;
/// With less than this share of its memory left a machine begins to swap, or kills.
const LITTLE: f64 = 0.05;
/// Jobs that wait are looked at, so many of them.
const NEXT: usize = 50;
/// A trend is taken over so many seconds at least.
const TREND: f64 = 8.0;

/// Something that will go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Warning {
    /// The same as long as it is about the same thing.
    pub key: String,
    /// In words.
    pub text: String,
}

/// All of it.
pub(super) fn all(model: &Model) -> Vec<Warning> {
    let mut all = Vec::new();
    disks(model, &mut all);
    memory(model, &mut all);
    gpus(model, &mut all);
    fits(model, &mut all);
    all
}

fn warn(all: &mut Vec<Warning>, key: String, text: String) {
    all.push(Warning { key, text });
}

/// Bytes a second by which what is free on a disk becomes less, while jobs run.
pub(super) fn shrinks(model: &Model, folder: &str) -> Option<f64> {
    if model.desk.jobs.counts.of(State::Running) == 0 {
        return None;
    }
    let meters = &model.desk.meters;
    let free = |at: usize| {
        let view = meters.get(at)?;
        let disk = view.disks.iter().find(|disk| disk.folder == folder)?;
        Some((view.at, disk.free as f64))
    };
    let (first, last) = (free(0)?, free(meters.len().checked_sub(1)?)?);
    let seconds = last.0.duration_since(first.0).as_secs_f64();
    (seconds >= TREND).then(|| (first.1 - last.1) / seconds).filter(|rate| *rate > 0.0)
}

/// What is left of a disk when everything that runs is done, if it goes on like this; less than
/// nothing where it will be full before.
pub(super) fn left_at_end(model: &Model, disk: &DiskMeter) -> Option<f64> {
    let seconds = model.desk.jobs.seconds_left()?;
    Some(disk.free as f64 - shrinks(model, &disk.folder)? * seconds)
}

fn disks(model: &Model, all: &mut Vec<Warning>) {
    let Some(now) = model.desk.meters.back() else { return };
    for disk in &now.disks {
        let folder = &disk.folder;
        if let Some(left) = left_at_end(model, disk)
            && left < 0.0
            && let Some(rate) = shrinks(model, folder)
        {
            let full = duration(disk.free as f64 / rate);
            let end = duration(model.desk.jobs.seconds_left().unwrap_or_default());
            let text = format!(
                "the disk of {folder} will be full in {full}, and what runs needs {end}; make room there"
            );
            warn(all, format!("full {folder}"), text);
        } else if disk.free < LOW {
            let text = format!("only {} are free on the disk of {folder}", bytes(disk.free));
            warn(all, format!("low {folder}"), text);
        }
    }
    let most = now.disks.iter().map(|disk| disk.free).max();
    for pull in &model.desk.pulls {
        let rest = pull.total.unwrap_or(0).saturating_sub(pull.done);
        if matches!(pull.state.as_str(), "queued" | "running")
            && let Some(most) = most.filter(|most| rest > *most)
        {
            let (rest, most) = (bytes(rest), bytes(most));
            let text = format!("{} needs {rest} more, and {most} are free", pull.model);
            warn(all, format!("pull {}", pull.model), text);
        }
    }
}

fn memory(model: &Model, all: &mut Vec<Warning>) {
    let Some(now) = model.desk.meters.back() else { return };
    let memory = &now.memory;
    if memory.total > 0 && (memory.available as f64) < LITTLE * memory.total as f64 {
        let text = format!(
            "only {} of the memory are left; run.max_memory of a profile bounds what a job takes",
            bytes(memory.available)
        );
        warn(all, "memory".into(), text);
    }
}

fn gpus(model: &Model, all: &mut Vec<Warning>) {
    let Some(now) = model.desk.meters.back() else { return };
    for gpu in &now.gpus {
        // A limit of power is how they are meant to run; heat is not.
        if gpu.throttled.iter().any(|why| why.starts_with("temperature")) {
            let at = gpu.temperature.map(|degrees| format!(" at {degrees} °C")).unwrap_or_default();
            let text = format!("GPU {} is slowed down by its temperature{at}", gpu.index);
            warn(all, format!("hot {}", gpu.index), text);
        }
    }
}

/// Jobs whose networks alone are larger than what is free on their GPU.
fn fits(model: &Model, all: &mut Vec<Warning>) {
    let Some(now) = model.desk.meters.back().filter(|now| !now.gpus.is_empty()) else { return };
    let waiting = model.desk.jobs.ordered(Order::Queue).into_iter();
    let waiting = waiting.filter(|job| job.state == State::Queued).take(NEXT);
    for job in waiting {
        let Some(index) =
            job.device.strip_prefix("gpu:").and_then(|index| index.parse::<u32>().ok())
        else {
            continue;
        };
        let gpu = now.gpus.iter().find(|gpu| gpu.index == index);
        let Some(free) =
            gpu.and_then(|gpu| Some(gpu.memory_total? - gpu.memory_used?.min(gpu.memory_total?)))
        else {
            continue;
        };
        let needs = weights(model, &job);
        if needs > free {
            let text = format!(
                "{} will not fit in the memory of GPU {index}: its networks alone take {}, and {} are free",
                job.name,
                bytes(needs),
                bytes(free)
            );
            warn(all, format!("fits {}", job.id), text);
        }
    }
}

/// What the networks of a job take that are not loaded yet: their weights, at least.
fn weights(model: &Model, job: &JobView) -> u64 {
    let Some(profile) = model.desk.profiles.iter().find(|one| one.name == job.profile) else {
        return 0;
    };
    let loaded: BTreeSet<&str> = match &model.desk.health {
        Some(health) => health.networks.iter().map(|one| one.model.as_str()).collect(),
        None => BTreeSet::new(),
    };
    let mut wanted: Vec<&str> = profile.models.iter().map(String::as_str).collect();
    let mut sum = 0;
    let mut seen = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Some(one) = model.desk.models.iter().find(|one| one.id == id) else { continue };
        wanted.extend(one.needs.iter().map(String::as_str));
        if !loaded.contains(id) {
            sum += one.bytes.unwrap_or(0);
        }
    }
    sum
}
