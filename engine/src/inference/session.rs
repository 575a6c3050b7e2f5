//! A loaded network, ready to run.

use std::borrow::Cow;
use std::sync::Arc;

use half::f16;
use ort::session::RunOptions;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{Outlet, Tensor, TensorElementType, TensorRef};

use crate::error::{Context, Error, Kind, Result};
use crate::models::Weights;

use super::environment;
use super::numbers;
use super::operators;
use super::provider::{self, Provider};
use super::rewrite::{self, made};
use super::settings::Settings;
use super::winograd;

/// Files of networks up to this size, in bytes, run on one thread: that of the largest embedded one.
/// Handing parts of so little work to other threads costs a fifth and more of the processor time (two
/// threads of a Sapphire Rapids), and those who decode and encode want the cores.
const SMALL: u64 = 12 << 20;

/// An input or output of a network, as its graph declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Its shape; `None` where any size is allowed.
    pub shape: Vec<Option<usize>>,
}

/// Numbers for an input, row-major.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values<'a> {
    /// Single precision.
    F32(&'a [f32]),
    /// Double precision.
    F64(&'a [f64]),
}

/// An input of [`Session::run_inputs`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input<'a> {
    /// Its name in the graph.
    pub name: &'a str,
    /// Its shape.
    pub shape: &'a [usize],
    /// Its numbers.
    pub values: Values<'a>,
}

impl<'a> Input<'a> {
    /// A single-precision input.
    pub fn new(name: &'a str, shape: &'a [usize], values: &'a [f32]) -> Self {
        Input { name, shape, values: Values::F32(values) }
    }
}

/// A result of [`Session::run`].
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The output's name.
    pub name: Arc<str>,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values in row-major order.
    pub data: Vec<f32>,
}

/// A network, ready to run. Running needs `&mut`: one session does one thing at a time.
pub struct Session {
    model: String,
    provider: Provider,
    inner: ort::session::Session,
    inputs: Vec<TensorInfo>,
    outputs: Vec<TensorInfo>,
    /// Names of the inputs that take half precision; they are fed with single precision.
    halves: Vec<Arc<str>>,
    options: RunOptions,
    /// What it is made of, where it is the network's faster form.
    faster: Option<Faster>,
}

/// What a session of a faster form is made of, and others beside it.
#[derive(Clone)]
struct Faster {
    made: made::Made,
    settings: Settings,
    common: Arc<winograd::Common>,
}

/// Makes sessions that run beside another, with the same numbers in memory.
pub(super) struct Beside {
    model: String,
    faster: Faster,
    /// Sessions in all that are worth it.
    pub most: usize,
}

impl Beside {
    /// Another one, which keeps to its share of the threads.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn another(&self, of: usize) -> Result<Session> {
        let threads = self.faster.settings.threads.div_ceil(of.max(1));
        let settings = Settings { threads, ..self.faster.settings.clone() };
        let session = Session::of_faster(&self.model, Faster { settings, ..self.faster.clone() })?;
        environment::give_back();
        Ok(session)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Session { model, provider, .. } = self;
        f.debug_struct("Session").field("model", model).field("provider", provider).finish()
    }
}

impl Session {
    /// Loads a network. `model` names it in errors; `threads` is how many threads work on one run
    /// (at least 1; the small embedded networks are fastest with one).
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when no runtime is loaded; a failure when the bytes are no
    /// network that the runtime can run.
    pub fn from_bytes(model: &str, bytes: &[u8], threads: usize) -> Result<Session> {
        Self::from_bytes_on(model, bytes, &Settings::processor(threads))
    }

