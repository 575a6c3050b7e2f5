//! Fetching: what goes wrong leaves nothing, and two at once fetch once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::super::library::tests::fake_library;
use super::super::unpack::tests::zip_of;
use super::*;
use crate::provision::unpack::tests::names;

/// Hands out these bytes as the wheel; counts how often.
#[derive(Clone)]
struct Fake {
    pin: Pin,
    bytes: Vec<u8>,
    slow: bool,
}

static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Source for Fake {
    fn pin(&self) -> &Pin {
        &self.pin
    }

    fn archive(&self) -> Archive {
        Archive::Zip
    }

    fn origin(&self) -> String {
        "a test".into()
    }

    fn get(&self, folder: &Path) -> Result<PathBuf> {
        if self.slow {
            TAKEN.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(400));
        }
        let to = folder.join(self.pin.file);
        fs::write(&to, &self.bytes).unwrap();
        Ok(to)
    }
}

fn fake(slow: bool) -> Fake {
    let name = if cfg!(target_os = "macos") {
        "onnxruntime/capi/libonnxruntime.1.31.0.dylib"
    } else {
        "onnxruntime/capi/libonnxruntime.so.1.31.0"
    };
    let bytes = zip_of(&[(name, &fake_library("the library"))]);
    let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let pin = Pin {
        version: "1.31.0",
        file: "fake.whl",
        bytes: bytes.len() as u64,
        sha256: sha256.leak(),
    };
    Fake { pin, bytes, slow }
}

#[test]
fn a_source_that_fails_is_followed_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("deep/runtime");
    let mut damaged = fake(false);
    damaged.bytes[40] ^= 1;
    let first = || -> Choice { Ok(Box::new(damaged.clone())) };
    let absent = || -> Choice { Err("not for this platform".into()) };
    let good = || -> Choice { Ok(Box::new(fake(false))) };
    let mut said = Vec::new();
    let runtime = fetch_into(&folder, &[&first, &absent, &good], &mut |line| {
        said.push(line.to_owned());
    })
    .unwrap();
    assert_eq!(runtime.version, "1.31.0");
    assert_eq!(names(&folder), [".lock", "onnxruntime-1.31.0"]);
    assert!(said[1].contains("SHA-256"), "{said:?}");
    assert!(said[0].starts_with("fetching ONNX Runtime 1.31.0 (0.0 MiB) from a test"));
    assert!(said.last().unwrap().ends_with(&runtime.path.display().to_string()));
}

#[test]
fn a_corrupt_wheel_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut damaged = fake(false);
    damaged.bytes[40] ^= 1;
    let mut short = fake(false);
    short.bytes.truncate(60);
    let choices: [&dyn Fn() -> Choice; 2] =
        [&|| Ok(Box::new(damaged.clone())), &|| Ok(Box::new(short.clone()))];
    let error = fetch_into(dir.path(), &choices, &mut |_| {}).unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert!(error.message().contains("SHA-256"), "{}", error.message());
    assert!(error.message().contains("60 bytes instead of"), "{}", error.message());
    assert_eq!(names(dir.path()), [".lock"]);
}

#[test]
fn leftovers_of_a_killed_process_go() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(".fetching-abc/unpacked")).unwrap();
    // A folder of the right name that holds nothing usable is replaced.
    fs::create_dir(dir.path().join("onnxruntime-1.31.0")).unwrap();
    let good = || -> Choice { Ok(Box::new(fake(false))) };
    fetch_into(dir.path(), &[&good], &mut |_| {}).unwrap();
    assert_eq!(names(dir.path()), [".lock", "onnxruntime-1.31.0"]);
}

#[test]
fn of_two_at_once_one_fetches_and_one_waits() {
    let dir = tempfile::tempdir().unwrap();
    let said = Mutex::new(Vec::new());
    let work = || {
        let slow = || -> Choice { Ok(Box::new(fake(true))) };
        fetch_into(dir.path(), &[&slow], &mut |line| said.lock().unwrap().push(line.to_owned()))
            .unwrap()
    };
    let (a, b) = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        (work(), other.join().unwrap())
    });
    assert_eq!(a, b);
    assert_eq!(TAKEN.load(Ordering::SeqCst), 1);
    let said = said.into_inner().unwrap();
    assert_eq!(said.iter().filter(|l| l.contains("waiting for it")).count(), 1, "{said:?}");
}
