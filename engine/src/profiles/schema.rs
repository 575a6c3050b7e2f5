//! Every key of a profile, with the values that it takes: what files, variables and flags are
//! checked against, and what `facedeck profiles show` explains.

use super::sections::{FROM_DETECTOR, MESH};

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file; relative ones in a profile are taken from the profile's own folder.
    Path,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A number within these bounds, both included.
    Real(f64, f64),
    /// A whole number within these bounds, both included.
    Whole(i64, i64),
    /// One of these whole numbers.
    Choice(&'static [i64]),
    /// A list whose members are of one kind, with at least so many and at most so many of them.
    List(&'static Kind, usize, usize),
    /// A list of tables with these keys; the first ones, as many as said, must be given.
    Tables(&'static [Field], usize),
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, with its table: `faces.score`.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it says, in one line.
    pub help: &'static str,
}

impl Field {
    /// The table that it stands in; empty for keys that stand before all tables.
    pub fn table(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(table, _)| table)
    }

    /// Its name within its table.
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }
}

const fn field(key: &'static str, kind: Kind, help: &'static str) -> Field {
    Field { key, kind, help }
}

const MANY: usize = usize::MAX;
/// A share of something.
const SHARE: Kind = Kind::Real(0.0, 1.0);
/// A quality.
const PERCENT: Kind = Kind::Whole(0, 100);
/// Counted things of which nobody has this many.
const COUNT: i64 = u32::MAX as i64;
/// More memory than any machine has, in GB.
const GIGABYTES: Kind = Kind::Real(0.1, 1e6);

/// What `[faces].select` takes.
pub const SELECT: &[&str] = &["one", "many", "reference"];
/// What `[faces].order` takes.
pub const ORDERS: &[&str] = &[
    "size",
    "size-reverse",
    "score",
    "score-reverse",
    "left-right",
    "right-left",
    "top-bottom",
    "bottom-top",
];
/// What `[faces].sex` takes.
pub const SEXES: &[&str] = &["female", "male"];
/// What `[faces].angles` takes: quarter turns.
pub const ANGLES: &[i64] = &[0, 90, 180, 270];
/// What `[swap].pixel_boost` takes.
pub const BOOSTS: &[i64] = &[1, 2, 3, 4, 6, 8];
/// What `[mask].kinds` takes.
pub const MASKS: &[&str] = &["box", "ellipse", "region", "occlusion", "area"];
/// What `[mask].regions` takes.
pub const REGIONS: &[&str] = &[
    "skin",
    "left-brow",
    "right-brow",
    "left-eye",
    "right-eye",
    "glasses",
    "nose",
    "mouth",
    "upper-lip",
    "lower-lip",
];
/// What `[mask].areas` takes.
pub const AREAS: &[&str] = &["upper-face", "lower-face", "mouth"];
/// What `[debug].items` takes.
pub const DRAWN: &[&str] =
    &["box", "points", "landmarks", "mask", "track", "person", "score", "attributes"];
/// What `[video].frame_format` takes.
pub const FRAME_FORMATS: &[&str] = &["png", "jpg"];

/// The keys of `[[faces.map]]`.
const MAP: &[Field] = &[
    field("who", Kind::Path, "a picture of the person in the target"),
    field("faces", Kind::List(&Kind::Path, 1, MANY), "photos of the face that they get"),
];

/// The keys of `[[enhance]]`.
const ENHANCE: &[Field] = &[
    field("model", Kind::Text, "the enhancer, by its name in the catalog"),
    field("blend", SHARE, "how much of the enhanced crop is used"),
    field("weight", SHARE, "how much the enhancer trusts the picture, where it can be told"),
];

