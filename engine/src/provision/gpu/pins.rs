//! The exact wheels that make up the GPU runtime: ONNX Runtime built for CUDA, and the CUDA and
//! cuDNN libraries that its `cuda` and `cudnn` extras name, those that these need in turn included.
//!
//! Sizes and hashes were computed from the wheels themselves. All of them are public packages of
//! the Python package index; NVIDIA's are under NVIDIA's own license.

use crate::provision::pins::Pin;

/// The version of ONNX Runtime in the set, which is also the set's.
pub(super) const VERSION: &str = "1.31.0";

/// One wheel of the set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The package.
    pub(super) package: &'static str,
    /// What is in it, for people.
    pub(super) about: &'static str,
    /// The exact file.
    pub(super) pin: Pin,
    /// Bytes of the libraries in it that are kept.
    pub(super) unpacked: u64,
}

/// Libraries of the wheels that nothing here uses: drop-in replacements for the BLAS and FFTW of
/// other programs.
pub(super) const UNUSED: [&str; 2] = ["libnvblas.so", "libcufftw.so"];

/// The set, the smallest first so that a line that is too slow shows soon; empty where it is not
/// published for this platform.
pub(super) const PARTS: &[Part] =
    if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")) {
        &LINUX_X86_64
    } else {
        &[]
    };

const LINUX_X86_64: [Part; 8] = [
    Part {
        package: "nvidia-cuda-runtime",
        about: "CUDA runtime",
        pin: Pin {
            version: "13.5.37",
            file: "nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            bytes: 2_504_024,
            sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
        },
        unpacked: 806_720,
    },
    Part {
        package: "nvidia-nvjitlink",
        about: "CUDA linker",
        pin: Pin {
            version: "13.5.37",
            file: "nvidia_nvjitlink-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
            bytes: 46_642_491,
            sha256: "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
        },
        unpacked: 117_247_464,
    },
    Part {
        package: "nvidia-cuda-nvrtc",
        about: "CUDA compiler",
        pin: Pin {
            version: "13.5.37",
            file: "nvidia_cuda_nvrtc-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
            bytes: 58_185_930,
            sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
        },
        unpacked: 148_431_960,
    },
    Part {
        package: "nvidia-curand",
        about: "random numbers",
        pin: Pin {
            version: "10.4.5.25",
            file: "nvidia_curand-10.4.5.25-py3-none-manylinux_2_27_x86_64.whl",
            bytes: 77_113_015,
            sha256: "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
        },
        unpacked: 104_860_296,
    },
    Part {
        package: "nvidia-cufft",
        about: "Fourier transforms",
        pin: Pin {
            version: "12.5.0.14",
            file: "nvidia_cufft-12.5.0.14-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            bytes: 165_072_555,
            sha256: "b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad",
        },
        unpacked: 236_983_152,
    },
    Part {
        package: "onnxruntime-gpu",
        about: "ONNX Runtime with CUDA and TensorRT providers",
        pin: Pin {
            version: VERSION,
            file: "onnxruntime_gpu-1.31.0-cp312-cp312-manylinux_2_28_x86_64.whl",
            bytes: 255_569_162,
            sha256: "b52998a075de27ff30e46a125001822541fa5b03f5d31398ab0e50789d80c51c",
        },
        unpacked: 314_446_184,
    },
    Part {
        package: "nvidia-cublas",
        about: "matrix products",
        pin: Pin {
            version: "13.10.0.20",
            file: "nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
            bytes: 444_289_903,
            sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
        },
        unpacked: 608_935_360,
    },
    Part {
        package: "nvidia-cudnn-cu13",
        about: "cuDNN",
        pin: Pin {
            version: "9.28.1.4",
            file: "nvidia_cudnn_cu13-9.28.1.4-py3-none-manylinux_2_27_x86_64.whl",
            bytes: 516_817_937,
            sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
        },
        unpacked: 940_113_128,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_well_formed() {
        for part in &LINUX_X86_64 {
            let stem = part.package.replace('-', "_");
            let start = format!("{stem}-{}-", part.pin.version);
            assert!(part.pin.file.starts_with(&start), "{}", part.pin.file);
            assert_eq!(part.pin.sha256.len(), 64, "{}", part.package);
            assert!(part.unpacked > 0 && part.pin.bytes > 1 << 20);
        }
        let sizes: Vec<u64> = LINUX_X86_64.iter().map(|part| part.unpacked).collect();
        assert_eq!(sizes.iter().sum::<u64>(), 2_471_824_264);
    }
}
