//! Faces of a certain sex and age only; guesses are averaged over a track.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::profiles::Sex;

use super::super::Face;
use super::super::attributes::Guess;
use super::look::Look;

/// Guesses that are averaged; then the track is judged for good.
const GUESSES: u32 = 5;

/// The sum of the guesses at each track in sight, and how many they are.
pub type Known = BTreeMap<u64, (Guess, u32)>;

/// Lets faces of a certain sex and age pass.
pub struct Judge {
    sex: Option<Sex>,
    age: Option<[u8; 2]>,
    /// All that is remembered from frame to frame.
    pub known: Known,
}

impl Judge {
    /// A judge; without a wish everybody passes and nobody is looked at.
    pub fn new(sex: Option<Sex>, age: Option<[u8; 2]>) -> Self {
        Judge { sex, age, known: Known::new() }
    }

    /// Keeps the faces that are wanted, and notes what they seem to be.
    ///
    /// # Errors
    /// When the network fails.
    pub fn sift(&mut self, faces: Vec<Face>, look: &mut dyn Look) -> Result<Vec<Face>> {
        if self.sex.is_none() && self.age.is_none() {
            return Ok(faces);
        }
        self.known.retain(|track, _| faces.iter().any(|f| f.track == *track));
        let mut kept = Vec::with_capacity(faces.len());
        for mut face in faces {
            let (sum, count) = self.known.entry(face.track).or_default();
            if *count < GUESSES
                && let Some(guess) = look.guess(&face)?
            {
                for (sum, value) in sum.sexes.iter_mut().zip(guess.sexes) {
                    *sum += value;
                }
                sum.age += guess.age;
                *count += 1;
            }
            if *count == 0 {
                continue;
            }
            let mean = Guess { sexes: sum.sexes, age: sum.age / *count as f32 }.attributes();
            let sex = self.sex.is_none_or(|sex| sex == mean.sex);
            let [from, to] = self.age.unwrap_or([0, u8::MAX]).map(f32::from);
            if sex && (from..=to).contains(&mean.age.round()) {
                face.attributes = Some(mean);
                kept.push(face);
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::detect::Found;
    use crate::faces::recognize::Embedding;

    /// A man of 30 on track 0; on track 1 a woman of 60, who is sometimes taken for a man.
    struct Guesses(u32);

    impl Look for Guesses {
        fn who(&mut self, _: &Face) -> Result<Embedding> {
            Ok(Embedding::from_raw(vec![1.0]))
        }

        fn guess(&mut self, face: &Face) -> Result<Option<Guess>> {
            self.0 += 1;
            Ok(Some(match (face.track, self.0 % 3) {
                (0, _) => Guess { sexes: [-1.0, 1.0], age: 30.0 },
                (_, 0) => Guess { sexes: [0.1, 0.4], age: 50.0 },
                _ => Guess { sexes: [1.0, 0.0], age: 62.0 },
            }))
        }
    }

    fn passing(sex: Option<Sex>, age: Option<[u8; 2]>) -> (Vec<Vec<u64>>, u32) {
        let mut judge = Judge::new(sex, age);
        let mut look = Guesses(0);
        let found = Found { bounds: [0.0; 4], points: [[0.0; 2]; 5], score: 0.9 };
        let frames = (0..20).map(|_| {
            let faces = (0..2).map(|track| Face { track, ..Face::found(&found) }).collect();
            judge.sift(faces, &mut look).unwrap().iter().map(|f| f.track).collect()
        });
        (frames.collect(), look.0)
    }

    #[test]
    fn tracks_are_judged_once_and_do_not_flicker() {
        assert_eq!(passing(Some(Sex::Male), None), (vec![vec![0]; 20], 2 * GUESSES));
        assert_eq!(passing(Some(Sex::Female), None).0, vec![vec![1]; 20]);
        assert_eq!(passing(None, Some([50, 70])).0, vec![vec![1]; 20]);
        assert_eq!(passing(Some(Sex::Female), Some([0, 40])).0, vec![Vec::<u64>::new(); 20]);
    }

    #[test]
    fn without_a_wish_nobody_is_looked_at() {
        assert_eq!(passing(None, None), (vec![vec![0, 1]; 20], 0));
    }
}
