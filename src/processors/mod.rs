//! The plug-in point: what is done to the faces of a frame.

pub mod swap;

use crate::error::Result;
use crate::faces::Face;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;

/// Something that changes the chosen faces of every frame.
///
/// Work comes in two halves: [`Processor::prepare`] sees the frames in their order and may
/// remember things from one to the next; the [`Work`] it returns stands alone, so that several
/// frames are worked on at a time.
pub trait Processor: Send {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Looks at the next frame and the faces chosen in it.
    ///
    /// # Errors
    /// When the frame cannot be analyzed.
    fn prepare(&mut self, frame: &Frame, faces: &[Face]) -> Result<Box<dyn Work>>;
}

/// What is to be done to one frame.
pub trait Work: Send {
    /// Does it; returns a rectangle for each face that was changed. Nothing outside them changes.
    ///
    /// # Errors
    /// When the work fails.
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Vec<Rect>>;
}
