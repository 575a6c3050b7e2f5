//! The files that were used lately, kept from one time to the next, for each host.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use crate::error::{Context, Result};
use crate::settings::Directories;

use super::super::msg::Msg;

/// Hosts and their files.
type All = BTreeMap<String, Vec<String>>;

fn place() -> Result<PathBuf> {
    Ok(Directories::from_env()?.state.join("recent.json"))
}

/// Reads those of a host. Where none can be read there are none: nobody misses them.
pub(super) async fn recall(to: mpsc::Sender<Msg>, host: String) {
    let read = tokio::task::spawn_blocking(|| place().ok().map(|place| read(&place)));
    let all = read.await.ok().flatten().unwrap_or_default();
    let files = all.get(&host).cloned().unwrap_or_default();
    let _ = to.send(Msg::Recalled(files)).await;
}

/// Keeps those of a host.
pub(super) async fn remember(host: String, files: Vec<String>) {
    let work = tokio::task::spawn_blocking(move || write(&place()?, host, files));
    if let Ok(Err(error)) = work.await {
        tracing::warn!("{}", error.chain());
    }
}

fn read(place: &Path) -> All {
    let text = std::fs::read_to_string(place).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes them beside their place and moves them there.
fn write(place: &Path, host: String, files: Vec<String>) -> Result<()> {
    let cannot = || format!("cannot remember which files were used in {}", place.display());
    let mut all = read(place);
    all.insert(host, files);
    let text = serde_json::to_string(&all).context(cannot)?;
    let folder = place.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).context(cannot)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).context(cannot)?;
    file.write_all(text.as_bytes()).context(cannot)?;
    file.persist(place).context(cannot)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("state/recent.json");
        assert!(read(&place).is_empty());
        write(&place, "local".into(), vec!["/a.jpg".into()]).unwrap();
        write(&place, "ssh://box".into(), vec!["/b.jpg".into()]).unwrap();
        write(&place, "local".into(), vec!["/c.jpg".into(), "/a.jpg".into()]).unwrap();
        assert_eq!(read(&place)["local"], ["/c.jpg", "/a.jpg"]);
        assert_eq!(read(&place)["ssh://box"], ["/b.jpg"]);
        std::fs::write(&place, "{ half").unwrap();
        assert!(read(&place).is_empty());
        write(&place, "local".into(), vec!["/a.jpg".into()]).unwrap();
        assert_eq!(read(&place)["local"], ["/a.jpg"]);
    }
}
