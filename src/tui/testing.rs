//! What tests of the dashboard share: a state with everything fixed, keys, and the screen as text.

pub mod known;

use std::time::Duration;

use crossterm::event::{Event as Typed, KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::client::Told;
use crate::jobs::store::Counts;
use crate::jobs::{Origin, State};
use crate::pipeline::Seen;
use crate::profiles::Sex;
use crate::service::events::Event;
use crate::service::wire::{FacesView, JobView, Progress, SegmentsView, ServiceView, StageView};
use crate::terminal::Protocol;

use super::canvas::Canvas;
use super::effect::{Call, Effect};
use super::keymap::Keymap;
use super::model::{Model, Terminal};
use super::msg::Msg;
use super::picture::How;
use super::theme::{Depth, Theme};
use super::update::update;
use super::view::view;

/// The time on the wall in tests.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_300).unwrap_or_default()
}

/// A terminal with half blocks.
pub fn terminal(size: (u16, u16)) -> Terminal {
    Terminal {
        size,
        how: How { protocol: Protocol::Blocks, cell: (10, 20), colors: 256 },
        best: Protocol::Blocks,
        why: "a test".to_owned(),
        low_bandwidth: false,
        links: None,
        remote: false,
        focused: true,
    }
}

/// A dashboard whose service has told nothing yet.
pub fn model() -> Model {
    let (theme, keymap) = (Theme::navy(Depth::True), Keymap::default());
    let mut model = Model::new(terminal((120, 40)), theme, keymap, "this machine".to_owned(), true);
    model.now = now();
    model.clock = Duration::from_secs(100);
    model
}

/// A dashboard whose service has these jobs.
pub fn with_jobs(jobs: Vec<JobView>) -> Model {
    let mut model = model();
    tell(&mut model, jobs);
    model.effects.clear();
    model
}

/// The service says where everything stands.
pub fn tell(model: &mut Model, jobs: Vec<JobView>) {
    hear(model, snapshot(jobs));
}

/// What the service says first of all.
pub fn snapshot(jobs: Vec<JobView>) -> Event {
    let service = Box::new(service(counts(&jobs)));
    Event::Snapshot { service, jobs, watches: Vec::new(), pulls: Vec::new() }
}

/// Something changed.
pub fn hear(model: &mut Model, event: Event) {
    update(model, Msg::Told(Told::Event(Box::new(event))));
}

/// How many jobs are in each state.
pub fn counts(jobs: &[JobView]) -> Counts {
    let mut counts = Counts::default();
    for job in jobs {
        let count = match job.state {
            State::Queued => &mut counts.queued,
            State::Running => &mut counts.running,
            State::Paused => &mut counts.paused,
            State::Done => &mut counts.done,
            State::Failed => &mut counts.failed,
            State::Refused => &mut counts.refused,
            State::Cancelled => &mut counts.cancelled,
        };
        *count += 1;
    }
    counts
}

fn service(counts: Counts) -> ServiceView {
    ServiceView {
        version: "0.1.0".to_owned(),
        protocol: 1,
        pid: 4242,
        uptime_seconds: 3_600.0,
        socket: "/run/facedeck/service.sock".to_owned(),
        listen: None,
        home: "/home/me/.local/state/facedeck".to_owned(),
        log: "/home/me/.local/state/facedeck/logs/service.log".to_owned(),
        counts,
        stopping: false,
    }
}

/// A job with nothing special.
pub fn job(id: &str, state: State) -> JobView {
    let at = |second| Timestamp::from_second(second).ok();
    JobView {
        id: id.to_owned(),
        name: format!("film-{id}.mp4"),
        state,
        reason: String::new(),
        waiting: None,
        sources: vec!["/faces/me.jpg".to_owned()],
        target: format!("/films/film-{id}.mp4"),
        output: format!("/films/film-{id}-swapped.mp4"),
        profile: "embedded".to_owned(),
        device: "cpu".to_owned(),
        origin: Origin::Local,
        priority: 0,
        place: 0,
        after: Vec::new(),
        not_before: None,
        attempts: u32::from(state != State::Queued),
        max_attempts: 3,
        created: Timestamp::from_second(1_790_000_000).unwrap_or_default(),
        started: at(1_790_000_060).filter(|_| state != State::Queued),
        ended: at(1_790_000_120).filter(|_| state.is_final()),
        progress: None,
        failure: None,
        summary: None,
    }
}

