//! The sizes of film that are measured.

use std::fmt;

/// The smallest and the largest side of a clip.
const SIDES: std::ops::RangeInclusive<u32> = 64..=16_384;

/// A size of film in pixels; both sides are even.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size { width, height } = self;
        if *width == wide(*height) {
            f.pad(&format!("{height}p"))
        } else {
            f.pad(&format!("{width}x{height}"))
        }
    }
}

/// The even width of a 16:9 picture of this height.
fn wide(height: u32) -> u32 {
    let doubled = u64::from(height) * 16 / 9;
    u32::try_from(doubled + doubled % 2).unwrap_or(u32::MAX)
}

/// `720p` or `1280x720`.
pub(super) fn parse(text: &str) -> Result<Size, String> {
    let how = "write it as 720p or 1280x720";
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| how.to_owned());
    let size = match text.trim().strip_suffix('p') {
        Some(height) => {
            let height = number(height)?;
            Size { width: wide(height), height }
        }
        None => {
            let (width, height) = text.split_once('x').ok_or(how)?;
            Size { width: number(width)?, height: number(height)? }
        }
    };
    for side in [size.width, size.height] {
        if !SIDES.contains(&side) || side % 2 == 1 {
            let (least, most) = (SIDES.start(), SIDES.end());
            return Err(format!("a side is an even number from {least} to {most}, not {side}"));
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_and_pairs_are_read() {
        let of = |text: &str| parse(text).map(|size| (size.width, size.height));
        assert_eq!(of("720p"), Ok((1280, 720)));
        assert_eq!(of("1080p"), Ok((1920, 1080)));
        assert_eq!(of("2160p"), Ok((3840, 2160)));
        assert_eq!(of("480p"), Ok((854, 480)));
        assert_eq!(of("1080x1920"), Ok((1080, 1920)));
        for wrong in ["", "p", "720", "-720p", "721p", "62p", "99999999p", "100x", "3x4", "65x64"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_is_called_what_it_is_asked_for_by() {
        for name in ["480p", "720p", "1080p", "2160p", "1080x1920", "640x480"] {
            assert_eq!(parse(name).unwrap().to_string(), name);
        }
        assert_eq!(parse("1280x720").unwrap().to_string(), "720p");
    }
}
