//! Starts the dashboard on the terminal of this process.

use std::io::{Write, stderr, stdout};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::client::{Host, Options};
use crate::error::{Context, Result};
use crate::safety::consent;
use crate::settings::config::{Config, Dashboard};
use crate::settings::{Directories, variable};
use crate::terminal::{self, Detection, Graphics, links, tmux};

use super::app::{App, World};
use super::desk::Link;
use super::keymap;
use super::model::{Model, Terminal};
use super::picture::How;
use super::picture::layer::Offset;
use super::runtime::{Tasks, WAITING};
use super::theme::{self, Depth, Theme, ThemeFile};
use super::tty::{Output, Session, Traffic, Tty};

/// A cell in pixels when the terminal does not tell: twice as tall as wide, as most fonts are.
const USUAL_CELL: (u16, u16) = (10, 20);
/// Colors of a sixel picture when the terminal does not tell.
const USUAL_COLORS: u16 = 256;
/// Colors of a sixel picture over a slow line at most: a quarter fewer bytes, hardly to be seen.
const FAR_COLORS: u16 = 128;

/// What the user wants of the dashboard, by the command line.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// How the service is reached.
    pub options: Options,
    /// How pictures are drawn, where that was said.
    pub graphics: Option<Graphics>,
    /// The theme, where that was said.
    pub theme: Option<String>,
    /// Nothing but ASCII.
    pub ascii: bool,
}

/// Runs the dashboard until the user leaves.
///
/// # Errors
/// When the configuration, the keymap or the theme makes no sense, or the terminal is gone.
pub fn run(wishes: &Wishes) -> Result<()> {
    let directories = Directories::from_env()?;
    let settings = Config::load(&directories.config)?.dashboard;
    let keymap = keymap::read(&directories.config.join("keymap.toml"))?;
    let file = theme_file(wishes, &settings, &directories)?;
    // What makes no sense is said before the screen is taken.
    Theme::of_file(&file, Depth::True)?;
    let consented = consent::ensure(&directories.config, false, false).is_ok();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context(|| "cannot start the dashboard".into())?;
    let session = Session::begin(settings.mouse, directories.state.join("logs"))?;
    // Asked once, before anything reads keys.
    let detection = terminal::detect(wishes.graphics.unwrap_or(settings.graphics));
    let theme = Theme::of_file(&file, Depth::detect(detection.terminal.as_deref()))?;
    let host = &wishes.options.host;
    let terminal = terminal_of(&detection, host, settings.low_bandwidth);
    let mut model = Model::new(terminal, theme, keymap, host.to_string(), *host == Host::Local);
    let traffic = Traffic::default();
    model.traffic = traffic.clone();
    let (to, mut from) = mpsc::channel(WAITING);
    let tasks = Tasks::new(to, wishes.options.clone());
    let world = Real { started: Instant::now(), session, through_tmux: detection.through_tmux };
    let screen = Tty::new(Output::new(stdout(), traffic));
    let mut app = App::new(screen, model, tasks.clone(), world, settings.announce)?;
    let done = runtime.block_on(async {
        tasks.begin(consented);
        app.run(&mut from).await
    });
    let desk = &app.model.desk;
    // With a service that was stopped they rest.
    let running = match desk.link {
        Link::Up => desk.jobs.counts.running + desk.jobs.counts.queued,
        Link::Connecting | Link::Away(_) => 0,
    };
    drop(app);
    // Tasks that still wait for a far service are not waited for.
    runtime.shutdown_timeout(Duration::from_millis(200));
    if done.is_ok() && running > 0 {
        let word = if running == 1 { "job goes" } else { "jobs go" };
        // The terminal may be what has gone.
        let _ = writeln!(stderr(), "{running} {word} on; facedeck shows them again");
    }
    done
}

/// The theme's file, and what the command line and the configuration say about it.
fn theme_file(
    wishes: &Wishes,
    settings: &Dashboard,
    directories: &Directories,
) -> Result<ThemeFile> {
    let mut file = theme::read(&directories.config.join("theme.toml"))?;
    if let Some(name) = wishes.theme.clone().or_else(|| settings.theme.clone()) {
        file.base = Some(name);
    }
    file.ascii |= wishes.ascii || settings.ascii;
    Ok(file)
}

fn terminal_of(detection: &Detection, host: &Host, low_bandwidth: bool) -> Terminal {
    let over_ssh = ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| variable(name).is_some());
    let far = !matches!(host, Host::Local | Host::Unix(_));
    let remote = over_ssh || far;
    let most = if remote { FAR_COLORS } else { USUAL_COLORS };
    let how = How {
        protocol: detection.protocol,
        cell: detection.cell.unwrap_or(USUAL_CELL),
        colors: detection.colors.unwrap_or(most).min(most),
    };
    Terminal {
        size: detection.cells,
        how,
        best: how.protocol,
        why: detection.why.clone(),
        low_bandwidth,
        links: links::are_taken().then(|| machine(host)).flatten(),
        remote,
        focused: true,
    }
}

/// The name of the machine on which the service's files lie; none where that cannot be told from how
/// it is reached.
fn machine(host: &Host) -> Option<String> {
    match host {
        Host::Local | Host::Unix(_) => sysinfo::System::host_name().ok(),
        Host::Http(_) => None,
        Host::Ssh(host) => host.destination.rsplit('@').next().map(str::to_owned),
    }
}

/// The world as it is.
#[derive(Debug)]
struct Real {
    started: Instant,
    session: Session,
    through_tmux: bool,
}

impl World for Real {
    fn time(&self) -> (Timestamp, Duration) {
        (Timestamp::now(), self.started.elapsed())
    }

    fn suspend(&self) -> Result<()> {
        self.session.suspend()
    }

    fn offset(&self) -> Option<Offset> {
        self.through_tmux.then(tmux::offset)
    }
}
