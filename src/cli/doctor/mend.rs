//! `doctor --fix`: fetches and installs what is missing; large things only after asking.

use std::io::{IsTerminal, stderr, stdin};

use crate::cli::output;
use crate::error::{Error, Result};
use crate::provision::{self, gpu};

use super::DoctorArgs;

/// What came of mending; what could not be mended shows in the report, with its reason.
pub(super) struct Mended {
    /// ffmpeg and a runtime.
    pub(super) rest: Result<()>,
    /// The GPU runtime, if it was asked for.
    pub(super) gpu: Result<()>,
}

/// Mends what the arguments say.
///
/// # Errors
/// When the user was asked and said no, or could not be asked.
pub(super) fn mend(args: &DoctorArgs) -> Result<Mended> {
    let mut say = |line: &str| output::line(line);
    let mut mended = Mended { rest: Ok(()), gpu: Ok(()) };
    if args.gpu {
        // First, as the GPU runtime can do what the other one does.
        mended.gpu = match agreed(args.yes, &mut say) {
            Ok(true) => gpu::fetch_gpu_runtime(&mut say).map(|_| ()),
            Ok(false) => Ok(()),
            Err(refused) if *refused.kind() == crate::error::Kind::Usage => return Err(refused),
            Err(error) => Err(error),
        };
    }
    if args.fix {
        mended.rest = provision::ensure(&mut say, true).map(|_| ());
    }
    Ok(mended)
}

/// Whether the GPU runtime is to be fetched: not when it is here.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the user does not want it, or cannot be asked.
fn agreed(yes: bool, say: &mut dyn FnMut(&str)) -> Result<bool> {
    let plan = gpu::planned_gpu_fetch()?;
    if plan.here {
        say(&format!("the GPU runtime is at {}", plan.folder.display()));
        return Ok(false);
    }
    let gb = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    say(&format!(
        "the GPU runtime: {} to fetch from the Python package index, {} on the disk, in {}",
        gb(plan.download),
        gb(plan.unpacked),
        plan.folder.display()
    ));
    plan.parts.iter().for_each(|part| say(&format!("  {part}")));
    say("CUDA and cuDNN are NVIDIA's, under NVIDIA's license agreements for them");
    if yes {
        return Ok(true);
    }
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return Err(Error::usage("the GPU runtime is large, and nobody is here to be asked")
            .hint("facedeck doctor --fix --gpu --yes"));
    }
    eprint!("Fetch it? [y/N] ");
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(true);
    }
    Err(Error::usage("the GPU runtime was not fetched"))
}
