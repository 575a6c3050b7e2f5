//! Which faces of a frame are swapped.

use std::collections::HashMap;

use crate::error::Result;
use crate::imaging::frame::Frame;

use super::recognize::{Embedding, Recognizer};
use super::Face;

/// The rule that picks faces.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The largest face; in a video the one that was largest first, while it is in sight.
    One,
    /// Every face.
    Many,
    /// The face that looks like this one.
    Reference {
        /// The identity to look for.
        embedding: Embedding,
        /// Faces whose squared embedding distance is below this match (roop: 0.85).
        distance: f32,
    },
}

/// Applies a rule over the frames of a job.
pub struct Selector {
    rule: Rule,
    /// The track that `One` holds on to.
    held: Option<u64>,
    /// Distance of each track to the reference; a track is recognized once.
    known: HashMap<u64, f32>,
}

impl Selector {
    /// A selector at the start of a job.
    pub fn new(rule: Rule) -> Self {
        Selector { rule, held: None, known: HashMap::new() }
    }

    /// The faces to swap, in the order given (largest first).
    ///
    /// # Errors
    /// When recognition fails.
    pub fn select(
        &mut self,
        recognizer: &mut Recognizer,
        frame: &Frame,
        faces: Vec<Face>,
    ) -> Result<Vec<Face>> {
        match &self.rule {
            Rule::Many => Ok(faces),
            Rule::One => {
                let held = faces.iter().position(|f| Some(f.track) == self.held).unwrap_or(0);
                let chosen = faces.into_iter().nth(held);
                self.held = chosen.as_ref().map(|f| f.track).or(self.held);
                Ok(chosen.into_iter().collect())
            }
            Rule::Reference { embedding, distance } => {
                self.known.retain(|track, _| faces.iter().any(|f| f.track == *track));
                let mut nearest: Option<(f32, Face)> = None;
                for face in faces {
                    let d = match self.known.get(&face.track) {
                        Some(d) => *d,
                        None => recognizer.embed(frame, &face.landmarks)?.distance(embedding),
                    };
                    self.known.insert(face.track, d);
                    if d < *distance && nearest.as_ref().is_none_or(|(best, _)| d < *best) {
                        nearest = Some((d, face));
                    }
                }
                Ok(nearest.map(|(_, face)| face).into_iter().collect())
            }
        }
    }
}
