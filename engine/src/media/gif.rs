//! Writes an animated GIF: one palette for all of it, and each frame for as long as it is shown.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use gif::{DecodeOptions, Repeat};

use crate::error::{Context, Result};

use super::clock::Clock;
use super::encode::Setting;
use super::info::VideoInfo;
use super::output::{Pending, Whole, hidden_within};
use super::pour::Picture;
use super::{process, rgb, tool_options};

/// ffmpeg's name of the container.
pub(super) const GIF: &str = "gif";

/// Frames that are shown for less than this many hundredths of a second are shown for 10 by every
/// viewer.
const SHORTEST: i64 = 2;

/// The fastest that a GIF is shown, in frames a second.
pub const FASTEST: u32 = 100 / SHORTEST as u32;

/// Writes the picture as a GIF that has no name yet.
///
/// # Errors
/// As [`Picture::pour`].
pub(super) fn write(
    picture: &Picture<'_>,
    clock: &Clock,
    folder: &Path,
    writing: &dyn Fn(&Path),
) -> Result<Whole> {
    let Setting { target, output, .. } = *picture.setting;
    let pending = Pending::within(folder, output)?;
    writing(pending.path());
    // Two passes, since all frames have to be seen before the first can be written.
    let palette = hidden_within(folder, output, ".png")?;
    let last = picture.pour(palette_args(target, &palette), None, "the palette's filter")?;
    let args = film_args(picture.setting, clock, last, &palette, pending.path());
    picture.pour(args, None, "the GIF's encoder")?;
    pending.sync()
}

fn words(list: &[&str]) -> impl Iterator<Item = OsString> {
    list.iter().map(OsString::from)
}

fn palette_args(target: &VideoInfo, palette: &Path) -> Vec<OsString> {
    let filters = format!("{},palettegen=stats_mode=full", rgb::filter(target, "bgra"));
    let mut args: Vec<OsString> = words(&tool_options::QUIET).collect();
    args.extend(words(&["-f", "nut", "-i", "pipe:0", "-map", "0:v:0", "-vf", &filters]));
    args.extend(words(&["-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-y"]));
    args.push(process::file_url(palette));
    args
}

fn film_args(
    setting: &Setting<'_>,
    clock: &Clock,
    last: i64,
    palette: &Path,
    file: &Path,
) -> Vec<OsString> {
    let Setting { tools, target, .. } = *setting;
    let mut args: Vec<OsString> = words(&tool_options::QUIET).collect();
    args.extend(words(&["-f", "nut", "-i", "pipe:0", "-f", "png_pipe", "-i"]));
    args.push(process::file_url(palette));
    let filters =
        format!("[0:v:0]{}[film];[film][1:v:0]paletteuse[gif]", rgb::filter(target, "bgra"));
    args.extend(words(&["-filter_complex", &filters, "-map", "[gif]"]));
    args.extend(words(&tool_options::passthrough(&tools.version)));
    args.extend(words(&["-enc_time_base", &clock.time_base().to_string(), "-c:v", GIF]));
    args.extend(words(&["-loop", &repeats(target).to_string()]));
    if let Some(shown) = last_delay(target, clock, last) {
        args.extend(words(&["-final_delay", &shown.to_string()]));
    }
    args.extend(words(&["-f", GIF, "-y"]));
    args.push(process::file_url(file));
    args
}

/// How long the last frame is shown, in hundredths of a second: as long as in the film.
fn last_delay(target: &VideoInfo, clock: &Clock, last: i64) -> Option<i64> {
    let end = target.shown.or(target.duration)?;
    let shown = (end / clock.time_base().as_f64()).round() as i64 - last;
    (shown > 0).then(|| shown.clamp(SHORTEST, i64::from(u16::MAX)))
}

/// ffmpeg's word for how often a GIF is repeated: for ever unless the target is a GIF that says
/// otherwise.
fn repeats(target: &VideoInfo) -> i32 {
    const FOR_EVER: i32 = 0;
    const NOT: i32 = -1;
    if target.container != GIF {
        return FOR_EVER;
    }
    match repeat_of(&target.path) {
        Ok(Repeat::Finite(0)) => NOT,
        Ok(Repeat::Finite(times)) => i32::from(times),
        Ok(Repeat::Infinite) | Err(_) => FOR_EVER,
    }
}

/// What a GIF says about itself before its first frame.
fn repeat_of(path: &Path) -> Result<Repeat> {
    let what = || format!("cannot read {}", path.display());
    let mut options = DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(File::open(path).context(what)?).context(what)?;
    decoder.next_frame_info().context(what)?;
    Ok(decoder.repeat())
}

#[cfg(test)]
#[path = "drawn_tests.rs"]
mod tests;
