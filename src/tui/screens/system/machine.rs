//! Processor, memory, disks and graphics processors, each with its last two minutes.

use std::collections::VecDeque;

use ratatui::text::Span;

use crate::service::wire::{DiskMeter, GpuMeter, MetersView};
use crate::tui::canvas::{Canvas, plain};
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::words::{bytes, duration};

use super::warnings;

/// Cells of a bar.
const BAR: usize = 12;
/// Cells before a curve.
const LABEL: usize = 15;
/// Looks in a curve: as many as are kept.
const CURVE: usize = 60;

/// Says how the machine does; curves take so many cells at most.
pub(super) fn say(canvas: &Canvas<'_>, facts: &mut Facts, width: usize) {
    facts.title("Machine");
    let Some(now) = canvas.model.desk.meters.back() else {
        facts.say("", "not measured yet", Role::Muted);
        return;
    };
    let curve = CURVE.min(width.saturating_sub(LABEL).max(8));
    processor(canvas, facts, now, curve);
    let memory = &now.memory;
    let share = |used: u64, total: u64| 100.0 * used as f32 / total.max(1) as f32;
    let text = format!("{} of {}", bytes(memory.used), bytes(memory.total));
    meter(
        canvas,
        facts,
        "memory",
        share(memory.used, memory.total),
        text,
        |view| Some(share(view.memory.used, view.memory.total)),
        curve,
    );
    if memory.swap_used > 0 {
        let text = format!("{} of {}", bytes(memory.swap_used), bytes(memory.swap_total));
        facts.say("swap", text, Role::Warning);
    }
    for gpu in &now.gpus {
        graphics(canvas, facts, gpu, curve);
    }
    for disk in &now.disks {
        storage(canvas, facts, disk);
    }
}

fn processor(canvas: &Canvas<'_>, facts: &mut Facts, now: &MetersView, curve: usize) {
    let text = match now.cpu.cores {
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    };
    meter(canvas, facts, "processor", now.cpu.percent, text, |view| Some(view.cpu.percent), curve);
    if let Some([one, five, fifteen]) = now.cpu.load {
        facts.say("load", format!("{one:.2}  {five:.2}  {fifteen:.2}"), Role::Muted);
    }
}

fn graphics(canvas: &Canvas<'_>, facts: &mut Facts, gpu: &GpuMeter, curve: usize) {
    let same = |view: &MetersView| view.gpus.iter().find(|other| other.index == gpu.index).cloned();
    facts.say(format!("GPU {}", gpu.index), &gpu.name, Role::Text);
    if let Some(percent) = gpu.percent {
        let of = |view: &MetersView| Some(same(view)?.percent? as f32);
        meter(canvas, facts, "computes", percent as f32, String::new(), of, curve);
    }
    if let (Some(used), Some(total)) =
        (gpu.memory_used, gpu.memory_total.filter(|total| *total > 0))
    {
        let text = format!("{} of {}", bytes(used), bytes(total));
        let of =
            move |view: &MetersView| Some(100.0 * same(view)?.memory_used? as f32 / total as f32);
        meter(canvas, facts, "VRAM", 100.0 * used as f32 / total as f32, text, of, curve);
    }
    if let Some(power) = gpu.power {
        let limit = gpu.power_limit.map(|limit| format!(" of {limit:.0} W")).unwrap_or_default();
        let unit = if limit.is_empty() { " W" } else { "" };
        facts.say("power", format!("{power:.0}{unit}{limit}"), Role::Text);
    }
    if let Some(degrees) = gpu.temperature {
        let role = if degrees >= 85 { Role::Warning } else { Role::Text };
        facts.say("temperature", format!("{degrees} °C"), role);
    }
    let why: Vec<String> = gpu.throttled.iter().map(|why| why.replace('_', " ")).collect();
    facts.say("slowed by", why.join(", "), Role::Warning);
}

/// A disk, and what will be left of it when everything that runs is done.
fn storage(canvas: &Canvas<'_>, facts: &mut Facts, disk: &DiskMeter) {
    let used = 100.0 * (disk.total.saturating_sub(disk.free)) as f32 / disk.total.max(1) as f32;
    let mut spans = bar(canvas, used);
    spans.push(
        canvas.span(format!("  {} free of {}", bytes(disk.free), bytes(disk.total)), Role::Text),
    );
    facts.line("disk", spans);
    facts.say("", plain(&disk.folder), Role::Muted);
    if let Some(left) = warnings::left_at_end(canvas.model, disk) {
        let end = duration(canvas.model.desk.jobs.seconds_left().unwrap_or_default());
        let (text, role) = match left {
            left if left < 0.0 => (format!("full before the jobs are done in {end}"), Role::Failed),
            left => (
                format!("{} left when the jobs are done in {end}", bytes(left as u64)),
                Role::Muted,
            ),
        };
        facts.say("", text, role);
    }
}

/// A share of 0 to 100 as a bar with its number.
fn bar(canvas: &Canvas<'_>, percent: f32) -> Vec<Span<'static>> {
    let (done, left) = canvas.theme().signs.bar();
    let full = (percent.clamp(0.0, 100.0) / 100.0 * BAR as f32).round() as usize;
    let role = if percent >= 90.0 { Role::Warning } else { Role::Focus };
    vec![
        canvas.span(done.to_string().repeat(full), role),
        canvas.span(left.to_string().repeat(BAR - full), Role::Dim),
        canvas.span(format!(" {percent:3.0} %"), Role::Text),
    ]
}

/// A bar, words, and the curve of the last looks.
fn meter(
    canvas: &Canvas<'_>,
    facts: &mut Facts,
    what: &str,
    percent: f32,
    text: String,
    of: impl Fn(&MetersView) -> Option<f32>,
    width: usize,
) {
    let mut spans = bar(canvas, percent);
    spans.push(canvas.span(format!("  {text}"), Role::Muted));
    facts.line(what, spans);
    let values: VecDeque<f32> = canvas.model.desk.meters.iter().filter_map(of).collect();
    if values.len() > 1 {
        facts.line("", vec![curve(canvas, &values, width)]);
    }
}

/// The last looks, from 0 to 100: unlike that of rates, a curve of shares has a top that is known.
fn curve(canvas: &Canvas<'_>, values: &VecDeque<f32>, width: usize) -> Span<'static> {
    let steps = canvas.theme().signs.steps();
    let top = (steps.len() - 1) as f32;
    let last = values.iter().skip(values.len().saturating_sub(width));
    let text: String =
        last.map(|value| steps[(value.clamp(0.0, 100.0) / 100.0 * top).round() as usize]).collect();
    canvas.span(text, Role::Queued)
}
