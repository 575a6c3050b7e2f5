//! What the user asked for, turned into settings that are known to work on this machine.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::provision::Preference;
use crate::provision::gpu;

use super::environment;
use super::provider::{self, Provider};
use super::settings::Settings;

/// In place of a provider's name: the best that works here.
pub const AUTO: &str = "auto";

/// What is tried for `auto`, the best first. TensorRT is not: it compiles every network for
/// minutes before its first run, which somebody has to want.
const BEST: [Provider; 7] = [
    Provider::Cuda,
    Provider::MiGraphX,
    Provider::Rocm,
    Provider::CoreMl,
    Provider::DirectMl,
    Provider::OpenVino,
    Provider::WebGpu,
];

/// Where and how networks are to run, as the user wants it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Names of providers in the order in which they are asked, or only `auto`; none is `cpu`.
    pub providers: Vec<String>,
    /// Which device of the provider, from 0.
    pub device: u32,
    /// The most memory of the device, in bytes.
    pub vram_limit: Option<u64>,
    /// Half precision where the provider can turn a network into it.
    pub half_precision: bool,
    /// Threads that work on one run of a large network on the processor.
    pub threads: usize,
    /// Networks on the processor as the runtime computes them, rather than in a faster form.
    pub exact: bool,
    /// One run of a network at a time, for the sake of the memory.
    pub alone: bool,
}

/// The providers that a plan names.
#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Best,
    Named(Vec<Provider>),
}

impl Plan {
    /// A plan for these providers, with everything else as usual.
    pub fn of(names: &[String]) -> Self {
        Plan { providers: names.to_vec(), threads: 1, ..Plan::default() }
    }

    /// Which runtime to load for it. Needs no runtime; finds unknown names before any work.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a name that is unknown or given twice, and for `auto` with
    /// others.
    pub fn preference(&self) -> Result<Preference> {
        Ok(match self.choice()? {
            Choice::Best if gpu::nvidia_is_here() => Preference::Gpu,
            Choice::Best => Preference::Processor,
            Choice::Named(list) if list.iter().any(|p| p.preference() == Preference::Gpu) => {
                Preference::Gpu
            }
            Choice::Named(_) => Preference::Processor,
        })
    }

    fn choice(&self) -> Result<Choice> {
        if self.providers.iter().any(|name| name.trim().eq_ignore_ascii_case(AUTO)) {
            return match self.providers.as_slice() {
                [_] => Ok(Choice::Best),
                _ => Err(Error::usage("the execution provider auto goes with no other one")
                    .hint("leave the others out, or name all that are to be used")),
            };
        }
        let mut list = Vec::with_capacity(self.providers.len());
        for name in &self.providers {
            let provider = provider::parse(name)?;
            if list.contains(&provider) {
                return Err(Error::usage(format!(
                    "the execution provider {provider} is named twice"
                )));
            }
            list.push(provider);
        }
        Ok(Choice::Named(if list.is_empty() { vec![Provider::Cpu] } else { list }))
    }

    /// Settings whose providers have proven themselves. Needs a loaded runtime. What was chosen for
    /// `auto`, and what has no effect, is told through `note`; what providers compile, and networks
    /// that were made faster, are kept beneath `cache`.
    ///
    /// # Errors
    /// As [`Self::preference`], and [`crate::error::Kind::Provider`] when one that is named cannot
    /// serve: never is another one taken in its place.
    pub fn resolve(&self, cache: Option<&Path>, note: &dyn Fn(&str)) -> Result<Settings> {
        let providers = match self.choice()? {
            Choice::Best => vec![self.best(note)],
            Choice::Named(list) => {
                for &one in &list {
                    provider::require_on(one, self.device)?;
                }
                list
            }
        };
        let settings = Settings {
            threads: self.threads.max(1),
            providers,
            device: self.device,
            vram_limit: self.vram_limit,
            half_precision: self.half_precision,
            cache: None,
            faster: None,
            alone: self.alone,
        };
        let idle = &settings.providers[settings.accelerators().len()..];
        if let [Provider::Cpu, behind @ ..] = idle
            && !behind.is_empty()
        {
            let names: Vec<&str> = behind.iter().map(|p| p.name()).collect();
            note(&format!("cpu comes before {}, which gets nothing to do", names.join(" and ")));
        }
        if self.half_precision && settings.in_full_precision().is_none() {
            note(&format!(
                "{} runs every model in the precision it was made in; half precision is for \
                 tensorrt and migraphx",
                settings.provider()
            ));
        }
        let on_processor = !self.exact && settings.provider() == Provider::Cpu;
        let faster = cache.filter(|_| on_processor).map(|folder| folder.join("networks"));
        let cache = cache.and_then(|folder| kept_in(folder, &settings));
        Ok(Settings { cache, faster, ..settings })
    }

    /// The best provider that works; the processor always does.
    fn best(&self, note: &dyn Fn(&str)) -> Provider {
        let built_in = provider::built_in();
        for one in BEST.into_iter().filter(|one| built_in.contains(one)) {
            match provider::require_on(one, self.device) {
                Ok(proof) => {
                    let name = device_name(one, self.device);
                    let name = name.map_or_else(String::new, |name| format!(" ({name})"));
                    let ms = proof.milliseconds;
                    note(&format!("networks run on {one}{name}: its test took {ms:.2} ms"));
                    return one;
                }
                // What was not asked for by name may be absent, but not without a word.
                Err(error) => note(&error.chain()),
            }
        }
        note("networks run on cpu");
        Provider::Cpu
    }
}

