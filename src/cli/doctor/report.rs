//! Everything that `doctor` found out, in the shape in which `--json` prints it.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::cli::picture::Detection;
use crate::error::{Error, Result};
use crate::inference::{self, Provider, Session, provider};
use crate::models::{self, EmbeddedModel, Input, Role};
use crate::provision::{self, Preference, Runtime, RuntimeOrigin};
use crate::settings::{Directories, variable};

use super::machine::Machine;

/// The encoders that profiles name. The first is the one that is used when nothing else is asked
/// for, so facedeck is not ready without it.
const ENCODERS: [&str; 3] = ["libx264", "libx265", "libvpx-vp9"];

/// A run is timed this often; the fastest counts, as the others met other work.
const PROOF_RUNS: usize = 3;

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Always `doctor`.
    pub(super) event: &'static str,
    /// facedeck's version.
    pub(super) version: &'static str,
    /// Whether everything is here that is needed.
    pub(super) ready: bool,
    /// What is not, and what to do about it.
    pub(super) problems: Vec<Problem>,
    pub(super) ffmpeg: Option<Ffmpeg>,
    pub(super) runtime: Option<RuntimeFound>,
    /// Every provider: how it did, or what is missing.
    pub(super) providers: Vec<ProviderFound>,
    pub(super) models: Vec<Model>,
    pub(super) machine: Machine,
    pub(super) terminal: Terminal,
    pub(super) directories: Folders,
}

/// Something that is missing or does not work.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        Problem { message: error.chain(), hint: error.hint_text().map(str::to_owned) }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Ffmpeg {
    pub(super) version: String,
    pub(super) ffmpeg: PathBuf,
    pub(super) ffprobe: PathBuf,
    pub(super) encoders: Vec<Encoder>,
}

