//! Pictures as escape sequences: pure functions from pixels to bytes.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icy_sixel::{EncodeOptions, QuantizeMethod, SixelImage};
use image::{ImageFormat, Rgb, RgbImage};

use crate::error::{Context, Error, Result};

/// Bytes of base64 in one of kitty's sequences. Source: kitty's graphics protocol, "remote client".
const KITTY_CHUNK: usize = 4096;
/// Colors of a sixel palette: what the encoder can do, and what terminals commonly have.
pub const SIXEL_COLORS: u16 = 256;
/// Carriage return and next line, with which the encoder ends every row of sixels.
const NEXT_ROW: &str = "$-";
/// The end of a device control string.
const END: &str = "\x1b\\";

/// kitty's graphics protocol: a PNG at the cursor, which stays where it is (`C=1`); no answers
/// (`q=2`). `cells`: columns and rows to stretch it to; `None` shows it pixel by pixel.
///
/// # Errors
/// When the picture cannot be encoded as PNG.
pub fn kitty(image: &RgbImage, cells: Option<(u16, u16)>) -> Result<Vec<u8>> {
    let data = STANDARD.encode(png(image)?);
    let mut bytes = Vec::with_capacity(data.len() + data.len() / 256);
    let size = cells.map(|(c, r)| format!(",c={c},r={r}")).unwrap_or_default();
    let mut keys = format!("a=T,f=100,t=d,C=1,q=2{size},");
    let mut rest = data.as_bytes();
    while !rest.is_empty() {
        let (chunk, tail) = rest.split_at(rest.len().min(KITTY_CHUNK));
        let more = u8::from(!tail.is_empty());
        bytes.extend_from_slice(format!("\x1b_G{keys}m={more};").as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\x1b\\");
        keys = "q=2,".into();
        rest = tail;
    }
    Ok(bytes)
}

/// iTerm2's inline image: a PNG fitted into `cells` (columns, rows), keeping its shape.
///
/// # Errors
/// When the picture cannot be encoded as PNG.
pub fn iterm2(image: &RgbImage, (columns, rows): (u16, u16)) -> Result<Vec<u8>> {
    let png = png(image)?;
    let size = png.len();
    Ok(format!(
        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};\
         preserveAspectRatio=1;doNotMoveCursor=1:{}\x07",
        STANDARD.encode(png)
    )
    .into_bytes())
}

/// How much work goes into the colors of a sixel picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// A few milliseconds: for pictures that the next one replaces at once.
    Quick,
    /// Five times as many, for two decibels more: for pictures that stay.
    Careful,
}

/// Sixels, pixel by pixel, with a palette of at most `colors` (2..=256) made for this picture.
///
/// # Errors
/// When the picture is empty or the encoder fails.
pub fn sixel(image: &RgbImage, colors: u16, palette: Palette) -> Result<Vec<u8>> {
    if image.is_empty() {
        return Err(Error::failed("the picture is empty"));
    }
    let options = EncodeOptions {
        max_colors: colors.clamp(2, SIXEL_COLORS),
        // Diffused errors would be other specks in every frame of a film, and more bytes.
        diffusion: 0.0,
        quantize_method: match palette {
            Palette::Quick => QuantizeMethod::Wu,
            Palette::Careful => QuantizeMethod::kmeans(),
        },
    };
    let cannot = || "cannot encode the picture as sixels".to_owned();
    let rgba = image.pixels().flat_map(|&Rgb([r, g, b])| [r, g, b, 255]).collect();
    let picture = SixelImage::try_from_rgba(rgba, image.width() as usize, image.height() as usize);
    let text = picture.and_then(|picture| picture.encode_with(&options)).context(cannot)?;
    // A new row behind the last one would scroll the screen where the picture stands at its foot.
    let body = text.strip_suffix(END).and_then(|text| text.strip_suffix(NEXT_ROW));
    Ok(body.map_or_else(|| text.clone(), |body| format!("{body}{END}")).into_bytes())
}

/// Wraps sequences so that tmux hands them on to the terminal outside: every ESC is doubled, those
/// of the terminators too.
pub fn through_tmux(bytes: &[u8]) -> Vec<u8> {
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for &byte in bytes {
        if byte == 0x1b {
            wrapped.push(byte);
        }
        wrapped.push(byte);
    }
    wrapped.extend_from_slice(b"\x1b\\");
    wrapped
}

