//! Glasses in a video: tested now and then.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::faces::landmarks::Landmarks;
use crate::imaging::frame::Frame;

use super::Glasses;

/// Frames from one test to the next, once there are enough of them.
const INTERVAL: u32 = 15;
/// Tests that vote.
const VOTES: usize = 3;

/// What is remembered of one track.
#[derive(Default, Serialize, Deserialize)]
pub struct GlassesWatch {
    frames: u32,
    votes: Vec<bool>,
    last: Option<Arc<Glasses>>,
}

impl GlassesWatch {
    /// Whether it can be worked with: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.votes.len() <= VOTES && self.last.iter().all(|glasses| glasses.are_whole())
    }

    /// The glasses that the track's next frame shows, if any. Tests the first three frames and
    /// then every fifteenth; the majority of the last three tests decides.
    pub fn next(&mut self, frame: &Frame, face: &Landmarks) -> Option<Arc<Glasses>> {
        if self.votes.len() < VOTES || self.frames.is_multiple_of(INTERVAL) {
            let found = Glasses::in_frame(frame, face);
            if self.votes.len() == VOTES {
                self.votes.remove(0);
            }
            self.votes.push(found.is_some());
            self.last = found.map(Arc::new).or(self.last.take());
        }
        self.frames = self.frames.wrapping_add(1);
        let ayes = self.votes.iter().filter(|v| **v).count();
        if 2 * ayes >= self.votes.len() { self.last.clone() } else { None }
    }
}
