//! Before and after: one of them, both side by side, or one over the other with a line between.

use ratatui::layout::Rect;

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
            let [first, second] = halves(canvas, area, &before);
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

/// Two areas of the same size, so that before and after are: beside each other, or one below the
/// other where that leaves more of the picture.
pub fn halves(canvas: &Canvas<'_>, area: Rect, key: &Key) -> [Rect; 2] {
    let (width, height) = (area.width.saturating_sub(1) / 2, area.height / 2);
    let beside = [Rect { width, ..area }, Rect { x: area.right() - width, width, ..area }];
    let below = [Rect { height, ..area }, Rect { y: area.y + height, height, ..area }];
    let shown = |area: Rect| {
        let (_, (width, height)) = canvas.fitted(key, above(area));
        width * height
    };
    if shown(beside[0]) >= shown(below[0]) { beside } else { below }
}

/// Columns and rows above the line for the word below a picture.
fn above(area: Rect) -> (u16, u16) {
    (area.width, area.height.saturating_sub(1))
}

/// The rows that the pictures of a job take of an area.
pub fn rows(canvas: &Canvas<'_>, area: Rect, job: &JobView) -> u16 {
    let key = key_of(job, Side::Before);
    let one = match canvas.model.job.compare {
        Compare::Both if job.attempts > 0 => halves(canvas, area, &key)[0],
        _ => area,
    };
    let ((_, high), _) = canvas.fitted(&key, above(one));
    // One of them, or two below each other.
    let times = if one.height < area.height { 2 } else { 1 };
    (times * (high + 1)).min(area.height)
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
