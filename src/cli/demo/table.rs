//! What the demo did, in numbers: a table for people, an object for programs.

use serde::Serialize;

use crate::pipeline::Summary;

/// What became of one target.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `still` or `clip`.
    pub name: &'static str,
    /// The file that was swapped into.
    pub input: String,
    /// The file that was made.
    pub output: String,
    /// Frames of the output.
    pub frames: u64,
    /// Frames in which a face was found and swapped.
    pub frames_with_face: u64,
    /// Mean cosine of the face in the input to the source; nothing when no face was found.
    pub cosine_before: Option<f32>,
    /// The same of the output, read again from its file.
    pub cosine_after: Option<f32>,
    /// Seconds from the first frame to the finished file.
    pub seconds: f64,
    /// Frames a second, from end to end.
    pub fps: f64,
    /// The most memory that facedeck ever held until then, in bytes.
    pub peak_memory: u64,
}

impl Row {
    /// The row of a finished job.
    pub fn new(
        name: &'static str,
        input: String,
        cosines: [Option<f32>; 2],
        summary: &Summary,
    ) -> Self {
        Row {
            name,
            input,
            output: summary.output.clone(),
            frames: summary.frames,
            frames_with_face: summary.frames_with_swap,
            cosine_before: cosines[0],
            cosine_after: cosines[1],
            seconds: summary.seconds,
            fps: summary.fps(),
            peak_memory: summary.peak_memory,
        }
    }

    fn cells(&self) -> [String; 7] {
        let cosine = |v: Option<f32>| v.map_or("no face".to_owned(), |v| format!("{v:.2}"));
        let speed = if self.frames == 1 {
            format!("{:.2} s", self.seconds)
        } else {
            format!("{:.1} fps", self.fps)
        };
        [
            self.name.to_owned(),
            format!("{} of {}", self.frames_with_face, self.frames),
            cosine(self.cosine_before),
            cosine(self.cosine_after),
            speed,
            format!("{:.0} MB", self.peak_memory as f64 / 1e6),
            self.output.clone(),
        ]
    }
}

const HEAD: [&str; 7] = ["", "faces found", "before", "after", "speed", "peak memory", "file"];

/// The rows as a table with a line that explains it.
pub fn render(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let widths: [usize; 7] =
        std::array::from_fn(|c| cells.iter().map(|row| row[c].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            // Words to the left, numbers to the right.
            let padded = if c == 0 || c == 6 {
                format!("{cell:width$}", width = widths[c])
            } else {
                format!("{cell:>width$}", width = widths[c])
            };
            line.push_str(&padded);
            line.push_str("   ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str(
        "before, after: cosine of the face to the Mona Lisa's, measured in the files\n\
         (1 is the same photo; two people stay under 0.25)\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, frames: u64) -> Row {
        let summary = Summary {
            output: format!("facedeck-demo/{name}"),
            frames,
            frames_before: 0,
            frames_with_swap: frames,
            frames_without_swap: Vec::new(),
            faces_swapped: frames,
            frames_screened: 1,
            seconds: 0.5 * frames as f64,
            cpu_seconds: (0.0, 0.0),
            peak_memory: 123_400_000,
            stages: Vec::new(),
        };
        Row::new(name, "in".into(), [Some(0.031), None], &summary)
    }

    #[test]
    fn columns_stand_under_each_other() {
        let text = render(&[row("still", 1), row("clip", 250)]);
        let lines: Vec<&str> = text.lines().collect();
        let still =
            "still        1 of 1     0.03   no face    0.50 s        123 MB   facedeck-demo/still";
        let clip =
            "clip     250 of 250     0.03   no face   2.0 fps        123 MB   facedeck-demo/clip";
        assert_eq!(lines[1..3], [still, clip]);
        let end = |line: &str| line.find("MB").unwrap();
        assert_eq!(end(lines[1]), end(lines[2]));
        assert!(lines.iter().all(|line| *line == line.trim_end()));
    }

    #[test]
    fn programs_get_every_number() {
        let value = serde_json::to_value(row("clip", 250)).unwrap();
        assert_eq!(value["frames_with_face"], 250);
        assert_eq!(value["fps"], 2.0);
        assert!(value["cosine_after"].is_null());
        assert!((value["cosine_before"].as_f64().unwrap() - 0.031).abs() < 1e-6);
    }
}
