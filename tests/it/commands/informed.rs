//! Help, completions, and readers that go away.

use std::process::{Command, Stdio};

use super::super::common::{facedeck, media, swap_command, words};

const COMMANDS: [&str; 10] = [
    "demo",
    "swap",
    "faces",
    "preview",
    "doctor",
    "completions",
    "add",
    "jobs",
    "watch",
    "service",
];

/// What a command that must succeed prints.
fn printed(command: &mut Command) -> String {
    let run = command.output().expect("it starts");
    assert!(run.status.success(), "{command:?}: {}", words(&run));
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// What bash is offered for the last of these words.
fn offered(words: &[&str]) -> String {
    let mut command = facedeck();
    command
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .env("_CLAP_IFS", "\n")
        .args(["--", "facedeck"])
        .args(words);
    printed(&mut command)
}

#[test]
fn completions_name_every_command_and_flag() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(facedeck().args(["completions", shell]));
        assert!(script.contains("COMPLETE") && script.contains("facedeck"), "{shell}: {script}");
    }
    let commands = offered(&[""]);
    for name in COMMANDS {
        assert!(commands.lines().any(|line| line == name), "no {name}: {commands}");
    }
    let flags = offered(&["swap", "--"]);
    for flag in ["--source-face", "--many-faces"] {
        assert!(flags.lines().any(|line| line == flag), "no {flag}: {flags}");
    }
    let profiles = offered(&["swap", "--profile", ""]);
    assert!(profiles.lines().any(|line| line == "roop"), "{profiles}");
    let run = facedeck().args(["completions", "tcsh"]).output().expect("it starts");
    assert_eq!(run.status.code(), Some(2));
    assert!(words(&run).contains("fish"), "{}", words(&run));
}

#[test]
fn the_shell_reads_its_script() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let script = folder.path().join(shell);
        let text = printed(facedeck().args(["completions", shell]));
        std::fs::write(&script, text).expect("a file");
        match Command::new(shell).arg("-n").arg(&script).output() {
            Ok(run) => assert!(run.status.success(), "{shell}: {}", words(&run)),
            Err(_) if shell != "bash" => println!("{shell} is not installed"),
            Err(e) => panic!("{shell}: {e}"),
        }
    }
}

#[test]
fn help_explains_with_examples() {
    for name in COMMANDS {
        let help = printed(facedeck().args([name, "--help"]));
        assert!(help.contains("Usage: facedeck"), "{help}");
        if name != "doctor" {
            assert!(help.contains(&format!("Examples:\n  facedeck {name}")), "{name}: {help}");
        }
    }
    let help = printed(facedeck().arg("--help"));
    assert!(COMMANDS.iter().all(|name| help.contains(name)), "{help}");
    assert!(help.contains("Examples:"), "{help}");
    let version = printed(facedeck().arg("--version"));
    assert_eq!(version.trim(), concat!("facedeck ", env!("CARGO_PKG_VERSION")));
    // Without a command there is the dashboard, which needs a terminal.
    let run = facedeck().output().expect("it starts");
    assert_eq!(run.status.code(), Some(2));
    assert!(words(&run).contains("facedeck jobs list shows the queue"), "{}", words(&run));
}

/// Runs a command whose standard output has no reader; it must succeed without a word.
fn unread(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let run = child.wait_with_output().expect("it ends");
    assert!(run.status.success(), "{command:?}: {}: {}", run.status, words(&run));
    assert_eq!(words(&run), "", "{command:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let portrait = media("astronaut.png");
    unread(facedeck().arg("faces").arg(&portrait));
    unread(facedeck().arg("faces").arg(&portrait).arg("--json"));
    unread(facedeck().args(["completions", "bash"]));
    unread(facedeck().arg("--help"));
    unread(facedeck().arg("doctor"));
    unread(facedeck().args(["doctor", "--json"]));
}

#[test]
fn a_listener_that_goes_away_does_not_lose_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let output = folder.path().join("out.png");
    let mut command = swap_command(&source, &target, &output, &[]);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stderr.take());
    assert!(child.wait().expect("it ends").success());
    assert!(image::open(&output).is_ok());
}
