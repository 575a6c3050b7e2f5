//! The real loop on a screen that is a buffer, driven by messages.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use image::{Rgb, RgbImage};
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell as Square;
use ratatui::layout::{Position, Size};

use super::*;
use crate::jobs::State;
use crate::terminal::Protocol;
use crate::tui::effect::Call;
use crate::tui::picture::{How, encode};
use crate::tui::testing::{job, key, now, press, tell, terminal, text_of};
use crate::tui::theme::{Depth, Theme};
use crossterm::event::{Event as Typed, KeyCode, KeyModifiers};

/// A screen that keeps what it is sent.
struct Paper {
    backend: TestBackend,
    frame: Vec<u8>,
    cells: usize,
    /// What was sent, frame by frame: the sequences, and how many cells were written.
    sent: Vec<(String, usize)>,
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

/// Loads a gray picture and encodes it at once; forgets the rest.
struct Helper {
    to: mpsc::Sender<Msg>,
    calls: Vec<Call>,
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
            Effect::Call(call) => return self.calls.push(call),
            _ => return,
        };
        self.to.try_send(msg).unwrap();
    }
}

/// A world in which time passes when the test says so.
#[derive(Clone)]
struct Still(Rc<Cell<Duration>>);

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

struct Deck {
    app: App<Paper, Helper, Still>,
    from: mpsc::Receiver<Msg>,
    to: mpsc::Sender<Msg>,
    clock: Rc<Cell<Duration>>,
}

fn deck(width: u16, height: u16, protocol: Protocol) -> Deck {
    let how = How { protocol, cell: (10, 20), colors: 16 };
    let terminal = crate::tui::model::Terminal { how, best: protocol, ..terminal((width, height)) };
    let theme = Theme::navy(Depth::True);
    let mut model = Model::new(terminal, theme, Default::default(), "this machine".into(), true);
    (model.now, model.clock) = (now(), Duration::from_secs(100));
    let mut running = job("A", State::Running);
    running.name = "holiday.mp4".into();
    tell(&mut model, vec![running, job("B", State::Queued)]);
    model.effects.clear();
    let (to, from) = mpsc::channel(1024);
    let clock = Rc::new(Cell::new(Duration::from_secs(100)));
    let helper = Helper { to: to.clone(), calls: Vec::new() };
    let world = Still(Rc::clone(&clock));
    let app = App::new(Paper::new(width, height), model, helper, world, Announce::Never).unwrap();
    Deck { app, from, to, clock }
}

impl Deck {
    /// Runs the loop for a while.
    async fn run(&mut self, millis: u64) {
        let loops = self.app.run(&mut self.from);
        let _ = tokio::time::timeout(Duration::from_millis(millis), loops).await;
    }

    async fn send(&self, msg: Msg) {
        self.to.send(msg).await.unwrap();
    }

    fn text(&mut self) -> String {
        text_of(self.app.screen().backend.buffer())
    }

    fn sent(&mut self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.app.screen().sent)
    }
}

/// How many pictures are drawn by these sequences.
fn pictures(sent: &[(String, usize)]) -> usize {
    sent.iter().map(|(raw, _)| raw.matches("\x1bPq").count()).sum()
}

#[tokio::test]
async fn keys_reach_the_screen_through_the_loop_and_silence_sends_nothing() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.send(key(KeyCode::Char('j'), KeyModifiers::NONE)).await;
    deck.send(key(KeyCode::Char('?'), KeyModifiers::NONE)).await;
    deck.run(300).await;
    assert!(deck.text().contains("Search"), "{}", deck.text());
    assert!(!deck.sent().is_empty());
    // Nothing happens: nothing is drawn.
    let frames = deck.app.drawn;
    deck.app.dirty = false;
    tokio::time::timeout(Duration::from_millis(400), async {
        // The loop proper, without the first frame of `run`.
        deck.from.recv().await
    })
    .await
    .unwrap_err();
    assert_eq!(deck.app.drawn, frames);
    assert!(deck.sent().is_empty());
}

#[tokio::test]
async fn a_frame_without_a_change_sends_nothing() {
    let mut deck = deck(100, 30, Protocol::Sixel);
    deck.run(300).await;
    assert!(pictures(&deck.sent()) >= 2, "thumbnails are there");
    for _ in 0..5 {
        deck.app.draw().unwrap();
    }
    assert_eq!(deck.sent(), []);
}

