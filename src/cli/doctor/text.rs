//! The report for people: aligned rows, a glyph in front of what is good or bad.

use clap::builder::styling::{AnsiColor, Style};

use super::report::Report;

/// What a row says about itself.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Good,
    Bad,
    /// Not there, and not needed.
    Absent,
    None,
}

struct Page {
    text: String,
    colored: bool,
}

/// The widest label, and two spaces.
const LABEL_WIDTH: usize = 11;

impl Page {
    /// One row; an empty label continues the row above.
    fn row(&mut self, label: &str, mark: Mark, text: &str) {
        let glyph = self.glyph(mark);
        self.text.push_str(format!("{label:LABEL_WIDTH$}{glyph}{text}").trim_end());
        self.text.push('\n');
    }

    fn glyph(&self, mark: Mark) -> String {
        let (glyph, color) = match mark {
            Mark::Good => ("✔", AnsiColor::Green),
            Mark::Bad => ("✖", AnsiColor::Red),
            Mark::Absent => ("–", AnsiColor::Yellow),
            Mark::None => return String::new(),
        };
        if self.colored {
            let style = Style::new().bold().fg_color(Some(color.into()));
            format!("{style}{glyph}{style:#} ")
        } else {
            format!("{glyph} ")
        }
    }
}

/// Writes the report.
pub(super) fn render(report: &Report, colored: bool) -> String {
    let mut page = Page { text: String::new(), colored };
    page.row(
        "facedeck",
        Mark::None,
        &format!("{} on {}", report.found.version, report.found.machine.platform),
    );
    tools(report, &mut page);
    models(report, &mut page);
    faster(report, &mut page);
    machine(report, &mut page);
    page.text.push('\n');
    for problem in &report.found.problems {
        page.row("", Mark::Bad, &problem.message);
        if let Some(hint) = &problem.hint {
            page.row("", Mark::None, &format!("  try: {hint}"));
        }
    }
    if report.found.ready {
        page.row("", Mark::Good, "ready");
    }
    page.text
}

fn tools(report: &Report, page: &mut Page) {
    match &report.found.ffmpeg {
        Some(found) => {
            page.row("ffmpeg", Mark::Good, &found.version);
            page.row("", Mark::None, &format!("  {}", found.ffmpeg.display()));
            page.row("ffprobe", Mark::Good, &found.ffprobe.display().to_string());
            for (index, encoder) in found.encoders.iter().enumerate() {
                let label = if index == 0 { "encoders" } else { "" };
                // The first one is the one that nothing works without.
                let mark = match (encoder.present, index) {
                    (true, _) => Mark::Good,
                    (false, 0) => Mark::Bad,
                    (false, _) => Mark::Absent,
                };
                let absent = if encoder.present { "" } else { " is not in this ffmpeg" };
                page.row(label, mark, &format!("{}{absent}", encoder.name));
            }
        }
        None => page.row("ffmpeg", Mark::Bad, "none that works"),
    }
    match &report.found.runtime {
        Some(found) => {
            let line = format!("ONNX Runtime {}, {}", found.version, found.origin.describe());
            page.row("runtime", Mark::Good, &line);
            page.row("", Mark::None, &format!("  {}", found.path.display()));
            if let Some(other) = &found.without_gpu {
                let other = other.display();
                page.row("", Mark::None, &format!("  without a GPU provider: {other}"));
            }
            providers(report, page);
        }
        None => page.row("runtime", Mark::Bad, "no ONNX Runtime that works"),
    }
}

/// One row for each provider, and below those that do not work what they lack.
fn providers(report: &Report, page: &mut Page) {
    for (index, provider) in report.found.providers.iter().enumerate() {
        let label = if index == 0 { "providers" } else { "" };
        let name = &provider.name;
        match (provider.milliseconds, provider.difference) {
            (Some(ms), Some(apart)) => {
                let start = provider.start_milliseconds.unwrap_or_default();
                let apart = match apart {
                    0.0 => "exact".to_owned(),
                    apart => format!("{apart:.0e} off"),
                };
                let line =
                    format!("{name:10} {ms:.2} ms a test run, {apart}, ready in {start:.0} ms");
                page.row(label, Mark::Good, &line);
            }
            _ => {
                let error = provider.error.as_deref().unwrap_or_default();
                // The name stands in front of it already.
                let start = format!("the execution provider {name} is not available: ");
                let why = error.strip_prefix(&start).unwrap_or(error);
                page.row(label, Mark::Absent, &format!("{name:10} {why}"));
            }
        }
    }
}