/// So many faces in a row.
pub fn faces(file: &str, count: usize) -> FacesView {
    let face = |index: usize| {
        let x = 40.0 + 120.0 * index as f32;
        Seen {
            index,
            track: index as u64,
            bounds: [x, 60.0, x + 80.0, 160.0],
            score: 0.91,
            width: 80.0,
            points: [[x, 90.0]; 5],
            sex: Some(if index.is_multiple_of(2) { Sex::Female } else { Sex::Male }),
            age: Some(30.0 + index as f32),
            cosine: None,
            distance: None,
        }
    };
    let faces = (0..count).map(face).collect();
    FacesView { file: file.to_owned(), frame: 0, size: [640, 480], faces }
}

/// How far a job is.
pub fn progress(frames: u64, total: u64) -> Progress {
    Progress {
        frames,
        total: Some(total),
        fps: 25.0,
        eta_seconds: Some((total - frames) as f64 / 25.0),
        stage: "swap".to_owned(),
        stages: [("decode", 0.2), ("analyze", 0.6), ("swap", 0.9), ("encode", 0.1)]
            .map(|(stage, busy)| StageView { stage: stage.to_owned(), busy })
            .to_vec(),
        segments: Some(SegmentsView {
            frames: 40,
            safe: frames / 40,
            total: Some(total.div_ceil(40)),
        }),
    }
}

/// A key.
pub fn key(code: KeyCode, modifiers: KeyModifiers) -> Msg {
    Msg::Terminal(Typed::Key(KeyEvent::new(code, modifiers)))
}

/// Presses keys, written as in the keymap with blanks between: `j j space ctrl-k enter`.
pub fn press(model: &mut Model, names: &str) {
    for key in keys(names) {
        update(model, key);
    }
}

/// Keys, written as in the keymap with blanks between.
pub fn keys(names: &str) -> Vec<Msg> {
    let named = |name: &str| {
        let (modifiers, name) = match name.strip_prefix("ctrl-") {
            Some(rest) => (KeyModifiers::CONTROL, rest),
            None => (KeyModifiers::NONE, name),
        };
        let mut letters = name.chars();
        let code = match (name, letters.next(), letters.next()) {
            (_, Some(letter), None) => KeyCode::Char(letter),
            ("space", ..) => KeyCode::Char(' '),
            ("enter", ..) => KeyCode::Enter,
            ("esc", ..) => KeyCode::Esc,
            ("tab", ..) => KeyCode::Tab,
            ("up", ..) => KeyCode::Up,
            ("down", ..) => KeyCode::Down,
            ("left", ..) => KeyCode::Left,
            ("right", ..) => KeyCode::Right,
            ("backspace", ..) => KeyCode::Backspace,
            ("delete", ..) => KeyCode::Delete,
            ("home", ..) => KeyCode::Home,
            ("end", ..) => KeyCode::End,
            ("backtab", ..) => KeyCode::BackTab,
            ("pageup", ..) => KeyCode::PageUp,
            ("pagedown", ..) => KeyCode::PageDown,
            _ => panic!("no key {name}"),
        };
        key(code, modifiers)
    };
    names.split_whitespace().map(named).collect()
}

/// Types a text.
pub fn enter(model: &mut Model, text: &str) {
    for letter in text.chars() {
        update(model, key(KeyCode::Char(letter), KeyModifiers::NONE));
    }
}

/// What is asked of the service since the last look.
pub fn calls(model: &mut Model) -> Vec<Call> {
    std::mem::take(&mut model.effects)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Call(call) => Some(call),
            _ => None,
        })
        .collect()
}

/// Paints the state, and remembers what was painted where.
pub fn paint(model: &mut Model, width: u16, height: u16) -> Buffer {
    model.terminal.size = (width, height);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let painted = {
        let mut canvas = Canvas::new(&mut buffer, model);
        view(&mut canvas);
        canvas.painted
    };
    model.painted = painted;
    buffer
}

/// The screen as text.
pub fn screen_text(model: &mut Model, width: u16, height: u16) -> String {
    text_of(&paint(model, width, height))
}

/// A buffer as text, without blanks at the ends of lines.
pub fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
