//! Execution providers: what the loaded runtime was built with, and what may be asked for.

use ort::ep::ExecutionProvider;
use ort::session::builder::SessionBuilder;

use crate::error::{Error, Kind, Result};

use super::environment;

/// Declares the providers, with a marker type each that asks the runtime about it.
macro_rules! providers {
    ($($variant:ident, $short:literal, $long:literal, $needs:literal;)*) => {
        /// Something that can compute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
                        Err(ort::Error::new(concat!($long, " is not set up by facedeck")))
                    }
                }
            )*
        }
    };
}

providers! {
    Cpu, "cpu", "CPUExecutionProvider", "nothing";
    Cuda, "cuda", "CUDAExecutionProvider", "an NVIDIA GPU with its driver, CUDA and cuDNN";
    TensorRt, "tensorrt", "TensorrtExecutionProvider", "an NVIDIA GPU with its driver and TensorRT";
    Rocm, "rocm", "ROCMExecutionProvider", "an AMD GPU with ROCm";
    MiGraphX, "migraphx", "MIGraphXExecutionProvider", "an AMD GPU with ROCm and MIGraphX";
    OpenVino, "openvino", "OpenVINOExecutionProvider", "Intel's OpenVINO";
    CoreMl, "coreml", "CoreMLExecutionProvider", "macOS";
    DirectMl, "directml", "DmlExecutionProvider", "Windows";
    OneDnn, "onednn", "DnnlExecutionProvider", "Intel's oneDNN";
    Xnnpack, "xnnpack", "XnnpackExecutionProvider", "a runtime built with XNNPACK";
    WebGpu, "webgpu", "WebGpuExecutionProvider", "a GPU with Vulkan or Metal";
    Azure, "azure", "AzureExecutionProvider", "an online service";
}

/// The names of the providers that the loaded runtime was built with; empty when none is loaded.
pub fn providers() -> Vec<String> {
    if environment::current().is_err() {
        return Vec::new();
    }
    Provider::ALL.iter().filter(|p| p.is_built_in()).map(|p| p.name().to_owned()).collect()
}

/// The provider of this name: `cuda`, or the runtime's own `CUDAExecutionProvider`; letter case
/// does not matter.
///
/// # Errors
/// [`Kind::Usage`] when there is none of that name.
pub fn parse(name: &str) -> Result<Provider> {
    let wanted = name.trim().to_ascii_lowercase();
    let matches = |p: &Provider| p.name() == wanted || p.full_name().to_ascii_lowercase() == wanted;
    Provider::ALL.iter().copied().find(matches).ok_or_else(|| {
        let known: Vec<&str> = Provider::ALL.iter().map(|p| p.name()).collect();
        Error::usage(format!("there is no execution provider \"{name}\""))
            .hint(format!("known ones: {}", known.join(", ")))
    })
}

/// Makes sure that the models can run on this provider. Needs a loaded runtime for every provider
/// other than the CPU.
///
/// # Errors
/// [`Kind::Provider`], saying what is missing; never a silent fallback to the CPU.
pub fn require(provider: Provider) -> Result<()> {
    if provider == Provider::Cpu {
        return Ok(());
    }
    let name = provider.name();
    let library = environment::loaded_path().map_or_else(
        || "the ONNX Runtime".to_owned(),
        |path| format!("the ONNX Runtime {}", path.display()),
    );
    let built_in = providers();
    let message = if built_in.iter().any(|p| p == name) {
        format!(
            "this version of facedeck runs its models on the CPU only, though {library} was built \
             with {name}"
        )
    } else {
        format!(
            "the execution provider {name} is not available: it needs {}, and {library} was built \
             with {} only",
            provider.needs(),
            if built_in.is_empty() { "cpu".to_owned() } else { built_in.join(", ") }
        )
    };
    Err(Error::new(Kind::Provider, message).hint("use --execution-provider cpu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood() {
        assert_eq!(parse("cuda").unwrap(), Provider::Cuda);
        assert_eq!(parse(" CPUExecutionProvider ").unwrap(), Provider::Cpu);
        let error = parse("quda").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("tensorrt")));
    }

    #[test]
    fn the_cpu_is_there_and_others_are_refused_with_reasons() {
        super::super::for_tests().unwrap();
        assert!(providers().contains(&"cpu".to_owned()), "{:?}", providers());
        require(Provider::Cpu).unwrap();
        for &provider in &Provider::ALL[1..] {
            let error = require(provider).unwrap_err();
            assert_eq!(error.exit_code(), 6);
            assert!(error.message().contains(provider.name()), "{}", error.message());
        }
        let cuda = require(Provider::DirectMl).unwrap_err();
        assert!(cuda.message().contains("needs Windows"), "{}", cuda.message());
    }
}