#[derive(Debug, Serialize)]
pub(super) struct Encoder {
    pub(super) name: &'static str,
    pub(super) present: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct RuntimeFound {
    pub(super) version: String,
    pub(super) path: PathBuf,
    pub(super) origin: RuntimeOrigin,
    /// Execution providers that it was built with.
    pub(super) providers: Vec<String>,
    /// The one that is taken when no GPU is asked for, if that is another one.
    pub(super) without_gpu: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
pub(super) struct ProviderFound {
    pub(super) name: &'static str,
    /// Whether a test network ran on it with the processor's result.
    pub(super) works: bool,
    /// How long one run of the test network took.
    pub(super) milliseconds: Option<f64>,
    /// How long it took until the first result.
    pub(super) start_milliseconds: Option<f64>,
    /// The largest difference to the processor's result.
    pub(super) difference: Option<f32>,
    /// What is missing.
    pub(super) error: Option<String>,
    /// How to get it.
    pub(super) hint: Option<String>,
}

impl ProviderFound {
    fn look(provider: Provider) -> Self {
        let (proof, error) = match provider::require_on(provider, 0) {
            Ok(proof) => (Some(proof), None),
            Err(error) => (None, Some(error)),
        };
        ProviderFound {
            name: provider.name(),
            works: proof.is_some(),
            milliseconds: proof.map(|p| p.milliseconds),
            start_milliseconds: proof.map(|p| p.start),
            difference: proof.map(|p| p.difference),
            error: error.as_ref().map(Error::chain),
            hint: error.and_then(|e| e.hint_text().map(str::to_owned)),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Model {
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) bytes: u64,
    pub(super) license: String,
    pub(super) commercial: bool,
    /// How long one run took; `null` for what is not a network or did not run.
    pub(super) milliseconds: Option<f64>,
    /// Why it does not run.
    pub(super) error: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Terminal {
    pub(super) term: Option<String>,
    /// The terminal's own name and version.
    pub(super) name: Option<String>,
    pub(super) columns: u16,
    pub(super) rows: u16,
    /// Colors of text: 16777216, 256, 16 or 0.
    pub(super) colors: u32,
    /// How pictures are drawn.
    pub(super) pictures: String,
    /// Why so.
    pub(super) why: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Folders {
    pub(super) config: PathBuf,
    pub(super) data: PathBuf,
    pub(super) cache: PathBuf,
    pub(super) state: PathBuf,
}

impl Report {
    /// Looks at everything.
    ///
    /// # Errors
    /// When there is no place for facedeck's own files, or the build is faulty.
    pub(super) fn gather(detection: &Detection) -> Result<Self> {
        let directories = Directories::from_env()?;
        let mut problems = Vec::new();
        let ffmpeg = ffmpeg(&mut problems);
        let runtime = runtime(&mut problems);
        let providers = match runtime {
            Some(_) => Provider::ALL.iter().map(|&one| ProviderFound::look(one)).collect(),
            // The problem is that there is no runtime.
            None => Vec::new(),
        };
        let models = models::all()?
            .iter()
            .map(|model| prove(model, runtime.is_some(), &mut problems))
            .collect();
        let Directories { config, data, cache, state } = directories;
        Ok(Report {
            event: "doctor",
            version: env!("CARGO_PKG_VERSION"),
            ready: problems.is_empty(),
            problems,
            ffmpeg,
            runtime,
            providers,
            models,
            machine: Machine::look(),
            terminal: terminal(detection),
            directories: Folders { config, data, cache, state },
        })
    }
}

fn ffmpeg(problems: &mut Vec<Problem>) -> Option<Ffmpeg> {
    let look = || {
        let tools = provision::find_ffmpeg()?;
        let known = tools.encoders()?;
        Ok((tools, known))
    };
    let (tools, known) = look().map_err(|e: Error| problems.push(Problem::from(&e))).ok()?;
    let encoders = ENCODERS.map(|name| Encoder { name, present: known.iter().any(|k| k == name) });
    if !encoders[0].present {
        problems.push(Problem {
            message: format!("{} was built without {}", tools.ffmpeg.display(), ENCODERS[0]),
            hint: Some("set FACEDECK_FFMPEG to a build of ffmpeg that has it".into()),
        });
    }
    Some(Ffmpeg {
        version: tools.version,
        ffmpeg: tools.ffmpeg,
        ffprobe: tools.ffprobe,
        encoders: encoders.into(),
    })
}

/// Finds and loads the runtime.
fn runtime(problems: &mut Vec<Problem>) -> Option<RuntimeFound> {
    let load = || {
        // The one that can do most, as it is to show what can be done.
        let runtime = provision::find_runtime_for(Preference::Gpu)?;
        inference::init(&runtime)?;
        Ok(runtime)
    };
    let Runtime { path, version, origin } =
        load().map_err(|e: Error| problems.push(Problem::from(&e))).ok()?;
    let other = provision::find_runtime().ok().map(|other| other.path);
    let without_gpu = other.filter(|other| *other != path);
    Some(RuntimeFound { version, path, origin, providers: inference::providers(), without_gpu })
}

/// Runs a model for real.
fn prove(model: &EmbeddedModel, loaded: bool, problems: &mut Vec<Problem>) -> Model {
    let entry = &model.entry;
    let run = entry.input.as_ref().filter(|_| loaded).map(|input| {
        time_run(&entry.id, model.bytes, input).map_err(|error| {
            problems.push(Problem::from(&error));
            error.chain()
        })
    });
    Model {
        id: entry.id.clone(),
        role: entry.role,
        bytes: model.bytes.len() as u64,
        license: entry.license.clone(),
        commercial: entry.commercial,
        milliseconds: run.as_ref().and_then(|r| r.as_ref().ok()).copied(),
        error: run.and_then(Result::err),
    }
}

fn time_run(id: &str, bytes: &[u8], input: &Input) -> Result<f64> {
    let mut session = Session::from_bytes(id, bytes, 1)?;
    let shape = input.shape.map(|n| n.max(1));
    // A ramp through all sample values, normalized as a picture would be.
    let picture: Vec<f32> = (0..shape.iter().product::<usize>())
        .map(|i| ((i % 256) as f32 - input.mean[0]) / input.std[0])
        .collect();
    let mut best = f64::INFINITY;
    // The first run also sets memory up, so it is not timed.
    for round in 0..=PROOF_RUNS {
        let start = Instant::now();
        let outputs = session.run(&[(&input.name, &shape, &picture)])?;
        if round > 0 {
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        }
        let values = outputs.iter().flat_map(|output| &output.data);
        if !values.clone().all(|value| value.is_finite()) || values.count() == 0 {
            return Err(Error::failed(format!("the model {id} computes nonsense here"))
                .hint("try another ONNX Runtime: name it in ORT_DYLIB_PATH"));
        }
    }
    Ok(best)
}

fn terminal(detection: &Detection) -> Terminal {
    let text = |name| variable(name).and_then(|value| value.into_string().ok());
    let term = text("TERM");
    Terminal {
        colors: colors(
            term.as_deref().unwrap_or(""),
            &text("COLORTERM").unwrap_or_default(),
            text("NO_COLOR").is_some(),
        ),
        term,
        name: detection.terminal.clone(),
        columns: detection.cells.0,
        rows: detection.cells.1,
        pictures: detection.protocol.to_string(),
        why: detection.why.clone(),
    }
}

/// How many colors text may have, by the usual conventions.
fn colors(term: &str, colorterm: &str, no_color: bool) -> u32 {
    match (term, colorterm) {
        _ if no_color => 0,
        ("" | "dumb", _) => 0,
        (_, "truecolor" | "24bit") => 1 << 24,
        _ if term.contains("256color") || term.contains("kitty") => 256,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_conventions() {
        assert_eq!(colors("xterm-256color", "", false), 256);
        assert_eq!(colors("xterm-256color", "truecolor", false), 1 << 24);
        assert_eq!(colors("linux", "", false), 16);
        assert_eq!(colors("dumb", "truecolor", false), 0);
        assert_eq!(colors("xterm-256color", "truecolor", true), 0);
    }

    #[test]
    fn a_network_that_is_none_is_a_problem() {
        crate::inference::for_tests().unwrap();
        let mut model = models::embedded(models::id::DETECTOR).unwrap();
        model.bytes = b"broken";
        let mut problems = Vec::new();
        let proof = prove(&model, true, &mut problems);
        assert!(proof.milliseconds.is_none());
        assert!(proof.error.is_some_and(|error| error.contains(models::id::DETECTOR)));
        assert_eq!(problems.len(), 1);
    }
}
