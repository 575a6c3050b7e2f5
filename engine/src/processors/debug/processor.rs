//! The debugger as a processor.

use std::sync::Arc;

use crate::error::Result;
use crate::faces::Chosen;
use crate::imaging::frame::Frame;
use crate::processors::{Changed, Processor, Setup, Work};

use super::draw::{Scale, draw};
use super::items::{Item, parse};
use super::outline::{Cut, Outliner};
use super::pen::Pen;

/// Draws onto the chosen faces.
pub struct Debugger(Arc<Drawing>);

/// What is drawn.
struct Drawing {
    items: Vec<Item>,
    outliner: Option<Outliner>,
}

impl Debugger {
    /// The items of the profile.
    ///
    /// # Errors
    /// When one is unknown, or the mask's networks are missing.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        let items = parse(&setup.profile.debug.items)?;
        let outliner = items.contains(&Item::Mask).then(|| Outliner::build(setup)).transpose()?;
        Ok(Debugger(Arc::new(Drawing { items, outliner })))
    }
}

impl Processor for Debugger {
    fn name(&self) -> &'static str {
        "draw"
    }

    fn prepare(&mut self, frame: &Frame, faces: &[Chosen]) -> Result<Box<dyn Work>> {
        // Masks are made from the face as it was decoded, not as other processors leave it.
        let cut = |chosen: &Chosen| {
            let cut = self.0.outliner.as_ref().map(|it| it.cut(frame, &chosen.face)).transpose()?;
            Ok((chosen.clone(), cut))
        };
        let faces = faces.iter().map(cut).collect::<Result<_>>()?;
        Ok(Box::new(DrawWork { drawing: Arc::clone(&self.0), faces }))
    }
}

struct DrawWork {
    drawing: Arc<Drawing>,
    faces: Vec<(Chosen, Option<Cut>)>,
}

impl Work for DrawWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Changed> {
        let Drawing { items, outliner } = &*self.drawing;
        let thickness = Scale::of(&frame.format).line as f32;
        let mut regions = Vec::new();
        for (chosen, cut) in &self.faces {
            let outline = match outliner.as_ref().zip(cut.as_ref()) {
                Some((outliner, cut)) => {
                    outliner.outline(&frame.format, &chosen.face, cut, thickness)?
                }
                None => None,
            };
            let mut pen = Pen::new(frame);
            draw(&mut pen, items, chosen, outline.as_ref());
            regions.extend(pen.region());
        }
        Ok(Changed::faces(regions))
    }
}
