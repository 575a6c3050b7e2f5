//! Tells a session who computes it: each provider with facedeck's settings for it.

use std::num::NonZeroUsize;
use std::path::Path;

use ort::ep::{self, ArenaExtendStrategy, ExecutionProviderDispatch, cuda::ConvAlgorithmSearch};
use ort::session::builder::SessionBuilder;

use super::super::settings::Settings;
use super::Provider;

/// Registers the settings' providers in their order. `model` tells apart what providers keep for
/// this network; it changes when the network does.
///
/// # Errors
/// When one cannot be registered: none is left out silently.
pub fn register(
    mut builder: SessionBuilder,
    settings: &Settings,
    model: &str,
) -> ort::Result<SessionBuilder> {
    for &provider in settings.accelerators() {
        if provider == Provider::DirectMl {
            // It does without the plans of memory that other providers run by.
            builder = builder.with_memory_pattern(false)?;
        }
        if let Some(one) = dispatch(provider, settings, model) {
            builder = builder.with_execution_providers([one.error_on_failure()])?;
        }
    }
    Ok(builder)
}

/// The provider with its options; `None` for the processor, which is always there.
fn dispatch(
    provider: Provider,
    settings: &Settings,
    model: &str,
) -> Option<ExecutionProviderDispatch> {
    let device = i32::try_from(settings.device).unwrap_or(i32::MAX);
    let limit = settings.vram_limit.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    // What is kept is of no use to another version, so a folder that cannot be made is done
    // without.
    let kept = settings.cache.as_ref().filter(|folder| std::fs::create_dir_all(folder).is_ok());
    let kept = kept.map(|folder| folder.to_string_lossy().into_owned());
    Some(match provider {
        Provider::Cpu | Provider::Azure => return None,
        Provider::Cuda => {
            let mut cuda = ep::CUDA::default()
                .with_device_id(device)
                // Doubling would take memory from whoever else uses the device.
                .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
                // Trying all algorithms takes seconds and memory for every new shape.
                .with_conv_algorithm_search(ConvAlgorithmSearch::Heuristic)
                // Ten bits of mantissa are not single precision.
                .with_tf32(false);
            if let Some(limit) = limit {
                cuda = cuda.with_memory_limit(limit).with_conv_max_workspace(false);
            }
            cuda.build()
        }
        Provider::TensorRt => {
            let mut tensorrt = ep::TensorRT::default()
                .with_device_id(device)
                .with_fp16(settings.half_precision)
                // Normalization overflows first.
                .with_layer_norm_fp32_fallback(true);
            if let Some(limit) = limit {
                tensorrt = tensorrt.with_max_workspace_size(limit);
            }
            if let Some(folder) = kept {
                tensorrt = tensorrt
                    .with_engine_cache(true)
                    .with_engine_cache_path(&folder)
                    .with_engine_cache_prefix(prefix(model, settings.half_precision))
                    .with_timing_cache(true)
                    .with_timing_cache_path(&folder);
            }
            tensorrt.build()
        }
        Provider::Rocm => {
            let mut rocm = ep::ROCm::default()
                .with_device_id(device)
                .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested);
            if let Some(limit) = limit {
                rocm = rocm.with_mem_limit(limit);
            }
            rocm.build()
        }
        Provider::MiGraphX => {
            let mut migraphx = ep::MIGraphX::default()
                .with_device_id(device)
                .with_fp16(settings.half_precision)
                .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested);
            if let Some(limit) = limit {
                migraphx = migraphx.with_mem_limit(limit);
            }
            migraphx.build()
        }
        Provider::OpenVino => {
            // Left to itself it may turn every network down. Its processor comes first, then the
            // GPUs.
            let kind = match settings.device {
                0 => "CPU".to_owned(),
                n => format!("GPU.{}", n - 1),
            };
            let mut openvino = ep::OpenVINO::default().with_device_type(kind);
            if let Some(folder) = kept {
                openvino = openvino.with_cache_dir(folder);
            }
            openvino.build()
        }
        Provider::CoreMl => match kept {
            Some(folder) => ep::CoreML::default().with_model_cache_dir(folder).build(),
            None => ep::CoreML::default().build(),
        },
        Provider::DirectMl => ep::DirectML::default().with_device_id(device).build(),
        Provider::OneDnn => ep::OneDNN::default().with_arena_allocator(true).build(),
        Provider::Xnnpack => {
            let threads = NonZeroUsize::new(settings.threads).unwrap_or(NonZeroUsize::MIN);
            ep::XNNPACK::default().with_intra_op_num_threads(threads).build()
        }
        Provider::WebGpu => ep::WebGPU::default().with_device_id(device).build(),
    })
}

/// Beginning of the names of a network's engines. TensorRT's own names follow from the graph and
/// not from the weights, so that another training of the same network would get the old engine.
fn prefix(model: &str, half: bool) -> String {
    let stem = Path::new(model).file_name().unwrap_or_default().to_string_lossy();
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{plain}_{}", if half { "fp16" } else { "fp32" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_of_different_networks_and_precisions_are_kept_apart() {
        assert_eq!(prefix("inswapper_128-554253681", true), "inswapper_128_554253681_fp16");
        assert_ne!(prefix("a", true), prefix("a", false));
    }

    #[test]
    fn all_but_the_processor_are_registered_under_their_names() {
        let settings = Settings { vram_limit: Some(1 << 30), device: 1, ..Settings::default() };
        for &provider in Provider::ALL {
            let Some(one) = dispatch(provider, &settings, "m") else {
                assert!(matches!(provider, Provider::Cpu | Provider::Azure));
                continue;
            };
            assert_eq!(one.name(), provider.full_name());
        }
    }
}
