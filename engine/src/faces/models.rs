//! The networks that see faces, as a profile names them.

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::inference::{Pool, Settings};
use crate::models::{Role, Store};
use crate::profiles::Faces;
use crate::profiles::sections::FROM_DETECTOR;

use super::attributes::{AttributeNetwork, Guess};
use super::detect::{self, Detect, Found, in_turns, intersection_over_union, turn_of};
use super::landmark_points::{Fan68, Insight106, five_of_68};
use super::landmarks::Landmarker;
use super::network::Network;
use super::recognize::{Embedding, Recognizer};
use super::{Face, landmark_points};

/// Passes of the mesh network over a face of a still, each in the region that the last one found.
const STILL_PASSES: usize = 3;

/// Where the points of a face come from.
enum Points {
    /// The detector's own five.
    Detector,
    /// The 478-point mesh.
    Mesh(Landmarker),
    /// 68 points.
    Fan(Fan68),
    /// 106 points.
    Insight(Insight106),
}

/// The networks that see faces.
pub struct FaceModels {
    wanted: Faces,
    detector: Box<dyn Detect>,
    points: Points,
    recognizer: Recognizer,
    attributes: Option<AttributeNetwork>,
}

impl FaceModels {
    /// Loads the networks that `[faces]` of a profile names. The one for sex and age is loaded
    /// when faces are chosen by them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when an id is unknown or names something else,
    /// [`crate::error::Kind::Missing`] when a model is not here; when the runtime refuses one.
    pub fn load(faces: &Faces, pool: &Pool) -> Result<Self> {
        let points = match faces.landmarks.as_str() {
            FROM_DETECTOR => Points::Detector,
            id => {
                let entry = Network::entry(pool, id, Role::Landmarks, "landmark network")?;
                match entry.family.as_str() {
                    "face_mesh" => Points::Mesh(Landmarker::load(pool, id)?),
                    "fan_68" => Points::Fan(Fan68::load(pool, entry)?),
                    "insightface_106" => Points::Insight(Insight106::load(pool, entry)?),
                    _ => return Err(landmark_points::unknown(entry)),
                }
            }
        };
        let judged = faces.sex.is_some() || faces.age.is_some();
        Ok(FaceModels {
            detector: detect::load(pool, &faces.detector)?,
            points,
            recognizer: Recognizer::load(pool, &faces.recognizer)?,
            attributes: judged.then(|| AttributeNetwork::load(pool)).transpose()?,
            wanted: faces.clone(),
        })
    }

    /// Loads the embedded networks.
    ///
    /// # Errors
    /// When ONNX Runtime is not initialized or refuses a network.
    pub fn load_embedded() -> Result<Self> {
        Self::load(&Faces::default(), &Pool::new(Store::open()?, Settings::processor(1)))
    }

    /// Whether these are the networks that a profile names.
    pub fn fit(&self, faces: &Faces) -> bool {
        let ids = |f: &Faces| [f.detector.clone(), f.landmarks.clone(), f.recognizer.clone()];
        let judged = faces.sex.is_some() || faces.age.is_some();
        ids(&self.wanted) == ids(faces)
            && self.wanted.score == faces.score
            && self.wanted.angles == faces.angles
            // One too many would show: what it says about a face is drawn when that is asked for.
            && self.attributes.is_some() == judged
    }

    /// Loads the network for sex and age when one is here.
    ///
    /// # Errors
    /// When it is here and cannot be loaded.
    pub fn add_attributes(&mut self, pool: &Pool) -> Result<()> {
        let here = pool.store().locate(&AttributeNetwork::id(pool.store())).is_ok();
        if self.attributes.is_none() && here {
            self.attributes = Some(AttributeNetwork::load(pool)?);
        }
        Ok(())
    }

