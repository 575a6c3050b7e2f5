//! Before and after: one of them, both side by side, or one over the other with a line between.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::canvas::Canvas;
use crate::tui::painted::Hit;
use crate::tui::picture::{Crop, Key, Side};
use crate::tui::theme::Role;

/// How before and after are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compare {
    /// Side by side.
    #[default]
    Both,
    /// One over the other.
    Wipe,
    /// Only what was made.
    After,
    /// Only what was there.
    Before,
}

impl Compare {
    /// The next one, for the key that goes through them.
    pub fn next(self) -> Self {
        match self {
            Compare::Both => Compare::Wipe,
            Compare::Wipe => Compare::After,
            Compare::After => Compare::Before,
            Compare::Before => Compare::Both,
        }
    }
}

/// The picture of a job: the frame that is made, or one that stays; what is to be changed where
/// nothing was made yet.
pub fn key_of(job: &JobView, side: Side) -> Key {
    match job.state {
        State::Running => Key::Live { job: job.id.clone(), side },
        State::Done => Key::Still { job: job.id.clone(), attempt: job.attempts, side },
        _ if job.attempts > 0 => Key::Still { job: job.id.clone(), attempt: job.attempts, side },
        _ => Key::file(job.target.clone()),
    }
}

/// A part in the middle of a picture, where faces mostly are, in thousandths.
const CLOSER: Crop = Crop { x: 250, y: 120, width: 500, height: 500 };

/// Paints the pictures of a job.
pub fn view(canvas: &mut Canvas<'_>, area: Rect, job: &JobView) {
    let state = &canvas.model.job;
    let zoomed = |key: Key| match state.zoom {
        true => Key::Part { of: Box::new(key), part: CLOSER },
        false => key,
    };
    let before = zoomed(key_of(job, Side::Before));
    let after = zoomed(key_of(job, Side::After));
    if job.attempts == 0 {
        canvas.picture(area, &before);
        return;
    }
    match state.compare {
        Compare::Before => labeled(canvas, area, "before", &before),
        Compare::After => labeled(canvas, area, "after", &after),
        Compare::Both => {
            // Below each other where that leaves more of them.
            let wide = area.width >= area.height * 3;
            let halves = [Constraint::Fill(1); 2];
            let [first, second] = match wide {
                true => Layout::horizontal(halves).spacing(1).areas(area),
                false => Layout::vertical(halves).areas(area),
            };
            labeled(canvas, first, "before", &before);
            labeled(canvas, second, "after", &after);
        }
        Compare::Wipe => {
            let percent = state.wipe;
            let key = Key::Wipe { before: Box::new(before), after: Box::new(after), percent };
            if let Some(place) = canvas.picture(area, &key) {
                canvas.hit(place, Hit::Wipe);
            }
        }
    }
}

fn labeled(canvas: &mut Canvas<'_>, area: Rect, label: &str, key: &Key) {
    if area.height < 3 {
        canvas.picture(area, key);
        return;
    }
    let picture = Rect { height: area.height - 1, ..area };
    let place = canvas.picture(picture, key);
    let y = place.map_or(picture.bottom(), |place| place.bottom());
    let line = Rect { y, height: 1, ..area };
    let text = ratatui::text::Line::from(canvas.span(label, Role::Muted)).centered();
    canvas.line(line, text);
}
