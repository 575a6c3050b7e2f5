//! How fast frames follow each other, whether evenly, and how many there are.

use super::ffprobe::{Format, Stream, seconds};
use super::info::Rational;

/// A file may count its frames this many frames away from even spacing and still be even: the
/// last frame's length is often written wrongly.
const DRIFT_FRAMES: f64 = 0.6;

/// Without a frame count, rates further apart than this are taken for uneven.
const DRIFT_RATIO: f64 = 0.0005;

/// Uneven rates are not resampled to more than this: above, the nominal rate is only the
/// container's clock.
const MOST_NOMINAL: f64 = 60.5;

/// Rates of real films, in ascending order.
const COMMON: [(u32, u32); 12] = [
    (5, 1),
    (10, 1),
    (15, 1),
    (24000, 1001),
    (24, 1),
    (25, 1),
    (30000, 1001),
    (30, 1),
    (48, 1),
    (50, 1),
    (60000, 1001),
    (60, 1),
];

/// The timing of a picture stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timing {
    pub fps: Rational,
    pub variable_rate: bool,
    pub frame_count: Option<u64>,
    pub exact: bool,
    pub duration: Option<f64>,
    /// The same where the container tells it of the picture itself, to the end of the last frame.
    pub shown: Option<f64>,
}

/// The timing by what ffprobe says; nothing when it knows no rate at all.
pub(super) fn of(stream: &Stream, format: &Format) -> Option<Timing> {
    let own = seconds(stream.duration.as_deref()).or_else(|| tagged(stream)).filter(|d| *d > 0.0);
    let tells = |name| ["mp4", "matroska", "gif", "apng"].contains(&name);
    let shown = own.filter(|_| format.format_name.split(',').any(tells));
    let duration = own.or_else(|| whole_file(stream, format)).filter(|d| *d > 0.0);
    let counted: Option<u64> =
        stream.nb_frames.as_deref().and_then(|n| n.parse().ok()).filter(|&n| n > 0);
    let nominal = stream.r_frame_rate.as_deref().and_then(Rational::parse);
    let average = stream.avg_frame_rate.as_deref().and_then(Rational::parse);
    let (fps, variable_rate) = match (nominal, average) {
        (Some(nominal), Some(average)) => choose(stream, nominal, average, counted),
        (Some(only), None) | (None, Some(only)) => (only, false),
        (None, None) => return None,
    };
    // An uneven film has as many frames as its average rate says.
    let rate = if variable_rate { average.unwrap_or(fps) } else { fps };
    let timed = duration.map(|d| (d * rate.as_f64()).round().max(1.0) as u64);
    // An edit list can hide frames that the container counts.
    let exact = counted.is_some_and(|n| timed.is_none_or(|timed| n <= timed.saturating_add(1)));
    let frame_count = if exact { counted } else { timed.or(counted) };
    Some(Timing { fps, variable_rate, frame_count, exact, duration, shown })
}

fn choose(
    stream: &Stream,
    nominal: Rational,
    average: Rational,
    counted: Option<u64>,
) -> (Rational, bool) {
    let ratio = nominal.as_f64() / average.as_f64();
    let even = |ratio: f64| match counted {
        Some(n) => (ratio - 1.0).abs() * n as f64 <= DRIFT_FRAMES,
        None => (ratio - 1.0).abs() <= DRIFT_RATIO,
    };
    if even(ratio) {
        return (nominal, false);
    }
    // Two fields, one frame: the clock ticks once per field.
    let interlaced = matches!(stream.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"));
    if interlaced && even(ratio / 2.0) {
        return (Rational::new(nominal.num, nominal.den.saturating_mul(2)), false);
    }
    if nominal.as_f64() <= MOST_NOMINAL || ratio < 1.05 {
        return (nominal, true);
    }
    let enough = COMMON
        .into_iter()
        .map(|(num, den)| Rational::new(num, den))
        .find(|rate| rate.as_f64() >= average.as_f64() * 0.999);
    (enough.unwrap_or(average), true)
}

/// Matroska's tag, which counts from the start of the file.
fn tagged(stream: &Stream) -> Option<f64> {
    let end = stream.tag("DURATION").and_then(clock)?;
    Some(end - seconds(stream.start_time.as_deref()).unwrap_or(0.0).max(0.0))
}

/// `00:01:02.500000000`, as Matroska's tags have it.
fn clock(text: &str) -> Option<f64> {
    text.trim().split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
}

/// The length of the file from the first picture on; too long where sound goes on after it.
fn whole_file(stream: &Stream, format: &Format) -> Option<f64> {
    let length = seconds(format.duration.as_deref())?;
    let start = seconds(stream.start_time.as_deref()).unwrap_or(0.0);
    let file_start = seconds(format.start_time.as_deref()).unwrap_or(start);
    Some(length - (start - file_start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(r: &str, avg: &str, frames: Option<&str>, duration: Option<&str>) -> Stream {
        Stream {
            r_frame_rate: Some(r.into()),
            avg_frame_rate: Some(avg.into()),
            nb_frames: frames.map(str::to_owned),
            duration: duration.map(str::to_owned),
            ..Stream::default()
        }
    }

    fn timing(stream: &Stream) -> Timing {
        of(stream, &Format::default()).unwrap()
    }

    #[test]
    fn even_rates_are_kept_exactly() {
        let t = timing(&stream("30000/1001", "30000/1001", Some("300"), Some("10.010000")));
        assert_eq!((t.fps, t.variable_rate), (Rational { num: 30000, den: 1001 }, false));
        assert_eq!((t.frame_count, t.exact), (Some(300), true));
    }

    #[test]
    fn one_missing_frame_makes_it_uneven() {
        let t = timing(&stream("30/1", "299/10", Some("299"), Some("10.0")));
        assert_eq!((t.fps, t.variable_rate), (Rational { num: 30, den: 1 }, true));
        assert_eq!((t.frame_count, t.exact), (Some(299), true));
    }

    #[test]
    fn a_clock_is_no_rate() {
        let t = timing(&stream("90000/1", "2997/125", Some("2398"), Some("100.0")));
        assert_eq!((t.fps, t.variable_rate), (Rational { num: 24000, den: 1001 }, true));
    }

    #[test]
    fn fields_are_not_frames() {
        let mut s = stream("50/1", "25/1", None, Some("2.0"));
        s.field_order = Some("tt".into());
        let t = timing(&s);
        assert_eq!((t.fps, t.variable_rate), (Rational { num: 25, den: 1 }, false));
        assert_eq!(t.frame_count, Some(50));
    }

    #[test]
    fn frames_hidden_by_an_edit_list_are_not_expected() {
        let t = timing(&stream("25/1", "25/1", Some("100"), Some("2.0")));
        assert_eq!((t.frame_count, t.exact), (Some(50), false));
    }

    #[test]
    fn matroska_tells_the_length_in_a_tag() {
        let mut s = stream("25/1", "25/1", None, None);
        s.tags.insert("DURATION".into(), "00:01:02.520000000".into());
        assert_eq!(timing(&s).duration, Some(62.52));
    }

    #[test]
    fn no_rate_is_no_video() {
        assert_eq!(of(&stream("0/0", "0/0", None, None), &Format::default()), None);
    }
}
