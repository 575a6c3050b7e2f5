//! Selectors that go on from what others have saved.

use proptest::prelude::*;

use super::super::{Look, Rule, Selector};
use super::WHOSE;
use crate::error::Result;
use crate::faces::Face;
use crate::faces::attributes::Guess;
use crate::faces::detect::Found;
use crate::faces::recognize::Embedding;
use crate::profiles::{Faces, Sex};
use crate::saved::testing::{assert_misfit, changed, forged};

/// Frames of the film.
const FRAMES: usize = 120;

/// Everybody's face is what the film put into it; the second person's sex is guessed badly.
struct Shown(usize);

impl Look for Shown {
    fn who(&mut self, face: &Face) -> Result<Embedding> {
        Ok(face.embedding.clone().unwrap())
    }

    fn guess(&mut self, face: &Face) -> Result<Option<Guess>> {
        let bad = face.track % 3 == 1 && self.0.is_multiple_of(3);
        let sexes = if bad { [0.6, 0.4] } else { [0.2, 0.9] };
        Ok(Some(Guess { sexes, age: 30.0 + self.0 as f32 / 7.0 }))
    }
}

/// A direction near one of three people.
fn look(person: usize, frame: usize) -> Embedding {
    let noise = |k: usize| ((frame * 7 + k * 13) as f32 * 1.7).sin() * 0.35;
    let values = (0..4).map(|k| noise(k) + if k == person { 1.0 } else { 0.0 });
    Embedding::from_raw(values.collect())
}

/// Three people of whom two cross, over and over; one is hidden now and then and comes back as
/// another track.
fn film() -> Vec<Vec<Face>> {
    let face = |track: u64, x: f32, person: usize, frame: usize| {
        let found = Found { bounds: [x, 0.0, x + 40.0, 40.0], points: [[x, 0.0]; 5], score: 0.9 };
        Face { track, embedding: Some(look(person, frame)), ..Face::found(&found) }
    };
    (0..FRAMES)
        .map(|i| {
            let sway = 120.0 * (i as f32 * 0.15).sin();
            let mut faces = vec![face(0, 200.0 + sway, 0, i), face(1, 200.0 - sway, 1, i)];
            if i % 40 < 30 {
                faces.push(face(2 + 3 * (i as u64 / 40), 500.0, 2, i));
            }
            if i % 11 > 7 {
                faces.reverse();
            }
            faces
        })
        .collect()
}

fn selectors() -> Vec<(&'static str, Selector)> {
    let wanted = |person| look(person, 1000);
    let reference = |first| Rule::Reference { who: wanted(1), distance: 0.85, first };
    let map = Rule::Map { who: vec![wanted(0), wanted(2)], distance: 0.85 };
    let everybody = Faces::default();
    let men = Faces { sex: Some(Sex::Male), age: Some([20, 45]), ..Faces::default() };
    [
        ("the first", &everybody, Rule::One(0)),
        ("the second man", &men, Rule::One(1)),
        ("men", &men, Rule::Many),
        ("everybody", &everybody, Rule::Many),
        ("the first alike", &everybody, reference(true)),
        ("all alike", &men, reference(false)),
        ("two people", &everybody, map),
    ]
    .map(|(name, faces, rule)| (name, Selector::new(faces, rule, false)))
    .into()
}

/// What comes of a frame: whose faces are kept, and whose face each gets.
fn step(selector: &mut Selector, faces: &[Face], i: usize) -> Vec<(u64, Option<usize>)> {
    let look = &mut Shown(i);
    let faces = selector.judge.sift(faces.to_vec(), look).unwrap();
    let people = selector.pick(&faces, 0.1 * i as f64, look).unwrap();
    faces.iter().map(|f| f.track).zip(people).collect()
}

#[test]
fn a_restored_selector_goes_on_as_the_first_does() {
    for (which, (name, mut first)) in selectors().into_iter().enumerate() {
        let mut restored: Vec<Selector> = Vec::new();
        for (i, faces) in film().iter().enumerate() {
            let expected = step(&mut first, faces, i);
            let state = first.save().unwrap();
            for selector in &mut restored {
                assert_eq!(step(selector, faces, i), expected, "{name}: frame {i}");
                assert!(selector.save().unwrap() == state, "{name}: frame {i}");
            }
            if i % 13 == 12 {
                let mut another = selectors().remove(which).1;
                another.restore(&state).unwrap();
                restored.push(another);
            }
        }
        assert_eq!(restored.len(), FRAMES / 13);
    }
}

#[test]
fn what_another_rule_remembers_does_not_fit() {
    // Those of one kind of rule fit each other; their profiles are held apart by the job.
    let rule = |name: &str| match name {
        "the first" | "the second man" => 0,
        "men" | "everybody" => 1,
        "the first alike" => 2,
        _ => 3,
    };
    let film = film();
    for (name, mut selector) in selectors() {
        step(&mut selector, &film[0], 0);
        let state = selector.save().unwrap();
        for (other, mut selector) in selectors() {
            let before = selector.save().unwrap();
            let result = selector.restore(&state);
            if rule(name) == rule(other) {
                result.unwrap();
            } else {
                assert_misfit(result);
                assert!(selector.save().unwrap() == before, "{name} changed {other}");
            }
        }
    }
}

#[test]
fn identities_of_another_recognizer_do_not_fit() {
    let mut selector = selectors().remove(6).1;
    step(&mut selector, &film()[0], 0);
    let who = vec![Embedding::from_raw(vec![1.0; 5])];
    let rule = Rule::Map { who, distance: 0.85 };
    let mut other = Selector::new(&Faces::default(), rule, false);
    assert_misfit(other.restore(&selector.save().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, changes: Vec<(usize, u8)>) {
        let film = film();
        for (_, mut selector) in selectors() {
            assert_misfit(selector.restore(&bytes));
            let _ = selector.restore(&forged(WHOSE, &bytes));
            for (i, faces) in film.iter().enumerate().take(5) {
                step(&mut selector, faces, i);
            }
            let state = changed(WHOSE, &selector.save().unwrap(), &changes);
            // What fits by chance is worked with.
            if selector.restore(&state).is_ok() {
                step(&mut selector, &film[5], 5);
            }
        }
    }
}
