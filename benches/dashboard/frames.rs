//! Frames of a long queue, measured in the process itself.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::Terminal as Cells;
use ratatui::backend::TestBackend;

use facedeck::jobs::store::Counts;
use facedeck::jobs::{Origin, State};
use facedeck::service::wire::{JobPage, JobView};
use facedeck::terminal::Protocol;

use facedeck::tui::canvas::Canvas;
use facedeck::tui::keymap::Keymap;
use facedeck::tui::model::{Model, Terminal};
use facedeck::tui::msg::Msg;
use facedeck::tui::picture::How;
use facedeck::tui::theme::{Depth, Theme};
use facedeck::tui::update::update;
use facedeck::tui::view::view;

/// Presses keys in a queue of so many jobs, and gives what each frame took: the key, what follows
/// from it, the view, and finding what changed on the screen.
pub fn scroll(jobs: usize, frames: usize) -> Vec<Duration> {
    let size = (160, 45);
    let terminal = Terminal {
        size,
        how: How { protocol: Protocol::Off, cell: (10, 20), colors: 256 },
        best: Protocol::Off,
        why: String::new(),
        low_bandwidth: false,
        links: None,
        remote: false,
        focused: true,
    };
    let theme = Theme::navy(Depth::True);
    let mut model = Model::new(terminal, theme, Keymap::default(), String::new(), true);
    let counts = Counts { queued: jobs as u64, ..Counts::default() };
    let all: Vec<JobView> = (0..jobs).map(job).collect();
    model.desk.jobs.whole(JobPage { total: jobs as u64, jobs: all, counts, next_offset: None });
    let Ok(mut cells) = Cells::new(TestBackend::new(size.0, size.1));
    let keys = ['j', 'j', 'j', 'G', 'k', 'k', 'g', 'g', 'j', ' '];
    let mut times = Vec::with_capacity(frames);
    for round in 0..frames {
        let begin = Instant::now();
        let modifiers = if round % 3 == 0 { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        // A third of them are half pages.
        let letter = if round % 3 == 0 { 'd' } else { keys[round % keys.len()] };
        let key = KeyEvent::new(KeyCode::Char(letter), modifiers);
        update(&mut model, Msg::Terminal(Event::Key(key)));
        if round % 10 == 0 {
            // Meanwhile jobs change, so that the list is made again.
            let changed = JobView { priority: round as i32 % 7, ..job(round % jobs.max(1)) };
            model.desk.jobs.put(changed, None);
        }
        model.effects.clear();
        let painted = {
            let mut frame = cells.get_frame();
            let mut canvas = Canvas::new(frame.buffer_mut(), &model);
            view(&mut canvas);
            canvas.painted
        };
        let Ok(()) = cells.flush();
        cells.swap_buffers();
        model.painted = painted;
        times.push(begin.elapsed());
    }
    times
}

fn job(number: usize) -> JobView {
    JobView {
        id: format!("01KAY7{number:020}"),
        name: format!("film-{number:05}.mp4"),
        state: State::Queued,
        reason: String::new(),
        waiting: None,
        sources: vec![format!("/faces/{}.jpg", number % 50)],
        target: format!("/films/film-{number:05}.mp4"),
        output: format!("/films/film-{number:05}-swapped.mp4"),
        profile: "embedded".to_owned(),
        device: "cpu".to_owned(),
        origin: Origin::Local,
        priority: 0,
        place: number as i64,
        after: Vec::new(),
        not_before: None,
        attempts: 0,
        max_attempts: 3,
        created: Timestamp::UNIX_EPOCH,
        started: None,
        ended: None,
        progress: None,
        failure: None,
        summary: None,
    }
}
