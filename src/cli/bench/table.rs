//! The numbers as tables for people.

use super::compare::{Compared, Verdict};
use super::report::{Report, Row};

/// How a number is shown.
type Show = fn(f64) -> String;

/// A column: the key of its number, its heading, how it is shown.
struct Column {
    key: &'static str,
    head: &'static str,
    show: Show,
}

const fn column(key: &'static str, head: &'static str, show: Show) -> Column {
    Column { key, head, show }
}

/// The columns behind the size; those that nobody has a number for are left out.
const COLUMNS: [Column; 15] = [
    column("decode_ms", "decode", milliseconds),
    column("analyze_ms", "analyze", milliseconds),
    column("process_ms", "process", milliseconds),
    column("encode_ms", "encode", milliseconds),
    column("cpu_ms", "cpu", milliseconds),
    column("ffmpeg_cpu_ms", "ffmpeg", milliseconds),
    column("limit_share", "limit", percent),
    column("fps", "fps", |v| format!("{v:.1}")),
    column("bare_ms", "bare", milliseconds),
    column("bare_ratio", "ratio", |v| format!("{v:.2}")),
    column("peak_bytes", "memory", megabytes),
    column("written_bytes", "written", megabytes),
    column("output_bytes", "output", megabytes),
    column("start_seconds", "start", |v| format!("{v:.2} s")),
    column("gpu_percent", "gpu", |v| format!("{v:.0} %")),
];

/// What the columns mean.
const LEGEND: &str = "\
decode … encode: how long a stage is busy with a frame, ms (all its threads together)
cpu, ffmpeg: processor time a frame of facedeck itself and of its ffmpegs, ms
limit: the busiest stage and how much of the time it is busy
fps: frames a second from end to end";
/// The same for columns that are not always there.
const MORE: [(&str, &str); 4] = [
    ("bare_ms", "bare, ratio: one run of the network alone, ms; end to end over that"),
    ("peak_bytes", "memory: the most that facedeck held; output: the size of the result"),
    ("written_bytes", "written: what came to disks, work that is removed again included"),
    ("start_seconds", "start: from the start of the program to the first swapped frame"),
];

fn milliseconds(v: f64) -> String {
    if v < 100.0 { format!("{v:.1}") } else { format!("{v:.0}") }
}

fn percent(v: f64) -> String {
    format!("{:.0} %", v * 100.0)
}

fn megabytes(v: f64) -> String {
    let megabytes = v / 1e6;
    if megabytes < 10.0 { format!("{megabytes:.1} MB") } else { format!("{megabytes:.0} MB") }
}

/// The report as a table for each set of models, with a line that says on what.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("{}\n", report.machine.line());
    if !report.settings.is_empty() {
        text.push_str(&format!("with {}\n", report.settings.join(", ")));
    }
    if !report.machine.optimized {
        text.push_str("This build is not optimized: its numbers say little (cargo --release).\n");
    }
    let shown = |row: &Row, column: &Column| match (column.key, &row.limit) {
        ("limit_share", Some(stage)) => {
            row.median(column.key).map(|v| format!("{stage} {}", percent(v)))
        }
        _ => row.median(column.key).map(column.show),
    };
    let has = |key: &str| report.rows.iter().any(|row| row.numbers.contains_key(key));
    for rows in report.rows.chunk_by(|a, b| a.name == b.name) {
        text.push_str(&format!("\n{}\n", heading(rows)));
        let columns: Vec<&Column> = COLUMNS.iter().filter(|column| has(column.key)).collect();
        let mut cells = vec![head(&columns)];
        for row in rows.iter().filter(|row| row.error.is_none()) {
            let mut line = vec![row.size.clone()];
            let numbers = columns.iter().map(|column| shown(row, column));
            line.extend(numbers.map(|number| number.unwrap_or_else(|| "–".into())));
            cells.push(line);
        }
        if cells.len() > 1 {
            text.push_str(&aligned(&cells));
        }
        for row in rows {
            if let Some(error) = &row.error {
                text.push_str(&format!("  {}: {error}\n", row.size));
            }
        }
    }
    text.push_str(&format!("\n{LEGEND}\n"));
    for (_, words) in MORE.iter().filter(|(key, _)| has(key)) {
        text.push_str(&format!("{words}\n"));
    }
    text
}

