//! This run held against an earlier one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::report::{Better, NUMBERS, Report, Row, Spread};

/// Differences up to this share are noise, however alike the rounds are.
const NOISE: f64 = 0.03;
/// The same where there were too few rounds to show how much numbers vary.
const FEW_NOISE: f64 = 0.10;
/// Rounds that show it.
const ENOUGH_ROUNDS: u32 = 3;

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Better, by more than the noise.
    Better,
    /// Worse, by more than the noise.
    Worse,
    /// The same, or neither way is better.
    Same,
}

/// One number before and now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Change {
    /// The earlier median.
    pub before: f64,
    /// The median of this run.
    pub now: f64,
    /// `now` over `before`.
    pub ratio: f64,
    /// The share by which it may differ by chance.
    pub noise: f64,
    /// What became of it.
    pub verdict: Verdict,
}

/// A row that both runs have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Compared {
    /// The set's name.
    pub name: String,
    /// The size's name.
    pub size: String,
    /// The numbers that both have, by their keys.
    pub numbers: BTreeMap<&'static str, Change>,
}

/// Compares the rows that both runs have and that were measured in both.
pub(super) fn compare(now: &Report, before: &Report) -> Vec<Compared> {
    let good = |row: &&Row| row.error.is_none();
    now.rows
        .iter()
        .filter(good)
        .filter_map(|row| {
            let same = |old: &&Row| old.name == row.name && old.size == row.size;
            let old = before.rows.iter().filter(good).find(same)?;
            let (name, size) = (row.name.clone(), row.size.clone());
            Some(Compared { name, size, numbers: changes(row, old) })
        })
        .collect()
}

fn changes(now: &Row, before: &Row) -> BTreeMap<&'static str, Change> {
    let few = now.rounds.min(before.rounds) < ENOUGH_ROUNDS;
    let comparable = NUMBERS.iter().filter(|n| !n.of_clip || now.frames == before.frames);
    comparable
        .filter_map(|number| {
            let (a, b) = (before.numbers.get(number.key)?, now.numbers.get(number.key)?);
            Some((number.key, change(a, b, few, number.better)?))
        })
        .collect()
}

/// Nothing where there is no ratio.
fn change(before: &Spread, now: &Spread, few: bool, better: Better) -> Option<Change> {
    let ratio = match (before.median, now.median) {
        (0.0, 0.0) => 1.0,
        (0.0, _) => return None,
        (before, now) => now / before,
    };
    let least = if few { FEW_NOISE } else { NOISE };
    let noise = least.max((before.width() + now.width()) / 2.0);
    let verdict = match better {
        _ if (ratio - 1.0).abs() <= noise => Verdict::Same,
        Better::Neither => Verdict::Same,
        Better::Lower if ratio < 1.0 => Verdict::Better,
        Better::Higher if ratio > 1.0 => Verdict::Better,
        Better::Lower | Better::Higher => Verdict::Worse,
    };
    Some(Change { before: before.median, now: now.median, ratio, noise, verdict })
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{report, row};
    use super::*;

    fn only(now: Row, before: Row) -> BTreeMap<&'static str, Change> {
        let mut all = compare(&report(vec![now]), &report(vec![before]));
        assert_eq!(all.len(), 1);
        all.remove(0).numbers
    }

    #[test]
    fn a_run_is_the_same_as_itself() {
        let numbers = [("fps", 30.0), ("cpu_ms", 12.0), ("peak_bytes", 1e8), ("gpu_percent", 0.0)];
        let one = row("embedded", "720p", &numbers);
        let changes = only(one.clone(), one);
        assert_eq!(changes.len(), numbers.len());
        assert!(changes.values().all(|c| c.ratio == 1.0 && c.verdict == Verdict::Same));
    }

    #[test]
    fn more_frames_are_better_and_more_milliseconds_are_worse() {
        let before = row("a", "720p", &[("fps", 20.0), ("cpu_ms", 10.0), ("limit_share", 0.5)]);
        let now = row("a", "720p", &[("fps", 30.0), ("cpu_ms", 15.0), ("limit_share", 0.9)]);
        let verdicts = |now: &Row, before: &Row| {
            let changes = only(now.clone(), before.clone());
            [changes["fps"].verdict, changes["cpu_ms"].verdict, changes["limit_share"].verdict]
        };
        assert_eq!(verdicts(&now, &before), [Verdict::Better, Verdict::Worse, Verdict::Same]);
        assert_eq!(verdicts(&before, &now), [Verdict::Worse, Verdict::Better, Verdict::Same]);
        assert_eq!(only(now, before)["fps"].ratio, 1.5);
    }

    #[test]
    fn what_varies_by_itself_is_no_difference() {
        let before = row("a", "720p", &[("cpu_ms", 10.0)]);
        let mut now = row("a", "720p", &[("cpu_ms", 10.8)]);
        assert_eq!(only(now.clone(), before.clone())["cpu_ms"].verdict, Verdict::Worse);
        // Rounds that are far apart.
        now.numbers.insert("cpu_ms".into(), Spread { median: 10.8, low: 10.0, high: 12.0 });
        let wide = only(now.clone(), before.clone())["cpu_ms"];
        assert_eq!(wide.verdict, Verdict::Same);
        assert!((wide.noise - 2.0 / 10.8 / 2.0).abs() < 1e-12);
        // A single round says nothing about that.
        let mut now = row("a", "720p", &[("cpu_ms", 10.8)]);
        now.rounds = 1;
        assert_eq!(only(now.clone(), before.clone())["cpu_ms"].verdict, Verdict::Same);
        now.numbers.insert("cpu_ms".into(), Spread { median: 11.2, low: 11.2, high: 11.2 });
        assert_eq!(only(now, before)["cpu_ms"].verdict, Verdict::Worse);
    }

    #[test]
    fn only_what_both_have_is_compared() {
        let numbers = [("written_bytes", 5.0), ("fps", 3.0), ("bare_ms", 0.0)];
        let mut longer = row("a", "720p", &numbers);
        longer.frames = 200;
        let before = report(vec![row("a", "720p", &numbers), row("b", "720p", &numbers)]);
        let mut failed = row("b", "720p", &[]);
        failed.error = Some("broken".into());
        longer.numbers.insert("bare_ms".into(), Spread { median: 1.0, low: 1.0, high: 1.0 });
        let now = report(vec![longer, failed, row("a", "1080p", &numbers)]);
        let all = compare(&now, &before);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].name.as_str(), all[0].size.as_str()), ("a", "720p"));
        // The clips are of two lengths, and there is no ratio to nothing.
        assert_eq!(all[0].numbers.keys().copied().collect::<Vec<_>>(), ["fps"]);
    }
}
