//! What `[swap]` and `[mask]` ask of a swapper on aligned crops, checked.

use crate::error::{Error, Result};
use crate::imaging::aligned::{Border, Quality};
use crate::profiles::Profile;
use crate::profiles::sections::{LatentRule, PasteRule};

/// The values of `swap.pixel_boost`.
pub const BOOSTS: [usize; 6] = [1, 2, 3, 4, 6, 8];
/// The weight at which the target's identity plays no part.
const NEUTRAL: f32 = 0.5;

/// The checked values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How many times larger the crop is.
    pub boost: usize,
    /// How much of the source's identity goes in, where that is not the model's own amount.
    pub weight: Option<f32>,
    /// How the identity becomes a vector.
    pub latent: LatentRule,
    /// How the crop comes back.
    pub paste: PasteRule,
    /// How much of the target's color is taken over.
    pub color_match: f32,
    /// The target's mouth stays.
    pub keep_mouth: bool,
    /// The target's eyes stay.
    pub keep_eyes: bool,
}

impl Settings {
    /// What a profile asks for.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the key with a value that makes no sense.
    pub fn of(profile: &Profile) -> Result<Self> {
        let swap = &profile.swap;
        if !BOOSTS.contains(&swap.pixel_boost) {
            return Err(Error::usage(format!(
                "swap.pixel_boost is {}, which is not one of 1, 2, 3, 4, 6 and 8",
                swap.pixel_boost
            )));
        }
        let shares = [
            ("swap.weight", swap.weight.unwrap_or(NEUTRAL)),
            ("swap.color_match", swap.color_match),
            ("mask.blur", profile.mask.blur),
        ];
        for (key, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::usage(format!("{key} is {value}, which is not 0 to 1")));
            }
        }
        Ok(Settings {
            boost: swap.pixel_boost,
            weight: swap.weight.filter(|w| (w - NEUTRAL).abs() > 1e-6),
            latent: swap.latent,
            paste: swap.paste,
            color_match: swap.color_match,
            keep_mouth: swap.keep_mouth,
            keep_eyes: swap.keep_eyes,
        })
    }

    /// How crops are cut out. insightface's paste promises insightface's pixels, and those begin
    /// with the crop.
    pub fn sampling(&self) -> (Border, Quality) {
        match self.paste {
            PasteRule::Insightface => (Border::Black, Quality::Plain),
            PasteRule::Crop => (Border::Replicate, Quality::Smooth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_make_no_sense_are_named() {
        let mut profile = Profile::default();
        assert!(Settings::of(&profile).is_ok());
        profile.swap.pixel_boost = 5;
        assert!(Settings::of(&profile).unwrap_err().message().contains("swap.pixel_boost is 5"));
        profile.swap.pixel_boost = 6;
        profile.swap.weight = Some(1.5);
        assert!(Settings::of(&profile).unwrap_err().message().contains("swap.weight"));
        profile.swap.weight = Some(0.5);
        assert_eq!(Settings::of(&profile).unwrap().weight, None);
        profile.swap.color_match = f32::NAN;
        assert!(Settings::of(&profile).unwrap_err().message().contains("swap.color_match"));
    }
}
