//! Who is in a picture or a frame, told in numbers: what `facedeck faces` and the API show.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::faces::Face;
use crate::faces::recognize::Embedding;
use crate::faces::select::sort;
use crate::imaging::frame::Frame;
use crate::profiles::{Order, Sex};

use super::Engine;

/// A face that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Seen {
    /// Its number in the order that was asked for, from 0.
    pub index: usize,
    /// Its number by size, from 0.
    pub track: u64,
    /// Left, top, right, bottom in pixels of the frame.
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    /// The detector's score, 0 to 1.
    pub score: f32,
    /// Its width in pixels.
    pub width: f32,
    /// Eyes, nose, corners of the mouth in pixels of the frame, left in the picture first.
    #[schema(value_type = Vec<[f32; 2]>, min_items = 5, max_items = 5)]
    pub points: [[f32; 2]; 5],
    /// `female` or `male`, where the network that guesses it is here.
    #[schema(value_type = Option<String>)]
    pub sex: Option<Sex>,
    /// Years, where the network that guesses them is here.
    pub age: Option<f32>,
    /// Cosine of the angle to the identity that it was compared with, -1 to 1; the same person is
    /// above 0.35.
    pub cosine: Option<f32>,
    /// Squared distance to that identity, 0 to 4: what `faces.distance` of a profile counts.
    pub distance: Option<f32>,
}

impl Seen {
    /// What there is to tell about a face.
    pub fn new(index: usize, face: &Face, known: Option<&Embedding>) -> Self {
        let cosine = face.embedding.as_ref().zip(known).map(|(a, b)| a.cosine(b));
        Seen {
            index,
            track: face.track,
            bounds: face.bounds,
            score: face.score,
            width: face.width(),
            points: face.points,
            sex: face.attributes.map(|a| a.sex),
            age: face.attributes.map(|a| a.age),
            cosine,
            distance: cosine.map(|c| 2.0 - 2.0 * c),
        }
    }
}

/// The faces of a frame in this order, with sex and age where the network for them is here.
///
/// # Errors
/// When a network cannot be loaded or fails.
pub fn see(engine: &mut Engine, frame: &Frame, order: Order) -> Result<Vec<Face>> {
    engine.models.add_attributes(&engine.pool)?;
    let mut faces = engine.models.analyze_still(frame)?;
    sort(&mut faces, order);
    Ok(faces)
}

/// Who is on a picture: the largest face. `name` is the picture's, for the error.
///
/// # Errors
/// [`crate::error::Kind::NoFace`] when it shows nobody.
pub fn identity(engine: &Engine, frame: &Frame, name: &str) -> Result<Embedding> {
    let face = engine.models.analyze_still(frame)?.into_iter().next();
    face.and_then(|f| f.embedding)
        .ok_or_else(|| Error::no_face(format!("there is no face in {name}")))
}
