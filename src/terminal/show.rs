//! Draws a picture at the cursor and leaves the cursor on the line below it.

use std::io::{IsTerminal, Write, stdout};
use std::os::fd::AsFd;
use std::time::Duration;

use fast_image_resize as fir;
use image::{DynamicImage, RgbImage};
use rustix::termios::tcgetwinsize;

use super::encode::{self, Palette, SIXEL_COLORS};
use super::{Detection, Protocol};
use crate::error::{Context, Error, Result};

/// A cell in pixels when the terminal does not tell: twice as tall as wide, as most fonts are.
const USUAL_CELL: (u16, u16) = (10, 20);
/// Largest sixel picture when the terminal does not tell: xterm's default (`maxGraphicSize`).
const SIXEL_LIMIT: (u16, u16) = (1000, 1000);
/// tmux throws away sequences of more than 1 MiB; a picture of this size stays well below.
const TMUX_LIMIT: (u16, u16) = (640, 480);
/// A caller that names a box may get a small picture enlarged this much, not more: mush.
const MOST_ENLARGED: f64 = 4.0;

/// Draws `image` at the start of the current line with its shape kept, never wider than the
/// terminal and never taller than what leaves a line for the prompt. Does nothing when standard
/// output is no terminal or `protocol` is [`Protocol::Off`].
///
/// `max_cells`: a box of columns and rows to fill; a small picture is enlarged up to four times
/// for it. Without one the picture is shown pixel by pixel, shrunk where it has to be; half
/// blocks, which need the room, then take up to one column for each of its pixels.
///
/// # Errors
/// When the picture cannot be encoded or the terminal cannot be written.
pub fn show(
    image: &DynamicImage,
    max_cells: Option<(u16, u16)>,
    protocol: Protocol,
    detection: &Detection,
) -> Result<()> {
    let mut output = stdout().lock();
    if protocol == Protocol::Off || !output.is_terminal() {
        return Ok(());
    }
    // The window may have another size by now.
    let cells = tcgetwinsize(output.as_fd())
        .ok()
        .filter(|s| s.ws_col > 0 && s.ws_row > 0)
        .map_or(detection.cells, |s| (s.ws_col, s.ws_row));
    let detection = Detection { cells, ..detection.clone() };
    if protocol == Protocol::Blocks {
        output.flush().context(broken)?;
        drop(output);
        return blocks(image, &half_blocks(image, max_cells, &detection));
    }
    draw(&mut output, image, max_cells, protocol, &detection)
}

fn broken() -> String {
    "cannot draw on the terminal".into()
}

/// How large a picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fit {
    /// Pixels; for half blocks samples, two in a cell.
    width: u32,
    height: u32,
    /// Columns and rows that it touches.
    cells: (u16, u16),
}

/// Fits a picture into the terminal, `max_cells` and, in pixels, `limit`; `enlarge` is the most it
/// may grow.
fn fit(
    image: (u32, u32),
    max_cells: Option<(u16, u16)>,
    limit: (u16, u16),
    enlarge: f64,
    detection: &Detection,
) -> Fit {
    let cell = detection.cell.unwrap_or(USUAL_CELL);
    // Two rows stay free: the prompt's, and the last one, on which sixels make the screen scroll.
    let room = (detection.cells.0.max(1), detection.cells.1.saturating_sub(2).max(1));
    let room = max_cells.map_or(room, |m| (room.0.min(m.0).max(1), room.1.min(m.1).max(1)));
    let pixels = |cells: u16, cell: u16, limit: u16| {
        f64::from((u32::from(cells) * u32::from(cell)).min(u32::from(limit)))
    };
    let (width, height) = (f64::from(image.0.max(1)), f64::from(image.1.max(1)));
    let scale = (pixels(room.0, cell.0, limit.0) / width)
        .min(pixels(room.1, cell.1, limit.1) / height)
        .min(enlarge);
    let (width, height) =
        ((width * scale).round().max(1.0) as u32, (height * scale).round().max(1.0) as u32);
    let cells = (
        width.div_ceil(u32::from(cell.0)).min(u32::from(room.0)) as u16,
        height.div_ceil(u32::from(cell.1)).min(u32::from(room.1)) as u16,
    );
    Fit { width, height, cells }
}

