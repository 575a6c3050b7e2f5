//! The main loop: what happens is taken in, what follows is begun, and what changed is drawn, at
//! most so often, and never when nothing changed.

use std::time::Duration;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use jiff::Timestamp;
use ratatui::Terminal;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::error::{Context, Result};
use crate::settings::config::Announce;

use super::canvas::Canvas;
use super::effect::{Effect, Timer};
use super::model::Model;
use super::msg::Msg;
use super::picture::layer::{Layer, Offset};
use super::runtime::Runner;
use super::tty::{Links, Screen};
use super::update::update;
use super::view::view;

/// Between two frames at least, on this machine and over a slow line.
const PACE: (Duration, Duration) = (Duration::from_millis(33), Duration::from_millis(100));
/// Messages that are taken in before something is drawn, at most.
const AT_ONCE: usize = 512;

/// What the loop cannot do by itself.
pub trait World {
    /// The time on the wall, and since the start.
    fn time(&self) -> (Timestamp, Duration);

    /// Back to the shell until the user returns.
    ///
    /// # Errors
    /// When the terminal cannot be taken again.
    fn suspend(&self) -> Result<()>;

    /// Where our pane lies, when pictures are handed on by tmux.
    fn offset(&self) -> Option<Offset>;
}

/// The dashboard.
#[derive(Debug)]
pub struct App<S: Screen, R, W> {
    /// The state.
    pub model: Model,
    terminal: Terminal<S>,
    runner: R,
    world: W,
    layer: Layer,
    links: Links,
    offset: Option<Offset>,
    announce: Announce,
    /// Something changed since the last frame.
    dirty: bool,
    /// The last frame.
    drawn: Option<Instant>,
    /// The last change of the size.
    resized: Option<Instant>,
    /// When live pictures are looked at again; one timer is enough.
    again: Option<Duration>,
}