/// The ratios of this run to an earlier one as a table for each set of models.
pub(super) fn render_comparison(compared: &[Compared]) -> String {
    let mut text = String::from("This run over the earlier one\n");
    let has = |key: &str| compared.iter().any(|row| row.numbers.contains_key(key));
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| has(column.key)).collect();
    for rows in compared.chunk_by(|a, b| a.name == b.name) {
        text.push_str(&format!("\n{}\n", rows[0].name));
        let mut cells = vec![head(&columns)];
        for row in rows {
            let mut line = vec![row.size.clone()];
            line.extend(columns.iter().map(|column| match row.numbers.get(column.key) {
                None => "–".to_owned(),
                Some(change) => {
                    let sign = match change.verdict {
                        Verdict::Better => "+",
                        Verdict::Worse => "!",
                        Verdict::Same => " ",
                    };
                    format!("{:.2}{sign}", change.ratio)
                }
            }));
            cells.push(line);
        }
        text.push_str(&aligned(&cells));
    }
    let count = |verdict| {
        let all = compared.iter().flat_map(|row| row.numbers.values());
        all.filter(|change| change.verdict == verdict).count()
    };
    text.push_str(&format!(
        "\n+ better ({}), ! worse ({}) by more than the noise of both runs\n",
        count(Verdict::Better),
        count(Verdict::Worse)
    ));
    text
}

/// What a set is called and how it was measured.
fn heading(rows: &[Row]) -> String {
    let name = rows.first().map_or("", |row| row.name.as_str());
    let Some(row) = rows.iter().find(|row| row.error.is_none()) else { return name.to_owned() };
    let frames: Vec<u64> =
        rows.iter().filter(|row| row.error.is_none()).map(|row| row.frames).collect();
    let (least, most) = frames.iter().fold((u64::MAX, 0), |(a, b), &n| (a.min(n), b.max(n)));
    let frames = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    let rounds = if row.rounds == 1 { "round" } else { "rounds" };
    format!("{name} on {} · {frames} frames · {} {rounds}", row.provider, row.rounds)
}

fn head(columns: &[&Column]) -> Vec<String> {
    let heads = columns.iter().map(|column| column.head.to_owned());
    std::iter::once("size".to_owned()).chain(heads).collect()
}

/// Cells under each other: the first column to the left, numbers to the right.
pub(super) fn aligned(cells: &[Vec<String>]) -> String {
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| {
        cells
            .iter()
            .filter_map(|row| row.get(c))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in cells {
        let mut line = String::from("  ");
        for (c, cell) in row.iter().enumerate() {
            let width = widths[c];
            if c == 0 {
                line.push_str(&format!("{cell:width$}"));
            } else {
                line.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::super::report::tests::{report, row};
    use super::*;

    const NUMBERS: [(&str, f64); 6] = [
        ("decode_ms", 1.25),
        ("process_ms", 123.4),
        ("limit_share", 0.954),
        ("fps", 31.24),
        ("peak_bytes", 212_345_678.0),
        ("start_seconds", 0.412),
    ];

    #[test]
    fn numbers_stand_under_their_headings() {
        let mut failed = row("embedded", "2160p", &[]);
        failed.error = Some("it does not fit".into());
        let rows = vec![row("embedded", "720p", &NUMBERS), row("embedded", "1080p", &NUMBERS)];
        let text = render(&report([rows, vec![failed]].concat()));
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| *line == "embedded on cpu · 100 frames · 3 rounds");
        let table = &lines[at.unwrap() + 1..];
        assert_eq!(
            table[..4],
            [
                "  size   decode  process         limit   fps  memory   start",
                "  720p      1.2      123  process 95 %  31.2  212 MB  0.41 s",
                "  1080p     1.2      123  process 95 %  31.2  212 MB  0.41 s",
                "  2160p: it does not fit",
            ]
        );
        assert!(text.contains("memory: the most") && !text.contains("bare, ratio"), "{text}");
        assert!(lines.iter().all(|line| *line == line.trim_end()));
    }

    #[test]
    fn every_number_has_a_column_but_one_that_another_tells() {
        let keys: Vec<&str> = COLUMNS.iter().map(|column| column.key).collect();
        for number in &super::super::report::NUMBERS {
            assert_eq!(keys.contains(&number.key), number.key != "total_ms", "{}", number.key);
        }
    }

    #[test]
    fn sets_are_told_apart_and_dashes_fill_the_gaps() {
        let numbers = [("fps", 2.0), ("bare_ms", 400.0), ("bare_ratio", 1.25)];
        let text = render(&report(vec![
            row("embedded", "720p", &[("fps", 30.0)]),
            row("inswapper_128", "720p", &numbers),
        ]));
        assert!(text.contains("  720p  30.0     –      –\n"), "{text}");
        assert!(text.contains("  720p  2.0   400   1.25\n"), "{text}");
        assert!(text.contains("\ninswapper_128 on cpu"), "{text}");
    }

    #[test]
    fn ratios_are_marked() {
        let before = report(vec![row("a", "720p", &[("fps", 20.0), ("decode_ms", 1.0)])]);
        let now = report(vec![row("a", "720p", &[("fps", 30.0), ("decode_ms", 2.0)])]);
        let text = render_comparison(&compare(&now, &before));
        assert!(text.contains("  size  decode    fps\n  720p   2.00!  1.50+\n"), "{text}");
        assert!(text.contains("+ better (1), ! worse (1)"), "{text}");
        let same = render_comparison(&compare(&now, &now));
        assert!(same.contains("  720p   1.00   1.00\n"), "{same}");
    }
}
