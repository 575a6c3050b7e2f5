//! A film of real faces, broken off and gone on with: tracker, selector, screener and swapper.

mod clip;

use std::sync::OnceLock;

use proptest::prelude::*;

use crate::error::Result;
use crate::faces::FaceModels;
use crate::faces::landmarks::Landmarks;
use crate::faces::select::{Rule, Selector};
use crate::faces::track::Tracker;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;
use crate::processors::Processor;
use crate::profiles::{Detection, Faces};
use crate::safety::filter::Screener;
use crate::saved::testing::{assert_misfit, body, changed, forged};

use super::MeshSwapper;
use super::portraits::{animate, portraits};
use super::processor::WHOSE;
use super::target::TargetTracker;
use clip::{FRAMES, frame, people, wanted};

/// All that looks at a film in the order of its frames.
struct Run {
    tracker: Tracker,
    /// Follows the same faces in the other way.
    detections: Tracker,
    selector: Selector,
    screener: Screener,
    swapper: MeshSwapper,
}

/// What comes of one frame.
#[derive(PartialEq)]
struct Shown {
    swapped: Vec<u8>,
    regions: usize,
    screened: bool,
    /// Tracks and boxes by detection.
    found: Vec<(u64, [f32; 4])>,
}

impl Run {
    fn new(models: &FaceModels) -> Self {
        let faces = Faces::default();
        let every = Faces { detection: Detection::EveryFrame, ..Faces::default() };
        let rule = Rule::Map { who: wanted(models), distance: 0.85 };
        Run {
            tracker: Tracker::new(&faces, models, 0.04),
            detections: Tracker::new(&every, models, 0.04),
            selector: Selector::new(&faces, rule, false),
            screener: Screener::default(),
            swapper: MeshSwapper::new(people(), false),
        }
    }

    fn step(&mut self, models: &FaceModels, frame: &Frame) -> Shown {
        let signature = Signature::of(frame);
        let screened = self.screener.wants(&signature, frame.time);
        let found = self.detections.next(models, frame, signature.clone()).unwrap();
        let faces = self.tracker.next(models, frame, signature).unwrap();
        let chosen = self.selector.select(models, frame, faces).unwrap();
        let work = self.swapper.prepare(frame, &chosen).unwrap();
        let mut swapped = frame.clone();
        let regions = work.apply(&mut swapped).unwrap().faces;
        let found = found.iter().map(|face| (face.track, face.bounds)).collect();
        Shown { swapped: swapped.data, regions, screened, found }
    }

    fn save(&self) -> [Vec<u8>; 5] {
        [
            self.tracker.save(),
            self.detections.save(),
            self.selector.save(),
            self.screener.save(),
            self.swapper.save(),
        ]
        .map(Result::unwrap)
    }

    fn restore(&mut self, [tracker, detections, selector, screener, swapper]: &[Vec<u8>; 5]) {
        self.tracker.restore(tracker).unwrap();
        self.detections.restore(detections).unwrap();
        self.selector.restore(selector).unwrap();
        self.screener.restore(screener).unwrap();
        self.swapper.restore(swapper).unwrap();
    }
}

#[test]
fn a_film_goes_on_after_a_break_byte_for_byte() {
    crate::inference::for_tests().unwrap();
    let models = FaceModels::load_embedded().unwrap();
    let mut runs = vec![Run::new(&models)];
    // A new run that knows nothing begins at the last break.
    let mut fresh: Option<Run> = None;
    let mut told_apart = false;
    for i in 0..FRAMES {
        let frame = frame(i);
        let shown: Vec<Shown> = runs.iter_mut().map(|run| run.step(&models, &frame)).collect();
        assert_eq!((shown[0].regions, shown[0].found.len()), (2, 2), "frame {i}");
        for (which, other) in shown.iter().enumerate() {
            assert!(*other == shown[0], "frame {i} of run {which}");
        }
        let states = runs[0].save();
        assert!(runs.iter().all(|run| run.save() == states), "frame {i}");
        if let Some(fresh) = &mut fresh {
            told_apart |= fresh.step(&models, &frame).swapped != shown[0].swapped;
        }
        let busy = runs[0].swapper.is_fading() && runs[0].swapper.is_covered();
        if i == 9 || (busy && fresh.is_none()) {
            let mut restored = Run::new(&models);
            restored.restore(&states);
            runs.push(restored);
            fresh = busy.then(|| Run::new(&models));
        }
        if i == FRAMES - 1 {
            // Two faces, of which one wears glasses.
            let sizes = states.map(|state| (state.len(), body(&state).len()));
            println!("bytes saved, and before compression: {sizes:?}");
            assert!(sizes.iter().map(|(saved, _)| saved).sum::<usize>() < 1 << 20, "{sizes:?}");
        }
    }
    assert!(fresh.is_some(), "no photo faded while something was in front of a face");
    assert!(told_apart, "what was remembered made no difference");
}

