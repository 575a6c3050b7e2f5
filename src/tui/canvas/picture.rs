//! Pictures in their places.

use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Text};

use crate::tui::picture::layer::Placement;
use crate::tui::picture::{self, Encoded, Key, Look, Want};
use crate::tui::theme::Role;

use super::{Canvas, middle};

impl Canvas<'_> {
    /// A picture, as large as it fits, in the middle of an area; what stands in for it while it is
    /// not there. Gives the cells that it covers.
    pub fn picture(&mut self, area: Rect, key: &Key) -> Option<Rect> {
        // Sixels on the last row make the screen scroll.
        let lowest = self.buffer.area.bottom().saturating_sub(1);
        let height = area.height.min(lowest.saturating_sub(area.y));
        let area = Rect { height, ..area };
        if area.width < 2 || area.height < 1 {
            return None;
        }
        let cells = self.most((area.width, area.height));
        let want = Want { key: key.clone(), cells };
        let look = self.model.pictures.look(&want);
        self.painted.wants.push(want);
        match look {
            Look::Ready(encoded, version) => {
                let (width, height) = encoded.cells();
                let place = middle(area, width.min(area.width), height.min(area.height));
                match &*encoded {
                    Encoded::Blocks { cells, colors } => self.blocks(place, *cells, colors),
                    Encoded::Sequence { .. } => self.placements.push(Placement {
                        area: place,
                        key: key.clone(),
                        version,
                        encoded: encoded.clone(),
                        background: self.ground,
                    }),
                }
                Some(place)
            }
            Look::Waiting => {
                let dots = Rect { y: area.y + area.height / 2, height: 1, ..area };
                let line = Line::from(self.span(self.theme().signs.cut(), Role::Dim)).centered();
                self.line(dots, line);
                None
            }
            Look::Failed(why) => {
                let text = Text::styled(why, self.style(Role::Muted)).centered();
                self.text(area, text);
                None
            }
        }
    }

    /// The columns and rows, and the pixels, of a picture that fits into so many cells; of one that
    /// is not here yet as if it were a usual video.
    pub fn fitted(&self, key: &Key, room: (u16, u16)) -> ((u16, u16), (u32, u32)) {
        let pixels = key.sources().first().and_then(|key| self.model.pictures.pixels(key));
        let size = pixels.map_or((16, 9), |image| image.dimensions());
        picture::fit(size, self.most(room), self.model.terminal.how.cell)
    }

    /// How large a picture may be: less where the line is slow.
    fn most(&self, room: (u16, u16)) -> (u16, u16) {
        match (self.model.terminal.low_bandwidth, self.model.terminal.remote) {
            (true, _) => (room.0.min(24), room.1.min(8)),
            (_, true) => (room.0.min(36), room.1.min(12)),
            _ => (room.0.min(100), room.1.min(40)),
        }
    }

    fn blocks(&mut self, area: Rect, cells: (u16, u16), colors: &[([u8; 3], [u8; 3])]) {
        let rgb = |[r, g, b]: [u8; 3]| Color::Rgb(r, g, b);
        for y in 0..area.height.min(cells.1) {
            for x in 0..area.width.min(cells.0) {
                let (up, down) = colors[usize::from(y) * usize::from(cells.0) + usize::from(x)];
                if let Some(cell) = self.buffer.cell_mut((area.x + x, area.y + y)) {
                    cell.set_symbol("▀").set_fg(rgb(up)).set_bg(rgb(down));
                }
            }
        }
    }
}
