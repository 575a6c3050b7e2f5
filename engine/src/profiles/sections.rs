//! The tables of a profile and their keys.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::imaging::turn::Turn;

use super::schema::{AREAS, REGIONS};

/// The embedded swapper's name, beside the catalog's ids.
pub const MESH: &str = "mesh";
/// The processor that puts faces in, and so needs to know whose.
const SWAPPER: &str = "face_swapper";
/// "Take the detector's own five points", beside the catalog's ids of landmark networks.
pub const FROM_DETECTOR: &str = "detector";

/// A resolved profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// What it is good for, in one line.
    pub description: String,
    /// The processors that a face passes, in this order.
    pub processors: Vec<String>,
    /// Which faces are found and who gets whose.
    pub faces: Faces,
    /// How the swapped face is made.
    pub swap: Swap,
    /// Which part of the crop replaces the target.
    pub mask: Mask,
    /// The enhancers, one after the other.
    pub enhance: Vec<Enhance>,
    /// What the debugging overlay draws.
    pub debug: Debug,
    /// How pictures and videos are written.
    pub video: Video,
    /// What happens to the sound.
    pub audio: Audio,
    /// On what it runs.
    pub run: Run,
}

impl Profile {
    /// Whether faces are put in: then it must be known whose.
    pub fn swaps(&self) -> bool {
        self.processors.iter().any(|name| name == SWAPPER)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            description: String::new(),
            processors: vec![SWAPPER.into()],
            faces: Faces::default(),
            swap: Swap::default(),
            mask: Mask::default(),
            enhance: Vec::new(),
            debug: Debug::default(),
            video: Video::default(),
            audio: Audio::default(),
            run: Run::default(),
        }
    }
}

/// Which faces are swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// One: see [`Faces::position`] and [`Faces::order`].
    One,
    /// All of them.
    Many,
    /// Those who look like a reference face.
    Reference,
}

/// How the faces of a frame are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The largest first.
    Size,
    /// The smallest first.
    SizeReverse,
    /// The detector's best score first: what roop counts.
    Score,
    /// The detector's lowest score first.
    ScoreReverse,
    /// From the left.
    LeftRight,
    /// From the right.
    RightLeft,
    /// From the top.
    TopBottom,
    /// From the bottom.
    BottomTop,
}

/// How often the detector looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detection {
    /// In every frame, as roop does.
    EveryFrame,
    /// When a face is lost, at a cut, when somebody may have come in; faces are followed between.
    Auto,
}

/// A sex, as the attribute networks know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// One person of the target and whose face they get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// A picture of the person in the target.
    pub who: PathBuf,
    /// Photos of the face that they get.
    pub faces: Vec<PathBuf>,
}

/// `[faces]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faces {
    /// Which faces are swapped.
    pub select: Select,
    /// The catalog id of the detector.
    pub detector: String,
    /// The catalog id of the landmark network, or `detector`.
    pub landmarks: String,
    /// The catalog id of the recognizer.
    pub recognizer: String,
    /// How often the detector looks.
    pub detection: Detection,
    /// For how many seconds a face that is missed is held where it was, as long as its place
    /// looks the same.
    pub hold: f32,
    /// How faces may be turned: each is another look at the frame.
    pub angles: Vec<Turn>,
    /// The least score of a face, 0..=1.
    pub score: f32,
    /// How faces are counted.
    pub order: Order,
    /// Which face, counted from 0.
    pub position: usize,
    /// The frame of the target that shows the reference face, from 0.
    pub reference_frame: u64,
    /// A picture that shows the reference face, in place of a frame.
    pub reference_picture: Option<PathBuf>,
    /// Faces nearer than this match: squared distance of unit embeddings, 0..=4, as roop counts.
    pub distance: f32,
    /// Only the first match of a frame is swapped, as roop does.
    pub first_match: bool,
    /// Only faces of this sex.
    pub sex: Option<Sex>,
    /// Only faces of this age in years, from and to.
    pub age: Option<[u8; 2]>,
    /// Who gets whose face.
    pub map: Vec<Map>,
}

impl Default for Faces {
    fn default() -> Self {
        Faces {
            select: Select::One,
            detector: "blazeface_full_range".into(),
            landmarks: "face_landmarks_478".into(),
            recognizer: "mobilefacenet".into(),
            detection: Detection::Auto,
            hold: 0.3,
            angles: vec![Turn::Upright],
            score: 0.5,
            order: Order::Size,
            position: 0,
            reference_frame: 0,
            reference_picture: None,
            distance: 0.85,
            first_match: false,
            sex: None,
            age: None,
            map: Vec::new(),
        }
    }
}

/// How the identity is turned into a latent vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatentRule {
    /// `normed · emap`, scaled to unit length again.
    Insightface,
    /// `(raw · emap) / ‖raw‖`.
    Facefusion,
}

/// How a crop comes back into the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasteRule {
    /// A square eroded and blurred in frame space, results truncated to whole numbers: roop's
    /// pixels. `[mask]` is not used.
    Insightface,
    /// The masks of `[mask]`, made in crop space and warped into the frame.
    Crop,
}

/// In what numbers the swapper computes on the processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Single precision.
    #[default]
    Fp32,
    /// Eight bits, calibrated with the target's own frames, where that is near enough and faster.
    Int8,
}