fn png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .context(|| "cannot encode the picture for the terminal".into())?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 1u32;
        RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        })
    }

    /// The control data and payload of every kitty sequence.
    fn kitty_parts(bytes: &[u8]) -> Vec<(String, String)> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split_terminator("\x1b\\")
            .map(|part| {
                let (keys, data) = part.strip_prefix("\x1b_G").unwrap().split_once(';').unwrap();
                (keys.to_owned(), data.to_owned())
            })
            .collect()
    }

    #[test]
    fn kitty_chunks_carry_the_pixels() {
        let picture = noise(64, 64);
        let parts = kitty_parts(&kitty(&picture, Some((8, 4))).unwrap());
        assert!(parts.len() > 2);
        assert_eq!(parts[0].0, "a=T,f=100,t=d,C=1,q=2,c=8,r=4,m=1");
        assert_eq!(parts.last().unwrap().0, "q=2,m=0");
        assert!(parts.iter().all(|(_, data)| data.len() <= 4096));
        let data: String = parts.into_iter().map(|(_, data)| data).collect();
        let back = image::load_from_memory(&STANDARD.decode(data).unwrap()).unwrap();
        assert_eq!(back.to_rgb8(), picture);
    }

    #[test]
    fn a_small_kitty_picture_is_one_sequence() {
        let parts = kitty_parts(&kitty(&noise(2, 2), None).unwrap());
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].0, "a=T,f=100,t=d,C=1,q=2,m=0");
    }

    #[test]
    fn iterm2_carries_size_and_pixels() {
        let picture = noise(10, 6);
        let text = String::from_utf8(iterm2(&picture, (5, 2)).unwrap()).unwrap();
        let (head, data) = text.strip_suffix('\x07').unwrap().split_once(':').unwrap();
        let png = STANDARD.decode(data).unwrap();
        assert!(head.starts_with("\x1b]1337;File=inline=1;"), "{head:?}");
        assert!(head.contains(&format!(";size={};width=5;height=2;", png.len())), "{head:?}");
        assert_eq!(image::load_from_memory(&png).unwrap().to_rgb8(), picture);
    }

    /// A decoder for what the encoder writes, to compare pixels.
    fn decode_sixel(bytes: &[u8]) -> RgbImage {
        let text = std::str::from_utf8(bytes).unwrap();
        let body = text.strip_prefix("\x1bP9;1;0q\"1;1;").unwrap().strip_suffix("\x1b\\").unwrap();
        let (width, rest) = body.split_once(';').unwrap();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
        let (height, mut rest) = rest.split_at(digits);
        let mut image = RgbImage::new(width.parse().unwrap(), height.parse().unwrap());
        let mut palette = vec![Rgb([0u8; 3]); 256];
        let (mut x, mut y, mut color) = (0u32, 0u32, 0usize);
        let number = |rest: &mut &str| -> u32 {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (n, tail) = rest.split_at(end);
            *rest = tail;
            n.parse().unwrap()
        };
        while let Some(byte) = rest.bytes().next() {
            rest = &rest[1..];
            let mut count = 1;
            let mut sixel = byte;
            match byte {
                b'#' => {
                    color = number(&mut rest) as usize;
                    if rest.starts_with(';') {
                        let mut n = [0u32; 4];
                        for n in &mut n {
                            rest = &rest[1..];
                            *n = number(&mut rest);
                        }
                        assert_eq!(n[0], 2, "RGB");
                        palette[color] =
                            Rgb([n[1], n[2], n[3]].map(|v| ((v * 255 + 50) / 100) as u8));
                    }
                    continue;
                }
                b'$' => {
                    x = 0;
                    continue;
                }
                b'-' => {
                    (x, y) = (0, y + 6);
                    continue;
                }
                b'!' => {
                    count = number(&mut rest);
                    sixel = rest.as_bytes()[0];
                    rest = &rest[1..];
                }
                _ => {}
            }
            assert!((63..=126).contains(&sixel), "{sixel}");
            for _ in 0..count {
                for bit in (0..6).filter(|bit| (sixel - 63) >> bit & 1 == 1) {
                    if y + bit < image.height() {
                        image.put_pixel(x, y + bit, palette[color]);
                    }
                }
                x += 1;
            }
        }
        image
    }

    #[test]
    fn sixels_are_the_picture() {
        // Smooth, with more colors than registers; the height is no multiple of a sixel's.
        let picture = RgbImage::from_fn(200, 121, |x, y| Rgb([x as u8, (2 * y) as u8, 120]));
        for palette in [Palette::Quick, Palette::Careful] {
            let back = decode_sixel(&sixel(&picture, 256, palette).unwrap());
            assert_eq!(back.dimensions(), picture.dimensions());
            let errors = back.as_raw().iter().zip(picture.as_raw()).map(|(&a, &b)| a.abs_diff(b));
            // Colors are chosen by how alike they look, which says little of dark ones.
            assert!(errors.clone().max() < Some(80), "{palette:?}: a speck");
            let mean = errors.map(f64::from).sum::<f64>() / back.as_raw().len() as f64;
            assert!(mean < 5.0, "{palette:?}: mean difference {mean}");
        }
    }

    #[test]
    fn sixels_keep_to_the_registers_there_are() {
        let bytes = sixel(&noise(40, 30), 16, Palette::Careful).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let defined = text.matches(";2;").count();
        assert!(defined <= 16, "{defined} colors");
        assert!(!text.contains("#16"), "register 16 does not exist");
    }

    #[test]
    fn odd_pictures_do_not_upset_the_encoder() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (7, 6)] {
            let flat = RgbImage::from_pixel(width, height, Rgb([255, 0, 128]));
            let bytes = sixel(&flat, 256, Palette::Quick).unwrap();
            assert!(!bytes.ends_with(b"-\x1b\\"), "{width}x{height}: a row too many");
            let back = decode_sixel(&bytes);
            assert_eq!(back.dimensions(), (width, height));
            let Rgb([r, g, b]) = *back.get_pixel(width - 1, height - 1);
            assert!(r > 240 && g < 5 && (120..136).contains(&b), "{width}x{height}: {r} {g} {b}");
        }
    }

    #[test]
    fn tmux_gets_every_escape_doubled_even_the_last() {
        let wrapped = through_tmux(b"\x1bPq#0\x1b\\");
        assert_eq!(wrapped, b"\x1bPtmux;\x1b\x1bPq#0\x1b\x1b\\\x1b\\");
    }
}
