//! How numbers and times are written.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds as a clock shows them: `0:07`, `12:30`, `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e9).round() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

/// Seconds in words: `12 s`, `3 min`, `2 h 5 min`, `4 d 1 h`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e9).round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..600 => format!("{} min {} s", seconds / 60, seconds % 60),
        600..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Bytes: `1.5 GB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ if value < 9.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// A time as the clock on the wall shows it: the time today, else with the day.
pub fn time(at: Timestamp, now: Timestamp) -> String {
    let (at, now) = (at.to_zoned_datetime(zone()), now.to_zoned_datetime(zone()));
    match at.date() == now.date() {
        true => at.strftime("%H:%M").to_string(),
        false => at.strftime("%b %-d %H:%M").to_string(),
    }
}

/// The same with seconds.
pub fn exact(at: Timestamp) -> String {
    at.to_zoned_datetime(zone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The zone of the user; tests must not depend on where they run.
pub fn zone() -> TimeZone {
    if cfg!(test) { TimeZone::UTC } else { TimeZone::system() }
}

/// The name of a file, without its folder.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

/// A word as a shell takes it: quoted where it has to be.
pub fn shell_word(word: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(clock(7.4), "0:07");
        assert_eq!(clock(3723.0), "1:02:03");
        assert_eq!(duration(59.6), "1 min 0 s");
        assert_eq!(duration(3_725.0), "1 h 2 min");
        assert_eq!(duration(90_000.0), "1 d 1 h");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500), "1.5 kB");
        assert_eq!(bytes(999_999_999), "1.0 GB");
        assert_eq!(bytes(12_000_000), "12 MB");
        assert_eq!(file_name("/a/b.mp4"), "b.mp4");
        assert_eq!(file_name("b.mp4"), "b.mp4");
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("/films/a.mp4"), "/films/a.mp4");
        assert_eq!(shell_word("it's a film.mp4"), r"'it'\''s a film.mp4'");
        assert_eq!(shell_word("$HOME"), "'$HOME'");
        assert_eq!(shell_word(""), "''");
    }
}
