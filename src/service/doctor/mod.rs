//! What is here, what is missing, and what would run where; for `facedeck doctor` and for clients.

mod gather;
mod machine;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Kind};
use crate::inference::{Verdict, environment};
use crate::models::Role;
use crate::provision::{Preference, RuntimeOrigin, find_runtime_for, gpu};

use super::Core;
use super::fault::Answer;

pub use gather::gather;
pub use machine::Machine;

/// Everything that was found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// facedeck's version.
    pub version: String,
    /// Whether everything is here that is needed.
    pub ready: bool,
    /// What is not, and what to do about it.
    pub problems: Vec<Problem>,
    /// ffmpeg; none where none works.
    pub ffmpeg: Option<FfmpegFound>,
    /// The ONNX Runtime; none where none works.
    pub runtime: Option<RuntimeFound>,
    /// Every provider: how it did, or what is missing.
    pub providers: Vec<ProviderFound>,
    /// Every embedded model.
    pub models: Vec<ModelProof>,
    /// Networks of files that have run on the processor: whether they have a faster form.
    #[serde(default)]
    pub faster: Vec<FasterFound>,
    /// The machine.
    pub machine: Machine,
    /// Where facedeck keeps its files.
    pub directories: Folders,
}

/// Something that is missing or does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// `facedeck doctor --fix` can fetch what is missing.
    pub fixable: bool,
}

impl Problem {
    /// That a program or a library is missing, which can be fetched, or does not work.
    fn of_tool(error: &Error) -> Self {
        Problem { fixable: *error.kind() == Kind::Missing, ..Problem::from(error) }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let hint = error.hint_text().map(str::to_owned);
        Problem { message: error.chain(), hint, fixable: false }
    }
}

/// ffmpeg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FfmpegFound {
    /// Its version.
    pub version: String,
    /// The program.
    #[schema(value_type = String)]
    pub ffmpeg: PathBuf,
    /// The program that looks into files.
    #[schema(value_type = String)]
    pub ffprobe: PathBuf,
    /// The encoders that profiles name.
    pub encoders: Vec<EncoderFound>,
}

/// An encoder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncoderFound {
    /// Its name.
    pub name: String,
    /// Whether this ffmpeg was built with it.
    pub present: bool,
}

/// The ONNX Runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuntimeFound {
    /// Its version.
    pub version: String,
    /// The library.
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// Where it was found.
    #[schema(value_type = String)]
    pub origin: RuntimeOrigin,
    /// Execution providers that it was built with.
    pub providers: Vec<String>,
    /// The one that is taken when no GPU is asked for, if that is another one.
    #[schema(value_type = Option<String>)]
    pub without_gpu: Option<PathBuf>,
}

/// An execution provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProviderFound {
    /// Its name.
    pub name: String,
    /// Whether a test network ran on it with the processor's result.
    pub works: bool,
    /// How long one run of the test network took.
    pub milliseconds: Option<f64>,
    /// How long it took until the first result.
    pub start_milliseconds: Option<f64>,
    /// The largest difference to the processor's result.
    pub difference: Option<f32>,
    /// What is missing.
    pub error: Option<String>,
    /// How to get it.
    pub hint: Option<String>,
}

/// An embedded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelProof {
    /// Its id in the catalog.
    pub id: String,
    /// What it is for.
    #[schema(value_type = String)]
    pub role: Role,
    /// Its size.
    pub bytes: u64,
    /// Its license.
    pub license: String,
    /// Whether that allows commercial use.
    pub commercial: bool,
    /// How long one run took; `null` for what is not a network or did not run.
    pub milliseconds: Option<f64>,
    /// Why it does not run.
    pub error: Option<String>,
}

/// What is known of the faster form of a network on the processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FasterFound {
    /// The network's id in the catalog.
    pub model: String,
    /// The instruction set that the form is for.
    pub vectors: String,
    /// Whether jobs run the faster form.
    pub used: bool,
    /// How many of its convolutions were replaced.
    pub convolutions: usize,
    /// Its time, of the network's own, measured when it was made.
    pub ratio: Option<f64>,
    /// By how much its results differ at most.
    pub difference: Option<f64>,
    /// Decibels over the differences, of a form in eight bits.
    pub psnr: Option<f64>,
    /// Why the network is run as it is.
    pub why: Option<String>,
}

impl From<Verdict> for FasterFound {
    fn from(verdict: Verdict) -> Self {
        let Verdict { model, vectors, faster, convolutions, ratio, difference, psnr, why, .. } =
            verdict;
        FasterFound { model, vectors, used: faster, convolutions, ratio, difference, psnr, why }
    }
}

/// Where facedeck keeps its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Folders {
    /// Configuration, profiles, the token.
    #[schema(value_type = String)]
    pub config: PathBuf,
    /// Weights, programs.
    #[schema(value_type = String)]
    pub data: PathBuf,
    /// What can be made again.
    #[schema(value_type = String)]
    pub cache: PathBuf,
    /// The queue, logs, uploads.
    #[schema(value_type = String)]
    pub state: PathBuf,
}

/// What the service's process finds. Blocks while networks run; the caller holds a
/// [`super::looks::Turn`].
///
/// # Errors
/// When the build is faulty.
pub fn of_service(core: &Core) -> Answer<Findings> {
    // A process loads one runtime: the one that is loaded, or the one that jobs would load.
    let find = || match environment::loaded() {
        Ok(runtime) => Ok(runtime.clone()),
        Err(_) if gpu::nvidia_is_here() => find_runtime_for(Preference::Gpu),
        Err(_) => find_runtime_for(Preference::Processor),
    };
    Ok(gather(&core.directories, find)?)
}
