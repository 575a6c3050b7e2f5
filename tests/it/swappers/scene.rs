//! People with known identities, and the formula that every small swapper computes.

use facedeck::faces::recognize::Embedding;
use facedeck::faces::{Chosen, Face};
use facedeck::imaging::frame::Frame;
use facedeck::processors::chain::Chain;
use facedeck::processors::{Changed, Person, Photo, Processor, Setup};
use facedeck::profiles::Profile;
use facedeck::profiles::sections::LatentRule;

use crate::enhance::scene::{Models, face, textured};

/// A profile with this swapper, its whole crop, and nothing else.
pub fn profile(model: &str) -> Profile {
    let mut profile = Profile::default();
    profile.faces.recognizer = "w600k_r50".into();
    profile.swap.model = model.into();
    profile.swap.latent = LatentRule::Insightface;
    profile.mask.kinds = Vec::new();
    profile
}

/// An embedding whose numbers are these at their places and 0 elsewhere.
pub fn embedding(numbers: &[(usize, f32)]) -> Embedding {
    let mut raw = vec![0.0; 512];
    for &(i, v) in numbers {
        raw[i] = v;
    }
    Embedding::from_raw(raw)
}

/// A person known from vectors alone.
pub fn known(embeddings: &[Embedding]) -> Person {
    let photo = |embedding: &Embedding| Photo {
        name: "photo.png".into(),
        frame: textured(),
        face: Face { embedding: Some(embedding.clone()), ..face([[0.0; 2]; 5]) },
    };
    Person { photos: embeddings.iter().map(photo).collect() }
}

/// Runs the processors of a profile on one face, which gets the first of the people.
pub fn run(
    models: &Models,
    profile: &Profile,
    people: &[Person],
    face: &Face,
    frame: &mut Frame,
) -> facedeck::Result<Changed> {
    let note = |_: &str| {};
    let setup = Setup { profile, pool: &models.pool, people, still: true, note: &note };
    let mut chain = Chain::build(&setup)?;
    chain.prepare(frame, &[Chosen { face: face.clone(), person: 0 }])?.apply(frame)
}

/// The small swappers' formula: the sample of channel `c` at a position of the crop, both as
/// shares, with `d` from the source.
pub fn formula(p: f32, c: usize, [x, y]: [f32; 2], d: f32) -> f32 {
    let ramp = [0.05 * x, 0.05 * y, 0.0][c];
    ([0.9, 0.8, 0.7][c] * p + d + ramp).clamp(0.0, 1.0)
}
