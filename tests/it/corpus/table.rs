//! What was found, as a table.

use super::judge::Verdict;

/// One row a film.
pub fn of(verdicts: &[Verdict]) -> String {
    let mut lines = vec![format!(
        "{:<18} {:<5} {:<29} {:>6} {:>8} {:>8} {:>7} {:>8} {:>6}  {:<38} {:<5} {}",
        "film",
        "to",
        "picture",
        "frames",
        "off ms",
        "a/v ms",
        "outside",
        "inside %",
        "s",
        "range space primaries transfer",
        "",
        "streams"
    )];
    for verdict in verdicts {
        let apart = verdict.apart.map_or("-".into(), |s| format!("{:.3}", s * 1e3));
        let good = if verdict.faults.is_empty() { "good" } else { "BAD" };
        lines.push(format!(
            "{:<18} {:<5} {:<29} {:>6} {:>8.3} {:>8} {:>7} {:>8.1} {:>6.1}  {:<38} {:<5} {}",
            verdict.film,
            verdict.output,
            verdict.picture,
            verdict.frames,
            verdict.off * 1e3,
            apart,
            verdict.changes.outside,
            verdict.changes.least * 100.0,
            verdict.seconds,
            verdict.colors,
            good,
            verdict.streams
        ));
    }
    lines.join("\n")
}