/// The same in half blocks: as many samples as keep the shape.
fn half_blocks(image: &DynamicImage, max_cells: Option<(u16, u16)>, detection: &Detection) -> Fit {
    let (cell_width, cell_height) = detection.cell.unwrap_or(USUAL_CELL);
    // At most one sample for each pixel of the picture.
    let enlarge = f64::from(cell_width);
    let unlimited = (u16::MAX, u16::MAX);
    let size = (image.width(), image.height());
    let area = fit(size, max_cells, unlimited, enlarge, detection);
    let samples = |pixels: u32, sample: f64| (f64::from(pixels) / sample).round().max(1.0) as u32;
    let width = samples(area.width, f64::from(cell_width));
    let height = samples(area.height, f64::from(cell_height) / 2.0);
    Fit { width, height, cells: (width as u16, height.div_ceil(2) as u16) }
}

/// Half blocks, by viuer, which knows the colors of the terminal; it prints on its own.
fn blocks(image: &DynamicImage, fit: &Fit) -> Result<()> {
    let image = DynamicImage::ImageRgb8(resize(image, fit)?);
    let config = viuer::Config {
        absolute_offset: false,
        width: Some(u32::from(fit.cells.0)),
        height: Some(u32::from(fit.cells.1)),
        // Or it would ask the terminal again, without a time limit.
        use_kitty: false,
        use_iterm: false,
        ..viuer::Config::default()
    };
    viuer::print(&image, &config).context(broken)?;
    Ok(())
}

/// Draws by escape sequences on `output`.
fn draw(
    output: &mut dyn Write,
    image: &DynamicImage,
    max_cells: Option<(u16, u16)>,
    protocol: Protocol,
    detection: &Detection,
) -> Result<()> {
    let limit = match protocol {
        _ if detection.through_tmux => TMUX_LIMIT,
        Protocol::Sixel => detection.sixel_limit.unwrap_or(SIXEL_LIMIT),
        _ => (u16::MAX, u16::MAX),
    };
    let enlarge = if max_cells.is_some() { MOST_ENLARGED } else { 1.0 };
    let fit = fit((image.width(), image.height()), max_cells, limit, enlarge, detection);
    let picture = resize(image, &fit)?;
    let mut bytes = match protocol {
        // Pixel by pixel is sharper, where the size of a cell is known.
        Protocol::Kitty => {
            encode::kitty(&picture, if detection.cell.is_some() { None } else { Some(fit.cells) })?
        }
        Protocol::Iterm2 => encode::iterm2(&picture, fit.cells)?,
        Protocol::Sixel => {
            let colors = detection.colors.unwrap_or(SIXEL_COLORS);
            encode::sixel(&picture, colors, Palette::Careful)?
        }
        Protocol::Blocks | Protocol::Off => return Ok(()),
    };
    if detection.through_tmux {
        bytes = encode::through_tmux(&bytes);
    }
    place(output, &bytes, fit.cells.1, detection.through_tmux).context(broken)
}

/// Makes room, draws, and goes below. Terminals disagree on where a picture leaves the cursor, so
/// it is saved before and restored afterwards.
fn place(
    output: &mut dyn Write,
    picture: &[u8],
    rows: u16,
    through_tmux: bool,
) -> std::io::Result<()> {
    output.write_all("\n".repeat(usize::from(rows)).as_bytes())?;
    write!(output, "\x1b[{rows}A\r\x1b7")?;
    output.flush()?;
    if through_tmux {
        // tmux moves the cursor of the terminal outside only when it has read all there is; the
        // picture is handed on at once and would land where the cursor was.
        std::thread::sleep(Duration::from_millis(50));
    }
    output.write_all(picture)?;
    write!(output, "\x1b8\x1b[{rows}B\r")?;
    output.flush()
}

/// The picture in RGB, on gray where it is transparent, at this size.
fn resize(image: &DynamicImage, fit: &Fit) -> Result<RgbImage> {
    let rgb = flatten(image);
    if (rgb.width(), rgb.height()) == (fit.width, fit.height) {
        return Ok(rgb);
    }
    let error =
        |e: &dyn std::fmt::Display| Error::failed(format!("cannot resize the picture: {e}"));
    let kind = fir::PixelType::U8x3;
    let source = fir::images::Image::from_vec_u8(rgb.width(), rgb.height(), rgb.into_raw(), kind)
        .map_err(|e| error(&e))?;
    let mut target = fir::images::Image::new(fit.width, fit.height, kind);
    fir::Resizer::new().resize(&source, &mut target, None).map_err(|e| error(&e))?;
    RgbImage::from_raw(fit.width, fit.height, target.into_vec())
        .ok_or_else(|| error(&"the buffer has the wrong size"))
}

fn flatten(image: &DynamicImage) -> RgbImage {
    const GRAY: u32 = 128;
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        image::Rgb([r, g, b].map(|v| ((v * a + GRAY * (255 - a) + 127) / 255) as u8))
    })
}

#[cfg(test)]
mod tests;
