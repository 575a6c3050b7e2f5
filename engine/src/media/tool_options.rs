//! Options that every ffmpeg run has, and those that differ between its versions.

/// Says nothing but errors, asks nothing.
pub(super) const QUIET: [&str; 5] = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"];

/// The option "every frame as it comes, none repeated, none dropped": `-fps_mode` since 5.1,
/// `-vsync` before.
pub(super) fn passthrough(version: &str) -> [&'static str; 2] {
    match major_minor(version) {
        Some(version) if version < (5, 1) => ["-vsync", "passthrough"],
        _ => ["-fps_mode", "passthrough"],
    }
}

/// Whether the filter `setts` of packets can set their durations.
pub(super) fn sets_durations(version: &str) -> bool {
    major_minor(version).is_none_or(|version| version >= (5, 1))
}

/// Whether the filter `noise` of packets can leave some out.
pub(super) fn drops_packets(version: &str) -> bool {
    major_minor(version).is_none_or(|version| version >= (5, 1))
}

/// Whether Opus comes too early in the Matroska that it writes; see [`super::opus`].
pub(super) fn forgets_opus_delay(version: &str) -> bool {
    major_minor(version).is_some_and(|version| version < (6, 0))
}

/// `n4.4.2-1ubuntu` → (4, 4); nothing for builds from git, which are newer than any of them.
fn major_minor(version: &str) -> Option<(u32, u32)> {
    let version = version.trim_start_matches(['n', 'v']);
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    let major: u32 = numbers.next()?.parse().ok()?;
    let minor = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    // Nightly builds are named by their date.
    (major < 1000).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_get_the_old_option() {
        for old in ["4.4", "4.4.2-0ubuntu0.22.04.1", "n5.0.3"] {
            assert_eq!(passthrough(old)[0], "-vsync", "{old}");
            assert!(!sets_durations(old), "{old}");
        }
        for new in ["5.1.9-0+deb12u1", "n7.1", "8.0", "N-109468-gd39b34123d", "2025-01-01-git"] {
            assert_eq!(passthrough(new)[0], "-fps_mode", "{new}");
            assert!(sets_durations(new), "{new}");
        }
    }
}