/// `[swap]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Swap {
    /// The catalog id of the swapper, or `mesh`.
    pub model: String,
    /// The crop is made this many times larger: 1, 2, 3, 4, 6 or 8.
    pub pixel_boost: usize,
    /// How much of the source's identity goes in, 0..=1; the model's own amount when not given.
    pub weight: Option<f32>,
    /// How the identity is turned into a latent vector.
    pub latent: LatentRule,
    /// How the crop comes back into the frame.
    pub paste: PasteRule,
    /// How much of the target's color the swapped face takes over, 0..=1.
    pub color_match: f32,
    /// The target's own mouth is kept.
    pub keep_mouth: bool,
    /// The target's own eyes are kept.
    pub keep_eyes: bool,
    /// In what numbers it computes on the processor.
    pub precision: Precision,
}

impl Default for Swap {
    fn default() -> Self {
        Swap {
            model: MESH.into(),
            pixel_boost: 1,
            weight: None,
            latent: LatentRule::Insightface,
            paste: PasteRule::Crop,
            color_match: 0.0,
            keep_mouth: false,
            keep_eyes: false,
            precision: Precision::Fp32,
        }
    }
}

/// One of the masks whose minimum is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// The crop less its edges.
    Box,
    /// An ellipse in the middle of the crop.
    Ellipse,
    /// The parts of the face that a parsing network names.
    Region,
    /// What an occlusion network does not take for something in front of the face.
    Occlusion,
    /// Hulls of landmarks.
    Area,
}

/// `[mask]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mask {
    /// The masks whose minimum is used.
    pub kinds: Vec<MaskKind>,
    /// How soft the edges are, 0..=1.
    pub blur: f32,
    /// What is cut off at top, right, bottom and left, in percent of the crop.
    pub padding: [u8; 4],
    /// Parts of the face for `region`: skin, left-brow, right-brow, left-eye, right-eye, glasses,
    /// nose, mouth, upper-lip, lower-lip.
    pub regions: Vec<String>,
    /// Hulls for `area`: upper-face, lower-face, mouth.
    pub areas: Vec<String>,
    /// The catalog id of the parsing network.
    pub parser: String,
    /// The catalog id of the occlusion network.
    pub occluder: String,
}

impl Default for Mask {
    fn default() -> Self {
        let names = |known: &[&str]| known.iter().map(|name| (*name).to_owned()).collect();
        Mask {
            kinds: vec![MaskKind::Box],
            blur: 0.3,
            padding: [0; 4],
            regions: names(REGIONS),
            areas: names(AREAS),
            parser: "bisenet_resnet_34".into(),
            occluder: "xseg_3".into(),
        }
    }
}

/// One of `[[enhance]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Enhance {
    /// The catalog id of the enhancer.
    pub model: String,
    /// How much of the enhanced crop is used, 0..=1.
    pub blend: f32,
    /// How much the enhancer trusts the picture, 0..=1, where it can be told.
    pub weight: f32,
}

impl Default for Enhance {
    fn default() -> Self {
        Enhance { model: "gfpgan_1.4".into(), blend: 0.8, weight: 0.5 }
    }
}

/// `[debug]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Debug {
    /// What is drawn: box, points, landmarks, mask, track, person, score, attributes.
    pub items: Vec<String>,
}

impl Default for Debug {
    fn default() -> Self {
        Debug { items: ["box", "points", "track", "score"].map(str::to_owned).to_vec() }
    }
}

/// `[video]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Video {
    /// The encoder, by ffmpeg's name; the container's usual one when not given.
    pub encoder: Option<String>,
    /// 0..=100, 100 is lossless (video) or best (JPEG).
    pub quality: Option<u8>,
    /// roop's quality in place of `quality`, 0..=100, 0 is best.
    pub roop_quality: Option<u8>,
    /// The encoder's preset.
    pub preset: Option<String>,
    /// Frames a second; the target's own when not given.
    pub fps: Option<f64>,
    /// Where the part begins that is worked on: a time or a frame, see [`Moment`].
    ///
    /// [`Moment`]: crate::media::Moment
    pub start: Option<String>,
    /// The first frame after that part.
    pub end: Option<String>,
    /// The size of the output's frames, see [`Scale`](crate::media::Scale).
    pub scale: Option<String>,
    /// The frames are kept as pictures.
    pub keep_frames: bool,
    /// The format of the kept frames: png or jpg.
    pub frame_format: Option<String>,
    /// The quality of kept JPEG frames, 0..=100, 0 is best, as roop counts.
    pub frame_quality: Option<u8>,
}

/// `[audio]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audio {
    /// The sound is carried over.
    pub keep: bool,
}

impl Default for Audio {
    fn default() -> Self {
        Audio { keep: true }
    }
}

/// `[run]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Run {
    /// Execution providers in the order in which they are asked, or `auto`.
    pub providers: Vec<String>,
    /// Which device of the provider.
    pub device: u32,
    /// The most memory of the device that may be used, in GB.
    pub vram_limit: Option<f64>,
    /// Half precision where the model has it.
    pub half_precision: bool,
    /// Networks on the processor as ONNX Runtime computes them, rather than in a faster form.
    pub exact_ort: bool,
    /// Threads that process frames; one a core when not given.
    pub threads: Option<usize>,
    /// The most memory that may be used, in GB.
    pub max_memory: Option<f64>,
    /// Seconds of film that a crash may cost at most; films are made safe in segments a little shorter.
    pub segment: f64,
    /// Seconds for which ffmpeg may give no sign of life before the job is given up.
    pub patience: f64,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            providers: vec!["cpu".into()],
            device: 0,
            vram_limit: None,
            half_precision: false,
            exact_ort: false,
            threads: None,
            max_memory: None,
            segment: 8.0,
            patience: 120.0,
        }
    }
}
