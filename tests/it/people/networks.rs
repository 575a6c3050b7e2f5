//! Networks of the catalog whose weights are the small models of `tests/models`.

use std::fs;
use std::path::Path;

use facedeck::faces::FaceModels;
use facedeck::inference::{Pool, Settings, for_tests};
use facedeck::models::Store;
use facedeck::models::catalog::WeightFile;
use facedeck::profiles::Faces;
use facedeck::settings::Directories;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A pool in a folder of its own in which catalog ids stand for files of `tests/models`.
pub fn pool(files: &[(&str, &str)]) -> (Pool, TempDir) {
    for_tests().unwrap();
    let home = tempfile::tempdir().unwrap();
    let directories = Directories::beneath(home.path()).unwrap();
    let known = Store::beneath(&directories).unwrap();
    let (entries, weights) = (directories.config.join("models"), directories.data.join("models"));
    fs::create_dir_all(&entries).unwrap();
    fs::create_dir_all(&weights).unwrap();
    for (id, file) in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(file);
        let bytes = fs::read(path).unwrap();
        let mut entry = known.entry(id).unwrap().clone();
        entry.files = vec![WeightFile {
            name: (*file).to_owned(),
            bytes: Some(bytes.len() as u64),
            sha256: Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect(),
            sources: Vec::new(),
        }];
        fs::write(entries.join(format!("{id}.toml")), toml::to_string(&entry).unwrap()).unwrap();
        fs::write(weights.join(file), bytes).unwrap();
    }
    (Pool::new(Store::beneath(&directories).unwrap(), Settings::processor(1)), home)
}

/// A profile's faces with these networks.
pub fn wanting(detector: &str, landmarks: &str, recognizer: &str) -> Faces {
    Faces {
        detector: detector.into(),
        landmarks: landmarks.into(),
        recognizer: recognizer.into(),
        ..Faces::default()
    }
}

/// Networks in place of those of the catalog.
pub fn networks(faces: &Faces, files: &[(&str, &str)]) -> FaceModels {
    let (pool, _home) = pool(files);
    FaceModels::load(faces, &pool).unwrap()
}
