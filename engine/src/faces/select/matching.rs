//! Who is one of the wanted people: matched per track, so that nobody's face jumps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::super::Face;
use super::super::assign::assign;
use super::super::recognize::Embedding;
use super::contact::Contacts;
use super::identity::Identities;
use super::look::Look;

/// How much more like somebody else a matched face must be, and how much less like its own, before
/// it loses its match; as a cosine.
const HOLD: f32 = 0.1;
/// Faces this near to the threshold are looked at in every frame.
const NARROW: f32 = 0.08;

/// Matches faces with wanted people over the frames of a job.
pub struct Matcher {
    wanted: Vec<Embedding>,
    /// Faces more like a wanted one than this match, as a cosine.
    least: f32,
    /// Whether no two faces of a frame get the same wanted person.
    exclusive: bool,
    /// What the frames so far have left behind.
    pub memory: Memory,
}

/// What is remembered from frame to frame.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    identities: Identities,
    contacts: Contacts,
    matched: BTreeMap<u64, usize>,
}

impl Memory {
    /// Forgets tracks that have been out of sight for longer than any tracker waits for somebody:
    /// their numbers never come back.
    fn forget(&mut self, time: f64) {
        self.identities.forget(time);
        self.matched.retain(|track, _| self.identities.knows(*track));
    }
}

impl Matcher {
    /// A matcher for these people. `distance` is on roop's scale: the squared distance of unit
    /// embeddings.
    pub fn new(wanted: Vec<Embedding>, distance: f32, exclusive: bool) -> Self {
        Matcher { wanted, least: 1.0 - distance / 2.0, exclusive, memory: Memory::default() }
    }

    /// Whether it could have remembered this: everybody is known by as many numbers as the wanted.
    pub fn fits(&self, memory: &Memory) -> bool {
        self.wanted.iter().all(|who| memory.identities.are_of(who.unit.len()))
    }

