//! The enhancers of a profile as a processor.

use std::sync::Arc;

use crate::error::Result;
use crate::faces::{Chosen, Face};
use crate::imaging::frame::Frame;
use crate::processors::masks::Networks;
use crate::processors::{Changed, Processor, Setup, Work};
use crate::profiles::sections::{Enhance, MaskKind};

use super::stage::Stage;

/// Sharpens faces as the processors before it left them.
pub struct Enhancer(Arc<Stages>);

struct Stages {
    stages: Vec<Stage>,
    occlusion: Networks,
}

impl Enhancer {
    /// The enhancers in this order.
    ///
    /// # Errors
    /// When a model is missing or is no enhancer, or a value makes no sense.
    pub fn build(setup: &Setup<'_>, stages: &[Enhance]) -> Result<Self> {
        let stages = stages.iter().map(|stage| Stage::build(setup.pool, stage));
        Ok(Enhancer(Arc::new(Stages {
            stages: stages.collect::<Result<_>>()?,
            occlusion: Networks::only(setup, &[MaskKind::Occlusion])?,
        })))
    }
}

impl Processor for Enhancer {
    fn name(&self) -> &'static str {
        "enhance"
    }

    fn prepare(&mut self, _frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        let faces = faces.iter().map(|chosen| chosen.face.clone()).collect();
        Ok(Box::new(EnhanceWork { stages: Arc::clone(&self.0), faces }))
    }
}

struct EnhanceWork {
    stages: Arc<Stages>,
    faces: Vec<Face>,
}

impl Work for EnhanceWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let EnhanceWork { stages, faces } = *self;
        let mut changed = vec![false; faces.len()];
        let mut regions = Vec::new();
        for stage in &stages.stages {
            for (face, changed) in faces.iter().zip(&mut changed) {
                let region = stage.enhance(frame, face, &stages.occlusion)?;
                *changed |= region.is_some();
                regions.extend(region);
            }
        }
        Ok(Changed { faces: changed.into_iter().filter(|&v| v).count(), regions })
    }
}