    /// As [`Self::from_bytes`], on the settings' providers.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn from_bytes_on(model: &str, bytes: &[u8], settings: &Settings) -> Result<Session> {
        let commit = |mut builder: SessionBuilder| builder.commit_from_memory(bytes);
        Self::build(model, model, model, settings, commit)
    }

    /// Loads a network with settings whose providers are known to serve. An embedded network runs
    /// on one thread of the processor whatever the settings say: it is too small for more, and so is
    /// a file of its size. A file is read by the runtime, not into memory first; where
    /// [`Settings::faster`] says so, the network is run in its faster form, which is made when it is
    /// not there yet.
    ///
    /// # Errors
    /// [`Kind::Missing`] when no runtime is loaded; [`Kind::Provider`] when a provider refuses the
    /// network; a failure when the weights are no network that the runtime can run.
    pub fn open(model: &str, weights: &Weights, settings: &Settings) -> Result<Session> {
        match weights {
            Weights::Embedded(bytes) => match rewrite::for_processor(bytes) {
                Some(faster) => Self::from_bytes(model, &faster, 1),
                None => Self::from_bytes(model, bytes, 1),
            },
            Weights::File(path) => {
                if let Some(made) = made::of(model, path, settings) {
                    match Self::of_made(model, &made, settings) {
                        Ok(session) => return Ok(session),
                        Err(error) => made.forget(&error),
                    }
                }
                let about = std::fs::metadata(path)
                    .context(|| format!("cannot read the model {}", path.display()))?;
                let exact = format!("{model}-{}", about.len());
                let label = format!("{model} from {}", path.display());
                let commit = |mut builder: SessionBuilder| builder.commit_from_file(path);
                let settings =
                    Settings { threads: threads_for(about.len(), settings), ..settings.clone() };
                let session = Self::build(model, &label, &exact, &settings, commit)?;
                environment::give_back();
                Ok(session)
            }
        }
    }

    /// Loads a network in its faster form.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn of_made(model: &str, made: &made::Made, settings: &Settings) -> Result<Session> {
        Self::watched(model, made, settings, None)
    }

    /// As [`Self::of_made`], with its convolutions watched.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn watched(
        model: &str,
        made: &made::Made,
        settings: &Settings,
        watch: Option<&winograd::Watch>,
    ) -> Result<Session> {
        let common = winograd::Common::new(made.numbers(), made.blocks, settings.threads, watch);
        let (made, settings) = (made.clone(), settings.clone());
        Self::of_faster(model, Faster { made, settings, common: Arc::new(common) })
    }

    fn of_faster(model: &str, faster: Faster) -> Result<Session> {
        let network = faster.made.network();
        let label = format!("{model} from {}", network.display());
        let session = Self::build(model, &label, model, &faster.settings, |builder| {
            builder.with_operators(operators::all(&faster.common)?)?.commit_from_file(&network)
        })?;
        Ok(Session { faster: Some(faster), ..session })
    }

    /// Whether it is run in its faster form.
    pub fn is_faster(&self) -> bool {
        self.faster.is_some()
    }

    /// What makes sessions that run beside this one with the same numbers in memory; `None` where
    /// each would be a second network.
    pub(super) fn beside(&self) -> Option<Beside> {
        let faster = self.faster.clone()?;
        Some(Beside { model: self.model.clone(), most: faster.made.lanes, faster })
    }

    /// The kinds of numbers that its inputs take, in their order.
    pub(super) fn kinds(&self) -> Vec<Option<TensorElementType>> {
        self.inner.inputs().iter().map(|outlet| outlet.dtype().tensor_type()).collect()
    }

    /// `label` names the network in errors, `exact` in what providers keep for it.
    pub(super) fn build(
        model: &str,
        label: &str,
        exact: &str,
        settings: &Settings,
        commit: impl FnOnce(SessionBuilder) -> ort::Result<ort::session::Session>,
    ) -> Result<Session> {
        let environment = environment::current()?;
        let provider = settings.provider();
        let load = || -> ort::Result<(ort::session::Session, RunOptions)> {
            let builder = prepared(environment, settings)?;
            let inner = commit(provider::register(builder, settings, exact)?)?;
            Ok((inner, run_options(settings)?))
        };
        let (inner, options) = load().map_err(|e| {
            let message = format!("cannot load the model {label}");
            if provider == Provider::Cpu {
                Error::failed(message).because(e)
            } else {
                Error::new(Kind::Provider, format!("{message} on {provider}"))
                    .because(e)
                    .hint("facedeck doctor, or use --execution-provider cpu")
            }
        })?;
        let inputs = inner.inputs().iter().map(info).collect();
        let outputs = inner.outputs().iter().map(info).collect();
        let half =
            |outlet: &&Outlet| outlet.dtype().tensor_type() == Some(TensorElementType::Float16);
        let halves = inner.inputs().iter().filter(half).map(|o| o.name().into()).collect();
        Ok(Session {
            model: model.to_owned(),
            provider,
            inner,
            inputs,
            outputs,
            halves,
            options,
            faster: None,
        })
    }

    /// Ends the profile that it was built with; the profile, which is JSON.
    ///
    /// # Errors
    /// When there is none, or its file cannot be read.
    pub(super) fn end_profiling(&mut self) -> Result<String> {
        let fail = || format!("the model {} has no profile", self.model);
        let file = self.inner.end_profiling().context(fail)?;
        std::fs::read_to_string(&file).context(fail)
    }

    /// The provider that most of it runs on.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The name given on loading.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The inputs in the graph's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.inputs
    }

    /// The outputs in the graph's order.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.outputs
    }

    /// Runs the network on inputs of (name, shape, row-major values); the outputs come in the
    /// graph's order.
    ///
    /// # Errors
    /// When an input is unknown, missing or of the wrong shape, or the run fails.
    pub fn run(&mut self, inputs: &[(&str, &[usize], &[f32])]) -> Result<Vec<Output>> {
        let inputs: Vec<Input<'_>> =
            inputs.iter().map(|&(name, shape, values)| Input::new(name, shape, values)).collect();
        self.run_inputs(&inputs)
    }

    /// As [`Self::run`], with inputs of any number type. Single precision is turned into half
    /// precision where the graph wants that; results of any type come as single precision.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_inputs(&mut self, inputs: &[Input<'_>]) -> Result<Vec<Output>> {
        let Session { model, inner, outputs: declared, halves, options, faster, .. } = self;
        let _running = faster.as_ref().map(|faster| faster.common.running());
        let fail = |doing: &str| format!("the model {model} failed {doing}");
        let mut values = Vec::with_capacity(inputs.len());
        for &Input { name, shape, values: numbers } in inputs {
            let doing = || fail(&format!("on its input {name}"));
            let tensor = match numbers {
                Values::F32(data) if halves.iter().any(|half| **half == *name) => {
                    let data: Vec<f16> = data.iter().map(|&v| f16::from_f32(v)).collect();
                    Tensor::from_array((shape, data)).context(doing)?.into()
                }
                Values::F32(data) => {
                    TensorRef::from_array_view((shape, data)).context(doing)?.into()
                }
                Values::F64(data) => {
                    TensorRef::from_array_view((shape, data)).context(doing)?.into()
                }
            };
            values.push((Cow::Borrowed(name), tensor));
        }
        let results = inner
            .run_with_options(ort::session::SessionInputs::<0>::ValueMap(values), options)
            .context(|| fail("to run"))?;
        let mut outputs = Vec::with_capacity(declared.len());
        for declared in declared.iter() {
            let value = results.get(&*declared.name).ok_or_else(|| {
                Error::failed(fail(&format!("to give its output {}", declared.name)))
            })?;
            let (shape, data) = numbers::single(value)
                .context(|| fail(&format!("with its output {}", declared.name)))?;
            outputs.push(Output { name: declared.name.clone(), shape, data });
        }
        Ok(outputs)
    }
}

