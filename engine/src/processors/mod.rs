//! The plug-in point: what is done to the faces of a frame.
//!
//! A [`Kind`] is what the [`registry`] knows: a name, options, the models it needs, and how to
//! build it for a job. What it builds is a [`Processor`]. A job runs a [`chain`] of them.

pub mod chain;
pub mod cost;
pub mod debug;
pub mod enhance;
pub mod masks;
pub mod network;
pub mod registry;
pub mod swap;

use crate::error::{Error, Result};
use crate::faces::{Chosen, Face};
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::inference::Pool;
use crate::profiles::Profile;

/// Something that changes the chosen faces of every frame.
///
/// Work comes in two halves: [`Processor::prepare`] sees the frames in their order and may
/// remember things from one to the next; the [`Work`] it returns stands alone, so that several
/// frames are worked on at a time.
pub trait Processor: Send {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Looks at the next frame, as it was decoded, and the faces chosen in it.
    ///
    /// # Errors
    /// When the frame cannot be analyzed.
    fn prepare(&mut self, frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>>;

    /// What it remembers of the frames so far, as bytes: enough that another one, built from the
    /// same setup, prepares every later frame exactly as this one would. Nothing for one that
    /// remembers nothing.
    ///
    /// # Errors
    /// When that cannot be put into bytes.
    fn save(&self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Goes on from what a processor built from the same setup has saved.
    ///
    /// # Errors
    /// When it does not fit. The processor is of no use then.
    fn restore(&mut self, state: &[u8]) -> Result<()> {
        if state.is_empty() {
            return Ok(());
        }
        let name = self.name();
        Err(Error::failed(format!("the saved state does not fit {name}, which remembers nothing")))
    }
}

/// What is to be done to one frame.
pub trait Work: Send {
    /// Does it, to the frame as the processors before it left it.
    ///
    /// # Errors
    /// When the work fails.
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed>;
}

/// What some work did to a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// How many faces were changed.
    pub faces: usize,
    /// Where; nothing outside of these rectangles was touched.
    pub regions: Vec<Rect>,
}

impl Changed {
    /// One face a region.
    pub fn faces(regions: Vec<Rect>) -> Self {
        Changed { faces: regions.len(), regions }
    }
}

/// One photo of a person who is put in.
#[derive(Debug, Clone)]
pub struct Photo {
    /// The file's name, for messages.
    pub name: String,
    /// The picture in sRGB.
    pub frame: Frame,
    /// The face in it that is used, with its identity.
    pub face: Face,
}

/// A person who is put in: at least one photo.
#[derive(Debug, Clone)]
pub struct Person {
    /// The photos, the most important one first.
    pub photos: Vec<Photo>,
}

/// What a processor is built from.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// What was asked for.
    pub profile: &'a Profile,
    /// Where networks come from.
    pub pool: &'a Pool,
    /// Who is put in; [`Chosen::person`] counts these.
    pub people: &'a [Person],
    /// Whether there is only one frame to come.
    pub still: bool,
    /// Hears what the user should know.
    pub note: &'a (dyn Fn(&str) + Sync),
}

/// An option of a processor: a key of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OptionInfo {
    /// The key, with its table: `swap.pixel_boost`.
    pub key: &'static str,
    /// The values that it takes, for people to read.
    pub values: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// What a processor costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Cost {
    /// Billions of multiplications a face, roughly.
    pub gmac_per_face: f64,
    /// Bytes that its models hold while it runs.
    pub model_bytes: u64,
}

/// A kind of processor.
pub trait Kind: Sync {
    /// Its name in `--frame-processor` and in `processors` of a profile.
    fn name(&self) -> &'static str;

    /// What it does, in one line.
    fn summary(&self) -> &'static str;

    /// The keys of the profile that it looks at.
    fn options(&self) -> &'static [OptionInfo];

    /// Catalog ids of the models that it needs with this profile, those needed by them included.
    fn models(&self, profile: &Profile) -> Vec<String>;

    /// What it costs with this profile.
    fn cost(&self, profile: &Profile, pool: &Pool) -> Cost;

    /// Builds it for a job.
    ///
    /// # Errors
    /// When a model is missing or does not fit, or a photo cannot be used.
    fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>>;
}