/// Every key, table by table, in the order in which they are shown.
pub const FIELDS: &[Field] = &[
    field("description", Kind::Text, "what the profile is good for, in one line"),
    field(
        "processors",
        Kind::List(&Kind::Text, 1, MANY),
        "what is done to the chosen faces, in this order",
    ),
    field("faces.select", Kind::Word(SELECT), "who is swapped"),
    field("faces.detector", Kind::Text, "the detector, by its name in the catalog"),
    field(
        "faces.landmarks",
        Kind::Text,
        "the landmark network, or \"detector\" for the detector's own five points",
    ),
    field("faces.recognizer", Kind::Text, "the recognizer, by its name in the catalog"),
    field(
        "faces.detection",
        Kind::Word(&["every_frame", "auto"]),
        "how often the detector looks; between, faces are followed",
    ),
    field(
        "faces.hold",
        Kind::Real(0.0, 2.0),
        "seconds for which a face that is missed is held, as long as its place looks the same",
    ),
    field(
        "faces.angles",
        Kind::List(&Kind::Choice(ANGLES), 1, 4),
        "how faces may be turned, in degrees clockwise: 0 is upright, 180 upside down; each is \
         another look",
    ),
    field("faces.score", SHARE, "how sure the detector must be"),
    field("faces.order", Kind::Word(ORDERS), "how faces are counted"),
    field("faces.position", Kind::Whole(0, COUNT), "which face, counted from 0"),
    field(
        "faces.reference_frame",
        Kind::Whole(0, i64::MAX),
        "the frame of the target that shows the reference face, from 0",
    ),
    field("faces.reference_picture", Kind::Path, "a picture of the reference face"),
    field(
        "faces.distance",
        Kind::Real(0.0, 4.0),
        "how different a face may be from the reference: 0 is the same photo, people differ by \
         more than 1",
    ),
    field("faces.first_match", Kind::Flag, "only the first match of a frame is swapped"),
    field("faces.sex", Kind::Word(SEXES), "only faces of this sex"),
    field("faces.age", Kind::List(&Kind::Whole(0, 120), 2, 2), "only faces from this age to this"),
    field("faces.map", Kind::Tables(MAP, 2), "who gets whose face"),
    field("swap.model", Kind::Text, "the swapper, by its name in the catalog, or \"mesh\""),
    field("swap.pixel_boost", Kind::Choice(BOOSTS), "how many times larger the crop is made"),
    field("swap.weight", SHARE, "how much of the source's identity goes in"),
    field(
        "swap.latent",
        Kind::Word(&["insightface", "facefusion"]),
        "whose rule turns the identity into the network's vector",
    ),
    field(
        "swap.paste",
        Kind::Word(&["insightface", "crop"]),
        "how the crop comes back: roop's way, or by the masks",
    ),
    field("swap.color_match", SHARE, "how much of the target's color the face takes over"),
    field("swap.keep_mouth", Kind::Flag, "the target keeps its own mouth"),
    field("swap.keep_eyes", Kind::Flag, "the target keeps its own eyes"),
    field(
        "swap.precision",
        Kind::Word(&["fp32", "int8"]),
        "in what numbers the swapper computes on the processor",
    ),
    field("mask.kinds", Kind::List(&Kind::Word(MASKS), 0, MANY), "masks; the least is used"),
    field("mask.blur", SHARE, "how soft the edges are"),
    field(
        "mask.padding",
        Kind::List(&PERCENT, 4, 4),
        "what is cut off at top, right, bottom and left, in percent",
    ),
    field(
        "mask.regions",
        Kind::List(&Kind::Word(REGIONS), 1, MANY),
        "parts of the face for the mask \"region\"",
    ),
    field("mask.areas", Kind::List(&Kind::Word(AREAS), 1, MANY), "hulls for the mask \"area\""),
    field("mask.parser", Kind::Text, "the network for the mask \"region\""),
    field("mask.occluder", Kind::Text, "the network for the mask \"occlusion\""),
    field("enhance", Kind::Tables(ENHANCE, 0), "enhancers, one after the other"),
    field("debug.items", Kind::List(&Kind::Word(DRAWN), 0, MANY), "what face_debugger draws"),
    field("video.encoder", Kind::Text, "the encoder, by ffmpeg's name"),
    field("video.quality", PERCENT, "100 is lossless (video) or best (JPEG)"),
    field("video.roop_quality", PERCENT, "quality as roop counts it: 0 is best"),
    field("video.preset", Kind::Text, "speed against size, by the encoder's name for it"),
    field("video.fps", Kind::Real(1.0, 1000.0), "frames a second"),
    field(
        "video.start",
        Kind::Text,
        "where the part begins that is worked on: a time (1:02.5) or a frame (300f)",
    ),
    field("video.end", Kind::Text, "the first frame that is left out again, in the same way"),
    field("video.scale", Kind::Text, "size of the output's frames: 1280x720, x720, 720p, 50%"),
    field("video.keep_frames", Kind::Flag, "the frames are kept as pictures"),
    field("video.frame_format", Kind::Word(FRAME_FORMATS), "the format of the kept frames"),
    field("video.frame_quality", PERCENT, "quality of kept JPEG frames; 0 is best, as in roop"),
    field("audio.keep", Kind::Flag, "the sound is carried over"),
    field(
        "run.providers",
        Kind::List(&Kind::Text, 1, MANY),
        "where networks run, in the order in which they are asked",
    ),
    field("run.device", Kind::Whole(0, COUNT), "which device of the provider"),
    field("run.vram_limit", GIGABYTES, "the most memory of the device, in GB"),
    field("run.half_precision", Kind::Flag, "half precision where the model has it"),
    field(
        "run.exact_ort",
        Kind::Flag,
        "networks on the processor as ONNX Runtime computes them, not in a faster form",
    ),
    field("run.threads", Kind::Whole(1, 256), "threads that process frames"),
    field("run.max_memory", GIGABYTES, "the most memory, in GB"),
    field("run.segment", Kind::Real(0.5, 600.0), "seconds of film that a crash may cost at most"),
    field(
        "run.patience",
        Kind::Real(1.0, 86_400.0),
        "seconds for which ffmpeg may give no sign of life",
    ),
];

