//! Which faces of a frame are swapped, and into whom.

mod contact;
mod held;
mod identity;
mod judge;
mod look;
mod matching;
mod order;
mod remembered;

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::profiles::{Faces, Order};

use super::recognize::Embedding;
use super::{Chosen, Face, FaceModels};
use held::Holder;
use judge::Judge;
use look::{Eyes, Look};
use matching::Matcher;
pub use order::sort;

/// The rule that picks faces.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The face at a position of the order; in a video the person who was there first, while they
    /// are in sight.
    One(usize),
    /// Every face.
    Many,
    /// Faces that look like this one.
    Reference {
        /// The identity to look for.
        who: Embedding,
        /// Faces whose squared embedding distance is below this match (roop: 0.85).
        distance: f32,
        /// Only the first of them in the order, as roop does.
        first: bool,
    },
    /// People of whom each gets a face of their own: the first gets the first person's, and so on.
    Map {
        /// Who they are.
        who: Vec<Embedding>,
        /// Faces whose squared embedding distance is below this match.
        distance: f32,
    },
}

/// What a rule remembers over the frames of a job.
enum Picker {
    Holder(Holder),
    Everybody,
    /// The first that matches.
    First(Matcher),
    /// All that match.
    All(Matcher),
}

/// Applies a rule over the frames of a job.
pub struct Selector {
    order: Order,
    judge: Judge,
    picker: Picker,
    recognize: bool,
}

impl Selector {
    /// A selector at the start of a job: order, sex and age are those of the profile. With
    /// `recognize`, every chosen face comes with its identity.
    pub fn new(faces: &Faces, rule: Rule, recognize: bool) -> Self {
        let picker = match rule {
            Rule::One(position) => Picker::Holder(Holder::new(position)),
            Rule::Many => Picker::Everybody,
            Rule::Reference { who, distance, first } => {
                let matcher = Matcher::new(vec![who], distance, false);
                if first { Picker::First(matcher) } else { Picker::All(matcher) }
            }
            Rule::Map { who, distance } => Picker::All(Matcher::new(who, distance, true)),
        };
        Selector { order: faces.order, judge: Judge::new(faces.sex, faces.age), picker, recognize }
    }

    /// The faces of the next frame that are swapped, in the profile's order.
    ///
    /// # Errors
    /// When a network fails.
    pub fn select(
        &mut self,
        models: &FaceModels,
        frame: &Frame,
        faces: Vec<Face>,
    ) -> Result<Vec<Chosen>> {
        let eyes = &mut Eyes { models, frame };
        let mut faces = self.judge.sift(faces, eyes)?;
        sort(&mut faces, self.order);
        let people = self.pick(&faces, frame.time, eyes)?;
        let picked = faces.into_iter().zip(people);
        let mut chosen: Vec<Chosen> =
            picked.filter_map(|(face, person)| Some(Chosen { face, person: person? })).collect();
        if self.recognize {
            for Chosen { face, .. } in &mut chosen {
                face.embedding = Some(eyes.who(face)?);
            }
        }
        Ok(chosen)
    }

    /// For every face whose face it gets, if it is swapped.
    fn pick(
        &mut self,
        faces: &[Face],
        time: f64,
        look: &mut dyn Look,
    ) -> Result<Vec<Option<usize>>> {
        let only = |chosen: Option<usize>| {
            (0..faces.len()).map(|i| (Some(i) == chosen).then_some(0)).collect()
        };
        Ok(match &mut self.picker {
            Picker::Everybody => vec![Some(0); faces.len()],
            Picker::Holder(holder) => only(holder.next(faces, time, look)?),
            Picker::First(matcher) => {
                only(matcher.next(faces, time, look)?.iter().position(Option::is_some))
            }
            Picker::All(matcher) => matcher.next(faces, time, look)?,
        })
    }
}
