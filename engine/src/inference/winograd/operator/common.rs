//! What the sessions of one network share, and how the runtime runs a convolution of theirs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ort::operator::{BoxedKernel, ComputeContext, KernelContext};

use super::super::layer::{Blocks, Parallel};
use super::super::memory::Scratch;
use super::{AT, count, wrong};

/// What a convolution was run on, and how long its fastest run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::inference) struct Seen {
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    /// Whether its filters were given to it.
    pub given: bool,
    pub time: Duration,
}

/// What is seen of a session's convolutions, by the places of their numbers.
pub(in crate::inference) type Watch = Arc<Mutex<HashMap<u64, Seen>>>;

/// What the sessions of one network share: its convolutions, and how many of them run at the moment.
pub(in crate::inference) struct Common {
    /// Where the numbers lie.
    numbers: PathBuf,
    blocks: Blocks,
    /// Threads that a session works on when it is the only one that runs.
    threads: usize,
    /// Those that are read, by the places of their numbers.
    layers: Mutex<HashMap<u64, Arc<dyn Run>>>,
    pub(super) scratch: Scratch,
    running: AtomicUsize,
    watch: Option<Watch>,
}

impl Common {
    /// For sessions of so many threads, which are watched if that is wanted.
    pub fn new(numbers: PathBuf, blocks: Blocks, threads: usize, watch: Option<&Watch>) -> Self {
        Common {
            numbers,
            blocks,
            threads,
            layers: Mutex::default(),
            scratch: Scratch::default(),
            running: AtomicUsize::new(0),
            watch: watch.cloned(),
        }
    }

    /// Counts a session as one that runs, as long as what this gives is held.
    pub fn running(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self)
    }

    /// Into how many parts a convolution is to be cut: sessions that run at the same time keep to
    /// their share of the threads, so that they do not wait for each other in every layer.
    pub fn parts(&self) -> usize {
        let running = self.running.load(Ordering::Relaxed).max(1);
        self.threads.div_ceil(running)
    }

    /// Where the numbers lie.
    pub fn numbers(&self) -> &Path {
        &self.numbers
    }

    /// How much convolutions work on at a time.
    pub fn blocks(&self) -> Blocks {
        self.blocks
    }

    /// Runs a convolution on the runtime's first input; the height and the width of that.
    ///
    /// # Errors
    /// When the input is none that the convolution takes, and those of the runtime.
    pub fn run(&self, context: &ComputeContext, layer: &dyn Run) -> ort::Result<(usize, usize)> {
        let input = context.input(0)?.ok_or_else(|| wrong("no input"))?;
        let (shape, x) = input.try_extract_tensor::<f32>()?;
        let side = |i: usize| shape.get(i).and_then(|&n| usize::try_from(n).ok()).unwrap_or(0);
        let (batch, height, width) = (side(0), side(2), side(3));
        if shape.len() != 4 || side(1) != layer.inputs() {
            return Err(wrong(&format!("an input of the shape {shape:?}")));
        }
        let size = layer.size(height, width);
        let (high, wide) = size.ok_or_else(|| wrong(&format!("a picture of {shape:?}")))?;
        let result = [batch, layer.outputs(), high, wide].map(|n| n as i64);
        let mut output = context.output(0, result)?.ok_or_else(|| wrong("no output"))?;
        let (_, y) = output.try_extract_tensor_mut::<f32>()?;
        let parallel = |count: usize, each: &(dyn Fn(usize) + Send + Sync)| {
            context.par_for(count, self.parts(), each)
        };
        layer.run((batch, height, width), x, y, &self.scratch, &parallel)?;
        Ok((height, width))
    }

    /// Remembers what the convolution whose numbers lie there was run on, where that is wanted.
    pub(super) fn saw(&self, at: u64, one: Seen) {
        let Some(watch) = &self.watch else { return };
        let mut seen = watch.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.entry(at).or_insert(one);
        known.time = known.time.min(one.time);
    }

    /// The convolution whose numbers lie there, which is read when it is the first time.
    fn layer<L: Run>(
        &self,
        at: u64,
        read: impl FnOnce() -> ort::Result<L>,
    ) -> ort::Result<Arc<dyn Run>> {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layer) = layers.get(&at) {
            return Ok(Arc::clone(layer));
        }
        let layer: Arc<dyn Run> = Arc::new(read()?);
        layers.insert(at, Arc::clone(&layer));
        Ok(layer)
    }
}

/// A session that runs.
pub(in crate::inference) struct Running<'a>(&'a Common);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A convolution that can be run.
pub(in crate::inference) trait Run: Send + Sync + 'static {
    /// How many channels go into it.
    fn inputs(&self) -> usize;

    /// How many channels come out of it.
    fn outputs(&self) -> usize;

    /// The height and the width of what comes out; `None` where nothing can.
    fn size(&self, height: usize, width: usize) -> Option<(usize, usize)>;

    /// `[batch][inputs][height][width]` to `[batch][outputs][out height][out width]`.
    ///
    /// # Errors
    /// When the slices are not as long as that, and those of `parallel`.
    fn run(
        &self,
        size: (usize, usize, usize),
        x: &[f32],
        y: &mut [f32],
        scratch: &Scratch,
        parallel: Parallel<'_>,
    ) -> ort::Result<()>;
}

/// The convolution as the runtime runs it; `read` gives it where no session has it yet.
///
/// # Errors
/// When the attributes tell of none, and those of `read`.
pub(in crate::inference) fn kernel<'a, L: Run>(
    about: &KernelContext<'a>,
    common: &Arc<Common>,
    read: impl FnOnce() -> ort::Result<L>,
) -> ort::Result<BoxedKernel<'a>> {
    let at = count(about, AT)? as u64;
    let (layer, common) = (common.layer(at, read)?, Arc::clone(common));
    Ok(Box::new(move |context: &ComputeContext| {
        let start = Instant::now();
        let (height, width) = common.run(context, &*layer)?;
        let (inputs, outputs) = (layer.inputs(), layer.outputs());
        let (given, time) = (false, start.elapsed());
        common.saw(at, Seen { inputs, outputs, height, width, given, time });
        Ok(())
    }))
}
