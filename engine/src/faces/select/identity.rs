//! Who a track is, as far as is known: the mean of several looks, taken again when in doubt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::super::Face;
use super::super::recognize::Embedding;
use super::look::Look;

/// Looks at a new face, in the first frames that show it.
const FIRST: usize = 3;
/// Looks whose mean is kept; older ones fade.
const KEPT: usize = 8;
/// Seconds between two looks at a face that is known and not in doubt.
const INTERVAL: f64 = 1.0;
/// A look this unlike what was known is somebody else.
const OTHER: f32 = 0.1;
/// Two looks in a row this unlike what was known are somebody else. Half-hidden faces are a little
/// more alike, different people at most this.
const DOUBTFUL: f32 = 0.25;
/// How long a track that is out of sight is remembered, in seconds.
const MEMORY: f64 = 5.0;

/// What is known of one track.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    who: Embedding,
    looks: usize,
    /// Looks in a row that were unlike what was known.
    unlike: usize,
    looked: f64,
    seen: f64,
}

/// What is known of every track.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Identities(BTreeMap<u64, Known>);

impl Identities {
    /// Who the face's track is; looked at when it is new, `in_doubt`, or was not for some time.
    /// `decides` says which of the wanted people, if any, a look shows for certain.
    ///
    /// # Errors
    /// When recognition fails.
    pub fn of(
        &mut self,
        face: &Face,
        time: f64,
        in_doubt: bool,
        look: &mut dyn Look,
        decides: &dyn Fn(&Embedding) -> Option<usize>,
    ) -> Result<Embedding> {
        let Some(known) = self.0.get_mut(&face.track) else {
            let who = look.who(face)?;
            let known = Known { who: who.clone(), looks: 1, unlike: 0, looked: time, seen: time };
            self.0.insert(face.track, known);
            return Ok(who);
        };
        known.seen = time;
        let due = in_doubt || known.looks < FIRST || time - known.looked >= INTERVAL;
        // Once a frame is enough.
        if due && time > known.looked {
            known.take(look.who(face)?, decides);
            known.looked = time;
        }
        Ok(known.who.clone())
    }

    /// Whether anything is known of a track.
    pub fn knows(&self, track: u64) -> bool {
        self.0.contains_key(&track)
    }

    /// Whether everybody in it is known by so many numbers.
    pub fn are_of(&self, numbers: usize) -> bool {
        self.0.values().all(|known| known.who.unit.len() == numbers)
    }

    /// Forgets tracks that have been out of sight for long.
    pub fn forget(&mut self, time: f64) {
        self.0.retain(|_, known| time - known.seen <= MEMORY);
    }
}

impl Known {
    fn take(&mut self, look: Embedding, decides: &dyn Fn(&Embedding) -> Option<usize>) {
        let alike = look.cosine(&self.who);
        let wanted = decides(&look);
        let another = wanted.is_some() && wanted != decides(&self.who);
        self.unlike = if alike < DOUBTFUL { self.unlike.saturating_add(1) } else { 0 };
        if alike < OTHER || self.unlike > 1 || (another && alike < DOUBTFUL) {
            (self.who, self.looks, self.unlike) = (look, 1, 0);
        } else if self.unlike == 0 {
            // A mean of the directions in which a new look has its share.
            let before = self.looks.min(KEPT - 1) as f32;
            let sum = self.who.unit.iter().zip(&look.unit).map(|(a, b)| a * before + b).collect();
            self.who = Embedding { norm: look.norm, ..Embedding::from_raw(sum) };
            self.looks = self.looks.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::attributes::Guess;
    use crate::faces::detect::Found;

    /// Shows these looks one after the other.
    struct Film(Vec<Embedding>, usize);

    impl Look for Film {
        fn who(&mut self, _: &Face) -> Result<Embedding> {
            self.1 += 1;
            Ok(self.0[self.1 - 1].clone())
        }

        fn guess(&mut self, _: &Face) -> Result<Option<Guess>> {
            Ok(None)
        }
    }

    fn person(values: &[f32]) -> Embedding {
        Embedding::from_raw(values.to_vec())
    }

    /// Who the track is after every look, in doubt all the time.
    fn after(film: &[Embedding], wanted: &[Embedding]) -> Vec<Embedding> {
        let mut identities = Identities::default();
        let mut look = Film(film.to_vec(), 0);
        let face = Face::found(&Found { bounds: [0.0; 4], points: [[0.0; 2]; 5], score: 0.9 });
        let decides = |e: &Embedding| wanted.iter().position(|w| e.cosine(w) > 0.5);
        (0..film.len())
            .map(|i| identities.of(&face, i as f64, true, &mut look, &decides).unwrap())
            .collect()
    }

    #[test]
    fn one_bad_look_changes_nothing_and_two_do() {
        let (ann, bad) = (person(&[1.0, 0.0, 0.0]), person(&[0.2, 1.0, 0.0]));
        let film = [ann.clone(), ann.clone(), bad.clone(), ann.clone(), bad.clone(), bad.clone()];
        let who = after(&film, &[]);
        assert!(who[4].cosine(&ann) > 0.99);
        assert!(who[5].cosine(&bad) > 0.99);
    }

    #[test]
    fn a_wanted_person_is_believed_at_once() {
        let (ann, bob) = (person(&[1.0, 0.15]), person(&[0.0, 1.0]));
        let who = after(&[ann.clone(), ann.clone(), bob.clone()], &[ann, bob.clone()]);
        assert!(who[2].cosine(&bob) > 0.99);
    }

    #[test]
    fn a_known_face_is_looked_at_seldom() {
        let mut identities = Identities::default();
        let mut look = Film(vec![person(&[1.0, 0.0]); 9], 0);
        let face = Face::found(&Found { bounds: [0.0; 4], points: [[0.0; 2]; 5], score: 0.9 });
        for i in 0..100 {
            identities.of(&face, 0.04 * f64::from(i), false, &mut look, &|_| None).unwrap();
        }
        assert_eq!(look.1, FIRST + 3);
    }
}
