//! Tracks of faces that the detector gives in any order.

use super::*;
use crate::faces::detect::Found;
use crate::saved;

const ANN: [f32; 2] = [1.0, 0.0];
const BOB: [f32; 2] = [0.0, 1.0];

fn face(x: f32, who: [f32; 2]) -> (Face, Embedding) {
    let bounds = [x, 0.0, x + 20.0, 20.0];
    let found = Found { bounds, points: [[x, 0.0]; 5], score: 0.9 };
    (Face::found(&found), Embedding::from_raw(who.to_vec()))
}

/// The tracks of a film's faces, frame by frame, and how often somebody was recognized.
fn tracks(film: &[Vec<(Face, Embedding)>]) -> (Vec<Vec<u64>>, usize) {
    let mut tracker = DetectionTracker::new(0.04, 0, true);
    let mut asked = 0;
    let frames = film.iter().map(|shown| {
        let mut faces: Vec<Face> = shown.iter().map(|(face, _)| face.clone()).collect();
        let mut recognize = |face: &Face| {
            asked += 1;
            let known = shown.iter().find(|(f, _)| f.bounds == face.bounds);
            Ok(known.map(|(_, who)| who.clone()).unwrap())
        };
        tracker.join(&mut faces, &mut recognize).unwrap();
        faces.iter().map(|f| f.track).collect()
    });
    (frames.collect(), asked)
}

#[test]
fn people_who_cross_keep_their_tracks_though_the_detector_changes_their_order() {
    let film: Vec<_> = (0..41)
        .map(|i| {
            let x = 5.0 * i as f32;
            let mut both = vec![face(x, ANN), face(201.0 - x, BOB)];
            if i % 2 == 1 {
                both.reverse();
            }
            both
        })
        .collect();
    for (i, ids) in tracks(&film).0.iter().enumerate() {
        assert_eq!(*ids, if i % 2 == 1 { [1, 0] } else { [0, 1] }, "frame {i}");
    }
}

#[test]
fn who_was_hidden_is_picked_up_and_a_stranger_is_not() {
    let mut film = vec![vec![face(0.0, ANN)]; 5];
    film.extend(vec![Vec::new(); 10]);
    film.push(vec![face(300.0, BOB)]);
    film.push(vec![face(302.0, BOB), face(100.0, ANN)]);
    let (ids, _) = tracks(&film);
    assert_eq!((ids[15].as_slice(), ids[16].as_slice()), (&[1][..], &[1, 0][..]));
}

#[test]
fn the_better_somebody_is_known_the_less_often_they_are_recognized() {
    // At first, after a second, after two more, after three more, … after six more, and then so on.
    for (seconds, times) in
        [(0, 1), (1, 2), (2, 2), (3, 3), (5, 3), (6, 4), (21, 7), (26, 7), (27, 8)]
    {
        let film: Vec<_> = (0..=25 * seconds).map(|i| vec![face(i as f32, ANN)]).collect();
        let (ids, asked) = tracks(&film);
        assert!(ids.iter().all(|ids| *ids == [0]));
        assert_eq!(asked, times, "{seconds} s");
    }
}

#[test]
fn a_restored_tracker_goes_on_as_the_first_does() {
    // Two who cross, one of whom is hidden for a while, and somebody who comes later.
    let film: Vec<_> = (0..60)
        .map(|i| {
            let x = 5.0 * i as f32;
            let mut shown = vec![face(x, ANN)];
            if !(25..40).contains(&i) {
                shown.push(face(201.0 - x, BOB));
            }
            if i > 45 {
                shown.push(face(400.0, [0.7, 0.7]));
            }
            if i % 2 == 1 {
                shown.reverse();
            }
            shown
        })
        .collect();
    let step = |tracker: &mut DetectionTracker, shown: &[(Face, Embedding)]| {
        let mut faces: Vec<Face> = shown.iter().map(|(face, _)| face.clone()).collect();
        let mut asked = Vec::new();
        let mut recognize = |face: &Face| {
            asked.push(face.bounds);
            let known = shown.iter().find(|(f, _)| f.bounds == face.bounds);
            Ok(known.map(|(_, who)| who.clone()).unwrap())
        };
        tracker.join(&mut faces, &mut recognize).unwrap();
        (faces.iter().map(|f| f.track).collect::<Vec<_>>(), asked)
    };
    let save = |tracker: &DetectionTracker| saved::pack("tester", &tracker.memory).unwrap();
    let mut runs = vec![DetectionTracker::new(0.04, 0, true)];
    for (i, shown) in film.iter().enumerate() {
        let steps: Vec<_> = runs.iter_mut().map(|tracker| step(tracker, shown)).collect();
        assert!(steps.iter().all(|other| *other == steps[0]), "frame {i}");
        let states: Vec<_> = runs.iter().map(save).collect();
        assert!(states.iter().all(|other| *other == states[0]), "frame {i}");
        if i % 9 == 8 {
            let mut restored = DetectionTracker::new(0.04, 0, true);
            restored.memory = saved::unpack("tester", &states[0], Memory::is_whole).unwrap();
            runs.push(restored);
        }
    }
    // A new one would count anew: what was remembered matters.
    let fresh = step(&mut DetectionTracker::new(0.04, 0, true), &film[59]);
    assert_ne!(fresh.0, step(&mut runs[0], &film[59]).0);
}

#[test]
fn nothing_grows_with_the_length_of_a_film() {
    let mut tracker = DetectionTracker::new(0.04, 0, true);
    let mut most = [0; 2];
    for i in 0..4000 {
        // Somebody new in every frame.
        let mut faces = vec![face(if i % 2 == 0 { 0.0 } else { 900.0 }, ANN).0];
        faces[0].bounds[2] += (i % 7) as f32 * 60.0;
        tracker.join(&mut faces, &mut |_| Ok(Embedding::from_raw(vec![i as f32, 1.0]))).unwrap();
        let half = i / 2000;
        most[half] = most[half].max(tracker.memory.tracks.len());
    }
    assert!(most[1] <= most[0] && most[0] < 60, "{most:?}");
}

#[test]
fn who_is_missed_for_a_moment_is_held_where_they_should_be() {
    use crate::faces::track::hold::tests::{POINTS, frame};
    let shown = |shift: f32| {
        let bounds = [30.0 + shift, 35.0, 80.0 + shift, 95.0];
        let points = POINTS.map(|[x, y]| [x + shift, y]);
        Face::found(&Found { bounds, points, score: 0.9 })
    };
    let mut tracker = DetectionTracker::new(0.04, 2, true);
    let mut next = |faces: Vec<Face>, shift: f32, covered: usize| {
        let mut faces = faces;
        tracker.join(&mut faces, &mut |_| Ok(Embedding::from_raw(ANN.to_vec()))).unwrap();
        tracker.hold(&frame(shift, 1.0, covered), &mut faces);
        faces.iter().map(|face| (face.track, face.bounds[0].round())).collect::<Vec<_>>()
    };
    for i in 0..10 {
        let shift = 2.0 * i as f32;
        assert_eq!(next(vec![shown(shift)], shift, 0), [(0, 30.0 + shift)]);
    }
    // Missed for two frames, while they go on moving.
    assert_eq!(next(Vec::new(), 20.0, 0), [(0, 50.0)]);
    assert_eq!(next(Vec::new(), 22.0, 0), [(0, 52.0)]);
    assert_eq!(next(Vec::new(), 24.0, 0), []);
    assert_eq!(next(vec![shown(26.0)], 26.0, 0), [(0, 56.0)]);
    // Behind something they are not in sight.
    assert_eq!(next(Vec::new(), 28.0, 85), []);
}
