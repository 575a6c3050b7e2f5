//! What the files of an entry must be.

use std::path::Path;

use super::super::entry::{Origin, WeightFile};
use super::{Checked, require};

/// Name, size, hash and sources of one file.
pub(super) fn weights(file: &WeightFile, at: &str) -> Checked {
    // A name with a folder in it could lead out of the folder with the weights.
    let name = Path::new(&file.name).file_name();
    let plain = name.is_some_and(|name| name == file.name.as_str());
    require(
        plain && !file.name.contains(['/', '\\', ':']),
        &format!("{at}.name"),
        "must be the name of a file, without a folder",
    )?;
    require(
        file.bytes != Some(0),
        &format!("{at}.bytes"),
        "must not be 0; leave it out where it is not known",
    )?;
    let hash = file.sha256.len() == 64
        && file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    require(hash, &format!("{at}.sha256"), "must be 64 lower-case hexadecimal digits")?;
    for (i, origin) in file.sources.iter().enumerate() {
        source(origin, &format!("{at}.sources[{i}]"))?;
    }
    Ok(())
}

/// Whether a host is this machine.
fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1")
}

fn source(origin: &Origin, at: &str) -> Checked {
    match origin {
        Origin::Url(url) => {
            // In the clear only what never leaves this machine.
            let clear = |rest: &&str| is_local(rest.split(['/', ':']).next().unwrap_or_default());
            let rest = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://").filter(clear))
                .unwrap_or_default();
            let host = rest.split('/').next().unwrap_or_default();
            let clean = !url.contains(|c: char| c.is_whitespace() || c.is_control());
            require(
                !host.is_empty() && rest.len() > host.len() + 1 && clean,
                &format!("{at}.url"),
                "must be https://HOST/PATH",
            )
        }
        Origin::Path(path) => {
            require(!path.as_os_str().is_empty(), &format!("{at}.path"), "must not be empty")
        }
        Origin::Wheel { package, version, member } => {
            for (key, value) in [("package", package), ("version", version), ("member", member)] {
                require(
                    !value.trim().is_empty(),
                    &format!("{at}.wheel.{key}"),
                    "must not be empty",
                )?;
            }
            Ok(())
        }
    }
}