/// Words that stand beside the catalog's names in certain keys.
pub const OWN_NAMES: &[(&str, &str)] = &[("swap.model", MESH), ("faces.landmarks", FROM_DETECTOR)];

/// Keys that say the same in two ways: where a later layer gives one, an earlier layer's other one
/// no longer counts.
pub const EITHER_OR: &[(&str, &str)] = &[("video.quality", "video.roop_quality")];

/// The key of this name.
pub fn find(key: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.key == key)
}

/// Whether there is a table of this name.
pub fn is_table(name: &str) -> bool {
    !name.is_empty() && FIELDS.iter().any(|field| field.table() == name)
}

pub use crate::settings::nearest;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::profiles::{Enhance, Map, Profile, Sex};

    /// A profile with everything in it that can be left out.
    fn full() -> Profile {
        let mut p = Profile::default();
        p.faces.reference_picture = Some("a.png".into());
        p.faces.sex = Some(Sex::Male);
        p.faces.age = Some([1, 2]);
        p.faces.map = vec![Map { who: "a".into(), faces: vec!["b".into()] }];
        p.swap.weight = Some(0.5);
        p.enhance = vec![Enhance::default()];
        p.video.encoder = Some(String::new());
        (p.video.quality, p.video.roop_quality) = (Some(1), Some(1));
        p.video.preset = Some(String::new());
        p.video.fps = Some(25.0);
        (p.video.start, p.video.end) = (Some(String::new()), Some(String::new()));
        p.video.scale = Some(String::new());
        p.video.frame_format = Some("png".into());
        p.video.frame_quality = Some(1);
        p.run.vram_limit = Some(1.0);
        p.run.threads = Some(1);
        p.run.max_memory = Some(1.0);
        p
    }

    #[test]
    fn the_schema_and_the_profile_have_the_same_keys() {
        let mut keys = BTreeSet::new();
        for (name, value) in toml::Table::try_from(full()).unwrap() {
            match value {
                toml::Value::Table(table) => {
                    keys.extend(table.keys().map(|key| format!("{name}.{key}")));
                }
                _ => _ = keys.insert(name),
            }
        }
        let known: BTreeSet<String> = FIELDS.iter().map(|f| f.key.to_owned()).collect();
        assert_eq!(known, keys);
        assert_eq!(known.len(), FIELDS.len(), "a key stands there twice");
        for (key, inner) in [("enhance", ENHANCE), ("faces.map", MAP)] {
            let p = toml::Table::try_from(full()).unwrap();
            let list = key.split('.').fold(&toml::Value::Table(p), |v, k| &v[k]).clone();
            let have: Vec<&str> = inner.iter().map(|f| f.key).collect();
            let table = list[0].as_table().unwrap();
            assert_eq!(table.len(), have.len());
            assert!(have.iter().all(|key| table.contains_key(*key)), "{have:?}");
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        let keys = || FIELDS.iter().map(|f| f.name());
        assert_eq!(nearest("pixelboost", keys()), Some("pixel_boost"));
        assert_eq!(nearest("Modle", keys()), Some("model"));
        assert_eq!(nearest("qqqqq", keys()), None);
    }
}
