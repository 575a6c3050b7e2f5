//! Whole jobs on an engine, with a processor that does as the test says.

mod broken;
mod engine;
mod held;
mod hooks;
mod parts;
mod repeated;
mod resumed;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::faces::Chosen;
use crate::imaging::frame::Frame;
use crate::imaging::picture::Picture;
use crate::inference;
use crate::interrupt::Interrupt;
use crate::media::testing::{Clips, decode, pictures, video};
use crate::media::{EncodeOptions, VideoEncoder, VideoInfo};
use crate::processors::{Changed, Processor, Work};
use crate::profiles::Profile;
use crate::provision;

use super::checkpoint;
use super::memory::Plan;
use super::video::Job;
use super::{Engine, Observer, Request, Resume, StageShare, Summary};

/// Workers of every job: more than one, so that frames come out of order.
const THREADS: usize = 2;

/// An engine for this profile.
fn engine(profile: &Profile) -> Engine {
    inference::for_tests().unwrap();
    Engine::start(provision::for_tests().unwrap(), profile).unwrap()
}

/// A picture that belongs to the project.
fn media(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("tests/media").join(name)
}

/// What is done to a frame; says how many faces were changed.
type Deed = Arc<dyn Fn(&mut Frame) -> Result<usize> + Send + Sync>;

/// Does something to every frame, and counts how often.
struct Fake {
    deed: Deed,
    prepared: Arc<AtomicU64>,
    applied: Arc<AtomicU64>,
}

impl Fake {
    fn new(deed: impl Fn(&mut Frame) -> Result<usize> + Send + Sync + 'static) -> Self {
        Fake { deed: Arc::new(deed), prepared: Arc::default(), applied: Arc::default() }
    }

    /// Changes every frame in a way of its own.
    fn honest() -> Self {
        Fake::new(|frame| {
            let add = frame.index as u8 | 1;
            frame.data.iter_mut().take(64).for_each(|sample| *sample = sample.wrapping_add(add));
            Ok(1)
        })
    }
}

struct FakeWork(Deed, Arc<AtomicU64>);

impl Processor for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn prepare(&mut self, _: &Frame, _: &[Chosen]) -> Result<Box<dyn Work>> {
        self.prepared.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(FakeWork(Arc::clone(&self.deed), Arc::clone(&self.applied))))
    }
}

impl Work for FakeWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(Changed { faces: (self.0)(frame)?, regions: Vec::new() })
    }
}

/// A clip in a folder of its own.
struct Film {
    clips: Clips,
    info: VideoInfo,
    options: EncodeOptions,
    request: Request,
    /// Frames of a segment.
    per_segment: u64,
}

impl Film {
    /// So many frames of this width; they are encoded without loss.
    fn new(width: u32, frames: u32) -> Self {
        let clips = Clips::new();
        let words = format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(width, 64, frames));
        let target = clips.make("in.mkv", &words);
        let options = EncodeOptions {
            quality: 100,
            preset: Some("ultrafast".into()),
            ..EncodeOptions::new(VideoEncoder::Libx264)
        };
        let request = Request {
            sources: Vec::new(),
            source_face: None,
            output: clips.path("out.mkv"),
            target: target.clone(),
            overwrite: false,
            resume: Resume::default(),
            profile: Profile::default(),
        };
        Film { info: video(&target), clips, options, request, per_segment: 200 }
    }

    fn run(
        &self,
        engine: &mut Engine,
        processor: &mut dyn Processor,
        observer: &dyn Observer,
        interrupt: &Interrupt,
    ) -> Result<Summary> {
        let plan = Plan { threads: THREADS, waiting: 1 };
        let job = Job {
            request: &self.request,
            info: &self.info,
            options: &self.options,
            plan,
            per_segment: self.per_segment,
            form: None,
        };
        super::video::run(&job, None, engine, processor, observer, interrupt)
    }

    /// Where its work lies until it is done.
    fn work(&self) -> PathBuf {
        checkpoint::of_output(&self.request.output)
    }

    /// The frames that were written.
    fn written(&self) -> Vec<Vec<u8>> {
        decode(&video(&self.request.output)).into_iter().map(|frame| frame.data).collect()
    }
}

/// What is done before an output gets its name.
type Objection<'a> = dyn Fn(&Path, &Summary) -> Result<()> + Sync + 'a;

/// Remembers what it hears, and does something at it.
#[derive(Default)]
struct Watch<'a> {
    heard: Mutex<Vec<String>>,
    hidden: Mutex<Option<PathBuf>>,
    done: AtomicU64,
    /// At every frame that is done.
    at_progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Before the output gets its name.
    at_publishing: Option<&'a Objection<'a>>,
    /// The frames that are wanted, counted as they are asked for.
    wants: Option<&'a (dyn Fn() -> bool + Sync)>,
    looks: Mutex<Vec<(u64, Picture, Picture)>>,
}

impl Watch<'_> {
    fn say(&self, what: &str) {
        self.heard.lock().unwrap().push(what.to_owned());
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn done(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    fn hidden(&self) -> PathBuf {
        self.hidden.lock().unwrap().clone().expect("nothing is written")
    }
}

impl Observer for Watch<'_> {
    fn note(&self, _: &str) {}

    fn begin(&self, _: Option<u64>, _: u64) {
        self.say("begin");
    }

    fn progress(&self, done: u64, _: &str, _: &[StageShare]) {
        self.done.store(done, Ordering::SeqCst);
        self.say(&format!("progress {done}"));
        if let Some(at) = self.at_progress {
            at(done);
        }
    }

    fn writing(&self, hidden: &Path) {
        assert!(hidden.exists(), "{}", hidden.display());
        *self.hidden.lock().unwrap() = Some(hidden.to_owned());
        self.say("writing");
    }

    fn publishing(&self, hidden: &Path, summary: &Summary) -> Result<()> {
        assert_eq!(hidden, self.hidden());
        self.say("publishing");
        self.at_publishing.map_or(Ok(()), |at| at(hidden, summary))
    }

    fn wants_frame(&self) -> bool {
        self.wants.is_some_and(|wants| wants())
    }

    fn frame(&self, index: u64, before: Picture, after: Picture) {
        self.looks.lock().unwrap().push((index, before, after));
    }
}
