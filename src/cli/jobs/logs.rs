//! `facedeck jobs logs`: what a job said.

use std::time::Duration;

use serde_json::json;

use crate::client::{Blocking, Client};
use crate::error::Result;
use crate::interrupt::Interrupt;

use super::super::offered;
use super::super::output::{OutputMode, json_line, result_line};
use super::Common;
use super::words::plain;

/// How often a log that is followed is looked at.
const AGAIN: Duration = Duration::from_millis(500);
/// Lines that are looked at again while it is followed: more do not come between two looks.
const FOLLOWED: u64 = 1000;

/// Arguments of `facedeck jobs logs`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct LogsArgs {
    /// The job, by id
    #[arg(value_name = "ID", add = offered::jobs())]
    pub id: String,
    /// Go on until the job has ended
    #[arg(short, long)]
    pub follow: bool,
    /// The last lines
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub lines: u64,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs logs 7K2M9QXA
  facedeck jobs logs 7K2M9QXA -f --lines 10";

/// Runs the command.
///
/// # Errors
/// When there is no such job.
pub(super) fn run(args: &LogsArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let text = service.run(async |client| client.log(&args.id, args.lines).await)?;
    print(&lines(&text), mode);
    if args.follow { follow(&service, args, mode) } else { Ok(()) }
}

fn follow(service: &Blocking, args: &LogsArgs, mode: OutputMode) -> Result<()> {
    let interrupt = Interrupt::on_signals()?;
    let look = async |client: &Client| {
        // In this order: what was said before the end is read after it.
        let ended = client.show(&args.id).await?.job.state.is_final();
        Ok((ended, client.log(&args.id, FOLLOWED).await?))
    };
    // What was printed are the last lines of this or less of it.
    let (mut ended, mut seen) = service.run(look)?;
    while !ended {
        std::thread::sleep(AGAIN);
        interrupt.check()?;
        let (is_over, text) = service.run(look)?;
        print(new_lines(&lines(&seen), &lines(&text)), mode);
        (ended, seen) = (is_over, text);
    }
    Ok(())
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// What came after the lines that were seen: the end of those is the beginning of the new ones, as
/// far as they were not pushed out at the top.
fn new_lines<'a, 'b>(seen: &[&str], now: &'a [&'b str]) -> &'a [&'b str] {
    let most = seen.len().min(now.len());
    let overlap = (0..=most).rev().find(|n| seen[seen.len() - n..] == now[..*n]).unwrap_or(0);
    &now[overlap..]
}

fn print(lines: &[&str], mode: OutputMode) {
    for line in lines {
        match mode {
            OutputMode::Json => json_line(&json!({ "event": "log", "line": line })),
            _ => result_line(&plain(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_grows_is_printed_once() {
        let cases: [(&[&str], &[&str], &[&str]); 6] = [
            (&[], &["a"], &["a"]),
            (&["a"], &["a"], &[]),
            (&["a", "b"], &["a", "b", "c"], &["c"]),
            (&["a", "b", "c"], &["b", "c", "d", "e"], &["d", "e"]),
            (&["x", "x"], &["x", "x", "x"], &["x"]),
            (&["a"], &["b", "c"], &["b", "c"]),
        ];
        for (seen, now, expected) in cases {
            assert_eq!(new_lines(seen, now), expected, "{seen:?} {now:?}");
        }
    }
}
