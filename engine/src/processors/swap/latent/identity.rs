//! From a recognizer's vectors to the one that a swapper takes.

use crate::error::{Error, Result};
use crate::faces::recognize::Embedding;
use crate::profiles::LatentRule;

/// Who a person is, from all of their photos.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The mean of what the recognizer gave.
    pub raw: Vec<f32>,
    /// The mean of the same at unit length, at unit length again.
    pub unit: Vec<f32>,
}

impl Identity {
    /// The mean of some embeddings, the raw ones and those of unit length by themselves, as
    /// FaceFusion does it.
    ///
    /// # Errors
    /// When there is none, or two are of different lengths: they are of different recognizers.
    pub fn mean(photos: &[&Embedding]) -> Result<Self> {
        let length = photos.first().map_or(0, |photo| photo.unit.len());
        if length == 0 || photos.iter().any(|photo| photo.unit.len() != length) {
            return Err(Error::failed("the identities of a person's photos do not fit together"));
        }
        let share = 1.0 / photos.len() as f32;
        let mut raw = vec![0.0; length];
        let mut unit = raw.clone();
        for photo in photos {
            for ((r, u), v) in raw.iter_mut().zip(&mut unit).zip(&photo.unit) {
                *r += v * photo.norm * share;
                *u += v * share;
            }
        }
        normalize(&mut unit);
        Ok(Identity { raw, unit })
    }
}

/// Scales a vector to unit length; one of zeros stays.
pub fn normalize(values: &mut [f32]) {
    let length = length(values);
    if length > 0.0 {
        values.iter_mut().for_each(|v| *v = (f64::from(*v) / length) as f32);
    }
}

fn length(values: &[f32]) -> f64 {
    values.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt()
}

/// The identity times InSwapper's matrix, a square given row by row.
///
/// insightface multiplies the vector of unit length and scales the product to unit length;
/// FaceFusion multiplies the raw vector and divides by its length, which is the same where the
/// matrix keeps lengths, and not otherwise.
///
/// # Errors
/// When the matrix has another size than the vector.
pub fn through_emap(identity: &Identity, emap: &[f32], rule: LatentRule) -> Result<Vec<f32>> {
    let vector = match rule {
        LatentRule::Insightface => &identity.unit,
        LatentRule::Facefusion => &identity.raw,
    };
    let n = vector.len();
    if n == 0 || emap.len() != n * n {
        return Err(Error::failed(format!(
            "an identity of {n} numbers does not fit the swapper's emap of {}",
            emap.len()
        ))
        .hint("the swapper needs the recognizer that it was trained with: w600k_r50"));
    }
    let mut product = vec![0.0f64; n];
    for (&v, row) in vector.iter().zip(emap.chunks_exact(n)) {
        for (sum, &m) in product.iter_mut().zip(row) {
            *sum += f64::from(v) * f64::from(m);
        }
    }
    let mut latent: Vec<f32> = match rule {
        LatentRule::Insightface => product.iter().map(|&v| v as f32).collect(),
        LatentRule::Facefusion => {
            let length = length(vector).max(f64::MIN_POSITIVE);
            product.iter().map(|v| (v / length) as f32).collect()
        }
    };
    if rule == LatentRule::Insightface {
        normalize(&mut latent);
    }
    Ok(latent)
}

/// The share of the target's own identity at this weight (FaceFusion's `face_swapper_weight`):
/// .35 at 0, nothing at .5, −.35 at 1, which moves away from the target.
pub fn target_share(weight: f32) -> f32 {
    0.35 - 0.7 * weight.clamp(0.0, 1.0)
}

/// A source's vector mixed with the target's own by [`target_share`].
pub fn balanced(source: &[f32], target: &[f32], weight: f32) -> Vec<f32> {
    let share = target_share(weight);
    source.iter().zip(target).map(|(s, t)| s * (1.0 - share) + t * share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(raw: &[f32]) -> Identity {
        Identity::mean(&[&Embedding::from_raw(raw.to_vec())]).unwrap()
    }

    fn close(got: &[f32], want: &[f32]) {
        assert_eq!(got.len(), want.len());
        for (g, w) in got.iter().zip(want) {
            assert!((g - w).abs() < 1e-6, "{got:?} for {want:?}");
        }
    }

    #[test]
    fn the_two_rules_differ_in_the_length_alone() {
        // (3, 4)·[[1, 2], [0, 1]] = (3, 10); the vector's length is 5.
        let (who, emap) = (identity(&[3.0, 4.0]), [1.0, 2.0, 0.0, 1.0]);
        let insightface = through_emap(&who, &emap, LatentRule::Insightface).unwrap();
        let facefusion = through_emap(&who, &emap, LatentRule::Facefusion).unwrap();
        close(&insightface, &[3.0 / 109f32.sqrt(), 10.0 / 109f32.sqrt()]);
        close(&facefusion, &[0.6, 2.0]);
        assert!(through_emap(&who, &emap[..3], LatentRule::Facefusion).is_err());
    }

    #[test]
    fn photos_are_averaged_raw_and_at_unit_length() {
        let (a, b) = (Embedding::from_raw(vec![4.0, 0.0]), Embedding::from_raw(vec![0.0, 2.0]));
        let who = Identity::mean(&[&a, &b]).unwrap();
        close(&who.raw, &[2.0, 1.0]);
        close(&who.unit, &[0.5f32.sqrt(), 0.5f32.sqrt()]);
        // So the rules point in different directions for several photos.
        let emap = [1.0, 0.0, 0.0, 1.0];
        close(
            &through_emap(&who, &emap, LatentRule::Facefusion).unwrap(),
            &[2.0 / 5f32.sqrt(), 1.0 / 5f32.sqrt()],
        );
        assert!(Identity::mean(&[]).is_err());
        assert!(Identity::mean(&[&a, &Embedding::from_raw(vec![1.0; 3])]).is_err());
    }

    #[test]
    fn the_weight_is_facefusions() {
        let (source, target) = ([1.0, 0.0], [0.0, 1.0]);
        close(&balanced(&source, &target, 0.0), &[0.65, 0.35]);
        close(&balanced(&source, &target, 0.5), &[1.0, 0.0]);
        close(&balanced(&source, &target, 1.0), &[1.35, -0.35]);
        close(&balanced(&source, &target, 0.75), &[1.175, -0.175]);
    }
}
