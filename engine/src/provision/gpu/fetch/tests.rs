//! The GPU runtime's fetch: resumed, interrupted, short of room, two at once.

use std::cell::RefCell;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::*;
use crate::provision::library::tests::fake_library;
use crate::provision::pins::Pin;
use crate::provision::unpack::tests::{names, zip_of};

/// A set of two wheels and their bytes.
fn set() -> ([Part; 2], [Vec<u8>; 2]) {
    let runtime = fake_library("");
    let bytes = [
        zip_of(&[("nvidia/cu13/lib/libcudart.so.13", b"cudart"), ("nvidia/cudart.h", b"text")]),
        zip_of(&[("onnxruntime/capi/libonnxruntime.so.1.31.0", &runtime)]),
    ];
    let part = |package, about, bytes: &[u8]| {
        let hash: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        let length = bytes.len() as u64;
        let pin = Pin { version: "1", file: "a.whl", bytes: length, sha256: hash.leak() };
        Part { package, about, pin, unpacked: 100 }
    };
    ([part("cudart", "CUDA", &bytes[0]), part("ort", "ONNX Runtime", &bytes[1])], bytes)
}

fn plenty(_: &Path) -> Option<u64> {
    Some(1 << 40)
}

/// Writes the bytes of the wheel that is asked for.
fn hand_out(parts: &[Part], bytes: &[Vec<u8>], part: &Part, work: &Path) -> Result<PathBuf> {
    let index = parts.iter().position(|p| p.package == part.package).unwrap();
    let path = work.join("a.whl");
    fs::write(&path, &bytes[index]).unwrap();
    Ok(path)
}

#[test]
fn the_libraries_of_all_wheels_lie_in_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (parts, bytes) = set();
    let mut said = Vec::new();
    let get =
        |part: &Part, work: &Path, _: &mut dyn FnMut(&str)| hand_out(&parts, &bytes, part, work);
    let runtime =
        fetch_into(dir.path(), &parts, &get, &plenty, &mut |line| said.push(line.to_owned()));
    let runtime = runtime.unwrap();
    assert_eq!(runtime.version, VERSION);
    assert_eq!(names(dir.path()), [".lock", "gpu-1.31.0"]);
    let folder = target(dir.path());
    assert_eq!(names(&folder), ["libcudart.so.13", "libonnxruntime.so.1.31.0"]);
    assert_eq!(fs::read(folder.join("libcudart.so.13")).unwrap(), b"cudart");
    assert_eq!(said[0], "1 of 2: CUDA (cudart 1, 0 MiB)");
    assert!(said.last().unwrap().ends_with("gpu-1.31.0"), "{said:?}");
}

#[test]
fn it_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (parts, bytes) = set();
    let asked = RefCell::new(Vec::new());
    let get = |part: &Part, work: &Path, _: &mut dyn FnMut(&str)| {
        asked.borrow_mut().push(part.package);
        if part.package == "ort" && asked.borrow().len() == 2 {
            return Err(Error::failed("the line is dead"));
        }
        hand_out(&parts, &bytes, part, work)
    };
    // Left of another version, by a process that was killed.
    fs::create_dir_all(dir.path().join(".gpu-1.30.0.part/libraries")).unwrap();
    let error = fetch_into(dir.path(), &parts, &get, &plenty, &mut |_| {}).unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert_eq!(error.chain(), "cannot fetch ort: the line is dead");
    assert!(error.hint_text().unwrap().contains("goes on where it stopped"));
    assert_eq!(names(dir.path()), [".gpu-1.31.0.part", ".lock"]);
    assert!(own_gpu_runtime(dir.path()).is_none(), "half of it is none of it");
    fetch_into(dir.path(), &parts, &get, &plenty, &mut |_| {}).unwrap();
    assert_eq!(*asked.borrow(), ["cudart", "ort", "ort"]);
    assert_eq!(names(dir.path()), [".lock", "gpu-1.31.0"]);
}

#[test]
fn a_wheel_that_is_another_one_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let (parts, mut bytes) = set();
    bytes[1][40] ^= 1;
    let get =
        |part: &Part, work: &Path, _: &mut dyn FnMut(&str)| hand_out(&parts, &bytes, part, work);
    let error = fetch_into(dir.path(), &parts, &get, &plenty, &mut |_| {}).unwrap_err();
    assert!(error.chain().contains("SHA-256"), "{}", error.chain());
    assert!(own_gpu_runtime(dir.path()).is_none());
}

#[test]
fn a_full_disk_is_told_before_anything_is_fetched() {
    let dir = tempfile::tempdir().unwrap();
    let (parts, _) = set();
    let get = |_: &Part, _: &Path, _: &mut dyn FnMut(&str)| panic!("nothing is to be fetched");
    let free = |_: &Path| Some(100 << 20);
    let error = fetch_into(dir.path(), &parts, &get, &free, &mut |_| {}).unwrap_err();
    assert!(error.message().contains("needs 256 MiB"), "{}", error.message());
    assert!(error.message().contains("100 MiB are free"), "{}", error.message());
}

#[test]
fn of_two_at_once_one_fetches() {
    let dir = tempfile::tempdir().unwrap();
    let (parts, bytes) = set();
    let asked = Mutex::new(0);
    let work = || {
        let get = |part: &Part, work: &Path, _: &mut dyn FnMut(&str)| {
            *asked.lock().unwrap() += 1;
            std::thread::sleep(Duration::from_millis(200));
            hand_out(&parts, &bytes, part, work)
        };
        fetch_into(dir.path(), &parts, &get, &plenty, &mut |_| {}).unwrap()
    };
    let (a, b) = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        (work(), other.join().unwrap())
    });
    assert_eq!(a, b);
    assert_eq!(*asked.lock().unwrap(), 2);
}

#[test]
fn what_it_takes_is_said_before() {
    match planned_gpu_fetch() {
        Ok(plan) => {
            assert_eq!(plan.download, 1_566_195_017);
            assert!(plan.parts.iter().any(|part| part.contains("cuDNN")), "{plan:?}");
        }
        Err(error) => assert_eq!(error.exit_code(), 6),
    }
}
