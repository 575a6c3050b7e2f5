//! Execution providers: their names, what the loaded runtime was built with, and whether one that
//! was asked for can serve.

mod missing;
mod probe;
mod register;
mod require;

use ort::ep::ExecutionProvider;
use ort::session::builder::SessionBuilder;

use crate::error::{Error, Result};
use crate::provision::Preference;

use super::environment;

pub use missing::lacks;
pub use probe::{Proof, prove};
pub(super) use register::register;
pub use require::{Standing, require, require_on, standing};

/// Declares the providers, with a marker type each that asks the runtime about it.
macro_rules! providers {
    ($($variant:ident, $short:literal, $long:literal, $library:literal, $needs:literal;)*) => {
        /// Something that can compute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Provider {
            $(#[doc = concat!("`", $long, "`.")] $variant,)*
        }

        impl Provider {
            /// Every provider that facedeck knows by name.
            pub const ALL: &[Provider] = &[$(Provider::$variant,)*];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Provider::$variant => $short,)* }
            }

            /// The runtime's own name for it.
            pub fn full_name(self) -> &'static str {
                match self { $(Provider::$variant => $long,)* }
            }

            /// The stem of its library beside the runtime; empty for one that is part of it.
            fn library_stem(self) -> &'static str {
                match self { $(Provider::$variant => $library,)* }
            }

            /// What it needs beside the runtime.
            fn needs(self) -> &'static str {
                match self { $(Provider::$variant => $needs,)* }
            }

            /// Whether the loaded runtime was built with it. This does not mean that its driver
            /// and device are there.
            fn is_built_in(self) -> bool {
                match self { $(Provider::$variant => markers::$variant::is_available(),)* }
                    .unwrap_or(false)
            }
        }

        mod markers {
            use super::*;
            $(
                /// Asks about the provider without the code that would set it up.
                pub(super) struct $variant;

                impl ExecutionProvider for $variant {
                    const NAME: &'static str = $long;

                    fn register(&self, _: &mut SessionBuilder) -> ort::Result<()> {
                        Err(ort::Error::new(concat!($long, " is not set up by this type")))
                    }
                }
            )*
        }
    };
}

providers! {
    Cpu, "cpu", "CPUExecutionProvider", "", "nothing";
    Cuda, "cuda", "CUDAExecutionProvider", "cuda", "an NVIDIA GPU with its driver, CUDA and cuDNN";
    TensorRt, "tensorrt", "TensorrtExecutionProvider", "tensorrt", "an NVIDIA GPU with its driver and TensorRT";
    Rocm, "rocm", "ROCMExecutionProvider", "rocm", "an AMD GPU with ROCm";
    MiGraphX, "migraphx", "MIGraphXExecutionProvider", "migraphx", "an AMD GPU with ROCm and MIGraphX";
    OpenVino, "openvino", "OpenVINOExecutionProvider", "openvino", "Intel's OpenVINO";
    CoreMl, "coreml", "CoreMLExecutionProvider", "", "macOS";
    DirectMl, "directml", "DmlExecutionProvider", "", "Windows";
    OneDnn, "onednn", "DnnlExecutionProvider", "dnnl", "Intel's oneDNN";
    Xnnpack, "xnnpack", "XnnpackExecutionProvider", "", "a runtime built with XNNPACK";
    WebGpu, "webgpu", "WebGpuExecutionProvider", "", "a GPU with Vulkan or Metal";
    Azure, "azure", "AzureExecutionProvider", "", "an online service";
}

impl Provider {
    /// Whether it can run a network of single precision in half precision.
    pub(super) fn halves(self) -> bool {
        matches!(self, Provider::TensorRt | Provider::MiGraphX)
    }

    /// Which runtime suits it.
    pub fn preference(self) -> Preference {
        match self {
            Provider::Cpu | Provider::Xnnpack | Provider::OneDnn | Provider::Azure => {
                Preference::Processor
            }
            // One that was built for another accelerator is no better than any, but no worse.
            _ => Preference::Gpu,
        }
    }
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of the providers that the loaded runtime was built with; empty when none is loaded.
pub fn providers() -> Vec<String> {
    built_in().iter().map(|p| p.name().to_owned()).collect()
}

/// The providers that the loaded runtime was built with; empty when none is loaded.
pub fn built_in() -> Vec<Provider> {
    if environment::current().is_err() {
        return Vec::new();
    }
    Provider::ALL.iter().copied().filter(|p| p.is_built_in()).collect()
}

/// The provider of this name: `cuda`, or the runtime's own `CUDAExecutionProvider`; letter case
/// does not matter.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is none of that name.
pub fn parse(name: &str) -> Result<Provider> {
    let wanted = name.trim().to_ascii_lowercase();
    let matches = |p: &Provider| p.name() == wanted || p.full_name().to_ascii_lowercase() == wanted;
    Provider::ALL.iter().copied().find(matches).ok_or_else(|| {
        let known: Vec<&str> = Provider::ALL.iter().map(|p| p.name()).collect();
        Error::usage(format!("there is no execution provider \"{name}\""))
            .hint(format!("known ones: {}; or auto", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood() {
        assert_eq!(parse("cuda").unwrap(), Provider::Cuda);
        assert_eq!(parse("CUDAExecutionProvider").unwrap(), Provider::Cuda);
        assert_eq!(parse(" CPUExecutionProvider ").unwrap(), Provider::Cpu);
        let error = parse("quda").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("tensorrt")));
    }

    #[test]
    fn every_name_is_its_own() {
        for &provider in Provider::ALL {
            assert_eq!(parse(provider.name()).unwrap(), provider);
            assert_eq!(parse(provider.full_name()).unwrap(), provider);
        }
    }
}
