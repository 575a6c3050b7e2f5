//! One face, held on to as long as its person is in sight.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::super::Face;
use super::super::recognize::Embedding;
use super::contact::Contacts;
use super::look::Look;

/// How long somebody may be hidden, in seconds, before another face of the same shot is taken.
const PATIENCE: f64 = 1.0;
/// A face on the held track that touched others and is less alike than this is somebody else.
const STRANGER: f32 = 0.2;

/// The person that is held on to.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    track: u64,
    who: Embedding,
    /// When the person was last in sight, in seconds.
    seen: f64,
    /// Tracks of those who were in sight at that time too.
    others: BTreeSet<u64>,
}

/// Holds on to one person.
pub struct Holder {
    position: usize,
    /// What the frames so far have left behind.
    pub memory: Memory,
}

/// What is remembered from frame to frame.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    held: Option<Held>,
    contacts: Contacts,
}

impl Holder {
    /// A holder that takes the face at this position when it knows nobody.
    pub fn new(position: usize) -> Self {
        Holder { position, memory: Memory::default() }
    }

    /// Which face of the next frame it is: the one held on to, else the one at the position.
    ///
    /// Somebody who is hidden for a moment comes back as a new track and is known by their
    /// identity; until then nobody else of the shot is taken, or the swap would jump to a
    /// bystander.
    ///
    /// # Errors
    /// When recognition fails.
    pub fn next(
        &mut self,
        faces: &[Face],
        time: f64,
        look: &mut dyn Look,
    ) -> Result<Option<usize>> {
        self.memory.contacts.next(faces, time);
        let found = self.find(faces, look)?;
        if let Some(held) = &self.memory.held {
            let same_shot = faces.iter().any(|f| held.others.contains(&f.track));
            if found.is_none() && same_shot && time - held.seen < PATIENCE {
                return Ok(None);
            }
        }
        let Some((i, face)) = found.or(Some(self.position)).and_then(|i| Some((i, faces.get(i)?)))
        else {
            return Ok(None);
        };
        let who = match self.memory.held.take() {
            Some(held) if found.is_some() => held.who,
            _ => look.who(face)?,
        };
        let others = faces.iter().map(|f| f.track).filter(|t| *t != face.track).collect();
        self.memory.held = Some(Held { track: face.track, who, seen: time, others });
        Ok(Some(i))
    }

    /// The face of the person that is held on to.
    fn find(&self, faces: &[Face], look: &mut dyn Look) -> Result<Option<usize>> {
        let Some(held) = &self.memory.held else { return Ok(None) };
        let doubt = |face: &Face| self.memory.contacts.doubt(face.track);
        if let Some(i) = faces.iter().position(|f| f.track == held.track)
            && (!doubt(&faces[i]) || look.who(&faces[i])?.cosine(&held.who) > STRANGER)
        {
            return Ok(Some(i));
        }
        // Asked again in every frame: the first glimpse may be half hidden still.
        for (i, face) in faces.iter().enumerate() {
            let bystander = held.others.contains(&face.track) && !doubt(face);
            let asked = face.track != held.track && !bystander;
            if asked && look.who(face)?.cosine(&held.who) > Embedding::SAME_PERSON {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::attributes::Guess;
    use crate::faces::detect::Found;

    const ANN: usize = 0;
    const BOB: usize = 1;

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

    fn face(track: u64, person: usize) -> Face {
        let mut who = vec![0.0; 4];
        who[person] = 1.0;
        // Far apart, so that nobody touches anybody.
        let bounds = [100.0 * track as f32, 0.0, 100.0 * track as f32 + 10.0, 10.0];
        let found = Found { bounds, points: [[0.0; 2]; 5], score: 0.9 };
        Face { track, embedding: Some(Embedding::from_raw(who)), ..Face::found(&found) }
    }

    /// The tracks that are taken, frame by frame, 0.2 s apart.
    fn taken(film: &[&[(u64, usize)]]) -> Vec<Option<u64>> {
        let mut holder = Holder::new(0);
        let frames = film.iter().enumerate();
        frames
            .map(|(i, faces)| {
                let faces: Vec<Face> = faces.iter().map(|&(t, who)| face(t, who)).collect();
                let i = holder.next(&faces, 0.2 * i as f64, &mut Shown).unwrap();
                i.map(|i| faces[i].track)
            })
            .collect()
    }

    #[test]
    fn a_person_who_is_hidden_for_a_moment_is_taken_again() {
        let both: &[_] = &[(1, ANN), (2, BOB)];
        let back: &[_] = &[(2, BOB), (3, ANN)];
        let film = [both, &[(2, BOB)], &[(2, BOB)], back, back];
        assert_eq!(taken(&film), [Some(1), None, None, Some(3), Some(3)]);
    }

    #[test]
    fn a_person_who_stays_away_is_given_up() {
        let mut film: Vec<&[_]> = vec![&[(1, ANN), (2, BOB)]];
        film.extend([&[(2, BOB)][..]; 7]);
        let taken = taken(&film);
        assert_eq!(taken[..5], [Some(1), None, None, None, None]);
        assert_eq!(taken[6..], [Some(2), Some(2)]);
    }

    #[test]
    fn a_new_shot_waits_for_nobody() {
        let film: [&[_]; 4] = [&[(1, ANN), (2, BOB)], &[(3, BOB)], &[], &[(4, BOB), (5, ANN)]];
        assert_eq!(taken(&film), [Some(1), Some(3), None, Some(4)]);
        let film: [&[_]; 2] = [&[(1, ANN), (2, BOB)], &[(3, BOB), (4, ANN)]];
        assert_eq!(taken(&film), [Some(1), Some(4)]);
    }

    #[test]
    fn the_face_at_the_position_is_taken_or_none() {
        let faces = [face(1, ANN), face(2, BOB)];
        let at =
            |position, faces: &[Face]| Holder::new(position).next(faces, 0.0, &mut Shown).unwrap();
        assert_eq!(at(1, &faces), Some(1));
        assert_eq!(at(1, &faces[..1]), None);
    }

    #[test]
    fn a_track_that_was_mixed_up_is_left() {
        let mut holder = Holder::new(0);
        let touching = |a, b| {
            let mut faces = [face(1, a), face(2, b)];
            faces[1].bounds = faces[0].bounds;
            faces
        };
        for (i, (pair, wanted)) in
            [((ANN, BOB), Some(0)), ((BOB, ANN), Some(1)), ((BOB, BOB), None)].iter().enumerate()
        {
            let faces = touching(pair.0, pair.1);
            let taken = holder.next(&faces, 0.04 * i as f64, &mut Shown).unwrap();
            assert_eq!(taken, *wanted, "{i}");
        }
    }
}