/// Threads that work on one run of a network in a file of this many bytes.
fn threads_for(bytes: u64, settings: &Settings) -> usize {
    if bytes <= SMALL { 1 } else { settings.threads }
}

fn prepared(
    environment: &ort::environment::Environment,
    settings: &Settings,
) -> ort::Result<SessionBuilder> {
    // XNNPACK has threads of its own; two sets would fight for the cores.
    let own_threads = settings.provider() == Provider::Xnnpack;
    let threads = if own_threads { 1 } else { settings.threads.max(1) };
    Ok(ort::session::Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        .with_inter_threads(1)?
        // A plan of the memory is laid out beside what the first run took, and neither goes again:
        // 109 MB for InSwapper, which is no faster with it.
        .with_memory_pattern(false)?
        // Waiting threads would otherwise spin and take the cores from ffmpeg.
        .with_intra_op_spinning(false)?)
}

/// With a limit on the device's memory, what a run left unused goes back to it after the run;
/// without one that would only cost time.
fn run_options(settings: &Settings) -> ort::Result<RunOptions> {
    let mut options = RunOptions::new()?;
    if settings.vram_limit.is_some() && settings.provider() == Provider::Cuda {
        let arena = format!("gpu:{}", settings.device);
        // `onnxruntime_run_options_config_keys.h`
        options.set("memory.enable_memory_arena_shrinkage", arena)?;
    }
    Ok(options)
}

