//! Looks at everything: ffmpeg, the runtime with its providers, every embedded network.

use std::time::Instant;

use crate::error::{Error, Result};
use crate::inference::{self, Provider, Session, provider};
use crate::models::{self, EmbeddedModel, Input};
use crate::provision::{self, Runtime};
use crate::settings::Directories;

use super::{
    EncoderFound, FfmpegFound, Findings, Folders, Machine, ModelProof, Problem, ProviderFound,
    RuntimeFound,
};

/// The encoders that profiles name. The first is the one that is used when nothing else is asked
/// for, so facedeck is not ready without it.
const ENCODERS: [&str; 3] = ["libx264", "libx265", "libvpx-vp9"];

/// A run is timed this often; the fastest counts, as the others met other work.
const PROOF_RUNS: usize = 3;

/// Looks at everything, with the runtime that `find` finds; it is loaded, and networks run on it.
///
/// # Errors
/// When the build is faulty. What is missing or does not work is a finding, no error.
pub fn gather(
    directories: &Directories,
    find: impl FnOnce() -> Result<Runtime>,
) -> Result<Findings> {
    let mut problems = Vec::new();
    let ffmpeg = ffmpeg(&mut problems);
    let runtime = runtime(find, &mut problems);
    let providers = match runtime {
        Some(_) => Provider::ALL.iter().map(|&one| try_provider(one)).collect(),
        // The problem is that there is no runtime.
        None => Vec::new(),
    };
    let models =
        models::all()?.iter().map(|model| prove(model, runtime.is_some(), &mut problems)).collect();
    let faster = inference::verdicts(&directories.cache).into_iter().map(Into::into).collect();
    let Directories { config, data, cache, state } = directories.clone();
    Ok(Findings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ready: problems.is_empty(),
        problems,
        ffmpeg,
        runtime,
        providers,
        models,
        faster,
        machine: Machine::look(),
        directories: Folders { config, data, cache, state },
    })
}

fn try_provider(provider: Provider) -> ProviderFound {
    let (proof, error) = match provider::require_on(provider, 0) {
        Ok(proof) => (Some(proof), None),
        Err(error) => (None, Some(error)),
    };
    ProviderFound {
        name: provider.name().to_owned(),
        works: proof.is_some(),
        milliseconds: proof.map(|p| p.milliseconds),
        start_milliseconds: proof.map(|p| p.start),
        difference: proof.map(|p| p.difference),
        error: error.as_ref().map(Error::chain),
        hint: error.and_then(|e| e.hint_text().map(str::to_owned)),
    }
}

fn ffmpeg(problems: &mut Vec<Problem>) -> Option<FfmpegFound> {
    let look = || {
        let tools = provision::prove_ffmpeg()?;
        let known = tools.encoders()?;
        Ok((tools, known))
    };
    let (tools, known) = look().map_err(|e: Error| problems.push(Problem::of_tool(&e))).ok()?;
    let encoders = ENCODERS.map(|name| EncoderFound {
        name: name.to_owned(),
        present: known.iter().any(|k| k == name),
    });
    if !encoders[0].present {
        problems.push(Problem {
            message: format!("{} was built without {}", tools.ffmpeg.display(), ENCODERS[0]),
            hint: Some("set FACEDECK_FFMPEG to a build of ffmpeg that has it".into()),
            fixable: false,
        });
    }
    Some(FfmpegFound {
        version: tools.version,
        ffmpeg: tools.ffmpeg,
        ffprobe: tools.ffprobe,
        encoders: encoders.into(),
    })
}

/// Finds and loads the runtime.
fn runtime(
    find: impl FnOnce() -> Result<Runtime>,
    problems: &mut Vec<Problem>,
) -> Option<RuntimeFound> {
    let load = || {
        let runtime = find()?;
        inference::init(&runtime)?;
        Ok(runtime)
    };
    let Runtime { path, version, origin } =
        load().map_err(|e: Error| problems.push(Problem::of_tool(&e))).ok()?;
    let other = provision::find_runtime().ok().map(|other| other.path);
    let without_gpu = other.filter(|other| *other != path);
    Some(RuntimeFound { version, path, origin, providers: inference::providers(), without_gpu })
}

/// Runs a model for real.
fn prove(model: &EmbeddedModel, loaded: bool, problems: &mut Vec<Problem>) -> ModelProof {
    let entry = &model.entry;
    let run = entry.input.as_ref().filter(|_| loaded).map(|input| {
        time_run(&entry.id, model.bytes, input).map_err(|error| {
            problems.push(Problem::from(&error));
            error.chain()
        })
    });
    ModelProof {
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

#[cfg(test)]
mod tests {
    use super::*;

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
