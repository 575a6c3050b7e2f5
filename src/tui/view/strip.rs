//! Two lines: how busy the machine is, and when everything is done.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::jobs::State;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::painted::Hit;
use crate::tui::theme::Role;
use crate::tui::words::{bytes, duration, time};

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    if area.height < 2 {
        return;
    }
    let [meters, counts] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
    machine(canvas, meters);
    queue(canvas, counts);
}

/// Graphics processors where there are some, else the processor.
fn machine(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let Some(now) = model.desk.meters.back() else { return };
    let mut spans: Vec<Span<'_>> = Vec::new();
    let gauge = |canvas: &Canvas<'_>, percent: f32| {
        let (done, left) = canvas.theme().signs.bar();
        let full = (percent.clamp(0.0, 100.0) / 10.0).round() as usize;
        let role = if percent >= 90.0 { Role::Accent } else { Role::Focus };
        [
            Span::styled(done.to_string().repeat(full), canvas.theme().style(role)),
            Span::styled(left.to_string().repeat(10 - full), canvas.theme().style(Role::Dim)),
        ]
    };
    for gpu in now.gpus.iter().take(2) {
        let percent = gpu.percent.unwrap_or(0) as f32;
        spans.push(canvas.span(format!(" GPU{} ", gpu.index), Role::Muted));
        spans.extend(gauge(canvas, percent));
        spans.push(canvas.span(format!(" {percent:.0} %"), Role::Text));
        if let (Some(used), Some(total)) = (gpu.memory_used, gpu.memory_total) {
            spans.push(canvas.span(format!("  {} of {}", bytes(used), bytes(total)), Role::Muted));
        }
        if let Some(degrees) = gpu.temperature {
            spans.push(canvas.span(format!("  {degrees} °C"), Role::Muted));
        }
    }
    let cpu = now.cpu.percent;
    spans.push(canvas.span(" CPU ", Role::Muted));
    spans.extend(gauge(canvas, cpu));
    spans.push(canvas.span(format!(" {cpu:3.0} %"), Role::Text));
    let memory = &now.memory;
    spans.push(
        canvas
            .span(format!("  RAM {} of {}", bytes(memory.used), bytes(memory.total)), Role::Muted),
    );
    if let Some(disk) = now.disks.iter().min_by_key(|disk| disk.free) {
        let low = disk.free < 2_000_000_000;
        let role = if low { Role::Failed } else { Role::Muted };
        spans.push(canvas.span(format!("  disk {} free", bytes(disk.free)), role));
    }
    canvas.line(area, Line::from(spans));
}

/// How many jobs are in each state, and when the queue is empty.
fn queue(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let counts = model.desk.jobs.counts;
    let mut x = area.x + 1;
    for state in State::ALL {
        let count = counts.of(state);
        if count == 0 {
            continue;
        }
        let (sign, style) = model.theme.state(state);
        let text = format!("{sign} {count} {state}  ");
        let line = Line::from(Span::styled(text, style));
        let width = (line.width() as u16).min(area.right().saturating_sub(x));
        let place = Rect { x, width, ..area };
        canvas.line(place, line);
        canvas.hit(place, Hit::State(state));
        x += width;
    }
    let words = match (model.desk.jobs.seconds_left(), counts.queued) {
        (Some(left), 0) => {
            let at = model.desk.done_at(model.now).map(|at| time(at, model.now));
            format!("done in {}, at {} ", duration(left), at.unwrap_or_default())
        }
        (Some(left), _) => format!("next in {} ", duration(left)),
        (None, _) => String::new(),
    };
    let line = Line::from(canvas.span(plain(&words), Role::Text)).right_aligned();
    let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
    canvas.line(rest, line);
}
