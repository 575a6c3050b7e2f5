//! Times as people say them: `in 2h`, `tomorrow 08:00`, `2026-12-24T18:00:00+01:00`.

use jiff::civil::{DateTime, Time};
use jiff::{Span, Timestamp, ZonedDateTime};

/// How they are written.
const HOW: &str =
    "write it as 30m, in 2h, 18:00, tomorrow 08:00, 2026-12-24 18:00 or 2026-12-24T18:00:00Z";

/// A time from now on, for `clap`.
///
/// # Errors
/// When it is none.
pub(in super::super) fn parse(text: &str) -> Result<Timestamp, String> {
    parse_at(text, &ZonedDateTime::now())
}

fn parse_at(text: &str, now: &ZonedDateTime) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let lower = text.to_lowercase();
    let span = lower.strip_prefix("in ").unwrap_or(&lower).trim();
    // Without a digit in front it is a word, and "-2h" is the past.
    if span.starts_with(|c: char| c.is_ascii_digit())
        && let Ok(span) = span.parse::<Span>()
    {
        return now.checked_add(span).map(|at| at.timestamp()).map_err(|e| e.to_string());
    }
    let (day, clock) = match lower.split_once(char::is_whitespace) {
        Some(("today", clock)) => (Some(0), clock.trim()),
        Some(("tomorrow", clock)) => (Some(1), clock.trim()),
        _ => (None, &*lower),
    };
    if let Ok(time) = strict_time(clock) {
        return next(now, day, time).map_err(|e| e.to_string());
    }
    let local = text.parse::<DateTime>().map_err(|_| HOW.to_owned())?;
    local
        .to_zoned_datetime(now.time_zone().clone())
        .map(|at| at.timestamp())
        .map_err(|e| e.to_string())
}

/// `8:00`, `08:00`, `08:00:30`.
fn strict_time(text: &str) -> Result<Time, jiff::Error> {
    Time::strptime("%H:%M", text).or_else(|_| Time::strptime("%H:%M:%S", text))
}

/// That time today or tomorrow; without a day, the next one.
fn next(now: &ZonedDateTime, day: Option<i64>, time: Time) -> Result<Timestamp, jiff::Error> {
    let on = |days: i64| -> Result<Timestamp, jiff::Error> {
        let date = now.date().checked_add(Span::new().try_days(days)?)?;
        Ok(date.to_datetime(time).to_zoned_datetime(now.time_zone().clone())?.timestamp())
    };
    match day {
        Some(days) => on(days),
        None => match on(0)? {
            at if at > now.timestamp() => Ok(at),
            _ => on(1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{TimeZone, offset};

    fn at(text: &str) -> String {
        let zone = TimeZone::fixed(offset(1));
        let now = "2026-11-26T10:00:00Z".parse::<Timestamp>().unwrap().to_zoned_datetime(zone);
        parse_at(text, &now).unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
    }

    #[test]
    fn times_are_read_as_people_say_them() {
        for (text, expected) in [
            ("2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24 18:00", "2026-12-24T17:00:00Z"),
            ("in 2h", "2026-11-26T12:00:00Z"),
            ("In 2 hours", "2026-11-26T12:00:00Z"),
            ("30m", "2026-11-26T10:30:00Z"),
            ("1h 30m", "2026-11-26T11:30:00Z"),
            ("in 3 days", "2026-11-29T10:00:00Z"),
            ("tomorrow 08:00", "2026-11-27T07:00:00Z"),
            ("tomorrow  8:00", "2026-11-27T07:00:00Z"),
            ("today 08:00", "2026-11-26T07:00:00Z"),
            ("18:00", "2026-11-26T17:00:00Z"),
            ("08:00", "2026-11-27T07:00:00Z"),
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_with_the_forms() {
        let now = ZonedDateTime::now();
        for wrong in ["", "soon", "-2h", "in -2h", "tomorrow", "25:00", "2026-13-01", "12", "8"] {
            let error = parse_at(wrong, &now).expect_err(wrong);
            assert!(error.contains("tomorrow 08:00"), "{wrong}: {error}");
        }
    }
}
