//! `facedeck doctor`: what is here, what is missing, what would run where; mends what it can.

mod mend;
mod report;
mod text;

use std::io::{ErrorKind, IsTerminal, Write, stdout};

use crate::error::{Context, Error, Kind, Result};
use crate::inference::Provider;

use crate::terminal::{self, GraphicsArgs};
use report::Report;

/// Arguments of `facedeck doctor`.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct DoctorArgs {
    /// Fetch and install what is missing
    #[arg(long)]
    pub fix: bool,
    /// Fetch the runtime for NVIDIA GPUs too, with CUDA and cuDNN
    #[arg(long, requires = "fix")]
    pub gpu: bool,
    /// Do not ask before a large download
    #[arg(short, long, requires = "gpu")]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub graphics: GraphicsArgs,
}

/// Looks at everything and prints what it found.
///
/// # Errors
/// [`Kind::Missing`] when something is missing that facedeck cannot work without, and with `--gpu`
/// [`Kind::Provider`] when CUDA does not work; the report is printed all the same.
pub fn run(args: &DoctorArgs) -> Result<()> {
    // Asked first: the terminal's answers must not mix with other output.
    let detection = terminal::detect(args.graphics.graphics);
    let mended = mend::mend(args)?;
    let report = Report::gather(&detection)?;
    let printed = if args.json {
        serde_json::to_string(&report).context(|| "cannot write the report as JSON".into())? + "\n"
    } else {
        text::render(&report, colored())
    };
    match stdout().write_all(printed.as_bytes()) {
        // `facedeck doctor | head` is no failure.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            return Err(Error::failed("cannot print the report").because(e));
        }
        _ => {}
    }
    mended.gpu?;
    verdict(&report, mended.rest.err(), args.fix)?;
    if args.gpu { cuda_works(&report) } else { Ok(()) }
}

/// With `--gpu` it is CUDA that was to be mended.
fn cuda_works(report: &Report) -> Result<()> {
    match report.found.providers.iter().find(|one| one.name == Provider::Cuda.name()) {
        Some(cuda) if !cuda.works => {
            let error = Error::new(Kind::Provider, cuda.error.clone().unwrap_or_default());
            Err(match &cuda.hint {
                Some(hint) => error.hint(hint),
                None => error,
            })
        }
        _ => Ok(()),
    }
}

fn verdict(report: &Report, mending: Option<Error>, fix: bool) -> Result<()> {
    if report.found.ready {
        return Ok(());
    }
    // Why mending failed says more than that something is missing.
    if let Some(error) = mending {
        return Err(error);
    }
    let first = report.found.problems.first();
    let hint = match first.and_then(|p| p.hint.clone()) {
        Some(hint) => hint,
        None if fix => "see the report above".into(),
        None => "facedeck doctor --fix".into(),
    };
    let words: Vec<&str> = report.found.problems.iter().map(|p| p.message.as_str()).collect();
    Err(Error::new(Kind::Missing, words.join("; ")).hint(hint))
}

/// Whether standard output may be colored.
fn colored() -> bool {
    stdout().is_terminal()
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::doctor::Problem;
    use crate::terminal::{Detection, Graphics, Protocol};

    pub(super) fn detection() -> Detection {
        Detection {
            wanted: Graphics::Auto,
            protocol: Protocol::Off,
            why: "the output is not a terminal".into(),
            terminal: None,
            cell: None,
            cells: (80, 24),
            pixels: None,
            colors: None,
            sixel_limit: None,
            through_tmux: false,
        }
    }

    #[test]
    fn everything_is_here_and_proven() {
        crate::inference::for_tests().unwrap();
        let report = Report::gather(&detection()).unwrap();
        assert!(report.found.ready, "{:?}", report.found.problems);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["event"], "doctor");
        assert_eq!(json["models"].as_array().unwrap().len(), 5);
        for model in json["models"].as_array().unwrap() {
            if model["role"] != "mesh" {
                assert!(model["milliseconds"].as_f64().unwrap() > 0.0, "{model}");
            }
            assert!(model["error"].is_null(), "{model}");
        }
        assert!(json["runtime"]["providers"].as_array().unwrap().contains(&"cpu".into()));
        let providers = json["providers"].as_array().unwrap();
        assert_eq!(providers.len(), Provider::ALL.len());
        assert_eq!((&providers[0]["name"], &providers[0]["works"]), (&"cpu".into(), &true.into()));
        assert!(providers[0]["milliseconds"].as_f64().unwrap() > 0.0);
        for provider in providers.iter().filter(|one| one["works"] == false) {
            assert!(provider["error"].as_str().is_some_and(|e| e.contains("not available")));
            assert!(provider["hint"].is_string(), "{provider}");
        }
        assert!(json["machine"]["cores"].as_u64().unwrap() > 0);
        verdict(&report, None, false).unwrap();

        let text = text::render(&report, false);
        assert!(!text.contains('\u{1b}'), "no color was asked for");
        for word in ["ffprobe", "libx264", "ONNX Runtime", "open_nsfw", "Apache-2.0", "✔ ready"] {
            assert!(text.contains(word), "{word} not in:\n{text}");
        }
        let row = text.lines().find(|line| line.contains("directml")).unwrap();
        assert!(row.contains("– directml   it needs Windows, and the ONNX Runtime /"), "{row}");
        let row = text.lines().find(|line| line.starts_with("providers")).unwrap();
        assert!(row.contains("✔ cpu") && row.contains("ms a test run"), "{row}");
        assert!(text::render(&report, true).contains('\u{1b}'));
    }

    #[test]
    fn asked_for_a_gpu_it_ends_with_exit_code_6_when_cuda_does_not_work() {
        let mut report = Report::gather(&detection()).unwrap();
        let cuda = report.found.providers.iter_mut().find(|one| one.name == "cuda").unwrap();
        cuda.works = false;
        cuda.error = Some("libcuda.so.1 is not found".into());
        cuda.hint = Some("install the driver".into());
        let error = cuda_works(&report).unwrap_err();
        assert_eq!((error.exit_code(), error.message()), (6, "libcuda.so.1 is not found"));
        assert_eq!(error.hint_text(), Some("install the driver"));
        report.found.providers.retain(|one| one.works);
        cuda_works(&report).unwrap();
    }

    #[test]
    fn what_is_missing_ends_with_exit_code_5() {
        let mut report = Report::gather(&detection()).unwrap();
        report.found.ready = false;
        report.found.problems =
            vec![Problem { message: "no ffmpeg".into(), hint: None, fixable: true }];
        let error = verdict(&report, None, false).unwrap_err();
        assert_eq!((error.exit_code(), error.message()), (5, "no ffmpeg"));
        assert_eq!(error.hint_text(), Some("facedeck doctor --fix"));
        let error = verdict(&report, Some(Error::missing("offline")), true).unwrap_err();
        assert_eq!(error.message(), "offline");
        let text = text::render(&report, false);
        assert!(text.contains("✖ no ffmpeg"), "{text}");
    }
}
