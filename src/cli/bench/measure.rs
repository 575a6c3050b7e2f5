//! Measures sets of models, size by size, round by round.

use std::path::Path;

use crate::cli::output::OutputMode;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::child::{self, Round};
use super::clips::Clips;
use super::report::{Row, Spread};
use super::sizes::Size;
use super::subjects::{Prepared, Subject};
use super::task::Task;

/// Frames of the run that warms the disk's cache and tells how slow a set of models is.
const WARM_FRAMES: u64 = 8;
/// Unless it was asked for more, a round takes no longer than about this, in seconds.
const ROUND_SECONDS: f64 = 30.0;

/// How it is measured.
pub(super) struct Plan<'a> {
    /// Frames of the clips.
    pub frames: u64,
    /// Whether slow sets get that many frames, too.
    pub exact: bool,
    /// Rounds.
    pub rounds: u32,
    /// The sizes.
    pub sizes: &'a [Size],
    /// Where files lie.
    pub folder: &'a Path,
    /// How notes are told.
    pub mode: OutputMode,
    /// Stops it.
    pub interrupt: &'a Interrupt,
}

impl Plan<'_> {
    /// Measures a set at every size. What fails is in its row.
    ///
    /// # Errors
    /// When it cannot be made ready, a clip cannot be made, or the user stopped the work.
    pub fn measure(
        &self,
        subject: &Subject,
        prepared: &Prepared,
        clips: &Clips<'_>,
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &size in self.sizes {
            let row = match self.rounds(prepared, size, clips) {
                Ok(rounds) => row(&subject.name, size, &rounds),
                Err(error) if error.exit_code() == 130 => return Err(error),
                Err(error) => failed(&subject.name, size, &error),
            };
            self.mode.note(&sentence(&row));
            rows.push(row);
        }
        Ok(rows)
    }

    fn rounds(&self, prepared: &Prepared, size: Size, clips: &Clips<'_>) -> Result<Vec<Round>> {
        let warm = WARM_FRAMES.min(self.frames);
        let mut task = self.task(prepared, size, warm, clips)?;
        let first = self.round(&task)?;
        let frames = self.frames_for(&first);
        if frames != warm {
            task.target = clips.clip(size, frames, prepared.marks)?;
        }
        let mut before = first.measured.bare_ms;
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            let mut round = self.round(&task)?;
            let after = round.measured.bare_ms;
            round.measured.bare_ms = around(before, after);
            before = after;
            rounds.push(round);
        }
        Ok(rounds)
    }

    /// Fewer frames for those that would take all day.
    fn frames_for(&self, warm: &Round) -> u64 {
        if self.exact {
            return self.frames;
        }
        let seconds = warm.measured.seconds.max(1e-9) / warm.measured.frames.max(1) as f64;
        let affordable = (ROUND_SECONDS / seconds) as u64;
        self.frames.min(affordable.max(WARM_FRAMES))
    }

    fn task(
        &self,
        prepared: &Prepared,
        size: Size,
        frames: u64,
        clips: &Clips<'_>,
    ) -> Result<Task> {
        Ok(Task {
            source: clips.source(prepared.marks)?,
            target: clips.clip(size, frames, prepared.marks)?,
            output: self.folder.join("out.mp4"),
            profile: prepared.profile.clone(),
            home: prepared.home.clone(),
            network: prepared.network.clone(),
        })
    }

    fn round(&self, task: &Task) -> Result<Round> {
        let round = child::round(task, self.folder, self.interrupt)?;
        let measured = &round.measured;
        if measured.frames_with_swap < measured.frames {
            return Err(Error::failed(format!(
                "a face was found in {} of {} frames only, so the numbers say nothing",
                measured.frames_with_swap, measured.frames
            ))
            .hint("use another detector: --set faces.detector=blazeface_full_range"));
        }
        Ok(round)
    }
}

/// What a bare run took around a round: a machine that others use, too, is not as fast after a film
/// as it was before it, and the film is held against both.
fn around(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    Some((before? + after?) / 2.0)
}

/// The numbers of one round.
fn numbers(round: &Round) -> Vec<(&'static str, f64)> {
    let measured = &round.measured;
    let frames = measured.frames.max(1) as f64;
    let total = measured.seconds * 1e3 / frames;
    let mut numbers = vec![
        ("total_ms", total),
        ("fps", 1e3 / total.max(1e-9)),
        ("cpu_ms", measured.own_cpu * 1e3 / frames),
        ("ffmpeg_cpu_ms", measured.ffmpeg_cpu * 1e3 / frames),
        ("peak_bytes", measured.peak_memory as f64),
        ("output_bytes", measured.output as f64),
        ("start_seconds", round.start_seconds),
    ];
    // In the order in which frames pass them; what a processor is called depends on the profile.
    let keys = ["decode_ms", "analyze_ms", "process_ms", "encode_ms"];
    numbers.extend(keys.into_iter().zip(measured.stages.iter().map(|stage| stage.ms_per_frame)));
    numbers.extend(measured.written.map(|bytes| ("written_bytes", bytes as f64)));
    numbers.extend(round.gpu_percent.map(|percent| ("gpu_percent", percent)));
    if let Some(bare) = measured.bare_ms {
        numbers.extend([("bare_ms", bare), ("bare_ratio", total / bare.max(1e-9))]);
    }
    numbers
}

/// The stage that is busiest over all rounds, and how busy it was in each.
fn limit(rounds: &[Round]) -> Option<(&'static str, Vec<f64>)> {
    let shares: Vec<Vec<f64>> = rounds.iter().map(|round| round.measured.shares()).collect();
    let names = ["decode", "analyze", "process", "encode"];
    let of = |stage: usize| -> Vec<f64> {
        shares.iter().filter_map(|shares| shares.get(stage).copied()).collect()
    };
    let median = |stage: &usize| Spread::of(of(*stage)).map_or(0.0, |spread| spread.median);
    let stage = (0..names.len()).max_by(|a, b| median(a).total_cmp(&median(b)))?;
    let all = of(stage);
    (!all.is_empty()).then_some((names[stage], all))
}

