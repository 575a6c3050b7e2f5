//! What views paint on: cells, pictures, and what a click on them means.

mod fit;
mod list;
mod picture;

use std::borrow::Cow;

use crate::terminal::links;

pub use crate::terminal::plain;
pub use fit::{fit, middle, tail};
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Paragraph, Widget, Wrap};

use super::action::Action;
use super::model::Model;
use super::painted::{Hit, Painted};
use super::picture::layer::Placement;
use super::theme::{Role, Theme};
use super::tty::Link;

/// With less room beside a popup, only splinters of what lies beneath would be seen there.
const BESIDE: u16 = 10;

/// What views paint on.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// The state that is shown.
    pub model: &'a Model,
    /// What was painted where.
    pub painted: Painted,
    /// Pictures in their places.
    pub placements: Vec<Placement>,
    /// Text that leads to files.
    pub links: Vec<Link>,
    /// What is behind the thing that is painted: the screen's color, or a popup's.
    ground: Color,
}

impl<'a> Canvas<'a> {
    /// An empty canvas in the color of the theme.
    pub fn new(buffer: &'a mut Buffer, model: &'a Model) -> Self {
        let base = model.theme.base();
        buffer.set_style(buffer.area, base);
        let ground = model.theme.color(Role::Background);
        Canvas {
            buffer,
            model,
            painted: Painted::default(),
            placements: Vec::new(),
            links: Vec::new(),
            ground,
        }
    }

    /// The colors.
    pub fn theme(&self) -> &'a Theme {
        &self.model.theme
    }

    /// Text in the color of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme().style(role)
    }

    /// A word in the color of a role.
    pub fn span<'t>(&self, text: impl Into<Cow<'t, str>>, role: Role) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// A line, cut where it is too long.
    pub fn line<'t>(&mut self, area: Rect, line: impl Into<Line<'t>>) {
        if area.is_empty() {
            return;
        }
        let line = fit::cut(line.into(), usize::from(area.width), self.theme().signs.cut());
        let left = area.width - (line.width() as u16).min(area.width);
        let indent = match line.alignment {
            Some(Alignment::Center) => left / 2,
            Some(Alignment::Right) => left,
            _ => 0,
        };
        self.buffer.set_line(area.x + indent, area.y, &line, area.width - indent);
    }

    /// A text of several lines, broken where it is too long.
    pub fn text<'t>(&mut self, area: Rect, text: impl Into<Text<'t>>) {
        Paragraph::new(text).wrap(Wrap { trim: false }).render(area, self.buffer);
    }

    /// Lines around an area, with a title; gives what is within.
    pub fn pane(&mut self, area: Rect, title: &str, focused: bool) -> Rect {
        let theme = self.theme();
        let (border, words) = match focused {
            true => (theme.style(Role::Focus), theme.heading()),
            false => (theme.style(Role::Dim), theme.style(Role::Muted)),
        };
        let mut block = Block::bordered().border_set(theme.signs.border()).border_style(border);
        if !title.is_empty() {
            let room = usize::from(area.width).saturating_sub(4);
            let title = fit::cut(Line::from(title), room, theme.signs.cut());
            block = block.title(Span::styled(format!(" {title} "), words));
        }
        let inner = block.inner(area);
        block.render(area, self.buffer);
        inner
    }

    /// Where popups lie: between the first line, which says where one is, and the last one, which
    /// tells their keys.
    pub fn room(&self) -> Rect {
        let area = self.buffer.area;
        Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area }
    }

    /// The width of a popup that needs so much: all that there is, where little would be left.
    pub fn wide(&self, needed: u16) -> u16 {
        let room = self.room().width;
        if needed + BESIDE > room { room } else { needed }
    }

    /// Clears a part of the screen for what lies over it, with lines around it; gives what is
    /// within. Pictures beneath it are not shown.
    pub fn popup(&mut self, area: Rect, title: &str) -> Rect {
        let room = self.room();
        let area = match self.wide(area.width) {
            width if width > area.width => Rect { x: room.x, width, ..area },
            _ => area,
        };
        let area = area.intersection(room);
        Clear.render(area, self.buffer);
        self.buffer.set_style(area, self.theme().surface());
        self.clear_beneath(area);
        self.ground = self.theme().color(Role::Surface);
        // A click beside what can be clicked there must not reach what lies beneath.
        self.painted.hits.push((self.buffer.area, Hit::Action(Action::Back)));
        self.painted.hits.push((area, Hit::Own(usize::MAX)));
        self.pane(area, title, true)
    }

    /// Clears cells for a word over the screen; pictures beneath it are not shown.
    pub fn cover(&mut self, area: Rect) {
        Clear.render(area, self.buffer);
        self.buffer.set_style(area, self.theme().surface());
        self.clear_beneath(area);
    }

    /// Takes away what would lie over these cells, whatever is written there.
    fn clear_beneath(&mut self, area: Rect) {
        self.placements.retain(|picture| !picture.area.intersects(area));
        self.links.retain(|link| !link.area.intersects(area));
    }

    /// The text that was painted there leads to a file of the service's machine, where the terminal
    /// knows links.
    pub fn link(&mut self, area: Rect, path: &str) {
        if let Some(machine) = &self.model.terminal.links
            && path.starts_with('/')
            && !area.is_empty()
        {
            self.links.push(Link { area, address: links::address(machine, path) });
        }
    }

    /// What a click on an area means.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        if !area.is_empty() {
            self.painted.hits.push((area, hit));
        }
    }
}
