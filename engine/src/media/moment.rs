//! A place in a film as people write it: a time, or the number of a frame.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, Result};

/// Times from this on are no place in any film: a hundred days.
const LONGEST: u64 = 100 * 24 * 3600;

/// A place in a film, counted from its first frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long after the first frame.
    Time(Duration),
    /// The frame with this number; the first one is 0.
    Frame(u64),
}

impl FromStr for Moment {
    type Err = Error;

    /// Reads `12.5`, `1:02.5` and `00:01:02.500`, which are times, and `300f`, which is a frame.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for anything else.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let moment = match text.strip_suffix('f') {
            Some(number) => whole(number).map(Moment::Frame),
            None => time(text).map(Moment::Time),
        };
        moment.ok_or_else(|| {
            Error::usage(format!("'{text}' is no place in a film")).hint(
                "write a time, such as 12.5, 1:02.5 or 00:01:02.500, or a frame from 0, such as 300f",
            )
        })
    }
}

/// A number of digits alone: no sign, no blank.
fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn time(text: &str) -> Option<Duration> {
    let (before, last) = text.rsplit_once(':').map_or((None, text), |(b, l)| (Some(b), l));
    let (seconds, fraction) = last.split_once('.').unwrap_or((last, "0"));
    let mut seconds = whole(seconds)?;
    // What is finer than a nanosecond is nothing.
    let digits = whole(fraction).map(|_| &fraction[..fraction.len().min(9)])?;
    let nanos = format!("{digits:0<9}").parse().ok()?;
    if let Some(before) = before {
        let (hours, minutes) = match before.split_once(':') {
            Some((hours, minutes)) => (whole(hours)?, whole(minutes)?),
            None => (0, whole(before)?),
        };
        let in_order = seconds < 60 && (minutes < 60 || !before.contains(':'));
        let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
        seconds = minutes.checked_mul(60)?.checked_add(seconds)?;
        if !in_order {
            return None;
        }
    }
    (seconds < LONGEST).then(|| Duration::new(seconds, nanos))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Frame(number) => write!(f, "{number}f"),
            Moment::Time(time) => {
                let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
                match (minutes / 60, minutes % 60) {
                    (0, 0) => write!(f, "{seconds}")?,
                    (0, minutes) => write!(f, "{minutes}:{seconds:02}")?,
                    (hours, minutes) => write!(f, "{hours}:{minutes:02}:{seconds:02}")?,
                }
                let fraction = format!("{:09}", time.subsec_nanos());
                match fraction.trim_end_matches('0') {
                    "" => Ok(()),
                    digits => write!(f, ".{digits}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        match text.parse() {
            Ok(Moment::Time(time)) => Some(time.as_secs_f64()),
            _ => None,
        }
    }

    #[test]
    fn times_and_frames_are_told_apart() {
        assert_eq!(seconds("12.5"), Some(12.5));
        assert_eq!(seconds("1:02.5"), Some(62.5));
        assert_eq!(seconds("00:01:02.500"), Some(62.5));
        assert_eq!(seconds("90:00"), Some(5400.0));
        assert_eq!(seconds(" 0 "), Some(0.0));
        assert_eq!("300f".parse::<Moment>().unwrap(), Moment::Frame(300));
        for wrong in [
            "", "f", "-1", "1:60", "1:2:3:4", "1:60:00", "1.5f", "1e3", "#3", "1.", ".5", "1:+2",
            "nan",
        ] {
            let error = wrong.parse::<Moment>().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(secs in 0..LONGEST, nanos in 0..1_000_000_000u32, n: u64) {
            for moment in [Moment::Time(Duration::new(secs, nanos)), Moment::Frame(n)] {
                prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
            }
        }

        #[test]
        fn nothing_that_is_typed_breaks_it(text in "[0-9:.fe+ é-]{0,24}") {
            if let Ok(moment) = text.parse::<Moment>() {
                prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
            }
        }
    }
}
