//! One face's marks.

use crate::faces::{Attributes, Chosen, Face};
use crate::imaging::frame::FrameFormat;
use crate::imaging::lettering;
use crate::profiles::Sex;

use super::items::Item;
use super::outline::Outline;
use super::pen::{Ink, Pen};

/// Colors of the tracks, in turn: cyan, pink, green, amber, purple.
const TRACKS: [[u8; 3]; 5] =
    [[0, 242, 254], [255, 0, 128], [0, 255, 136], [255, 176, 0], [191, 64, 255]];
/// The points of the picture's left side, of its right side, and the nose: a mirrored face shows.
const LEFT: [u8; 3] = [255, 48, 48];
const RIGHT: [u8; 3] = [64, 255, 64];
const NOSE: [u8; 3] = [255, 240, 0];
/// The outline of the mask.
const MASK: [u8; 3] = [255, 240, 0];
/// The ground of the label and its letters.
const GROUND: [u8; 3] = [10, 14, 26];
const LETTERS: [u8; 3] = [255, 255, 255];

/// Sizes that are seen at the frame's size, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Thickness of lines; whole chroma samples at least.
    pub line: i64,
    /// A dot of a letter; letters are seven dots high.
    pub dot: i64,
}

impl Scale {
    /// For frames of this format.
    pub fn of(format: &FrameFormat) -> Self {
        let longest = i64::from(format.width.max(format.height));
        Scale { line: (longest / 400).max(2), dot: (longest / 640).max(1) }
    }
}

/// Draws the items of one face; what is not known of it is left out.
pub fn draw(pen: &mut Pen<'_>, items: &[Item], chosen: &Chosen, outline: Option<&Outline>) {
    let scale = Scale::of(pen.format());
    let Chosen { face, person } = chosen;
    let track = Ink::of(pen.format(), TRACKS[(face.track % TRACKS.len() as u64) as usize]);
    let asked = |item| items.contains(&item);
    if let Some(outline) = outline {
        let ink = Ink::of(pen.format(), MASK);
        pen.stamp(&outline.line, outline.at[0], outline.at[1], ink);
    }
    if asked(Item::Landmarks) {
        landmarks(pen, scale, face, track);
    }
    if asked(Item::Box) {
        pen.border(face.bounds.map(|v| v.round() as i64), scale.line, track);
    }
    if asked(Item::Points) {
        let radius = scale.line as f32 * 1.25;
        let colors = [LEFT, RIGHT, NOSE, LEFT, RIGHT];
        for (point, color) in face.points.iter().zip(colors) {
            let ink = Ink::of(pen.format(), color);
            pen.disc(*point, radius, ink);
        }
    }
    let text = words(items, face, *person);
    if !text.is_empty() {
        label(pen, scale, face, &text, track);
    }
}

/// The mesh as fine dots, the 68 points as larger ones.
fn landmarks(pen: &mut Pen<'_>, scale: Scale, face: &Face, ink: Ink) {
    // As large as 478 of them may be without covering the face.
    let dot = (face.width() / 90.0).clamp(1.0, scale.line as f32) as i64;
    for [x, y, _] in face.landmarks.iter().flat_map(|mesh| &mesh.points) {
        let (x, y) = (x.round() as i64 - dot / 2, y.round() as i64 - dot / 2);
        pen.fill(x, y, x + dot, y + dot, ink);
    }
    for point in face.points_68.iter().flatten() {
        pen.disc(*point, scale.line as f32 * 0.75, ink);
    }
}

/// What the label says: `#3 P0 0.87 F 34`.
fn words(items: &[Item], face: &Face, person: usize) -> String {
    let word = |item: &Item| match item {
        Item::Track => Some(format!("#{}", face.track)),
        Item::Person => Some(format!("P{person}")),
        Item::Score => Some(format!("{:.2}", face.score)),
        Item::Attributes => face.attributes.map(|Attributes { sex, age }| {
            let sex = match sex {
                Sex::Female => 'F',
                Sex::Male => 'M',
            };
            format!("{sex} {age:.0}")
        }),
        Item::Box | Item::Points | Item::Landmarks | Item::Mask => None,
    };
    items.iter().filter_map(word).collect::<Vec<_>>().join(" ")
}

/// The words on a dark plate that sits on the box; within it where there is no room above, and
/// moved so that it stays in the frame.
fn label(pen: &mut Pen<'_>, scale: Scale, face: &Face, text: &str, track: Ink) {
    let Scale { line, dot } = scale;
    let [left, top, _, _] = face.bounds.map(|v| v.round() as i64);
    let margin = 2 * dot;
    let width = lettering::width(text, dot as usize) as i64 + 2 * margin + line;
    let height = lettering::HEIGHT as i64 * dot + 2 * margin;
    let (columns, rows) = (i64::from(pen.format().width), i64::from(pen.format().height));
    let x = left.min(columns - width).max(0);
    let y = if top >= height { top - height } else { top };
    let y = y.min(rows - height).max(0);
    let (ground, letters) = (Ink::of(pen.format(), GROUND), Ink::of(pen.format(), LETTERS));
    pen.fill(x, y, x + width, y + height, ground);
    pen.fill(x, y, x + line, y + height, track);
    pen.write(text, x + line + margin, y + margin, dot, letters);
}
