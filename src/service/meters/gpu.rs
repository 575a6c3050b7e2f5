//! NVIDIA's graphics processors, as the driver's own library tells of them. It is loaded when
//! somebody asks, and where it is not there, there is nothing to tell.

use std::time::{Duration, Instant};

use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::{Device, Nvml};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A driver may come while the service runs; it is looked for again after so long.
const AGAIN: Duration = Duration::from_secs(60);

/// Why clocks are lower than they could be, where that is worth knowing.
const REASONS: [(ThrottleReasons, &str); 7] = [
    (ThrottleReasons::SW_POWER_CAP, "power_limit"),
    (ThrottleReasons::SW_THERMAL_SLOWDOWN, "temperature"),
    (ThrottleReasons::HW_THERMAL_SLOWDOWN, "temperature_hardware"),
    (ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN, "power_brake"),
    (ThrottleReasons::HW_SLOWDOWN, "hardware"),
    (ThrottleReasons::SYNC_BOOST, "sync_boost"),
    (ThrottleReasons::APPLICATIONS_CLOCKS_SETTING, "clocks_setting"),
];

/// A graphics processor; what it does not tell is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GpuMeter {
    /// Its number, from 0.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// How much of the time it computed, 0 to 100.
    pub percent: Option<u32>,
    /// Its memory in bytes.
    pub memory_total: Option<u64>,
    /// What is used of it.
    pub memory_used: Option<u64>,
    /// Watts that it takes.
    pub power: Option<f64>,
    /// Watts that it may take.
    pub power_limit: Option<f64>,
    /// Its temperature in °C.
    pub temperature: Option<u32>,
    /// Why it is slower than it could be: `power_limit`, `temperature`, `temperature_hardware`,
    /// `power_brake`, `hardware`, `sync_boost`, `clocks_setting`; empty where nothing holds it
    /// back.
    pub throttled: Vec<String>,
}

/// The driver's library, where it is there.
#[derive(Default)]
pub(crate) struct Gpus {
    library: Option<Nvml>,
    looked: Option<Instant>,
}

impl Gpus {
    /// All of them as they are now.
    pub(crate) fn sample(&mut self) -> Vec<GpuMeter> {
        if self.library.is_none() && self.looked.is_none_or(|at| at.elapsed() >= AGAIN) {
            self.looked = Some(Instant::now());
            self.library = Nvml::init().ok();
        }
        let Some(library) = &self.library else { return Vec::new() };
        let Ok(count) = library.device_count() else {
            // A driver that was exchanged answers only to a library that is loaded again.
            self.library = None;
            return Vec::new();
        };
        (0..count).filter_map(|i| library.device_by_index(i).ok().map(|d| meter(i, &d))).collect()
    }
}

fn meter(index: u32, device: &Device<'_>) -> GpuMeter {
    let memory = device.memory_info().ok();
    let watts = |milliwatts: u32| f64::from(milliwatts) / 1e3;
    let reasons = device.current_throttle_reasons().unwrap_or(ThrottleReasons::NONE);
    GpuMeter {
        index,
        name: device.name().unwrap_or_else(|_| format!("GPU {index}")),
        percent: device.utilization_rates().ok().map(|rates| rates.gpu),
        memory_total: memory.as_ref().map(|memory| memory.total),
        memory_used: memory.as_ref().map(|memory| memory.used),
        power: device.power_usage().ok().map(watts),
        power_limit: device.enforced_power_limit().ok().map(watts),
        temperature: device.temperature(TemperatureSensor::Gpu).ok(),
        throttled: words(reasons),
    }
}

fn words(reasons: ThrottleReasons) -> Vec<String> {
    let set = REASONS.iter().filter(|(reason, _)| reasons.contains(*reason));
    set.map(|(_, word)| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_slows_it_down_is_told() {
        assert!(words(ThrottleReasons::NONE).is_empty());
        assert!(words(ThrottleReasons::GPU_IDLE).is_empty());
        let hot = ThrottleReasons::SW_THERMAL_SLOWDOWN | ThrottleReasons::GPU_IDLE;
        assert_eq!(words(hot), ["temperature"]);
    }

    #[test]
    fn a_machine_without_a_driver_has_none_and_is_not_asked_again_at_once() {
        let mut gpus = Gpus::default();
        let first = gpus.sample();
        if first.is_empty() {
            let looked = gpus.looked;
            assert!(gpus.sample().is_empty());
            assert_eq!(gpus.looked, looked);
        } else {
            let one = &first[0];
            assert!(one.memory_total > Some(1 << 30), "{one:?}");
            assert!(one.memory_used <= one.memory_total && one.percent <= Some(100), "{one:?}");
        }
    }
}