/// Center and radius of a dark ball that covers mouth and chin from frame 14 on.
fn ball(i: usize, face: &Landmarks) -> ([f32; 2], f32) {
    let width = face.width();
    let away = 1.2 * (14.0 - i as f32).max(0.0) / 4.0;
    let [x, y] = face.xy(17);
    ([x + away * width, y + 0.06 * width], 0.28 * width)
}

#[test]
fn a_restored_target_sees_lids_hands_and_glasses_as_the_first_does() {
    for portrait in portraits() {
        let film = animate(portrait, 28, |i, p, face, color| {
            let (center, radius) = ball(i, face);
            let inside = (p[0] - center[0]).hypot(p[1] - center[1]) < radius;
            if inside && i < 24 { [46.0, 48.0, 60.0] } else { color }
        });
        let mut runs = vec![TargetTracker::new(&film[0].1, false)];
        let mut covered = 0;
        for (i, (frame, face)) in film.iter().enumerate() {
            let seen: Vec<_> =
                runs.iter_mut().map(|target| target.next(frame, face).unwrap()).collect();
            assert!(seen.iter().all(|other| *other == seen[0]), "{} frame {i}", portrait.name);
            let worn = portrait.name.starts_with("grace");
            assert_eq!(seen[0].glasses.is_some(), worn, "{} frame {i}", portrait.name);
            covered += usize::from(seen[0].occlusion.is_some());
            let save = |target| crate::saved::pack("tester", target).unwrap();
            let states: Vec<Vec<u8>> = runs.iter().map(save).collect();
            assert!(states.iter().all(|other| *other == states[0]), "{} {i}", portrait.name);
            if [3, 12, 17, 25].contains(&i) {
                let whole = |target: &TargetTracker| target.is_whole(false);
                let state = crate::saved::unpack("tester", &states[0], whole);
                runs.push(state.unwrap());
                let still = |target: &TargetTracker| target.is_whole(true);
                assert_misfit(crate::saved::unpack("tester", &states[0], still));
            }
        }
        assert!(covered > 5, "{}: {covered}", portrait.name);
        let state = crate::saved::pack("tester", &runs[0]).unwrap();
        println!(
            "{}: {} bytes, {} before compression",
            portrait.name,
            state.len(),
            body(&state).len()
        );
    }
}

/// The state of a swapper in the middle of a film.
fn real_state() -> &'static [u8] {
    static STATE: OnceLock<Vec<u8>> = OnceLock::new();
    STATE.get_or_init(|| {
        crate::inference::for_tests().unwrap();
        let models = FaceModels::load_embedded().unwrap();
        let mut run = Run::new(&models);
        (0..3).for_each(|i| assert_eq!(run.step(&models, &frame(i)).regions, 2));
        run.swapper.save().unwrap()
    })
}

#[test]
fn a_swapper_for_other_people_takes_no_memory() {
    MeshSwapper::new(people(), false).restore(real_state()).unwrap();
    assert_misfit(MeshSwapper::new(people(), true).restore(real_state()));
    let mut fewer_photos = people();
    fewer_photos[0].pop();
    assert_misfit(MeshSwapper::new(fewer_photos, false).restore(real_state()));
    let mut fewer_people = people();
    fewer_people.pop();
    assert_misfit(MeshSwapper::new(fewer_people, false).restore(real_state()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_bytes_make_a_swapper_panic(bytes: Vec<u8>, changes: Vec<(usize, u8)>) {
        let mut swapper = MeshSwapper::new(Vec::new(), false);
        assert_misfit(swapper.restore(&bytes));
        let _ = swapper.restore(&forged(WHOSE, &bytes));
        assert_misfit(swapper.restore(&changed(WHOSE, real_state(), &changes)));
    }
}