fn device_name(provider: Provider, device: u32) -> Option<String> {
    matches!(provider, Provider::Cuda | Provider::TensorRt).then_some(())?;
    gpu::gpus().into_iter().nth(usize::try_from(device).ok()?).map(|gpu| gpu.name)
}

/// The folder for what the first provider compiles; `None` for one that keeps nothing.
fn kept_in(cache: &Path, settings: &Settings) -> Option<PathBuf> {
    let provider = settings.accelerators().iter().copied().find(|provider| {
        matches!(provider, Provider::TensorRt | Provider::OpenVino | Provider::CoreMl)
    })?;
    let version = environment::loaded().map_or("unknown", |runtime| runtime.version.as_str());
    let device = device_name(provider, settings.device);
    Some(folder_of(cache, provider, version, device.as_deref()))
}

/// `CACHE/tensorrt/1.31.0-nvidia-h100-80gb-hbm3`: what was compiled is of use to the same runtime
/// and the same GPU only.
fn folder_of(cache: &Path, provider: Provider, version: &str, device: Option<&str>) -> PathBuf {
    let plain: String = device
        .unwrap_or("device")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    cache.join(provider.name()).join(format!("{version}-{plain}"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn plan(names: &[&str]) -> Plan {
        Plan::of(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn names_decide_which_runtime_is_loaded() {
        assert_eq!(plan(&[]).preference().unwrap(), Preference::Processor);
        assert_eq!(plan(&["cpu"]).preference().unwrap(), Preference::Processor);
        for names in [&["cuda"][..], &["CUDAExecutionProvider", "cpu"], &["cpu", "tensorrt"]] {
            assert_eq!(plan(names).preference().unwrap(), Preference::Gpu, "{names:?}");
        }
        let here = if gpu::nvidia_is_here() { Preference::Gpu } else { Preference::Processor };
        assert_eq!(plan(&["auto"]).preference().unwrap(), here);
    }

    #[test]
    fn mistakes_are_found_before_any_work() {
        for (names, says) in [
            (&["cuda", "cuda"][..], "cuda is named twice"),
            (&["cuda", "CUDAExecutionProvider"], "cuda is named twice"),
            (&["auto", "cpu"], "auto goes with no other"),
            (&["cuda", "quda"], "no execution provider \"quda\""),
        ] {
            let error = plan(names).preference().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{names:?}");
            assert!(error.message().contains(says), "{}", error.message());
        }
    }

    #[test]
    fn what_is_named_must_serve_wherever_it_stands() {
        crate::inference::for_tests().unwrap();
        let none = |_: &str| {};
        let settings = plan(&["cpu"]).resolve(None, &none).unwrap();
        assert_eq!(settings, Settings::default());
        for names in [&["directml"][..], &["directml", "cpu"], &["cpu", "directml"]] {
            let error = plan(names).resolve(None, &none).unwrap_err();
            assert_eq!(error.exit_code(), 6, "{names:?}");
        }
    }

    #[test]
    fn auto_says_what_it_chose() {
        crate::inference::for_tests().unwrap();
        let said = RefCell::new(Vec::new());
        let note = |text: &str| said.borrow_mut().push(text.to_owned());
        let settings = plan(&["auto"]).resolve(None, &note).unwrap();
        let last = said.borrow().last().cloned().unwrap();
        let start = format!("networks run on {}", settings.provider());
        assert!(last.starts_with(&start), "{last}");
    }

    #[test]
    fn networks_are_made_faster_where_that_can_be_kept() {
        crate::inference::for_tests().unwrap();
        let kept = |plan: Plan| plan.resolve(Some(Path::new("/c")), &|_| {}).unwrap().faster;
        assert_eq!(kept(plan(&["cpu"])).as_deref(), Some(Path::new("/c/networks")));
        assert_eq!(kept(Plan { exact: true, ..plan(&["cpu"]) }), None);
        assert_eq!(plan(&["cpu"]).resolve(None, &|_| {}).unwrap().faster, None);
    }

    #[test]
    fn half_precision_without_effect_is_told() {
        crate::inference::for_tests().unwrap();
        let said = RefCell::new(Vec::new());
        let half = Plan { half_precision: true, ..plan(&["cpu"]) };
        half.resolve(None, &|text| said.borrow_mut().push(text.to_owned())).unwrap();
        assert!(said.borrow()[0].contains("in the precision it was made in"), "{said:?}");
    }

    #[test]
    fn engines_are_kept_for_each_runtime_and_gpu() {
        let cache = Path::new("/c");
        let folder = folder_of(cache, Provider::TensorRt, "1.31.0", Some("NVIDIA H100 80GB HBM3"));
        assert_eq!(folder, Path::new("/c/tensorrt/1.31.0-nvidia-h100-80gb-hbm3"));
        assert_eq!(kept_in(cache, &Settings::default()), None);
    }
}
