//! The record of the service that runs: `service.json`.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Result};

use super::Places;

/// Which process runs, and where it listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The process.
    pub pid: u32,
    /// When it was started.
    pub started: Timestamp,
    /// Its socket.
    pub socket: PathBuf,
    /// facedeck's version.
    pub version: String,
}

impl Record {
    /// The record of the service that runs, or ran and was killed; none when there is none that
    /// can be read.
    pub fn read(places: &Places) -> Option<Self> {
        let text = std::fs::read_to_string(places.record()).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The record of a service that takes connections.
    pub fn of_running(places: &Places) -> Option<Self> {
        Self::read(places).filter(|record| UnixStream::connect(&record.socket).is_ok())
    }

    /// Writes it beside its place and moves it there, so that nobody reads half of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, places: &Places) -> Result<()> {
        let path = places.record();
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(places.folder())?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    #[test]
    fn a_record_is_read_as_written_and_half_of_one_is_none() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(&Directories::beneath(home.path()).unwrap());
        places.make().unwrap();
        assert_eq!(Record::read(&places), None);
        let record = Record {
            pid: 7,
            started: Timestamp::UNIX_EPOCH,
            socket: places.socket(),
            version: "0.1.0".into(),
        };
        record.write(&places).unwrap();
        assert_eq!(Record::read(&places), Some(record));
        assert_eq!(Record::of_running(&places), None, "nobody listens");
        std::fs::write(places.record(), "{\"pid\": 7").unwrap();
        assert_eq!(Record::read(&places), None);
    }
}
