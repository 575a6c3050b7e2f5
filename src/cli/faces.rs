//! `facedeck faces`: who is in this picture or frame.

use std::path::PathBuf;

use image::{DynamicImage, RgbImage};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde_json::json;

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::faces::{Attributes, Face};
use crate::imaging::frame::Frame;
use crate::imaging::picture::Picture;
use crate::media::image_file::StillFormat;
use crate::pipeline::{Engine, Seen, check_output, identity, read_frame, see};
use crate::profiles::{Order, Profile, Sex};

use super::args::{OutArgs, provisioned};
use super::flags::NamedArgs;
use super::output::{OutputMode, json_line, result_line};
use crate::terminal::{self, GraphicsArgs};

/// Arguments of `facedeck faces`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct FacesArgs {
    /// The picture or video
    pub file: PathBuf,
    /// Which frame of a video, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub frame: u64,
    /// Compare every face with the face in this photo
    #[arg(long, value_name = "PHOTO")]
    pub compare: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub named: NamedArgs,
    /// The catalog id of the detector
    #[arg(long, value_name = "MODEL")]
    pub detector: Option<String>,
    /// The catalog id of the landmark network, or "detector" for the detector's own points
    #[arg(long, value_name = "MODEL")]
    pub landmarks: Option<String>,
    /// The catalog id of the recognizer
    #[arg(long, value_name = "MODEL")]
    pub recognizer: Option<String>,
    /// How faces are counted: size, score, left-right, top-bottom, each also the other way round
    /// (size-reverse, score-reverse, right-left, bottom-top) [default: the profile's, size]
    #[arg(long, value_name = "ORDER", value_parser = order)]
    pub order: Option<Order>,
    /// Save the picture with its faces marked
    #[arg(short, long, value_name = "FILE.png")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub graphics: GraphicsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck faces party.jpg
  facedeck faces film.mp4 --frame 250 --compare me.jpg
  facedeck faces party.jpg --json | jq '.faces[].box'";

/// Colors of the boxes, in turn: cyan, pink, green, amber, purple.
const COLORS: [[u8; 3]; 5] =
    [[0, 242, 254], [255, 0, 128], [0, 255, 136], [255, 176, 0], [191, 64, 255]];

/// An order by its name in a profile.
fn order(name: &str) -> Result<Order, serde::de::value::Error> {
    Order::deserialize(name.into_deserializer())
}

impl FacesArgs {
    /// The profile that these flags state.
    fn profile(&self) -> Result<Profile> {
        let mut profile = self.named.resolve()?;
        let faces = &mut profile.faces;
        for (key, flag) in [
            (&mut faces.detector, &self.detector),
            (&mut faces.landmarks, &self.landmarks),
            (&mut faces.recognizer, &self.recognizer),
        ] {
            if let Some(id) = flag {
                key.clone_from(id);
            }
        }
        faces.order = self.order.unwrap_or(faces.order);
        Ok(profile)
    }
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read, or shows no face (exit 4).
pub fn run(args: &FacesArgs) -> Result<()> {
    let mode = OutputMode::from_flags(args.out.json, args.out.quiet);
    if let Some(output) = &args.output {
        StillFormat::from_path(output)?;
        let photo = args.compare.iter().map(|path| ("photo", path.as_path()));
        check_output(photo.chain([("picture", args.file.as_path())]), output)?;
    }
    let detection =
        (mode == OutputMode::Terminal).then(|| terminal::detect(args.graphics.graphics));
    let profile = args.profile()?;
    let mut engine = Engine::start(&provisioned()?, &profile)?;
    let frame = read_frame(&engine.tools, &args.file, args.frame)?;
    let faces = see(&mut engine, &frame, profile.faces.order)?;
    let known = match &args.compare {
        Some(path) => {
            let photo = read_frame(&engine.tools, path, 0)?;
            Some(identity(&engine, &photo, &path.display().to_string())?)
        }
        None => None,
    };
    print(args, mode, &frame, &faces, known.as_ref());
    if faces.is_empty() {
        let name = args.file.display();
        return Err(Error::no_face(format!("there is no face in frame {} of {name}", args.frame)));
    }
    let marked = marked(&frame, &faces);
    if let Some(output) = &args.output {
        super::preview::save(output, marked.clone())?;
    }
    if let Some(detection) = detection {
        terminal::show(
            &DynamicImage::ImageRgb8(to_image(marked)?),
            None,
            detection.protocol,
            &detection,
        )?;
    }
    Ok(())
}

fn print(
    args: &FacesArgs,
    mode: OutputMode,
    frame: &Frame,
    faces: &[Face],
    known: Option<&Embedding>,
) {
    let seen: Vec<Seen> =
        faces.iter().enumerate().map(|(i, face)| Seen::new(i, face, known)).collect();
    if mode == OutputMode::Json {
        json_line(&json!({
            "event": "faces",
            "file": args.file,
            "frame": args.frame,
            "size": [frame.format.width, frame.format.height],
            "faces": seen,
        }));
        return;
    }
    if mode == OutputMode::Quiet || faces.is_empty() {
        return;
    }
    let judged = faces.iter().any(|f| f.attributes.is_some());
    let head = if judged { "  sex     age" } else { "" };
    let compared = if known.is_some() { "  distance" } else { "" };
    let place = "box (left, top, right, bottom)";
    result_line(&format!("face  score  width  {place:30}{head}{compared}"));
    for (face, seen) in faces.iter().zip(&seen) {
        let [x0, y0, x1, y1] = seen.bounds;
        let distance = seen.distance.map_or(String::new(), |d| format!("  {d:8.2}"));
        let judged = face.attributes.map_or(String::new(), |Attributes { sex, age }| {
            let sex = if sex == Sex::Female { "female" } else { "male" };
            format!("  {sex:6}  {age:3.0}")
        });
        let place = format!("{x0:.0}, {y0:.0}, {x1:.0}, {y1:.0}");
        let Seen { index, score, width, .. } = seen;
        result_line(&format!("{index:4}  {score:5.2}  {width:5.0}  {place:30}{judged}{distance}"));
    }
}

fn marked(frame: &Frame, faces: &[Face]) -> Picture {
    let mut picture = Picture::of(frame);
    for (i, face) in faces.iter().enumerate().rev() {
        picture.mark(face.bounds, i, COLORS[i % COLORS.len()]);
    }
    picture
}

/// The picture as the terminal code wants it.
pub(super) fn to_image(picture: Picture) -> Result<RgbImage> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    RgbImage::from_raw(width, height, picture.into_bytes())
        .ok_or_else(|| Error::failed("the picture is too large to show"))
}
