//! The real loop on a screen that is a buffer, with a service that answers at once.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyModifiers};
use image::{Rgb, RgbImage};
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell as Square;
use ratatui::layout::{Position, Size};

use super::*;
use crate::jobs::State;
use crate::terminal::Protocol;
use crate::tui::call::Answer;
use crate::tui::effect::Call;
use crate::tui::picture::{How, encode};
use crate::tui::testing::{job, key, keys, now, tell, terminal, text_of};
use crate::tui::theme::{Depth, Theme};

/// A screen that keeps what it is sent.
pub struct Paper {
    pub backend: TestBackend,
    frame: Vec<u8>,
    cells: usize,
    /// What was sent, frame by frame: the sequences, and how many cells were written.
    pub sent: Vec<(String, usize)>,
}

impl Paper {
    fn new(width: u16, height: u16) -> Self {
        let backend = TestBackend::new(width, height);
        Paper { backend, frame: Vec::new(), cells: 0, sent: Vec::new() }
    }
}

impl Screen for Paper {
    fn raw(&mut self, bytes: &[u8]) {
        self.frame.extend_from_slice(bytes);
    }

    fn send(&mut self) -> std::io::Result<()> {
        let raw = String::from_utf8_lossy(&std::mem::take(&mut self.frame)).into_owned();
        let cells = std::mem::take(&mut self.cells);
        if !raw.is_empty() || cells > 0 {
            self.sent.push((raw, cells));
        }
        Ok(())
    }
}

impl Backend for Paper {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Square)>>(
        &mut self,
        content: I,
    ) -> Result<(), Infallible> {
        let cells: Vec<_> = content.collect();
        self.cells += cells.len();
        self.backend.draw(cells.into_iter())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.backend.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, at: P) -> Result<(), Infallible> {
        self.backend.set_cursor_position(at)
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.backend.clear()
    }

    fn clear_region(&mut self, part: ClearType) -> Result<(), Infallible> {
        self.backend.clear_region(part)
    }

    fn size(&self) -> Result<Size, Infallible> {
        self.backend.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.backend.window_size()
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.backend.flush()
    }
}

/// Loads a gray picture and encodes it at once, and asks a service that answers at once; forgets the
/// rest.
pub struct Helper {
    to: mpsc::Sender<Msg>,
    pub calls: Vec<Call>,
    service: fn(&Call) -> Option<Answer>,
}

impl Runner for Helper {
    fn run(&mut self, effect: Effect) {
        let msg = match effect {
            Effect::Load(key, _) => {
                let image = RgbImage::from_pixel(80, 60, Rgb([90, 120, 150]));
                Msg::Loaded(key, Ok(Some(Arc::new(image))))
            }
            Effect::Encode { want, version, pixels, how } => {
                let result = encode(&want.key, &pixels, want.cells, how);
                Msg::Encoded(want, version, result.map_err(|error| error.chain()))
            }
            Effect::Call(call) => {
                self.calls.push(call.clone());
                let Some(answer) = (self.service)(&call) else { return };
                Msg::Answer(call, Ok(answer))
            }
            _ => return,
        };
        self.to.try_send(msg).unwrap();
    }
}

/// A world in which time passes when the test says so.
#[derive(Clone)]
pub struct Still(Rc<Cell<Duration>>);

impl World for Still {
    fn time(&self) -> (Timestamp, Duration) {
        (now(), self.0.get())
    }

    fn suspend(&self) -> crate::Result<()> {
        Ok(())
    }

    fn offset(&self) -> Option<Offset> {
        None
    }
}

/// The loop with everything that it needs.
pub struct Deck {
    pub app: App<Paper, Helper, Still>,
    pub from: mpsc::Receiver<Msg>,
    pub to: mpsc::Sender<Msg>,
    pub clock: Rc<Cell<Duration>>,
}

/// A dashboard with two jobs, whose service answers nothing.
pub fn deck(width: u16, height: u16, protocol: Protocol) -> Deck {
    let mut deck = asking(width, height, protocol, |_| None);
    let mut running = job("A", State::Running);
    running.name = "holiday.mp4".into();
    tell(&mut deck.app.model, vec![running, job("B", State::Queued)]);
    deck.app.model.effects.clear();
    deck
}

/// A dashboard that knows nothing yet, and asks this service.
pub fn asking(
    width: u16,
    height: u16,
    protocol: Protocol,
    service: fn(&Call) -> Option<Answer>,
) -> Deck {
    let how = How { protocol, cell: (10, 20), colors: 16 };
    let terminal = crate::tui::model::Terminal { how, best: protocol, ..terminal((width, height)) };
    let theme = Theme::navy(Depth::True);
    let mut model = Model::new(terminal, theme, Default::default(), "this machine".into(), true);
    (model.now, model.clock) = (now(), Duration::from_secs(100));
    let (to, from) = mpsc::channel(1024);
    let clock = Rc::new(Cell::new(Duration::from_secs(100)));
    let helper = Helper { to: to.clone(), calls: Vec::new(), service };
    let world = Still(Rc::clone(&clock));
    let app = App::new(Paper::new(width, height), model, helper, world, Announce::Never).unwrap();
    Deck { app, from, to, clock }
}

impl Deck {
    /// Runs the loop for a while.
    pub async fn run(&mut self, millis: u64) {
        let loops = self.app.run(&mut self.from);
        let _ = tokio::time::timeout(Duration::from_millis(millis), loops).await;
    }

    pub async fn send(&self, msg: Msg) {
        self.to.send(msg).await.unwrap();
    }

    /// The screen as text.
    pub fn text(&mut self) -> String {
        text_of(self.app.screen().backend.buffer())
    }

    /// What was sent since the last look.
    pub fn sent(&mut self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.app.screen().sent)
    }

    /// Runs the loop until nothing is on its way and everything is drawn.
    pub async fn settle(&mut self) {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            self.run(40).await;
            if self.from.is_empty() && !self.app.dirty {
                return;
            }
            assert!(std::time::Instant::now() < end, "it does not come to rest");
        }
    }

    /// Presses keys, each once what came of the one before is on the screen: what a user does who
    /// looks.
    pub fn press(&mut self, names: &str) {
        for key in keys(names) {
            self.take(key);
        }
    }

    /// Types a text.
    pub fn enter(&mut self, text: &str) {
        for letter in text.chars() {
            self.take(key(KeyCode::Char(letter), KeyModifiers::NONE));
        }
    }

    /// Something happens, and everything that follows from it.
    pub fn take(&mut self, msg: Msg) {
        self.app.take(msg).unwrap();
        // Live pictures are wanted again and again, so the rounds are counted.
        for _ in 0..8 {
            self.app.draw().unwrap();
            while let Ok(msg) = self.from.try_recv() {
                self.app.take(msg).unwrap();
            }
            if !self.app.dirty {
                return;
            }
        }
    }

    /// Time goes by, so that what rests is looked at and what was said goes.
    pub fn rest(&mut self, seconds: u64) {
        self.clock.set(self.clock.get() + Duration::from_secs(seconds));
        self.take(Msg::Timer(Timer::Typed));
        self.take(Msg::Timer(Timer::Soon));
    }
}
