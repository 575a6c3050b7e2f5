//! The size of an output's frames, as people write it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

use super::info::{Rational, VideoInfo};

/// The smallest and the largest side of an output, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=16_384;

/// The most percent.
const MOST_PERCENT: u32 = 1_000;

/// A size in terms of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// This width and height, `1280x720`.
    Both(u32, u32),
    /// This width, and the height that goes with it: `1280x`.
    Width(u32),
    /// This height, and the width that goes with it: `x720`.
    Height(u32),
    /// The shorter side has this many pixels, as video sites count: `720p`.
    Shorter(u32),
    /// Both sides by so many percent, `50%`.
    Percent(u32),
}

impl Scale {
    /// The width and height that a picture of this size gets. Both are even where `even` is asked
    /// for, as encoders whose chroma has half the picture's size want them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when a side is too small or too large.
    pub fn of(self, width: u32, height: u32, even: bool) -> Result<(u32, u32)> {
        let part = |side: u32, num: u32, den: u32| {
            // In u128 nothing overflows, whatever was typed.
            let exact = |unit: u128| {
                let (num, den) =
                    (u128::from(side) * u128::from(num), u128::from(den.max(1)) * unit);
                (2 * num + den) / (2 * den) * unit
            };
            u32::try_from(exact(if even { 2 } else { 1 })).unwrap_or(u32::MAX)
        };
        let one = |side: u32| part(side, 1, 1);
        let (w, h) = match self {
            Scale::Both(w, h) => (one(w), one(h)),
            Scale::Width(w) => (one(w), part(height, w, width)),
            Scale::Height(h) => (part(width, h, height), one(h)),
            Scale::Shorter(side) if width < height => (one(side), part(height, side, width)),
            Scale::Shorter(side) => (part(width, side, height), one(side)),
            Scale::Percent(percent) => (part(width, percent, 100), part(height, percent, 100)),
        };
        if SIDES.contains(&w) && SIDES.contains(&h) {
            return Ok((w, h));
        }
        let (least, most) = (SIDES.start(), SIDES.end());
        Err(Error::usage(format!("{self} of {width}×{height} pixels is {w}×{h}"))
            .hint(format!("each side of an output has {least} to {most} pixels")))
    }
}

/// The shape of a pixel after a film was made this large, so that it looks as before: its own where
/// both sides were scaled alike, but for rounding.
pub(super) fn aspect(own: Rational, film: &VideoInfo, size: (u32, u32)) -> Rational {
    let (x, y) =
        (f64::from(size.0) / f64::from(film.width), f64::from(size.1) / f64::from(film.height));
    // Rounding to even sides changes a side by at most a pixel.
    let rounding = 1.0 / f64::from(size.0.min(size.1));
    if (x / y - 1.0).abs() <= 2.0 * rounding {
        return own;
    }
    let num = u64::from(own.num) * u64::from(film.width) * u64::from(size.1);
    let den = u64::from(own.den) * u64::from(film.height) * u64::from(size.0);
    // ffmpeg keeps shapes in numbers up to 255 in H.264: the nearest such fraction is near enough.
    Rational::near(num as f64 / den as f64, 255)
}

impl FromStr for Scale {
    type Err = Error;

    /// # Errors
    /// [`crate::error::Kind::Usage`] for anything that is no size.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let side = |side: &str| -> Option<u32> {
            let digits = !side.is_empty() && side.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| side.parse().ok())?.filter(|side| SIDES.contains(side))
        };
        let scale = if let Some(percent) = text.strip_suffix('%') {
            let digits = !percent.is_empty() && percent.bytes().all(|b| b.is_ascii_digit());
            let percent = percent.parse().ok().filter(|_| digits);
            percent.filter(|p| (1..=MOST_PERCENT).contains(p)).map(Scale::Percent)
        } else if let Some(shorter) = text.strip_suffix('p') {
            side(shorter).map(Scale::Shorter)
        } else {
            match text.split_once(['x', '×']) {
                Some(("", height)) => side(height).map(Scale::Height),
                Some((width, "")) => side(width).map(Scale::Width),
                Some((width, height)) => {
                    side(width).zip(side(height)).map(|(w, h)| Scale::Both(w, h))
                }
                None => None,
            }
        };
        scale.ok_or_else(|| {
            let (least, most) = (SIDES.start(), SIDES.end());
            Error::usage(format!("'{text}' is no size")).hint(format!(
                "write 1280x720, 1280x or x720, 720p for the shorter side, or 50%; a side has \
                 {least} to {most} pixels"
            ))
        })
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scale::Both(width, height) => write!(f, "{width}x{height}"),
            Scale::Width(width) => write!(f, "{width}x"),
            Scale::Height(height) => write!(f, "x{height}"),
            Scale::Shorter(side) => write!(f, "{side}p"),
            Scale::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, width: u32, height: u32) -> (u32, u32) {
        text.parse::<Scale>().unwrap().of(width, height, true).unwrap()
    }

    #[test]
    fn a_side_that_is_not_given_follows_the_other() {
        assert_eq!(of("1280x720", 1920, 1080), (1280, 720));
        assert_eq!(of("720p", 1920, 1080), (1280, 720));
        assert_eq!(of("720p", 1080, 1920), (720, 1280));
        assert_eq!(of("1280x", 1920, 804), (1280, 536));
        assert_eq!(of("x480", 1920, 1080), (854, 480));
        assert_eq!(of("50%", 1919, 1081), (960, 540));
        assert_eq!(of("200%", 320, 240), (640, 480));
        assert_eq!("50%".parse::<Scale>().unwrap().of(33, 35, false).unwrap(), (17, 18));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for wrong in
            ["", "x", "p", "%", "720", "0%", "1001%", "8x8", "1280x720p", "-50%", "+5%", "1e3x"]
        {
            assert_eq!(wrong.parse::<Scale>().unwrap_err().exit_code(), 2, "{wrong}");
        }
        let error = Scale::Percent(1).of(640, 480, true).unwrap_err();
        assert!(error.message().contains("6×4"), "{error}");
    }

    proptest! {
        #[test]
        fn sizes_are_read_as_they_are_written_and_keep_the_shape(
            side in 16u32..=16_384, other in 16u32..=16_384, percent in 1u32..=1000,
            width in 16u32..=16_384, height in 16u32..=16_384,
        ) {
            for scale in [
                Scale::Both(side, other), Scale::Width(side), Scale::Height(side),
                Scale::Shorter(side), Scale::Percent(percent),
            ] {
                prop_assert_eq!(scale.to_string().parse::<Scale>().unwrap(), scale);
                let Ok((w, h)) = scale.of(width, height, true) else { continue };
                prop_assert!(w % 2 == 0 && h % 2 == 0);
                if !matches!(scale, Scale::Both(..)) {
                    let ideal = f64::from(w) * f64::from(height) / f64::from(width);
                    let step = f64::from(height) / f64::from(width) + 1.0;
                    prop_assert!((ideal - f64::from(h)).abs() <= step + 1e-9, "{w}×{h}");
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "scaled_tests.rs"]
mod scaled;