    /// For every face of the next frame the number of the wanted person, if it is one.
    ///
    /// # Errors
    /// When recognition fails.
    pub fn next(
        &mut self,
        faces: &[Face],
        time: f64,
        look: &mut dyn Look,
    ) -> Result<Vec<Option<usize>>> {
        self.memory.contacts.next(faces, time);
        self.memory.forget(time);
        let (wanted, least) = (&self.wanted, self.least);
        let decides = |e: &Embedding| {
            let alike = wanted.iter().map(|w| w.cosine(e)).enumerate();
            alike.filter(|(_, c)| *c > least).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
        };
        let mut alike: Vec<Vec<f32>> = Vec::with_capacity(faces.len());
        for face in faces {
            let doubt = self.memory.contacts.doubt(face.track);
            let cosines = |who: &Embedding| wanted.iter().map(|w| w.cosine(who)).collect();
            let mut who = self.memory.identities.of(face, time, doubt, look, &decides)?;
            let narrow = |c: &f32| (c - least).abs() < NARROW;
            if !doubt && wanted.iter().map(|w| w.cosine(&who)).any(|c| narrow(&c)) {
                who = self.memory.identities.of(face, time, true, look, &decides)?;
            }
            alike.push(cosines(&who));
        }
        let held = |face: usize, person: usize| {
            if self.memory.matched.get(&faces[face].track) == Some(&person) { HOLD } else { 0.0 }
        };
        let gain = |face: usize, person: usize| {
            let held = held(face, person);
            let cosine = alike[face][person] + held;
            // More than zero, so that a match is always better than none.
            (cosine > least).then_some(2.0 + cosine)
        };
        let of = if self.exclusive {
            assign(faces.len(), wanted.len(), gain)
        } else {
            let best = |face: usize| {
                let gains = (0..wanted.len()).filter_map(|p| Some((gain(face, p)?, p)));
                gains.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, p)| p)
            };
            (0..faces.len()).map(best).collect()
        };
        // Somebody who is out of sight for a moment is not forgotten.
        for (face, person) in faces.iter().zip(&of) {
            match person {
                Some(person) => self.memory.matched.insert(face.track, *person),
                None => self.memory.matched.remove(&face.track),
            };
        }
        Ok(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::attributes::Guess;
    use crate::faces::detect::Found;

    /// Everybody's face is what the test put into it.
    struct Shown;

    impl Look for Shown {
        fn who(&mut self, face: &Face) -> Result<Embedding> {
            Ok(face.embedding.clone().unwrap())
        }

        fn guess(&mut self, _: &Face) -> Result<Option<Guess>> {
            Ok(None)
        }
    }

    const ANN: [f32; 3] = [1.0, 0.0, 0.0];
    const BOB: [f32; 3] = [0.0, 1.0, 0.0];
    const EVE: [f32; 3] = [0.0, 0.0, 1.0];

    fn face(track: u64, x: f32, who: [f32; 3]) -> Face {
        let bounds = [x, 0.0, x + 10.0, 10.0];
        let mut face = Face::found(&Found { bounds, points: [[0.0; 2]; 5], score: 0.9 });
        (face.track, face.embedding) = (track, Some(Embedding::from_raw(who.to_vec())));
        face
    }

    fn wanting(people: &[[f32; 3]], exclusive: bool) -> Matcher {
        let people = people.iter().map(|p| Embedding::from_raw(p.to_vec())).collect();
        Matcher::new(people, 0.85, exclusive)
    }

    #[test]
    fn the_wanted_are_matched_and_the_others_are_not() {
        let mut matcher = wanting(&[ANN, BOB], true);
        let faces = [face(0, 0.0, EVE), face(1, 40.0, BOB), face(2, 80.0, ANN)];
        assert_eq!(matcher.next(&faces, 0.0, &mut Shown).unwrap(), [None, Some(1), Some(0)]);
    }

    #[test]
    fn nobody_is_two_people_of_one_frame() {
        let faces = [face(0, 0.0, [0.9, 0.3, 0.0]), face(1, 40.0, ANN)];
        let of = |exclusive| wanting(&[ANN], exclusive).next(&faces, 0.0, &mut Shown).unwrap();
        assert_eq!(of(true), [None, Some(0)]);
        assert_eq!(of(false), [Some(0), Some(0)]);
    }

    #[test]
    fn a_face_near_the_threshold_does_not_flicker() {
        let mut matcher = wanting(&[ANN], true);
        let near = |c: f32| [c, (1.0 - c * c).sqrt(), 0.0];
        // The threshold is .575.
        let film = [0.60, 0.55, 0.59, 0.54, 0.60];
        for (i, c) in film.into_iter().enumerate() {
            let faces = [face(0, 0.0, near(c))];
            let of = matcher.next(&faces, 0.04 * i as f64, &mut Shown).unwrap();
            assert_eq!(of, [Some(0)], "{c}");
        }
    }

    #[test]
    fn tracks_that_are_mixed_up_are_set_right() {
        let mut matcher = wanting(&[ANN, BOB], true);
        let apart = |a, b, x: f32| [face(0, 50.0 - x, a), face(1, 50.0 + x, b)];
        for (i, x) in [40.0, 30.0, 20.0, 10.0, 4.0].into_iter().enumerate() {
            let of = matcher.next(&apart(ANN, BOB, x), 0.04 * i as f64, &mut Shown).unwrap();
            assert_eq!(of, [Some(0), Some(1)]);
        }
        // The tracker takes one for the other.
        let of = matcher.next(&apart(BOB, ANN, 4.0), 0.24, &mut Shown).unwrap();
        assert_eq!(of, [Some(1), Some(0)]);
        // Then one of both is somebody who is not wanted.
        let of = matcher.next(&apart(EVE, ANN, 4.0), 0.28, &mut Shown).unwrap();
        assert_eq!(of, [None, Some(0)]);
    }

    #[test]
    fn tracks_that_are_gone_are_forgotten() {
        let mut matcher = wanting(&[ANN], true);
        for i in 0..500 {
            // Somebody comes and goes every second.
            let of = matcher.next(&[face(i, 0.0, ANN)], i as f64, &mut Shown).unwrap();
            assert_eq!(of, [Some(0)]);
            assert!(matcher.memory.matched.len() <= 6, "{i}: {}", matcher.memory.matched.len());
        }
        // Who was away for a moment only is still known.
        matcher.next(&[], 501.0, &mut Shown).unwrap();
        assert!(matcher.memory.matched.contains_key(&499));
    }
}