fn row(name: &str, size: Size, rounds: &[Round]) -> Row {
    let all: Vec<Vec<(&'static str, f64)>> = rounds.iter().map(numbers).collect();
    let mut row = Row {
        name: name.to_owned(),
        size: size.to_string(),
        frames: rounds.first().map_or(0, |round| round.measured.frames),
        rounds: rounds.len() as u32,
        provider: rounds.first().map_or_else(String::new, |r| r.measured.provider.clone()),
        limit: None,
        numbers: Default::default(),
        error: None,
    };
    for number in &super::report::NUMBERS {
        let values = all.iter().flatten().filter(|(key, _)| *key == number.key).map(|(_, v)| *v);
        if let Some(spread) = Spread::of(values.collect()) {
            row.numbers.insert(number.key.to_owned(), spread);
        }
    }
    if let Some((stage, shares)) = limit(rounds) {
        row.limit = Some(stage.to_owned());
        row.numbers.extend(Spread::of(shares).map(|spread| ("limit_share".to_owned(), spread)));
    }
    row
}

fn failed(name: &str, size: Size, error: &Error) -> Row {
    let mut why = error.chain();
    if let Some(hint) = error.hint_text() {
        why = format!("{why} (try: {hint})");
    }
    Row {
        name: name.to_owned(),
        size: size.to_string(),
        frames: 0,
        rounds: 0,
        provider: String::new(),
        limit: None,
        numbers: Default::default(),
        error: Some(why),
    }
}

/// One row in words.
fn sentence(row: &Row) -> String {
    let Row { name, size, .. } = row;
    match (&row.error, row.median("fps")) {
        (Some(error), _) => format!("{name}, {size}: failed: {error}"),
        (None, fps) => format!("{name}, {size}: {:.1} fps", fps.unwrap_or(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::task::{Measured, Stage};
    use super::*;

    fn round(seconds: f64, process: f64) -> Round {
        let stage =
            |name: &str, ms_per_frame, threads| Stage { name: name.into(), ms_per_frame, threads };
        let measured = Measured {
            frames: 50,
            frames_with_swap: 50,
            seconds,
            own_cpu: 1.0,
            ffmpeg_cpu: 0.5,
            peak_memory: 100_000_000,
            written: None,
            output: 1000,
            stages: vec![
                stage("decode", 1.0, 1),
                stage("analyze", 3.0, 1),
                stage("swap", process, 2),
                stage("encode", 4.0, 1),
            ],
            provider: "cpu".into(),
            bare_ms: Some(20.0),
        };
        Round { measured, start_seconds: 0.5, gpu_percent: None }
    }

    fn size() -> Size {
        Size { width: 1280, height: 720 }
    }

    #[test]
    fn a_row_has_the_middle_of_its_rounds() {
        let rounds = [round(2.0, 30.0), round(1.0, 20.0), round(1.5, 25.0)];
        let row = row("embedded", size(), &rounds);
        assert_eq!((row.size.as_str(), row.frames, row.rounds), ("720p", 50, 3));
        let fps = row.numbers["fps"];
        assert!((fps.median - 50.0 / 1.5).abs() < 1e-9 && (fps.high - 50.0).abs() < 1e-9);
        assert_eq!(row.median("total_ms"), Some(30.0));
        assert_eq!(row.median("bare_ratio"), Some(1.5));
        assert_eq!(row.median("cpu_ms"), Some(20.0));
        assert_eq!(row.median("process_ms"), Some(25.0));
        assert!(row.median("written_bytes").is_none() && row.median("gpu_percent").is_none());
        // 25 ms of 2 × 30 are more than 4 ms of 30.
        assert_eq!(row.limit.as_deref(), Some("process"));
        assert!((row.median("limit_share").unwrap() - 25.0 / 60.0).abs() < 0.1);
    }

    #[test]
    fn a_round_is_held_against_bare_runs_before_and_after_it() {
        assert_eq!(around(Some(20.0), Some(30.0)), Some(25.0));
        assert_eq!(around(None, None), None);
    }

    #[test]
    fn threads_are_counted_when_the_limit_is_looked_for() {
        // 7 ms on two threads are less than 4 ms on one.
        assert_eq!(row("a", size(), &[round(1.0, 7.0)]).limit.as_deref(), Some("encode"));
    }

    #[test]
    fn slow_models_get_fewer_frames_unless_they_were_asked_for() {
        let interrupt = Interrupt::new();
        let plan = |exact| Plan {
            frames: 100,
            exact,
            rounds: 1,
            sizes: &[],
            folder: Path::new("."),
            mode: OutputMode::Quiet,
            interrupt: &interrupt,
        };
        // 50 frames in 75 seconds: 20 take half a minute.
        assert_eq!(plan(false).frames_for(&round(75.0, 1.0)), 20);
        assert_eq!(plan(true).frames_for(&round(75.0, 1.0)), 100);
        assert_eq!(plan(false).frames_for(&round(7500.0, 1.0)), WARM_FRAMES);
        assert_eq!(plan(false).frames_for(&round(1.0, 1.0)), 100);
    }

    #[test]
    fn what_failed_says_why() {
        let error = Error::failed("no luck").because("a reason".to_owned()).hint("do this");
        let row = failed("a", size(), &error);
        assert_eq!(row.error.as_deref(), Some("no luck: a reason (try: do this)"));
        assert!(sentence(&row).contains("a, 720p: failed: no luck"));
    }
}
