//! Execution providers: what is said about those that are not here, and what the doctor shows.

use std::process::Command;

use super::common::{facedeck, fails, media, names_in, provisioned, swap_command, words};

/// The names that a user may give.
const PROVIDERS: [&str; 12] = [
    "cpu", "cuda", "tensorrt", "rocm", "migraphx", "openvino", "coreml", "directml", "onednn",
    "xnnpack", "webgpu", "azure",
];

fn swap_on(folder: &std::path::Path, providers: &[&str]) -> Command {
    let mut command = facedeck();
    command.arg("swap").arg("-s").arg(media("grace_hopper.jpg"));
    command.arg("-t").arg(media("mona_lisa.jpg")).arg("-o").arg(folder.join("out.png"));
    command.arg("--execution-provider").args(providers);
    command
}

/// What the doctor says, with the runtime of the tests.
fn doctor() -> serde_json::Value {
    let run = facedeck().args(["doctor", "--json"]).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    serde_json::from_slice(&run.stdout).expect("JSON")
}

#[test]
fn every_provider_works_or_is_refused_as_the_doctor_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = doctor();
    let rows = report["providers"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, PROVIDERS);
    for row in rows {
        let name = row["name"].as_str().expect("a name");
        if row["works"] == true {
            assert!(row["milliseconds"].as_f64() > Some(0.0), "{row}");
            continue;
        }
        // The same words, whoever is asked.
        let error = row["error"].as_str().expect("an error");
        let hint = row["hint"].as_str().expect("a hint");
        assert!(hint.contains("use --execution-provider cpu"), "{row}");
        let first = error.split(": ").take(2).collect::<Vec<_>>().join(": ");
        let start = format!("the execution provider {name} is not available: ");
        assert!(first.starts_with(&start), "{row}");
        // However it is named, and wherever it stands.
        for list in [&[name][..], &[name, "cpu"], &["cpu", name]] {
            fails(&mut swap_on(folder.path(), list), folder.path(), 6, &[&first, hint]);
        }
    }
    assert_eq!(rows[0]["works"], true);
    assert_eq!(rows[0]["difference"], 0.0);
    assert_eq!(names_in(folder.path()), [""; 0]);
}

/// ONNX Runtime would report to its makers, and keep a number for the machine among the user's files.
#[test]
fn the_runtime_tells_nobody_that_it_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let (user, output) = (folder.path().join("user"), folder.path().join("out.png"));
    std::fs::create_dir(&user).expect("a folder");
    let run = swap_command(&media("grace_hopper.jpg"), &media("mona_lisa.jpg"), &output, &[])
        // Tests that load the runtime themselves have it from cargo.
        .env_remove("ORT_DISABLE_TELEMETRY")
        .envs([("HOME", &user), ("XDG_CACHE_HOME", &user), ("XDG_DATA_HOME", &user)])
        .output()
        .expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    assert_eq!(names_in(&user), [""; 0]);
}

#[test]
fn mistakes_in_the_list_are_found_before_any_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for (list, says) in [
        (&["quda"][..], "there is no execution provider \"quda\""),
        (&["cpu", "cpu"], "cpu is named twice"),
        (&["cuda", "CUDAExecutionProvider"], "cuda is named twice"),
        (&["auto", "cpu"], "auto goes with no other one"),
    ] {
        fails(&mut swap_on(folder.path(), list), folder.path(), 2, &[says]);
    }
}

#[test]
fn auto_says_what_it_took() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = swap_on(folder.path(), &["auto"]).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    assert!(words(&run).contains("networks run on "), "{}", words(&run));
    let run = swap_on(folder.path(), &["CPUExecutionProvider", "-y"]).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
}

#[test]
fn a_gpu_runtime_is_not_fetched_without_being_asked_for() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = facedeck();
    command.args(["doctor", "--fix", "--gpu"]).env("FACEDECK_HOME", home.path());
    let run = command.stdin(std::process::Stdio::null()).output().expect("it starts");
    let published = cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"));
    let (code, says) = if published {
        (2, "facedeck doctor --fix --gpu --yes")
    } else {
        (6, "there is no GPU runtime to fetch")
    };
    assert_eq!(run.status.code(), Some(code), "{}", words(&run));
    assert!(words(&run).contains(says), "{}", words(&run));
    if published {
        for part in ["onnxruntime-gpu", "nvidia-cudnn-cu13", "nvidia-cublas", "1.6 GB to fetch"] {
            assert!(words(&run).contains(part), "{part}: {}", words(&run));
        }
        assert!(!home.path().join("data").exists());
    }
    for flags in [&["--gpu"][..], &["--fix", "--yes"]] {
        let run = facedeck().arg("doctor").args(flags).output().expect("it starts");
        assert_eq!(run.status.code(), Some(2), "{flags:?}");
    }
}

/// The runtime of the tests says nothing about CUDA, so one is taken that only seems to be there.
#[test]
fn a_runtime_that_cannot_be_loaded_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let fake = folder.path().join("libonnxruntime.so.1.31.0");
    let real = std::fs::read(&provisioned().runtime.path).expect("the runtime");
    // Its headers are whole, its code is not.
    let mut broken = vec![0u8; real.len()];
    broken[..64].copy_from_slice(&real[..64]);
    std::fs::write(&fake, broken).expect("a file");
    let mut command = swap_on(folder.path(), &["cuda"]);
    command.env("ORT_DYLIB_PATH", &fake);
    fails(&mut command, folder.path(), 5, &["cannot load the ONNX Runtime", "ORT_DYLIB_PATH"]);
}
