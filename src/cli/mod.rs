//! The command line: one file per command, which parses, calls and prints.

pub mod add;
pub mod args;
pub mod batch;
pub mod bench;
pub mod clean;
pub mod completions;
pub mod dashboard;
pub mod demo;
pub mod doctor;
pub mod faces;
pub mod flags;
pub mod host;
pub mod jobs;
pub mod models;
mod offered;
pub mod output;
pub mod preview;
pub mod processors;
pub mod profiles;
pub mod progress;
pub mod service;
pub mod swap;
mod transfer;
pub mod watch;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::CompleteEnv;

use crate::error::{Error, Result};

use output::OutputMode;

/// Face swapping for the terminal: one photo in, pictures and videos out.
#[derive(Debug, Parser)]
#[command(name = "facedeck", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do; the dashboard when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub dashboard: dashboard::DashboardArgs,
    /// Say more about what happens; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = "Options")]
    pub verbose: u8,
}

const EXAMPLES: &str = "\
Examples:
  facedeck                                        the dashboard
  facedeck demo                                   see it work, with nothing of your own
  facedeck swap -s me.jpg -t film.mp4 -o out.mp4  put a face into a film
  facedeck add -s me.jpg -t film.mp4              the same, later, whatever becomes of this terminal
  facedeck jobs list                              what the queue does
  facedeck faces party.jpg                        who is in this picture
  facedeck doctor --fix                           find and mend what is missing";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See it work on pictures that facedeck carries
    Demo(demo::DemoArgs),
    /// Put a face into a picture or a video
    Swap(Box<swap::SwapArgs>),
    /// Put faces into many pictures and videos
    Batch(Box<batch::BatchArgs>),
    /// Show and throw away what unfinished films have left
    Clean(clean::CleanArgs),
    /// Add a job to the queue
    Add(Box<add::AddArgs>),
    /// Show and steer the queue
    Jobs(Box<jobs::JobsArgs>),
    /// Show and change hot folders, whose files become jobs
    Watch(Box<watch::WatchArgs>),
    /// Start, stop and show the service, which owns the queue
    Service(Box<service::ServiceArgs>),
    /// Show who is in a picture or a frame
    Faces(faces::FacesArgs),
    /// Show the swap of one frame
    Preview(Box<preview::PreviewArgs>),
    /// Show, fetch, import, check and remove models
    Models(models::ModelsArgs),
    /// Show what can be done to faces, and what it takes
    Processors(processors::ProcessorsArgs),
    /// Show, make and check sets of choices
    Profiles(profiles::ProfilesArgs),
    /// Show what is here, what is missing, and mend it
    Doctor(doctor::DoctorArgs),
    /// Measure this machine
    Bench(Box<bench::BenchArgs>),
    /// Print a completion script for your shell
    Completions(completions::CompletionsArgs),
}

