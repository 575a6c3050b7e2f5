//! `facedeck service run`: from the first look at the configuration to the last job that is back in
//! the queue.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sd_notify::NotifyState;

use crate::error::{Context, Error, Result};
use crate::safety::consent;
use crate::service::api::{self, Listeners};
use crate::service::{Core, hotfolder, notify, scheduler};
use crate::settings::Directories;
use crate::settings::config::{self, Config};

use super::lock::Lock;
use super::supervise::{self, Presence};
use super::{LogTo, Places, Record, log, signals, socket};

/// Threads that answer clients. Work on pictures and the store has threads of its own.
const ANSWERING: usize = 2;
/// So long answers under way may take after everything else has ended.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How the service runs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// An address on the network, in place of the configuration's.
    pub listen: Option<String>,
    /// The user knows that others can reach that address.
    pub i_know: bool,
    /// Folders in which clients of the network may name files, in place of the configuration's.
    pub roots: Vec<PathBuf>,
    /// Where the log goes.
    pub log: LogTo,
    /// How much is logged; 0 is usual.
    pub verbose: u8,
    /// The user accepts the terms by this very command.
    pub accept_terms: bool,
}

/// Runs the service until it is told to stop. `ready` hears when clients can connect.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the configuration makes no sense, the terms are not accepted,
/// or another service runs; nothing was touched then.
pub fn run(options: &Options, ready: &dyn Fn(&Record)) -> Result<()> {
    let directories = Directories::from_env()?;
    let config = configuration(&directories, options)?;
    let address = address(&config.service, options.i_know)?;
    let places = Places::of(&directories);
    places.make()?;
    let _lock = Lock::take(&places)?;
    consent::ensure(&directories.config, options.accept_terms, false)?;
    let log = log::begin(&places, options.log, options.verbose, config.service.log_days)?;
    let (unix, socket) = socket::bind(&places)?;
    let core = Core::open(directories, config, socket.clone())?;
    signals::listen(&core, log.ending())?;
    let tcp = address.map(|address| listen(&core, address)).transpose()?;
    let record = Record {
        pid: std::process::id(),
        started: Timestamp::now(),
        socket,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let presence = Arc::new(Presence::show(&places, record.clone())?);
    serve(&core, Listeners { unix, tcp }, &presence, || ready(&record))
}

/// The configuration with what this command says on top.
fn configuration(directories: &Directories, options: &Options) -> Result<Config> {
    let mut config = Config::load(&directories.config)?;
    if options.listen.is_some() {
        config.service.listen.clone_from(&options.listen);
    }
    if !options.roots.is_empty() {
        let absolute = |root: &PathBuf| {
            root.canonicalize().map_err(|e| {
                Error::usage(format!("{} is no folder to name files in", root.display())).because(e)
            })
        };
        config.service.roots = options.roots.iter().map(absolute).collect::<Result<_>>()?;
    }
    Ok(config)
}

/// The address on the network, where the service may listen there.
fn address(config: &config::Service, i_know: bool) -> Result<Option<SocketAddr>> {
    let Some(text) = &config.listen else { return Ok(None) };
    let address: SocketAddr = text.parse().map_err(|e| {
        Error::usage(format!("{text} is no address to listen on"))
            .because(e)
            .hint("write it as 127.0.0.1:7870 or [::1]:7870")
    })?;
    api::check_listen(address, config, i_know)?;
    Ok(Some(address))
}

fn listen(core: &Core, address: SocketAddr) -> Result<TcpListener> {
    let bind = || -> std::io::Result<TcpListener> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let real = listener.local_addr()?;
        *core.listen.lock().unwrap_or_else(PoisonError::into_inner) = Some(real.to_string());
        Ok(listener)
    };
    bind().map_err(|e| {
        Error::usage(format!("cannot listen on {address}"))
            .because(e)
            .hint("another program may listen there: choose another port with --listen")
    })
}

/// Works and answers until it is told to stop, then until every job is back in the queue.
fn serve(
    core: &Arc<Core>,
    listeners: Listeners,
    presence: &Arc<Presence>,
    ready: impl Fn(),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(ANSWERING)
        .thread_name("api")
        .enable_all()
        .build()
        .context(|| "cannot start the threads that answer".into())?;
    let scheduler = scheduler::start(core)?;
    hotfolder::start(core);
    notify::start(core);
    let watching = runtime.spawn(supervise::watch(Arc::clone(core), Arc::clone(presence)));
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!("facedeck {version} serves as process {}", std::process::id());
    supervise::tell(NotifyState::Ready);
    ready();
    let outcome = runtime.block_on(api::serve(Arc::clone(core), listeners));
    // Whatever ended it: nobody is left to say stop.
    core.stop();
    scheduler.join();
    watching.abort();
    runtime.shutdown_timeout(LAST_ANSWERS);
    core.store.close();
    match &outcome {
        Ok(()) => tracing::info!("the service has ended"),
        Err(error) => tracing::error!("the service has ended: {}", error.chain()),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_configuration() {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::beneath(home.path()).unwrap();
        std::fs::create_dir_all(&directories.config).unwrap();
        let text = "[service]\nlisten = \"127.0.0.1:1\"\nroots = [\"/srv\"]\n";
        std::fs::write(directories.config.join("config.toml"), text).unwrap();
        let kept = configuration(&directories, &Options::default()).unwrap();
        assert_eq!(kept.service.listen.as_deref(), Some("127.0.0.1:1"));
        assert_eq!(kept.service.roots, [PathBuf::from("/srv")]);
        let mut options = Options {
            listen: Some("127.0.0.1:2".into()),
            roots: vec![home.path().join("config/..")],
            ..Options::default()
        };
        let changed = configuration(&directories, &options).unwrap();
        assert_eq!(changed.service.listen.as_deref(), Some("127.0.0.1:2"));
        assert_eq!(changed.service.roots, [home.path().canonicalize().unwrap()]);
        options.roots = vec![home.path().join("gone")];
        let error = configuration(&directories, &options).unwrap_err();
        assert!(error.exit_code() == 2 && error.message().contains("gone"), "{error}");
    }
}
