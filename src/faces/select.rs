//! Which faces of a frame are swapped.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::imaging::frame::Frame;

use super::Face;
use super::recognize::{Embedding, Recognizer};

/// How long somebody may be hidden, in seconds, before another face of the same shot is taken.
const PATIENCE: f64 = 1.0;

/// The rule that picks faces.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The largest face; in a video the person who was largest first, while they are in sight.
    One,
    /// Every face.
    Many,
    /// The face that looks like this one.
    Reference {
        /// The identity to look for.
        embedding: Embedding,
        /// Faces whose squared embedding distance is below this match (roop: 0.85).
        distance: f32,
    },
}

/// The person that [`Rule::One`] holds on to.
struct Held {
    track: u64,
    who: Embedding,
    /// When the person was last in sight, in seconds.
    seen: f64,
    /// Tracks of those who were in sight at that time too.
    others: HashSet<u64>,
}

/// Applies a rule over the frames of a job.
pub struct Selector {
    rule: Rule,
    held: Option<Held>,
    /// Distance of each track to the reference; a track is recognized once.
    known: HashMap<u64, f32>,
}

impl Selector {
    /// A selector at the start of a job.
    pub fn new(rule: Rule) -> Self {
        Selector { rule, held: None, known: HashMap::new() }
    }

    /// The faces to swap, in the order given (largest first).
    ///
    /// # Errors
    /// When recognition fails.
    pub fn select(
        &mut self,
        recognizer: &mut Recognizer,
        frame: &Frame,
        faces: Vec<Face>,
    ) -> Result<Vec<Face>> {
        let mut recognize = |face: &Face| match &face.embedding {
            Some(who) => Ok(who.clone()),
            None => recognizer.embed(frame, &face.points),
        };
        let chosen = match &self.rule {
            Rule::Many => return Ok(faces),
            Rule::One => hold(&mut self.held, &mut recognize, frame.time, &faces)?,
            Rule::Reference { embedding, distance } => {
                self.known.retain(|track, _| faces.iter().any(|f| f.track == *track));
                let mut nearest: Option<(f32, usize)> = None;
                for (i, face) in faces.iter().enumerate() {
                    let d = match self.known.get(&face.track) {
                        Some(d) => *d,
                        None => recognize(face)?.distance(embedding),
                    };
                    self.known.insert(face.track, d);
                    if d < *distance && nearest.is_none_or(|(best, _)| d < best) {
                        nearest = Some((d, i));
                    }
                }
                nearest.map(|(_, i)| i)
            }
        };
        Ok(chosen.and_then(|i| faces.into_iter().nth(i)).into_iter().collect())
    }
}

/// Which face [`Rule::One`] takes: the held person, else, in a new shot or when they stay away,
/// the largest.
///
/// Somebody who is hidden for a moment comes back as a new track and is known by their identity;
/// until then nobody else of the shot is taken, or the swap would jump to a bystander.
fn hold(
    held: &mut Option<Held>,
    recognize: &mut dyn FnMut(&Face) -> Result<Embedding>,
    time: f64,
    faces: &[Face],
) -> Result<Option<usize>> {
    let mut found = None;
    if let Some(held) = held.as_ref() {
        found = faces.iter().position(|f| f.track == held.track);
        if found.is_none() {
            // Asked again in every frame: the first glimpse may be half hidden still.
            for (i, face) in faces.iter().enumerate() {
                let bystander = held.others.contains(&face.track);
                if !bystander && recognize(face)?.cosine(&held.who) > Embedding::SAME_PERSON {
                    found = Some(i);
                    break;
                }
            }
        }
        let same_shot = faces.iter().any(|f| held.others.contains(&f.track));
        if found.is_none() && same_shot && time - held.seen < PATIENCE {
            return Ok(None);
        }
    }
    let (i, keeps) = (found.unwrap_or(0), found.is_some());
    let Some(face) = faces.get(i) else { return Ok(None) };
    let who = match held.take() {
        Some(held) if keeps => held.who,
        _ => recognize(face)?,
    };
    let others = faces.iter().map(|f| f.track).filter(|t| *t != face.track).collect();
    *held = Some(Held { track: face.track, who, seen: time, others });
    Ok(Some(i))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::landmarks::{COUNT, Landmarks};

    const ANN: usize = 0;
    const BOB: usize = 1;

    fn face(track: u64, person: usize) -> Face {
        let mut who = vec![0.0; 4];
        who[person] = 1.0;
        let landmarks = Landmarks { points: vec![[0.0; 3]; COUNT], presence: 1.0 };
        Face { embedding: Some(Embedding::from_raw(who)), ..Face::meshed(track, 0.9, landmarks) }
    }

    /// The tracks that are taken, frame by frame, 0.2 s apart.
    fn taken(film: &[&[(u64, usize)]]) -> Vec<Option<u64>> {
        let mut held = None;
        let mut recognize = |face: &Face| Ok(face.embedding.clone().unwrap());
        let frames = film.iter().enumerate();
        frames
            .map(|(i, faces)| {
                let faces: Vec<Face> = faces.iter().map(|&(t, who)| face(t, who)).collect();
                let i = hold(&mut held, &mut recognize, 0.2 * i as f64, &faces).unwrap();
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
}
