//! Shows a frame before and after, to somebody who watches the work.

use crate::imaging::frame::Frame;
use crate::imaging::picture::Picture;

use super::Observer;

/// Longest side of the pictures, in pixels.
const SIDE: u32 = 960;

/// A frame that somebody wants to see, as it was.
pub struct Look<'a> {
    observer: &'a dyn Observer,
    before: Picture,
}

impl<'a> Look<'a> {
    /// Takes a picture of a frame before it is changed, if it is wanted; else nothing is copied.
    pub fn before(frame: &Frame, observer: &'a dyn Observer) -> Option<Self> {
        observer.wants_frame().then(|| Look { observer, before: Picture::within(frame, SIDE) })
    }

    /// Shows it beside what has become of it.
    pub fn after(self, frame: &Frame) {
        self.observer.frame(frame.index, self.before, Picture::within(frame, SIDE));
    }
}
