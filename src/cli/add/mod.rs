//! `facedeck add`: a job for the queue.

mod files;
mod request;

use std::path::PathBuf;

use clap::ValueHint;
use jiff::Timestamp;

use crate::client::Options;
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::pipeline::needs;
use crate::service::wire::JobView;

use super::args::{OutArgs, SourceArgs, TermsArgs};
use super::flags::{JobArgs, VideoArgs};
use super::host::HostArgs;
use super::jobs::each::event;
use super::jobs::words::{plain, short};
use super::jobs::{fetch, follow, when};
use super::models::offer_missing;
use super::offered;
use super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck add`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct AddArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// The picture or video to change
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub target: PathBuf,
    /// Where the result goes; in a folder it is named SOURCE-TARGET [default: beside the target,
    /// named TARGET-swapped]
    #[arg(short, long, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(short = 'y', long)]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub queue: QueueArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub host: HostArgs,
    /// With --host: the files lie over there, under these paths, and are not sent
    #[arg(long, help_heading = "Service")]
    pub remote_paths: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub job: JobArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub video: VideoArgs,
}

/// The place of a job in the queue.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Queue")]
pub struct QueueArgs {
    /// What to call it [default: the target's file name]
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Those with more go first; -1000 to 1000
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-1000..=1000))]
    pub priority: i32,
    /// Jobs that must be done before it
    #[arg(long, value_name = "ID", num_args = 1.., add = offered::jobs())]
    pub after: Vec<String>,
    /// Do not begin before this time: in 2h, tomorrow 08:00, 2026-12-24 18:00
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    pub not_before: Option<Timestamp>,
    /// How often it is tried when it fails for a reason that can pass
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: Option<u32>,
    /// Hold it until somebody resumes it
    #[arg(long)]
    pub hold: bool,
    /// Wait until it has ended; Ctrl-C ends the waiting and not the job
    #[arg(long, conflicts_with = "hold")]
    pub wait: bool,
}

const EXAMPLES: &str = "\
Examples:
  facedeck add -s me.jpg -t film.mp4 -o out.mp4
  facedeck add -s me.jpg -t film.mp4 --profile quality --priority 10
  facedeck add -s me.jpg -t film.mp4 --not-before \"tomorrow 08:00\"
  facedeck add -s me.jpg -t film.mp4 --wait && echo done
  facedeck add -s me.jpg -t film.mp4 -o out.mp4 --wait --host ssh://me@box

The service that works on it is started when it does not run, and goes on when this terminal is
closed. Every flag of facedeck swap is taken; they are resolved now, so that a profile that is
changed later changes no job that waits.";

/// Runs the command.
///
/// # Errors
/// Everything that can be known about the job before it runs; with `--wait` what it fails with.
pub fn run(args: &AddArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    args.terms.ensure()?;
    let profile = args.job.resolve(Some(&args.video))?.profile;
    let mut request = request::checked(args, profile)?;
    let here = args.host.host().shares_files();
    if here {
        let interrupt = Interrupt::new();
        let (store, run) = (Store::open()?, &args.job.run);
        let needs = needs(&request.profile)?;
        offer_missing(&store, &needs, run.pull, run.accept_license, mode, &interrupt)?;
    }
    let options =
        Options { accept_terms: args.terms.accept_terms, ..args.host.options(true, mode)? };
    let service = crate::client::Blocking::connect(&options)?;
    let sends = !here && !args.remote_paths;
    let result = request.output.clone();
    if sends {
        files::send(&service, &mut request, mode)?;
    }
    let new = request::new_job(args, &request, sends)?;
    let job = service.run(async |client| client.add(&new).await)?;
    tell(&job, mode);
    if args.queue.wait {
        let ids = [job.id];
        follow::until_ended(&service, &ids, mode)?;
        if sends {
            fetch::fetch(&service, &ids[0], &result, mode)?;
        }
    } else if sends {
        let fetch = format!("facedeck jobs fetch {} --host URL", short(&job.id));
        mode.note(&format!("the result stays over there until you fetch it: {fetch}"));
    }
    Ok(())
}

fn tell(job: &JobView, mode: OutputMode) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            let mut event = event(job);
            event["event"] = "added".into();
            json_line(&event);
        }
        _ => {
            let name = plain(&job.name);
            result_line(&format!(
                "{} {name}: {} → {}",
                short(&job.id),
                job.state,
                plain(&job.output)
            ));
        }
    }
}
