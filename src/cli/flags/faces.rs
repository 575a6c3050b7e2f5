//! Which faces of the target are changed, and how they are found.

use std::path::PathBuf;

use clap::ValueHint;
use clap::builder::PossibleValuesParser;
use toml::{Table, Value};

use crate::profiles::schema::{ORDERS, SEXES};

use super::Layer;
use super::parse::{self, Pair};

/// Which faces of the target are changed.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Whose face is changed")]
pub struct FaceArgs {
    /// Swap every face, not only the main one
    #[arg(long)]
    pub many_faces: bool,
    /// Swap the face at this position of every frame, from 0; see --face-order
    #[arg(long, value_name = "N", conflicts_with_all = ["many_faces", "reference_face_position"])]
    pub face_position: Option<u32>,
    /// How faces are counted
    #[arg(long, value_name = "ORDER", value_parser = PossibleValuesParser::new(ORDERS))]
    pub face_order: Option<String>,
    /// Swap only who looks like this face of the reference frame (by score from 0)
    #[arg(long, value_name = "N")]
    pub reference_face_position: Option<u32>,
    /// The reference frame
    #[arg(long, value_name = "N")]
    pub reference_frame_number: Option<u32>,
    /// Swap only who looks like the face in this picture
    #[arg(long, value_name = "PICTURE", value_hint = ValueHint::FilePath,
          conflicts_with = "reference_frame_number")]
    pub reference_picture: Option<PathBuf>,
    /// How different a face may be from the reference face, 0 to 4 [default: 0.85]
    #[arg(long, value_name = "D")]
    pub similar_face_distance: Option<f64>,
    /// The same as a cosine: how alike they must be, at most 1
    #[arg(long, value_name = "C", value_parser = parse::cosine, allow_negative_numbers = true,
          conflicts_with = "similar_face_distance")]
    pub cosine: Option<f64>,
    /// Give the person in the first picture the face of the others; as often as there are people
    #[arg(long, value_name = "WHO=FACE[,FACE…]", value_parser = parse::pair,
          conflicts_with_all = ["many_faces", "sources", "reference_face_position",
                                "reference_frame_number", "reference_picture"])]
    pub map: Vec<Pair>,
    /// Swap only faces of this sex
    #[arg(long, value_parser = PossibleValuesParser::new(SEXES))]
    pub sex: Option<String>,
    /// Swap only faces of this age
    #[arg(long, value_name = "FROM-TO", value_parser = parse::age)]
    pub age: Option<[u8; 2]>,
    /// Look for faces that are turned so far, too, in degrees clockwise: 0,90,180,270
    #[arg(long, value_name = "DEGREES[,…]", value_delimiter = ',', num_args = 1..,
          value_parser = clap::value_parser!(i64))]
    pub face_angles: Vec<i64>,
    /// How sure the detector must be, 0 to 1
    #[arg(long, value_name = "S")]
    pub face_score: Option<f64>,
    /// The network that finds faces
    #[arg(long, value_name = "MODEL")]
    pub detector: Option<String>,
    /// The network that finds points in faces, or "detector" for the detector's own
    #[arg(long, value_name = "MODEL")]
    pub landmarks: Option<String>,
    /// The network that tells people apart
    #[arg(long, value_name = "MODEL")]
    pub recognizer: Option<String>,
}

impl FaceArgs {
    /// The flag that asks for who looks like somebody, as it is written.
    pub(super) fn reference_flag(&self) -> Option<&'static str> {
        let given = [
            (self.reference_face_position.is_some(), "--reference-face-position <N>"),
            (self.reference_frame_number.is_some(), "--reference-frame-number <N>"),
            (self.reference_picture.is_some(), "--reference-picture <PICTURE>"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }

    pub(super) fn fill(&self, layer: &mut Layer) {
        let alike = self.similar_face_distance.is_some() || self.cosine.is_some();
        if self.many_faces {
            layer.set("faces.select", "--many-faces", "many");
            layer.clear("faces.map", "--many-faces");
        } else if self.face_position.is_some() {
            layer.set("faces.select", "--face-position", "one");
        } else if let Some(flag) = self.reference_flag() {
            layer.set("faces.select", flag, "reference");
        } else if alike && self.map.is_empty() {
            layer.set("faces.select", "--similar-face-distance", "reference");
        }
        if let (Some(flag), None) = (self.reference_flag(), &self.reference_picture) {
            // roop counts by score.
            layer.set("faces.order", flag, "score");
        } else if alike && self.map.is_empty() {
            layer.set("faces.order", "--similar-face-distance", "score");
        }
        if self.reference_frame_number.is_some() {
            layer.clear("faces.reference_picture", "--reference-frame-number");
        }
        let position = self.face_position.or(self.reference_face_position).map(i64::from);
        layer.maybe("faces.position", "--face-position", position);
        layer.maybe("faces.order", "--face-order", self.face_order.clone());
        let frame = self.reference_frame_number.map(i64::from);
        layer.maybe("faces.reference_frame", "--reference-frame-number", frame);
        layer.maybe("faces.reference_picture", "--reference-picture", self.picture());
        layer.maybe("faces.distance", "--similar-face-distance", self.similar_face_distance);
        layer.maybe("faces.distance", "--cosine", self.cosine);
        layer.maybe("faces.sex", "--sex", self.sex.clone());
        let age = self.age.map(|range| range.map(|year| Value::Integer(year.into())).to_vec());
        layer.maybe("faces.age", "--age", age);
        layer.list("faces.angles", "--face-angles", &self.face_angles);
        layer.maybe("faces.score", "--face-score", self.face_score);
        layer.maybe("faces.detector", "--detector", self.detector.clone());
        layer.maybe("faces.landmarks", "--landmarks", self.landmarks.clone());
        layer.maybe("faces.recognizer", "--recognizer", self.recognizer.clone());
        let map: Vec<Value> = self.map.iter().map(table).collect();
        layer.list("faces.map", "--map", &map);
    }

    fn picture(&self) -> Option<String> {
        self.reference_picture.as_ref().map(|path| path.to_string_lossy().into_owned())
    }
}

fn table(pair: &Pair) -> Value {
    let text = |path: &PathBuf| Value::String(path.to_string_lossy().into_owned());
    let faces: Vec<Value> = pair.faces.iter().map(text).collect();
    Value::Table(Table::from_iter([
        ("who".to_owned(), text(&pair.who)),
        ("faces".to_owned(), Value::Array(faces)),
    ]))
}
