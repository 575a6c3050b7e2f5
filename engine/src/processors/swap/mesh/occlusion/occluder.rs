//! The test for one track of a video: the model of the face, helped by the test for single images
//! while it learns.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::faces::landmarks::Landmarks;
use crate::imaging::frame::Frame;

use super::OcclusionMask;
use super::canvas::Canvas;
use super::model::FaceModel;
use super::still;
use super::uv::{Seen, to_canvas};

/// The still test goes on when it fired in this many of the first frames: the track starts with
/// something in front of the face, which the model would take for the face.
const TRUSTED: u32 = 3;
/// It ends after this many silent frames.
const SILENT: u32 = 8;
/// Less than this much of a texel is nothing.
const NOTHING: f32 = 0.05;

/// What is remembered of one track; a new track or a cut needs a new one.
#[derive(Serialize, Deserialize)]
pub struct Occluder {
    model: FaceModel,
    fired: u32,
    silent: u32,
}

impl Occluder {
    /// For a track that begins.
    pub fn new() -> Self {
        Occluder { model: FaceModel::new(), fired: 0, silent: 0 }
    }

    /// Whether it can be worked with: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.model.is_whole()
    }

    /// Whether something is in front of the face.
    #[cfg(test)]
    pub fn is_covered(&self) -> bool {
        self.model.is_covered()
    }

    /// Looks at the track's next frame; `None` when nothing is in front of the face. The frames
    /// have to come in their order, each once, with the target's own face in them.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn step(&mut self, frame: &Frame, face: &Landmarks) -> Result<Option<OcclusionMask>> {
        let with_still = self.model.is_learning() || self.fired >= TRUSTED;
        let Some(canvas) = Canvas::new(frame, face) else { return Ok(None) };
        let seen = Seen::of(&canvas)?;
        let mut found = None;
        if with_still {
            found = still::find(&canvas)?;
            self.count(found.is_some());
        }
        let found = found.map(|mask| seen.carry(&mask)).transpose()?;
        let mask = self.model.step(&seen, found.as_ref())?;
        if mask.data.iter().all(|&v| v < NOTHING) {
            return Ok(None);
        }
        let field = to_canvas(mask, &canvas)?;
        Ok(Some(OcclusionMask::new(&field, &canvas.to_canvas)))
    }

    fn count(&mut self, fired: bool) {
        if fired {
            self.fired = self.fired.saturating_add(1);
            self.silent = 0;
        } else {
            self.silent = self.silent.saturating_add(1);
            if self.silent >= SILENT {
                self.fired = 0;
            }
        }
    }
}

impl Default for Occluder {
    fn default() -> Self {
        Self::new()
    }
}
