//! A face that the network misses for a moment.

use std::path::Path;

use super::*;
use crate::media::image_file::read;

/// For how many frames faces are held here.
const HOLD: u32 = 3;

fn portrait() -> Frame {
    let media = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media"));
    read(&media.join("astronaut.png")).unwrap().frame
}

/// The portrait with a board before the face.
fn hidden(frame: &Frame, face: &Face) -> Frame {
    let mut hidden = frame.clone();
    let [x0, y0, x1, y1] = face.bounds.map(|v| v as usize);
    let plane = frame.format.planes()[0];
    for y in y0..y1 {
        for x in x0..x1 {
            (0..3).for_each(|c| hidden.set_sample(&plane, x, y, c, 120 + c as u32));
        }
    }
    hidden
}

#[test]
fn it_is_held_while_it_is_there_and_not_for_ever() {
    crate::inference::for_tests().unwrap();
    let models = FaceModels::load_embedded().unwrap();
    let frame = portrait();
    let mut tracker = MeshTracker::new(0.04, HOLD);
    let seen =
        tracker.next(&models, models.mesh().unwrap(), &frame, Signature::of(&frame)).unwrap();
    let [seen] = seen.as_slice() else { panic!("{} faces", seen.len()) };
    let held = |tracker: &mut MeshTracker, frame: &Frame| {
        let missed = std::mem::take(&mut tracker.memory.tracks);
        let mut faces = Vec::new();
        tracker.hold(frame, missed, &mut faces);
        faces
    };
    for _ in 0..HOLD {
        let faces = held(&mut tracker, &frame);
        let [face] = faces.as_slice() else { panic!("{} faces", faces.len()) };
        assert_eq!((face.track, face.bounds), (seen.track, seen.bounds));
    }
    assert!(held(&mut tracker, &frame).is_empty());
    assert!(tracker.memory.tracks.is_empty());
}

#[test]
fn what_comes_before_it_is_left_alone() {
    crate::inference::for_tests().unwrap();
    let models = FaceModels::load_embedded().unwrap();
    let frame = portrait();
    let mut tracker = MeshTracker::new(0.04, HOLD);
    let mut next = |frame: &Frame| {
        tracker.next(&models, models.mesh().unwrap(), frame, Signature::of(frame)).unwrap()
    };
    let seen = next(&frame).remove(0);
    assert!(next(&hidden(&frame, &seen)).is_empty(), "a face is drawn onto the board");
    assert_eq!(next(&frame).len(), 1);
}