#[tokio::test]
async fn popups_and_screens_leave_no_ghost_of_a_picture() {
    let mut deck = deck(100, 30, Protocol::Sixel);
    deck.run(300).await;
    let first = pictures(&deck.sent());
    assert!(first >= 2, "{first}");
    for _ in 0..50 {
        // The help lies over the pictures: they are painted over with blanks, once each.
        deck.app.take(key(KeyCode::Char('?'), KeyModifiers::NONE)).unwrap();
        deck.app.draw().unwrap();
        let opened = deck.sent();
        assert_eq!(pictures(&opened), 0);
        let blanks = opened.iter().map(|(raw, _)| raw.matches("\x1b[48;2;10;14;26m").count());
        assert_eq!(blanks.sum::<usize>(), first, "{opened:?}");
        deck.app.take(key(KeyCode::Esc, KeyModifiers::NONE)).unwrap();
        deck.app.draw().unwrap();
        assert_eq!(pictures(&deck.sent()), first, "and they come back");
    }
    deck.app.take(key(KeyCode::Char('7'), KeyModifiers::NONE)).unwrap();
    deck.app.draw().unwrap();
    let sent = deck.sent();
    assert!(sent[0].0.contains("\x1b[48;2;10;14;26m") && pictures(&sent) == 0, "{sent:?}");
}

#[tokio::test]
async fn sizes_from_tiny_to_huge_are_drawn_in_a_storm() {
    let mut deck = deck(80, 24, Protocol::Sixel);
    deck.run(200).await;
    let mut seed = 7_u32;
    for _ in 0..200 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (width, height) = ((seed >> 8) as u16 % 320 + 1, (seed >> 20) as u16 % 110 + 1);
        deck.app.screen().backend.resize(width, height);
        deck.app.take(Msg::Terminal(Typed::Resize(width, height))).unwrap();
        deck.app.draw().unwrap();
        if width < 40 || height < 10 {
            let shown = deck.text();
            let says = shown.contains("too small") || width < 36;
            assert!(says, "{width}x{height}: {shown}");
        }
        // No picture reaches the last row.
        for (raw, _) in deck.sent() {
            assert!(!raw.contains(&format!("\x1b[{height};")) || !raw.contains("\x1bPq"));
        }
    }
}

#[tokio::test]
async fn ten_thousand_random_keys_break_nothing() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.run(100).await;
    let keys = "?:/jkhlgGpxrRDuvAstfFyibcCLoezw1234567[]nNPOSTIVM.,<>+ ";
    let special = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(1),
    ];
    let mut seed = 20_261_126_u32;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 10) as usize % most
    };
    for round in 0..10_000 {
        let modifiers = match next(12) {
            0 => KeyModifiers::CONTROL,
            1 => KeyModifiers::ALT,
            _ => KeyModifiers::NONE,
        };
        let code = match next(3) {
            0 => special[next(special.len())],
            _ => KeyCode::Char(keys.as_bytes()[next(keys.len())] as char),
        };
        let before = deck.app.model.leaving;
        deck.app.take(key(code, modifiers)).unwrap();
        deck.app.model.leaving = before;
        deck.clock.set(deck.clock.get() + Duration::from_millis(30));
        if round % 7 == 0 {
            deck.app.draw().unwrap();
        }
        while let Ok(msg) = deck.from.try_recv() {
            deck.app.take(msg).unwrap();
        }
        assert!(deck.app.model.overlays.len() < 20, "popups pile up");
    }
    assert!(!deck.app.runner.calls.is_empty());
    // It still does what it is told.
    deck.app.model.overlays.clear();
    for _ in 0..3 {
        press(&mut deck.app.model, "esc");
    }
    deck.app.model.overlays.clear();
    press(&mut deck.app.model, "1");
    deck.app.draw().unwrap();
    assert!(deck.text().contains("Queue"), "{}", deck.text());
}

#[tokio::test]
async fn the_service_comes_and_goes() {
    let mut deck = deck(100, 30, Protocol::Blocks);
    deck.run(100).await;
    deck.app.take(Msg::Away("cannot reach the service".into())).unwrap();
    deck.app.draw().unwrap();
    assert!(deck.text().contains("no service (Q starts one): cannot reach the service"));
    deck.app.take(Msg::Linked("0.1.0".into())).unwrap();
    deck.app.draw().unwrap();
    assert!(!deck.text().contains("no service"));
}
