//! What is said for every way in which a provider can be absent.

use super::*;

const RUNTIME: &str = "/opt/ort/libonnxruntime.so.1.31.0";

fn look_with(provider: Provider, built_in: &[Provider]) -> Error {
    let situation = Situation { runtime: Path::new(RUNTIME), version: "1.31.0", built_in };
    look(provider, &situation, &|| panic!("no library is there to be read")).unwrap_err()
}

#[test]
fn a_runtime_without_the_provider_is_named_with_what_it_has() {
    let error = look_with(Provider::Cuda, &[Provider::Cpu, Provider::Azure]);
    assert_eq!(error.exit_code(), 6);
    let library = library_file(Provider::Cuda).unwrap();
    assert_eq!(
        error.message(),
        format!(
            "the execution provider cuda is not available: it needs an NVIDIA GPU with its driver, \
             CUDA and cuDNN, and {library} is not there: the ONNX Runtime {RUNTIME} (1.31.0) was \
             built with cpu, azure only"
        )
    );
    let direct = look_with(Provider::DirectMl, &[Provider::Cpu]);
    assert!(direct.message().contains("it needs Windows, and the ONNX"), "{}", direct.message());
    assert_eq!(direct.hint_text(), Some("use --execution-provider cpu"));
}

#[test]
fn every_provider_is_refused_with_a_way_out() {
    for &provider in &Provider::ALL[1..] {
        let error = look_with(provider, &[Provider::Cpu]);
        assert_eq!(error.exit_code(), 6);
        assert!(error.message().contains(provider.name()), "{}", error.message());
        let hint = error.hint_text().unwrap();
        assert!(hint.ends_with("use --execution-provider cpu"), "{hint}");
    }
}

#[test]
fn a_library_that_is_not_beside_the_runtime_is_named() {
    let error = look_with(Provider::TensorRt, &[Provider::Cpu, Provider::TensorRt]);
    let library = library_file(Provider::TensorRt).unwrap();
    let what = format!("{library} is not beside {RUNTIME}");
    assert!(error.message().ends_with(&what), "{}", error.message());
}

#[test]
fn what_is_part_of_the_runtime_needs_no_library() {
    let situation = Situation {
        runtime: Path::new(RUNTIME),
        version: "1.31.0",
        built_in: &[Provider::Cpu, Provider::Xnnpack],
    };
    let none = || panic!("nothing is looked for");
    assert_eq!(look(Provider::Xnnpack, &situation, &none).unwrap(), Vec::<PathBuf>::new());
}

/// Real libraries, that need names which are nowhere.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn what_a_library_lacks_is_named_with_where_to_get_it() {
    use crate::provision::gpu::tests::library_needing;
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, needed: &[&str]| {
        std::fs::write(dir.path().join(name), library_needing(needed, None)).unwrap();
    };
    let runtime = dir.path().join("libonnxruntime.so.1.31.0");
    let both = [Provider::Cpu, Provider::Cuda, Provider::TensorRt];
    let situation = Situation { runtime: &runtime, version: "1.31.0", built_in: &both };
    let search = || Search::only(vec![dir.path().to_owned()]);
    let fails = |provider| look(provider, &situation, &search).unwrap_err();

    put("libonnxruntime_providers_cuda.so", &["libcublasLt.so.13", "libcuda.so.1", "libc.so.6"]);
    let error = fails(Provider::Cuda);
    let library = dir.path().join("libonnxruntime_providers_cuda.so");
    assert_eq!(
        error.message(),
        format!(
            "the execution provider cuda is not available: {} is there, but libcublasLt.so.13 \
             (CUDA), libcuda.so.1 (the NVIDIA driver), libcudnn.so.9 (cuDNN), libcudnn_graph.so.9 \
             (cuDNN) are not found",
            library.display()
        )
    );
    assert_eq!(
        error.hint_text(),
        Some(
            "facedeck doctor --fix --gpu fetches CUDA and cuDNN; install the NVIDIA driver, or let \
             the container have the GPU (docker run --gpus all); or use --execution-provider cpu"
        )
    );

    // With CUDA and cuDNN there, only the driver is left to ask for.
    put("libcublasLt.so.13", &["libc.so.6"]);
    put("libcudnn.so.9", &[]);
    put("libcudnn_graph.so.9", &[]);
    let error = fails(Provider::Cuda);
    let end = "is there, but libcuda.so.1 (the NVIDIA driver) is not found";
    assert!(error.message().ends_with(end), "{}", error.message());
    assert!(!error.hint_text().unwrap().contains("--fix"), "{:?}", error.hint_text());

    put("libonnxruntime_providers_tensorrt.so", &["libnvinfer.so.10"]);
    put("libnvinfer.so.10", &["libnvrtc.so.13"]);
    let error = fails(Provider::TensorRt);
    let end = "libnvrtc.so.13 (CUDA), which libnvinfer.so.10 needs, is not found";
    assert!(error.message().ends_with(end), "{}", error.message());

    // Nothing is missing: what must be loaded first is told, what is needed first, first.
    put("libcuda.so.1", &[]);
    let names: Vec<_> = look(Provider::Cuda, &situation, &search)
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let expected = ["libcublasLt.so.13", "libcuda.so.1", "libcudnn.so.9", "libcudnn_graph.so.9"];
    assert_eq!(names, expected);
}