impl<S, R, W> App<S, R, W>
where
    S: Screen,
    S::Error: Send + Sync + 'static,
    R: Runner,
    W: World,
{
    /// A dashboard that draws on `screen`.
    ///
    /// # Errors
    /// When the terminal does not tell its size.
    pub fn new(screen: S, model: Model, runner: R, world: W, announce: Announce) -> Result<Self> {
        let terminal = Terminal::new(screen).context(broken)?;
        let offset = world.offset();
        Ok(App {
            model,
            terminal,
            runner,
            world,
            layer: Layer::default(),
            links: Links::default(),
            offset,
            announce,
            dirty: true,
            drawn: None,
            resized: None,
            again: None,
        })
    }

    /// What is drawn on.
    pub fn screen(&mut self) -> &mut S {
        self.terminal.backend_mut()
    }

    /// Runs until the user leaves.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub async fn run(&mut self, from: &mut mpsc::Receiver<Msg>) -> Result<()> {
        self.terminal.clear().context(broken)?;
        self.draw()?;
        while !self.model.leaving {
            let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + self.pace());
            tokio::select! {
                msg = from.recv() => {
                    let Some(msg) = msg else { return Ok(()) };
                    self.take(msg)?;
                    for _ in 0..AT_ONCE {
                        let Ok(msg) = from.try_recv() else { break };
                        self.take(msg)?;
                    }
                }
                () = tokio::time::sleep_until(due), if self.dirty => self.draw()?,
            }
        }
        self.follow()
    }

    fn pace(&self) -> Duration {
        if self.model.terminal.remote { PACE.1 } else { PACE.0 }
    }

    /// Takes a message in, and begins with what follows from it.
    ///
    /// # Errors
    /// When the terminal cannot be taken again after a stop.
    pub fn take(&mut self, msg: Msg) -> Result<()> {
        (self.model.now, self.model.clock) = self.world.time();
        if let Msg::Terminal(event) = &msg {
            match event {
                crossterm::event::Event::Resize(..) => self.resized = Some(Instant::now()),
                crossterm::event::Event::FocusGained => self.offset = self.world.offset(),
                _ => {}
            }
        }
        if matches!(msg, Msg::Timer(Timer::Settled)) {
            self.offset = self.world.offset();
        }
        if matches!(msg, Msg::Timer(Timer::Pictures)) {
            self.again = None;
        }
        // Meters are asked for all the time; only their answer changes something.
        self.dirty |= !matches!(msg, Msg::Timer(Timer::Meters));
        update(&mut self.model, msg);
        self.follow()
    }

    /// Begins with everything that follows.
    fn follow(&mut self) -> Result<()> {
        for effect in std::mem::take(&mut self.model.effects) {
            match effect {
                Effect::Copy(text) => self.say(&CopyToClipboard::to_clipboard_from(text))?,
                Effect::Tell { title, text } => self.tell(&title, &text)?,
                Effect::Redraw => self.forget()?,
                Effect::Suspend => {
                    self.world.suspend()?;
                    self.forget()?;
                }
                effect => self.runner.run(effect),
            }
        }
        Ok(())
    }

    /// Everything is drawn again with the next frame.
    fn forget(&mut self) -> Result<()> {
        self.terminal.clear().context(broken)?;
        self.layer.cleared();
        self.links.cleared();
        self.dirty = true;
        Ok(())
    }

    fn say(&mut self, command: &impl Command) -> Result<()> {
        let mut text = String::new();
        if command.write_ansi(&mut text).is_ok() {
            self.screen().raw(text.as_bytes());
            self.screen().send().context(broken)?;
        }
        Ok(())
    }

    /// Tells the desktop, when the user looks elsewhere and wants it.
    fn tell(&mut self, title: &str, text: &str) -> Result<()> {
        if self.model.terminal.focused {
            return Ok(());
        }
        let clean =
            |text: &str| text.chars().filter(|c| !c.is_control() && *c != ';').collect::<String>();
        let (title, text) = (clean(title), clean(text));
        let sequence = match self.announce {
            Announce::Never => return Ok(()),
            Announce::Bell => "\x07".to_owned(),
            Announce::Osc9 => format!("\x1b]9;{title}\x07"),
            Announce::Osc777 => format!("\x1b]777;notify;{title};{text}\x07"),
        };
        self.screen().raw(sequence.as_bytes());
        self.screen().send().context(broken)
    }

    /// Draws what changed.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self) -> Result<()> {
        (self.model.now, self.model.clock) = self.world.time();
        self.model.pictures.every = self.between_frames();
        let before = self.terminal.get_frame().area();
        self.terminal.autoresize().context(broken)?;
        let area = self.terminal.get_frame().area();
        if area != before {
            self.layer.cleared();
            self.links.cleared();
        }
        self.model.terminal.size = (area.width, area.height);
        let (painted, placements, links) = {
            let mut frame = self.terminal.get_frame();
            let mut canvas = Canvas::new(frame.buffer_mut(), &self.model);
            view(&mut canvas);
            (canvas.painted, canvas.placements, canvas.links)
        };
        let how = self.model.terminal.how;
        let gone = self.layer.erase(&placements, how);
        self.screen().raw(&gone);
        self.terminal.hide_cursor().context(broken)?;
        self.terminal.flush().context(broken)?;
        let links = self.links.draw(links, self.terminal.current_buffer_mut()).context(broken)?;
        self.screen().raw(&links);
        self.terminal.swap_buffers();
        let new = self.layer.draw(placements, how, self.offset);
        self.screen().raw(&new);
        self.screen().send().context(broken)?;
        self.model.painted = painted;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        self.pictures();
        Ok(())
    }

    /// Begins to load and encode what the view wanted.
    fn pictures(&mut self) {
        // While the window is dragged to another size, every picture would be for nothing.
        let settling = self.resized.is_some_and(|at| at.elapsed() < Duration::from_millis(45));
        if settling {
            return;
        }
        let (wants, clock) = (&self.model.painted.wants, self.model.clock);
        let plan = self.model.pictures.plan(wants, clock);
        let cell = u32::from(self.model.terminal.how.cell.0);
        for key in plan.load {
            let of_key = wants.iter().filter(|want| want.key.sources().contains(&&key));
            // A part of it may be all that is shown.
            let widest =
                of_key.map(|want| u32::from(want.cells.0) * cell * want.key.closer()).max();
            self.runner.run(Effect::Load(key, widest.unwrap_or(320)));
        }
        let how = self.model.terminal.how;
        for (want, version, pixels) in plan.encode {
            self.runner.run(Effect::Encode { want, version, pixels, how });
        }
        if let Some(again) = plan.again
            && self.again.is_none_or(|before| again < before)
        {
            self.again = Some(again);
            let wait = again.saturating_sub(clock) + Duration::from_millis(1);
            self.runner.run(Effect::After(wait, Timer::Pictures));
        }
    }

    /// Between two frames of a live picture.
    fn between_frames(&self) -> Duration {
        let terminal = &self.model.terminal;
        match (terminal.low_bandwidth, terminal.remote) {
            (true, _) => Duration::from_secs(5),
            (_, true) => Duration::from_secs(1),
            _ => Duration::from_millis(250),
        }
    }
}

fn broken() -> String {
    "cannot draw on the terminal".to_owned()
}

#[cfg(test)]
mod tests;
