//! The mesh swapper as a processor.

use std::sync::Arc;

use crate::error::Result;
use crate::faces::Face;
use crate::faces::landmarks::Landmarks;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::processors::{Processor, Work};

use super::compose::swap;
use super::source::SourceFace;

/// Puts one person, known from one or more photos, onto faces.
pub struct MeshSwapper {
    sources: Vec<Arc<SourceFace>>,
}

impl MeshSwapper {
    /// A swapper for these photos of one person, the main one first.
    pub fn new(sources: Vec<SourceFace>) -> Self {
        MeshSwapper { sources: sources.into_iter().map(Arc::new).collect() }
    }
}

struct MeshWork(Vec<(Arc<SourceFace>, Landmarks)>);

impl Processor for MeshSwapper {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn prepare(&mut self, _frame: &Frame, faces: &[Face]) -> Result<Box<dyn Work>> {
        let work = faces
            .iter()
            .filter_map(|face| Some((Arc::clone(self.sources.first()?), face.landmarks.clone())))
            .collect();
        Ok(Box::new(MeshWork(work)))
    }
}

impl Work for MeshWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Vec<Rect>> {
        let mut changed = Vec::new();
        for (source, landmarks) in &self.0 {
            changed.extend(swap(frame, source, landmarks)?);
        }
        Ok(changed)
    }
}
