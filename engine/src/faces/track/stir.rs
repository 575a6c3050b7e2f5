//! When all of a frame has to be looked at: what happened since that was last done.

use serde::{Deserialize, Serialize};

use crate::imaging::signature::Signature;

/// Frames between two looks while every known face is in sight and nothing happens.
const INTERVAL: u32 = 25;
/// Nobody comes in without changing the picture: when any sixth-by-sixth part of it has changed by
/// this much on average since the last look (0..=255), newcomers are looked for at once.
const STIR: f32 = 5.0;
/// So many frames after a look that holds; sooner, the picture must have changed more, in proportion: a
/// camera that moves fast changes all of every frame, and brings newcomers no faster than it moves.
const CALM: f32 = 10.0;

/// What is remembered of the frames so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stir {
    last: Option<Signature>,
    /// The frame that was last looked at.
    looked_at: Option<Signature>,
    /// Frames since then.
    since: u32,
    /// Frames since newcomers of every size were looked for.
    since_all: u32,
}

/// What a frame brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// It begins another shot.
    pub cut: bool,
    /// Somebody may have come in, or nobody has looked for long.
    pub stirred: bool,
    /// Newcomers of every size have to be looked for: for long only large ones were.
    pub due: bool,
}

impl Stir {
    /// Takes the next frame.
    pub fn next(&mut self, signature: Signature) -> Change {
        let cut = self.last.as_ref().is_some_and(|last| signature.is_cut(last));
        self.since = self.since.saturating_add(1);
        self.since_all = self.since_all.saturating_add(1);
        let least = STIR * (CALM / self.since as f32).max(1.0);
        let changed = |then: &Signature| signature.change_but_for_motion(then).local > least;
        let due = self.looked_at.is_none() || self.since_all >= INTERVAL;
        let stirred = due || self.looked_at.as_ref().is_none_or(changed);
        self.last = Some(signature);
        Change { cut, stirred, due }
    }

    /// All of the frame is looked at.
    pub fn looked(&mut self) {
        self.glanced();
        self.since_all = 0;
    }

    /// The frame is looked at for what is large in it.
    pub fn glanced(&mut self) {
        self.since = 0;
        self.looked_at.clone_from(&self.last);
    }

    /// Whether it is whole: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.last.iter().chain(&self.looked_at).all(Signature::is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_now_and_then_puts_off_no_look_at_all_of_the_frame() {
        let mut stir = Stir::default();
        assert!(stir.next(Signature::plain(0)).due);
        stir.looked();
        let mut glances = Vec::new();
        for i in 1..=INTERVAL {
            let change = stir.next(Signature::plain(3 * i as u8));
            assert_eq!(change.due, i == INTERVAL, "frame {i}");
            if change.stirred && !change.due {
                glances.push(i);
                stir.glanced();
            }
        }
        // 3 a frame are more than 50 / frames from the fifth one on.
        assert_eq!(glances, [5, 10, 15, 20]);
        stir.looked();
        assert!(!stir.next(Signature::plain(3 * INTERVAL as u8)).stirred);
    }
}