fn models(report: &Report, page: &mut Page) {
    let width = report.found.models.iter().map(|m| m.id.len()).max().unwrap_or(0);
    let license_width = report.found.models.iter().map(|m| m.license.len()).max().unwrap_or(0);
    for (index, model) in report.found.models.iter().enumerate() {
        let label = if index == 0 { "models" } else { "" };
        let mark = match (&model.error, &report.found.runtime) {
            (Some(_), _) => Mark::Bad,
            // Nobody can tell without a runtime.
            (None, None) => Mark::None,
            (None, Some(_)) => Mark::Good,
        };
        let time = match (model.milliseconds, &model.error) {
            (Some(ms), _) => format!("{ms:.1} ms a run"),
            (None, Some(_)) => "does not run".into(),
            (None, None) => String::new(),
        };
        let terms = if model.commercial { "" } else { ", not for commercial use" };
        let (id, license) = (&model.id, &model.license);
        let indent = if mark == Mark::None { "  " } else { "" };
        let line = format!("{indent}{id:width$}  {license:license_width$}{terms}  {time}");
        page.row(label, mark, &line);
    }
}

/// One row for each network of a file that has run on the processor.
fn faster(report: &Report, page: &mut Page) {
    let width = report.found.faster.iter().map(|one| one.model.len()).max().unwrap_or(0);
    for (index, one) in report.found.faster.iter().enumerate() {
        let label = if index == 0 { "networks" } else { "" };
        let (model, vectors) = (&one.model, &one.vectors);
        match (one.used, one.ratio, one.difference) {
            (true, Some(ratio), Some(apart)) => {
                let line = format!(
                    "{model:width$}  {:.0} % of its time on {vectors}, {apart:.0e} off",
                    ratio * 100.0
                );
                page.row(label, Mark::Good, &line);
            }
            (true, Some(ratio), None) => {
                let psnr = one.psnr.unwrap_or_default();
                let line = format!(
                    "{model:width$}  {:.0} % of fp32's time in {vectors}, {psnr:.1} dB",
                    ratio * 100.0
                );
                page.row(label, Mark::Good, &line);
            }
            _ => {
                let why = one.why.as_deref().unwrap_or("nobody knows why");
                let form = if vectors.starts_with("int8") { "not in int8" } else { "as it is" };
                page.row(label, Mark::Absent, &format!("{model:width$}  {form}: {why}"));
            }
        }
    }
}

fn machine(report: &Report, page: &mut Page) {
    let machine = &report.found.machine;
    let name = machine.cpu.as_deref().unwrap_or("of unknown make");
    let cores = if machine.cores == 1 { "core" } else { "cores" };
    page.row("processor", Mark::None, &format!("  {name}, {} {cores}", machine.cores));
    page.row("", Mark::None, &format!("  {}", machine.features.join(" ")));
    if let Some(bytes) = machine.memory {
        let gib = bytes as f64 / f64::from(1 << 30);
        page.row("memory", Mark::None, &format!("  {gib:.1} GiB"));
    }
    for gpu in &machine.gpus {
        let mut line = format!("  {}", gpu.name);
        if let Some(mib) = gpu.memory {
            line.push_str(&format!(", {mib} MiB"));
        }
        if let Some(driver) = &gpu.driver {
            line.push_str(&format!(", driver {driver}"));
        }
        page.row("gpu", Mark::None, &line);
    }
    let terminal = &report.terminal;
    let term = terminal.name.as_deref().or(terminal.term.as_deref()).unwrap_or("none");
    let size = format!("{}×{}", terminal.columns, terminal.rows);
    let colors = match terminal.colors {
        0 => "no colors".into(),
        count if count > 256 => "true color".into(),
        count => format!("{count} colors"),
    };
    page.row("terminal", Mark::None, &format!("  {term}, {size}, {colors}"));
    page.row("pictures", Mark::None, &format!("  {}: {}", terminal.pictures, terminal.why));
    let folders = &report.found.directories;
    for (label, folder) in [
        ("config", &folders.config),
        ("data", &folders.data),
        ("cache", &folders.cache),
        ("state", &folders.state),
    ] {
        page.row(label, Mark::None, &format!("  {}", folder.display()));
    }
}
