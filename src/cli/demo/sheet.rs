//! The before/after sheet: the source and the portrait, then moments of the clip, each as it was
//! and as it became.

use crate::faces::Face;
use crate::imaging::frame::Frame;
use crate::imaging::lettering;
use crate::imaging::picture::Picture;
use crate::imaging::region::Rect;

/// Which of the clip's looks are shown: with the head tilted both ways, lit from both sides.
pub const MOMENTS: [usize; 4] = [3, 8, 12, 17];
/// Side of a moment of the clip in pixels.
const SMALL: usize = 304;
/// Pixels between pictures and around them.
const GAP: usize = 16;
/// Width of the sheet.
const WIDTH: usize = MOMENTS.len() * (SMALL + GAP) + GAP;
/// Side of the source and the portraits: three fill the width that four moments do.
const LARGE: usize = (WIDTH - 4 * GAP) / 3;
/// Size of the words' dots in pixels.
const DOT: usize = 2;
/// Room for a line of words under a picture.
const CAPTION: usize = DOT * lettering::HEIGHT + 16;
/// The ground, as in the terminal's boxes.
const GROUND: [u8; 3] = [10, 14, 26];
/// What was there before.
const QUIET: [u8; 3] = [138, 148, 170];
/// What facedeck made.
const BRIGHT: [u8; 3] = [0, 242, 254];
/// Side of a cut-out in lengths of the face.
const AROUND: f32 = 1.7;

/// A picture with its words.
pub struct Tile {
    picture: Picture,
    words: String,
    color: [u8; 3],
}

impl Tile {
    /// Something that was there before.
    pub fn before(picture: Picture, words: impl Into<String>) -> Self {
        Tile { picture, words: words.into(), color: QUIET }
    }

    /// Something that facedeck made.
    pub fn after(picture: Picture, words: impl Into<String>) -> Self {
        Tile { picture, words: words.into(), color: BRIGHT }
    }
}

/// The square around a face, moved and made smaller so that it lies in the frame.
pub fn around(frame: &Frame, face: &Face) -> Rect {
    let [x0, y0, x1, y1] = face.bounds;
    let (width, height) = (frame.format.width as usize, frame.format.height as usize);
    let side = (((x1 - x0).max(y1 - y0) * AROUND) as usize).clamp(2, width.min(height).max(2));
    let place = |low: f32, high: f32, size: usize| {
        let start = ((low + high - side as f32) / 2.0).max(0.0) as usize;
        start.min(size.saturating_sub(side))
    };
    Rect { x: place(x0, x1, width), y: place(y0, y1, height), width: side, height: side }
}

/// The middle of a frame, for one without a face.
pub fn middle(frame: &Frame) -> Rect {
    let (width, height) = (frame.format.width as usize, frame.format.height as usize);
    let side = width.min(height);
    Rect { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side }
}

/// A cut-out as large as a moment of the clip is shown.
pub fn moment(frame: &Frame, rect: Rect) -> Picture {
    Picture::part_of(frame, rect).resized(SMALL, SMALL)
}

/// A cut-out as large as the source and the portraits are shown.
pub fn portrait(frame: &Frame, rect: Rect) -> Picture {
    Picture::part_of(frame, rect).resized(LARGE, LARGE)
}

/// Lays out rows of tiles.
pub fn lay_out(rows: &[Vec<Tile>]) -> Picture {
    let row_height =
        |row: &[Tile]| row.iter().map(|t| t.picture.height).max().unwrap_or(0) + CAPTION + GAP;
    let height = GAP + rows.iter().map(|row| row_height(row)).sum::<usize>();
    let mut sheet = Picture::plain(WIDTH, height, GROUND);
    let mut y = GAP;
    for row in rows {
        let used: usize = row.iter().map(|t| t.picture.width).sum();
        // Gaps share what is left, so that every row is as wide as the sheet.
        let gap = WIDTH.saturating_sub(used) / (row.len() + 1);
        let mut x = gap;
        for tile in row {
            place(&mut sheet, &tile.picture, x, y);
            let left =
                x + tile.picture.width.saturating_sub(lettering::width(&tile.words, DOT)) / 2;
            let top = y + tile.picture.height + (CAPTION - DOT * lettering::HEIGHT) / 2;
            lettering::write(&mut sheet, &tile.words, left, top, DOT, tile.color);
            x += tile.picture.width + gap;
        }
        y += row_height(row);
    }
    sheet
}

/// Copies a picture into the sheet; what would leave it is cut off.
fn place(sheet: &mut Picture, picture: &Picture, x: usize, y: usize) {
    let width = picture.width.min(sheet.width.saturating_sub(x));
    for line in 0..picture.height.min(sheet.height.saturating_sub(y)) {
        let (to, from) = ((y + line) * sheet.width + x, line * picture.width);
        sheet.pixels[to..to + width].copy_from_slice(&picture.pixels[from..from + width]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::material;
    use crate::faces::landmarks::Landmarks;

    fn face(x: f32, y: f32, side: f32) -> Face {
        let points =
            (0..478).map(|i| [x + side * (i % 2) as f32, y + side * (i / 2 % 2) as f32, 0.0]);
        let landmarks = Landmarks { points: points.collect(), presence: 1.0 };
        Face::meshed(0, 1.0, landmarks)
    }

    #[test]
    fn cut_outs_lie_in_the_frame_with_the_face_in_their_middle() {
        let frame = material::portrait().unwrap();
        let rect = around(&frame, &face(180.0, 80.0, 100.0));
        assert_eq!(rect, Rect { x: 145, y: 45, width: 170, height: 170 });
        for (x, y, side) in [(-40.0, -40.0, 100.0), (480.0, 490.0, 100.0), (100.0, 100.0, 400.0)] {
            let rect = around(&frame, &face(x, y, side));
            assert!(rect.x + rect.width <= 512 && rect.y + rect.height <= 512, "{rect:?}");
            assert_eq!(rect.width, rect.height);
        }
    }

    #[test]
    fn the_sheet_holds_every_tile_and_its_words() {
        let tile = |color: [u8; 3], side| Picture::plain(side, side, color);
        let large = ["A", "B", "C"].map(|w| Tile::before(tile([200, 0, 0], LARGE), w));
        let small = [0; 4].map(|_| Tile::after(tile([0, 200, 0], SMALL), "AFTER"));
        let sheet = lay_out(&[large.into(), small.into()]);
        let count = |color: [u8; 3]| sheet.pixels.iter().filter(|p| **p == color).count();
        assert_eq!(sheet.width, WIDTH);
        assert_eq!(sheet.height, 3 * GAP + LARGE + SMALL + 2 * CAPTION);
        assert_eq!(
            (count([200, 0, 0]), count([0, 200, 0])),
            (3 * LARGE * LARGE, 4 * SMALL * SMALL)
        );
        assert!(count(QUIET) > 100 && count(BRIGHT) > 400);
        let edge = (0..sheet.height).all(|y| sheet.pixels[y * WIDTH] == GROUND);
        assert!(edge && sheet.pixels[..WIDTH].iter().all(|p| *p == GROUND));
    }
}