    /// Faces of a frame as the detector sees them, the best score first.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&self, frame: &Frame) -> Result<Vec<Found>> {
        self.in_turns(frame, |detector, frame, score| detector.detect(frame, score))
    }

    /// As [`Self::detect`], for those who look closer with [`Self::detect_near`] afterwards.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect_roughly(&self, frame: &Frame) -> Result<Vec<Found>> {
        self.in_turns(frame, |detector, frame, score| detector.detect_roughly(frame, score))
    }

    /// Whether [`Self::detect_large`] is less work than [`Self::detect_roughly`].
    pub fn can_glance(&self) -> bool {
        self.detector.can_glance()
    }

    /// As [`Self::detect_roughly`], of faces that are large in the frame.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect_large(&self, frame: &Frame) -> Result<Vec<Found>> {
        self.in_turns(frame, |detector, frame, score| detector.detect_large(frame, score))
    }

    /// Looks at a frame in all turns that are wanted.
    fn in_turns(
        &self,
        frame: &Frame,
        look: impl Fn(&dyn Detect, &Frame, f32) -> Result<Vec<Found>>,
    ) -> Result<Vec<Found>> {
        let detect = |frame: &Frame| look(&*self.detector, frame, self.wanted.score);
        in_turns(frame, &self.wanted.angles, &detect)
    }

    /// Whether a known face can be followed by [`Self::detect_near`].
    pub fn can_follow(&self) -> bool {
        self.detector.can_follow()
    }

    /// The face that should be somewhere, as the detector sees it there; `None` when it is not.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect_near(&self, frame: &Frame, known: &Found) -> Result<Option<Found>> {
        self.detector.detect_near(frame, known, self.wanted.score)
    }

    /// The face that was found somewhere, with its points; `None` when a closer look finds none.
    /// `passes` is how often the mesh is fitted.
    ///
    /// # Errors
    /// When a network fails.
    pub fn look(&self, frame: &Frame, found: &Found, passes: usize) -> Result<Option<Face>> {
        let mut face = Face::found(found);
        match &self.points {
            Points::Detector => {}
            Points::Mesh(mesh) => {
                let landmarks = mesh.fit(frame, found.region(), passes)?;
                return Ok(landmarks.map(|l| Face::meshed(0, found.score, l)));
            }
            // Where these networks are not sure, the detector's points are kept.
            Points::Fan(fan) => {
                face.points_68 = fan.points(frame, found.bounds, found.turn())?;
                let five = face.points_68.as_deref().and_then(five_of_68);
                face.points = five.unwrap_or(found.points);
            }
            Points::Insight(network) => {
                let five = network.five(frame, found.bounds, found.turn())?;
                face.points = five.unwrap_or(found.points);
            }
        }
        Ok(Some(face))
    }

    /// The mesh network, where it is what gives the points.
    pub fn mesh(&self) -> Option<&Landmarker> {
        match &self.points {
            Points::Mesh(mesh) => Some(mesh),
            _ => None,
        }
    }

    /// Whose face it is.
    ///
    /// # Errors
    /// When its points coincide or the network fails.
    pub fn embed(&self, frame: &Frame, face: &Face) -> Result<Embedding> {
        self.recognizer.embed(frame, &face.points)
    }

    /// What the network for sex and age says, where it is loaded.
    ///
    /// # Errors
    /// When the network fails.
    pub fn guess(&self, frame: &Frame, face: &Face) -> Result<Option<Guess>> {
        match &self.attributes {
            Some(network) => network.guess(frame, face.bounds, turn_of(&face.points)),
            None => Ok(None),
        }
    }

    /// Every face of a still: searched for thoroughly, each with its points, its identity and,
    /// where the network is loaded, its sex and age; the largest first.
    ///
    /// # Errors
    /// When a network fails.
    pub fn analyze_still(&self, frame: &Frame) -> Result<Vec<Face>> {
        let mut faces: Vec<Face> = Vec::new();
        let detect = |frame: &Frame| self.detector.detect_thoroughly(frame, self.wanted.score);
        for found in in_turns(frame, &self.wanted.angles, &detect)? {
            let Some(mut face) = self.look(frame, &found, STILL_PASSES)? else { continue };
            if faces.iter().any(|f| intersection_over_union(f.bounds, face.bounds) > 0.5) {
                continue;
            }
            face.embedding = Some(self.embed(frame, &face)?);
            face.attributes = self.guess(frame, &face)?.map(Guess::attributes);
            faces.push(face);
        }
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        for (i, face) in faces.iter_mut().enumerate() {
            face.track = i as u64;
        }
        Ok(faces)
    }
}

#[cfg(test)]
mod tests;
