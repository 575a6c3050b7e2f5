//! Places that cannot be written to: read-only folders (exit 2) and full disks (exit 1).

use std::path::Path;
use std::process::Command;

use super::super::common::{facedeck, fails, media, swap_command, words};
use super::Desk;

/// The words before a shell script that may mount file systems which nobody else sees; nothing
/// where the system does not let us.
fn namespace() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["unshare", "-rm"], &["unshare", "-m"]];
    let folder = tempfile::tempdir().expect("a folder");
    ways.into_iter().find(|way| {
        let mut try_it = Command::new(way[0]);
        try_it.args(&way[1..]).args(["mount", "-t", "tmpfs", "none"]).arg(folder.path());
        try_it.output().is_ok_and(|run| run.status.success())
    })
}

/// Runs `facedeck swap` with the folder of the output on a file system of its own, mounted with
/// these options. Says the exit code, what was said, and what lies in the folder afterwards.
fn on_mount(
    way: &[&str],
    options: &str,
    target: &Path,
    output: &Path,
    more: &[&str],
) -> (Option<i32>, String, String) {
    let swap = swap_command(&media("grace_hopper.jpg"), target, output, more);
    let script = "mount -t tmpfs -o \"$1\" none \"$2\" || exit 99; folder=$2; shift 2; \
                  \"$@\"; code=$?; ls -A \"$folder\"; exit $code";
    let mut command = Command::new(way[0]);
    command.args(&way[1..]).args(["sh", "-c", script, "sh", options]);
    command.arg(output.parent().expect("a folder")).arg(swap.get_program()).args(swap.get_args());
    for (name, value) in swap.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let run = command.output().expect("unshare starts");
    let left = String::from_utf8_lossy(&run.stdout).trim().to_owned();
    (run.status.code(), words(&run), left)
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_any_work() {
    let desk = Desk::new();
    let picture = media("mona_lisa.jpg");
    // Not even root can make files here.
    let proc = Path::new("/proc/out.png");
    let says = ["cannot write to the output folder /proc", "because: ", "that you may write to"];
    let mut command = swap_command(&media("grace_hopper.jpg"), &picture, proc, &[]);
    let said = fails(&mut command, desk.folder(), 2, &says);
    assert!(!said.contains(".facedeck-"), "the name of the probe is told: {said}");
    let Some(way) = namespace() else {
        println!("no mounts here: /proc alone was tried");
        return;
    };
    let (code, said, left) = on_mount(way, "ro", &picture, &desk.path("out.png"), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    assert_eq!(left, "");
}

#[test]
fn a_full_disk_is_said_so_and_nothing_stays_on_it() {
    let desk = Desk::new();
    let home = Desk::new();
    let noise = format!(
        "-loop 1 -framerate 25 -t 2 -i {} -vf scale=320:320,noise=alls=30:allf=t,format=yuv420p \
         -c:v libx264 -preset ultrafast -crf 10",
        media("astronaut.png").display()
    );
    let film = home.made("film.mp4", &noise);
    let cases = [(film, "out.mp4"), (media("mona_lisa.jpg"), "out.png")];
    for (target, name) in cases {
        let output = desk.path(name);
        let more = ["--quality", "95"];
        let Some(way) = namespace() else {
            limited(&desk, &target, &output);
            continue;
        };
        let (code, said, left) = on_mount(way, "size=200k", &target, &output, &more);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("cannot write") && said.contains(name), "{said}");
        assert!(said.contains("No space left on device"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(left, "", "something stays on the full disk");
        limited(&desk, &target, &output);
    }
}

/// The same against a limit on the size of files, which needs no rights.
fn limited(desk: &Desk, target: &Path, output: &Path) {
    let swap = swap_command(&media("grace_hopper.jpg"), target, output, &["--quality", "95"]);
    let mut command = Command::new("sh");
    // The shell counts in blocks of 512 bytes or of 1024.
    command.args(["-c", "ulimit -f 200; exec \"$@\"", "sh"]);
    command.arg(swap.get_program()).args(swap.get_args());
    for (name, value) in facedeck().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let name = output.file_name().expect("a name").to_string_lossy();
    fails(&mut command, desk.folder(), 1, &["cannot write", &name]);
}
