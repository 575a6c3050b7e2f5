//! The stages of a job that runs: a bar for each, the one that limits in another color.

use ratatui::layout::Rect;

use crate::service::wire::StageView;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Role;

/// Cells for the name of a stage.
const NAME: u16 = 9;
/// Cells for its percents.
const PERCENT: u16 = 6;

/// Paints them, a line each; gives how many lines that took.
pub fn view(canvas: &mut Canvas<'_>, area: Rect, stages: &[StageView]) -> u16 {
    let limit = stages.iter().map(|stage| stage.busy).fold(0.0, f64::max);
    let room = area.height.min(stages.len() as u16);
    for (row, stage) in stages.iter().enumerate().take(usize::from(room)) {
        let line = Rect { y: area.y + row as u16, height: 1, ..area };
        let limits = stage.busy >= limit && limit > 0.0;
        let role = if limits { Role::Accent } else { Role::Focus };
        let word = if limits { Role::Accent } else { Role::Muted };
        let name = Rect { width: NAME.min(line.width), ..line };
        canvas.line(name, canvas.span(stage.stage.as_str(), word));
        let wide = line.width.saturating_sub(NAME + PERCENT);
        canvas.bar(Rect { x: name.right(), width: wide, ..line }, stage.busy, role);
        let end =
            Rect { x: name.right() + wide, width: PERCENT.min(line.width - name.width), ..line };
        canvas.line(end, canvas.span(format!(" {:3.0} %", stage.busy * 100.0), word));
    }
    room
}
