//! How networks are run: on what, with how much memory, and in which precision.

use std::path::PathBuf;

use super::provider::Provider;

/// How networks are run. Made by [`super::Plan::resolve`], which makes sure that the providers
/// can serve.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Threads that work on one run of a large network, where the processor computes it.
    pub threads: usize,
    /// Who computes, in this order: what the first cannot compute goes to the next. The processor
    /// computes what is left over, whether it is named or not; behind it nobody gets anything.
    pub providers: Vec<Provider>,
    /// Which device of the provider, from 0.
    pub device: u32,
    /// The most memory of the device in bytes that all networks together may take.
    pub vram_limit: Option<u64>,
    /// Half precision, where the provider can turn a network into it (TensorRT, MIGraphX).
    pub half_precision: bool,
    /// Where providers keep what they compile a network to; `None` keeps nothing.
    pub cache: Option<PathBuf>,
    /// Where networks are kept that were made faster for the processor; `None` runs them as they are.
    pub faster: Option<PathBuf>,
    /// Whether a network runs once at a time, however many threads ask for it: each further run would
    /// take memory of its own.
    pub alone: bool,
}

impl Default for Settings {
    /// One thread of the processor.
    fn default() -> Self {
        Settings {
            threads: 1,
            providers: vec![Provider::Cpu],
            device: 0,
            vram_limit: None,
            half_precision: false,
            cache: None,
            faster: None,
            alone: false,
        }
    }
}

impl Settings {
    /// The processor, with this many threads on one run of a large network.
    pub fn processor(threads: usize) -> Self {
        Settings { threads, ..Settings::default() }
    }

    /// The provider that most of a network runs on.
    pub fn provider(&self) -> Provider {
        self.accelerators().first().copied().unwrap_or(Provider::Cpu)
    }

    /// The providers that are registered: those before the processor.
    pub(super) fn accelerators(&self) -> &[Provider] {
        let end = self.providers.iter().position(|&p| p == Provider::Cpu);
        &self.providers[..end.unwrap_or(self.providers.len())]
    }

    /// The same in full precision; `None` when it is that already.
    pub(super) fn in_full_precision(&self) -> Option<Settings> {
        let halved = self.half_precision && self.accelerators().iter().any(|p| p.halves());
        halved.then(|| Settings { half_precision: false, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_processor_nobody_gets_anything() {
        let with = |providers: &[Provider]| Settings {
            providers: providers.to_vec(),
            half_precision: true,
            ..Settings::default()
        };
        let both = with(&[Provider::TensorRt, Provider::Cuda, Provider::Cpu]);
        assert_eq!(both.accelerators(), [Provider::TensorRt, Provider::Cuda]);
        assert_eq!(both.provider(), Provider::TensorRt);
        assert!(!both.in_full_precision().unwrap().half_precision);
        let last = with(&[Provider::Cpu, Provider::TensorRt]);
        assert_eq!((last.provider(), last.accelerators().len()), (Provider::Cpu, 0));
        assert_eq!(last.in_full_precision(), None);
        assert_eq!(with(&[Provider::Cuda]).in_full_precision(), None);
    }
}