fn info(outlet: &Outlet) -> TensorInfo {
    let shape = outlet.dtype().tensor_shape();
    TensorInfo {
        name: outlet.name().into(),
        // The graph says −1 for "any".
        shape: shape.map_or_else(Vec::new, |shape| {
            shape.iter().map(|&n| usize::try_from(n).ok()).collect()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models;

    fn load(id: &str) -> Session {
        super::super::for_tests().unwrap();
        Session::from_bytes(id, models::embedded(id).unwrap().bytes, 1).unwrap()
    }

    #[test]
    fn what_is_no_larger_than_an_embedded_network_runs_on_one_thread_like_them() {
        let settings = Settings::processor(8);
        let embedded = models::all().unwrap();
        let largest = embedded.iter().map(|model| model.bytes.len() as u64).max().unwrap();
        assert_eq!(threads_for(largest, &settings), 1);
        // det_10g
        assert_eq!(threads_for(16_923_827, &settings), 8);
    }

    #[test]
    fn the_embedded_networks_have_the_inputs_of_the_catalog() {
        super::super::for_tests().unwrap();
        for model in models::all().unwrap() {
            let Some(input) = &model.entry.input else { continue };
            let session = load(&model.entry.id);
            assert_eq!(session.inputs().len(), 1, "{}", model.entry.id);
            assert_eq!(&*session.inputs()[0].name, input.name);
            let expected: Vec<Option<usize>> =
                input.shape.iter().map(|&n| (n > 0).then_some(n)).collect();
            assert_eq!(session.inputs()[0].shape, expected, "{}", model.entry.id);
        }
    }

    #[test]
    fn the_content_filter_answers_with_probabilities() {
        let mut filter = load(models::id::CONTENT_FILTER);
        let picture = vec![20.0; 2 * 224 * 224 * 3];
        let out = filter.run(&[("input:0", &[2, 224, 224, 3], &picture)]).unwrap();
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].shape, [2, 2]);
        for pair in out[0].data.chunks(2) {
            assert!((pair[0] + pair[1] - 1.0).abs() < 1e-4, "{pair:?}");
            assert!(pair[0] > 0.5, "a flat picture is harmless: {pair:?}");
        }
        assert_eq!(out[0].data[..2], out[0].data[2..]);
    }

    #[test]
    fn errors_name_the_model() {
        let mut detector = load(models::id::DETECTOR);
        let picture = vec![0.0; 192 * 192 * 3];
        let shape = [1usize, 192, 192, 3];
        for (name, shape, data) in [
            ("nothing", &shape[..], &picture[..]),
            ("input", &[1, 3, 192, 192][..], &picture[..]),
            ("input", &shape[..], &picture[..10]),
        ] {
            let error = detector.run(&[(name, shape, data)]).unwrap_err();
            assert!(error.chain().contains(models::id::DETECTOR), "{}", error.chain());
            assert_eq!(error.exit_code(), 1);
        }
        // The session is not spoiled by it.
        assert_eq!(detector.run(&[("input", &shape, &picture)]).unwrap().len(), 2);
        let broken = Session::from_bytes("broken", b"no network", 1).unwrap_err();
        assert!(broken.chain().contains("broken"), "{}", broken.chain());
    }
}