impl Command {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        match self {
            Command::Demo(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Swap(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Batch(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Clean(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Add(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Jobs(a) => a.output_mode(),
            Command::Watch(a) => a.output_mode(),
            Command::Service(a) => a.output_mode(),
            Command::Faces(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Preview(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Models(a) => a.output_mode(),
            Command::Processors(a) => OutputMode::from_flags(a.out.json, a.out.quiet),
            Command::Profiles(a) => a.output_mode(),
            Command::Doctor(a) => OutputMode::from_flags(a.json, false),
            Command::Bench(a) => a.output_mode(),
            Command::Completions(_) => OutputMode::from_flags(false, false),
        }
    }

    /// Whether the command has a log of its own.
    fn has_own_log(&self) -> bool {
        matches!(self, Command::Service(args) if args.has_own_log())
    }

    fn run(&self, verbose: u8) -> Result<()> {
        match self {
            Command::Demo(args) => demo::run(args),
            Command::Swap(args) => swap::run(args),
            Command::Batch(args) => batch::run(args),
            Command::Clean(args) => clean::run(args),
            Command::Add(args) => add::run(args),
            Command::Jobs(args) => jobs::run(args),
            Command::Watch(args) => watch::run(args),
            Command::Service(args) => service::run(args, verbose),
            Command::Faces(args) => faces::run(args),
            Command::Preview(args) => preview::run(args),
            Command::Models(args) => models::run(args),
            Command::Processors(args) => processors::run(args),
            Command::Profiles(args) => profiles::run(args),
            Command::Doctor(args) => doctor::run(args),
            Command::Bench(args) => bench::run(args),
            Command::Completions(args) => completions::run(args, &Cli::command()),
        }
    }
}

/// Runs what the command line says and turns the outcome into the exit code.
pub fn main() -> ExitCode {
    // A shell may ask what could come next: that is answered before anything else is done.
    CompleteEnv::with_factory(Cli::command).var(completions::VARIABLE).complete();
    keep_freed_memory();
    tell_nobody();
    outlive_file_limits();
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let misplaced = matches.subcommand().is_some() && dashboard::is_given(&matches);
        Ok((Cli::from_arg_matches(&matches)?, misplaced))
    });
    let (cli, misplaced) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return explain(&error),
    };
    let plain = OutputMode::from_flags(false, false);
    let (mode, done) = match &cli.command {
        None => (plain, dashboard::run(&cli.dashboard, cli.verbose)),
        Some(_) if misplaced => (plain, Err(dashboard::misplaced())),
        Some(command) => {
            if !command.has_own_log() {
                set_up_log(cli.verbose);
            }
            (command.output_mode(), command.run(cli.verbose))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            mode.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Says what is wrong with the command line, as JSON where that was asked for; or prints the help
/// that was asked for.
fn explain(error: &clap::Error) -> ExitCode {
    let asked = |argument: std::ffi::OsString| argument == "--json";
    if error.use_stderr() && std::env::args_os().any(asked) {
        let text = error.render().to_string();
        let (message, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
        let message = message.trim().trim_start_matches("error: ");
        let usage = rest.lines().find(|line| line.starts_with("Usage: "));
        let error = Error::usage(message).hint(usage.unwrap_or("see facedeck --help"));
        OutputMode::Json.error(&error);
        return ExitCode::from(error.exit_code());
    }
    // A reader that went away is no reason to fail.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Beyond a limit on the size of files (`ulimit -f`) the system ends a program that does not listen
/// to the signal, and its hidden file stays; with a listener the write fails like any other.
fn outlive_file_limits() {
    let _ = signal_hook::flag::register(libc::SIGXFSZ, std::sync::Arc::default());
}

/// Lets the allocator keep what a frame's work frees for the next frame: by default glibc gives
/// every buffer over 128 KB back to the kernel at once, and clearing fresh pages for each face of
/// each frame took a tenth of the processor time. Memory stays bounded by what one frame needs; the
/// weights of large networks are given back as ever.
fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // Above every buffer of a face, below the weights of large networks, which come and go once.
        const KEPT: libc::c_int = 4 << 20;
        // More than the work on a frame frees in all: what a thread gives back after each frame is
        // cleared for the next one, a sixth of its time.
        const FREE: libc::c_int = 64 << 20;
        // SAFETY: mallopt only sets two numbers in the allocator; it is called before any thread
        // is started.
        #[allow(unsafe_code)]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT);
            libc::mallopt(libc::M_TRIM_THRESHOLD, FREE);
        }
    }
}

/// ONNX Runtime, from 1.29 on, tells its makers about each session on Linux and macOS, too, and keeps a
/// number for the machine beneath `~/.cache` for that. Switched off through its API it has done so
/// already; this variable, which it reads when it is loaded, keeps it from beginning.
fn tell_nobody() {
    // SAFETY: no thread is started yet that could read the environment meanwhile.
    #[allow(unsafe_code)]
    unsafe {
        std::env::set_var("ORT_DISABLE_TELEMETRY", "1");
    }
}

/// Logs go to standard error; quiet unless asked for.
fn set_up_log(verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
