//! The segments of a film as a strip: what is safe, what is worked on, what is to do.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::service::wire::{Progress, SegmentsView};
use crate::tui::canvas::Canvas;
use crate::tui::theme::Role;

/// Cells for what it is.
const NAME: u16 = 9;

/// Paints the strip in one line; `false` where there is none to paint: in a picture, and in a film
/// of which nobody knows how long it is.
pub fn view(canvas: &mut Canvas<'_>, area: Rect, progress: &Progress) -> bool {
    let Some(segments) = progress.segments else { return false };
    let Some(total) = segments.total.filter(|total| *total > 0) else { return false };
    if area.height == 0 || area.width <= NAME {
        return false;
    }
    let line = Rect { height: 1, ..area };
    let name = Rect { width: NAME, ..line };
    canvas.line(name, canvas.span("safe", Role::Muted));
    let end = format!(" {} of {total}", segments.safe.min(total));
    let wide = line.width.saturating_sub(NAME + end.len() as u16);
    let signs = canvas.theme().signs.segments();
    let [done, at_work, left] = cells(segments, total, progress.frames, u64::from(wide));
    let spans = vec![
        canvas.span(signs[0].repeat(done), Role::Done),
        canvas.span(signs[1].repeat(at_work), Role::Accent),
        canvas.span(signs[2].repeat(left), Role::Dim),
    ];
    canvas.line(Rect { x: name.right(), width: line.width - NAME, ..line }, Line::from(spans));
    let used = (done + at_work + left) as u16;
    let place = Rect { x: name.right() + used, width: line.width - NAME - used, ..line };
    canvas.line(place, canvas.span(end, Role::Muted));
    true
}

/// How many cells of at most `room` are done, worked on and left. One stands for a segment while
/// there is room, else for several; one of which a part is missing is not done.
fn cells(segments: SegmentsView, total: u64, frames: u64, room: u64) -> [usize; 3] {
    let (all, safe) = (total.min(room), segments.safe.min(total));
    let done = (safe * all) / total;
    // Frames may be ahead of what is safe by more than one segment.
    let begun = frames.div_ceil(segments.frames.max(1)).clamp(safe, total);
    let begun = (begun * all).div_ceil(total).clamp(done, all);
    [done, begun - done, all - begun].map(|n| usize::try_from(n).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(safe: u64, frames: u64, total: u64, room: u64) -> [usize; 3] {
        cells(SegmentsView { frames: 100, safe, total: Some(total) }, total, frames, room)
    }

    #[test]
    fn a_cell_is_a_segment_while_there_is_room() {
        assert_eq!(strip(0, 0, 8, 30), [0, 0, 8]);
        assert_eq!(strip(0, 1, 8, 30), [0, 1, 7]);
        assert_eq!(strip(3, 301, 8, 30), [3, 1, 4]);
        // The next one has begun while the last is still made safe.
        assert_eq!(strip(3, 410, 8, 30), [3, 2, 3]);
        assert_eq!(strip(8, 800, 8, 30), [8, 0, 0]);
    }

    #[test]
    fn a_long_film_fits_and_is_done_only_when_it_is() {
        assert_eq!(strip(999, 99_950, 1000, 20), [19, 1, 0]);
        assert_eq!(strip(1000, 100_000, 1000, 20), [20, 0, 0]);
        assert_eq!(strip(1, 150, 1000, 20), [0, 1, 19]);
        assert_eq!(strip(5, 600, 10, 0), [0, 0, 0]);
    }

    #[test]
    fn more_frames_than_were_promised_do_no_harm() {
        assert_eq!(strip(9, 1200, 8, 30), [8, 0, 0]);
    }
}
