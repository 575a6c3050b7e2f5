//! tmux with a shell in it: keys go in as fingers send them, the screen is read as eyes do.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::super::common::words;
use super::super::service::Desk;

/// What the shell says when it waits for a command.
const PROMPT: &str = "desk>";
/// So long something may take on a machine that has other work to do.
const PATIENCE: Duration = Duration::from_secs(300);
/// How the package manager that is here is told to install tmux.
const INSTALLERS: [(&str, &str); 6] = [
    (
        "apt-get",
        "apt-get update; \
         apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends tmux",
    ),
    ("dnf", "dnf install --assumeyes tmux"),
    ("pacman", "pacman -Sy --noconfirm --needed tmux"),
    ("zypper", "zypper --non-interactive install tmux"),
    ("apk", "apk add tmux"),
    ("brew", "brew install tmux"),
];

/// A server of its own with one window, in which a shell runs at home at a desk.
pub struct Tmux {
    folder: PathBuf,
}

impl Tmux {
    /// Opens a window of this size. `facedeck` is the binary there, and nobody accepted anything
    /// yet.
    pub fn start(desk: &Desk, (columns, rows): (u16, u16)) -> Tmux {
        let tmux = Tmux { folder: desk.work().with_file_name("tmux") };
        std::fs::create_dir_all(&tmux.folder).expect("a folder");
        let mut command = tmux.command();
        for (name, value) in desk.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_facedeck")).parent().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
        for name in ["FACEDECK_ACCEPT_TERMS", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("PATH", std::env::join_paths(path).expect("a search path"));
        // Shells take their prompt from a file alone.
        let profile = tmux.folder.join("profile");
        std::fs::write(&profile, format!("PS1='{PROMPT} '\n")).expect("a file");
        command.env("ENV", profile);
        command.args(["new-session", "-d", "-x", &columns.to_string(), "-y", &rows.to_string()]);
        done(command.args(["sh", ";", "set-option", "-g", "status", "off"]));
        tmux.shows(PROMPT);
        tmux
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        command.env_remove("TMUX").env("TMUX_TMPDIR", &self.folder);
        command.args(["-L", "desk", "-f", "/dev/null"]);
        command
    }

    /// Lets tmux do something; what it says.
    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        done(self.command().args(arguments))
    }

    /// Presses keys, by the names that tmux has for them: `a`, `Enter`, `C-s`.
    pub fn press(&self, keys: &[&str]) {
        self.run(&[&["send-keys", "--"][..], keys].concat());
    }

    /// Types a text.
    pub fn type_in(&self, text: &str) {
        self.run(&["send-keys", "-l", "--", text]);
    }

    /// Pastes a text in one piece, where the program asked to be told a paste from typing.
    pub fn paste(&self, text: &str) {
        self.run(&["set-buffer", "--", text]);
        self.run(&["paste-buffer", "-p", "-d"]);
    }

    /// The window becomes another size.
    pub fn resize(&self, (columns, rows): (u16, u16)) {
        self.run(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// What tmux knows about the window, such as `#{alternate_on}`.
    pub fn asked(&self, format: &str) -> String {
        self.run(&["display-message", "-p", format]).trim_end().to_owned()
    }

    /// Waits until the screen shows this; the screen.
    pub fn shows(&self, what: &str) -> String {
        self.becomes(what, |screen| screen.contains(what))
    }

    /// Waits until the screen does not show this any more; the screen.
    pub fn hides(&self, what: &str) -> String {
        self.becomes(&format!("end of {what}"), |screen| !screen.contains(what))
    }

    /// Waits until the screen is like this; the screen.
    pub fn becomes(&self, what: &str, like: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.text();
            if like(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "there is no \"{what}\" in:\n{screen}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the shell has the screen again, as it was before: the usual one, with its
    /// cursor, without the mouse, and with an echo of what is typed. What is on it.
    pub fn is_back(&self) -> String {
        let screen = self.becomes("prompt", |screen| {
            screen.lines().rfind(|line| !line.is_empty()).is_some_and(|line| line == PROMPT)
        });
        let modes = self.asked("#{alternate_on} #{mouse_any_flag} #{cursor_flag}");
        assert_eq!(modes, "0 0 1", "other screen, mouse, cursor:\n{screen}");
        self.type_in("echo $((6 * 7)) is typed");
        self.shows("echo $((6 * 7)) is typed");
        self.press(&["Enter"]);
        self.shows("42 is typed");
        self.type_in("clear");
        self.press(&["Enter"]);
        self.hides("is typed");
        screen
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command().arg("kill-server").output();
    }
}

/// Runs tmux, which must succeed; what it said.
fn done(command: &mut Command) -> String {
    let output = command.output().expect("tmux starts");
    assert!(output.status.success(), "{command:?}: {}", words(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The program, found, or installed as ffmpeg is for tests.
fn program() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(found) = on_path("tmux") {
            return found;
        }
        let (_, how) = INSTALLERS
            .into_iter()
            .find(|(manager, _)| on_path(manager).is_some())
            .expect("tmux is needed, and no known package manager is here: install it");
        eprintln!("installing tmux: {how}");
        let mut said = String::new();
        // As root, or by Homebrew, which wants no root; else with a sudo that asks for nothing.
        for first in [&[][..], &["sudo", "-n"]] {
            let line = [first, &["sh", "-c", how]].concat();
            let mut command = Command::new(line[0]);
            command.args(&line[1..]).env("DEBIAN_FRONTEND", "noninteractive");
            match command.output() {
                Ok(output) => said += &words(&output),
                Err(error) => said += &format!("{}: {error}\n", line[0]),
            }
            if let Some(found) = on_path("tmux") {
                return found;
            }
        }
        panic!("tmux is needed: {how}\n{said}")
    })
}

/// A program of the search path.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
