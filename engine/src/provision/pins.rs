//! The exact files that facedeck fetches: version, size and SHA-256 per platform.
//!
//! An archive that does not match is thrown away. A platform without an entry cannot use that
//! source.

/// A file that may be fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pin {
    /// The version of what is in it.
    pub(super) version: &'static str,
    /// The file's name.
    pub(super) file: &'static str,
    /// Its size.
    pub(super) bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub(super) sha256: &'static str,
}

impl Pin {
    /// "ONNX Runtime 1.31.0 (22.7 MiB)".
    pub(super) fn describe(&self) -> String {
        let mib = self.bytes as f64 / f64::from(1 << 20);
        format!("ONNX Runtime {} ({mib:.1} MiB)", self.version)
    }
}

/// Microsoft's release archive, from `github.com/microsoft/onnxruntime/releases`.
///
/// Sizes and hashes are those that GitHub publishes for the assets of v1.29.0; they were compared
/// across several unrelated projects that pin the same files.
pub(super) const RELEASE: Option<Pin> =
    if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")) {
        Some(Pin {
            version: "1.29.0",
            file: "onnxruntime-linux-x64-1.29.0.tgz",
            bytes: 11_082_880,
            sha256: "c3fddc4f139a045b0c4902c57410f0694f1c2fdf9b6939fbe38b1aeae7cd14ba",
        })
    } else if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "aarch64")) {
        Some(Pin {
            version: "1.29.0",
            file: "onnxruntime-linux-aarch64-1.29.0.tgz",
            bytes: 10_027_600,
            sha256: "e1799098ebc054b370f6176a450f158720f297818c613e5dc99b92e2ec82346f",
        })
    } else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
        Some(Pin {
            version: "1.29.0",
            file: "onnxruntime-osx-arm64-1.29.0.tgz",
            bytes: 41_578_864,
            sha256: "d0706fc34f315d8c88639d0a8c81f2e09e815f282cabed3493c06a054352cf92",
        })
    } else {
        None
    };

/// The wheel of the `onnxruntime` package, from the user's Python package index.
///
/// One wheel serves every Python on a platform, because only the library in it is used. Sizes and
/// hashes were computed from the wheels themselves.
pub(super) const WHEEL: Option<Pin> =
    if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")) {
        Some(Pin {
            version: "1.31.0",
            file: "onnxruntime-1.31.0-cp312-cp312-manylinux_2_28_x86_64.whl",
            bytes: 23_760_984,
            sha256: "5e129d6c56abd53e659cb70f00a108d6824086470ff99c2e47a82e5786563db3",
        })
    } else if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "aarch64")) {
        Some(Pin {
            version: "1.31.0",
            file: "onnxruntime-1.31.0-cp312-cp312-manylinux_2_28_aarch64.whl",
            bytes: 21_420_804,
            sha256: "35758d7606d578ec5b9d65f6e8a1f488013194c3f6097038a3223cb26d35ef9a",
        })
    } else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
        Some(Pin {
            version: "1.31.0",
            file: "onnxruntime-1.31.0-cp312-cp312-macosx_14_0_arm64.whl",
            bytes: 20_882_054,
            sha256: "aaab9b3af536b06ca27ab5e35e3d429c97457ce76cf298af103f687e8b9975c0",
        })
    } else {
        None
    };

#[cfg(test)]
mod tests {
    use super::super::library::Version;
    use super::super::runtime::OLDEST_RUNTIME;
    use super::*;

    #[test]
    fn pins_are_well_formed_and_new_enough() {
        for pin in [RELEASE, WHEEL].into_iter().flatten() {
            assert!(pin.file.contains(pin.version), "{}", pin.file);
            assert_eq!(pin.sha256.len(), 64);
            let version = Version::starting(pin.version).unwrap();
            assert!((version.0, version.1) >= OLDEST_RUNTIME);
        }
    }
}
