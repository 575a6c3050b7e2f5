//! Writes a film as numbered pictures: a folder that gets its name only when all of them are in it.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Context, Error, Result};
use crate::imaging::frame::Layout;

use super::encode::{EncodeOptions, Setting};
use super::info::VideoInfo;
use super::output::{HIDDEN, reason};
use super::pattern::Pattern;
use super::pour::Picture;
use super::{rgb, tool_options};

/// What a replaced folder is called where it waits.
const EARLIER: &str = "pictures";

/// Endings of the pictures that a film can become.
pub const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// A folder of pictures that is whole, under its hidden name; removed again unless it is published.
#[derive(Debug)]
#[must_use = "pictures that are not published are removed"]
pub struct WholeFolder {
    hidden: TempDir,
    pattern: Pattern,
}

impl WholeFolder {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.hidden.path()
    }

    /// Gives the folder its name. Pictures of this pattern that are there are replaced only with
    /// `overwrite`.
    ///
    /// # Errors
    /// As [`check_free`]; when the system refuses. Then everything is as it was.
    pub fn publish(self, overwrite: bool) -> Result<()> {
        let WholeFolder { hidden, pattern } = self;
        let folder = pattern.folder();
        check_free(&pattern, overwrite)?;
        let what = || format!("cannot write the pictures to {}", folder.display());
        let mut earlier = None;
        if folder.exists() {
            let aside = hidden_in(parent_of(folder)).context(what)?;
            fs::rename(folder, aside.path().join(EARLIER)).context(what)?;
            earlier = Some(aside);
        }
        if let Err(error) = fs::rename(hidden.path(), folder) {
            if let Some(aside) = earlier
                && fs::rename(aside.path().join(EARLIER), folder).is_err()
            {
                // Better in a hidden folder than gone.
                let _ = aside.keep();
            }
            return Err(error).context(what);
        }
        // There is nothing at its old place to be removed any more.
        let _ = hidden.keep();
        let _ = File::open(parent_of(folder)).and_then(|parent| parent.sync_all());
        Ok(())
    }
}

/// Checks that nothing of the user's is lost when pictures get these names.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when no folder is named, or it holds anything but pictures of this
/// pattern, or such pictures and they may not be replaced.
pub fn check_free(pattern: &Pattern, overwrite: bool) -> Result<()> {
    let (folder, name) = (pattern.folder(), pattern.name());
    if folder.file_name().is_none() {
        return Err(Error::usage(format!("the pictures {name} need a folder of their own"))
            .hint(format!("name one that facedeck makes, such as pictures/{name}")));
    }
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let what = format!("the folder for the pictures, {}, exists already", folder.display());
    let entries = fs::read_dir(folder)
        .map_err(|e| Error::usage(what.clone()).because(e).hint("it must be a folder"))?;
    for entry in entries {
        let found = entry.context(|| what.clone())?.file_name();
        if pattern.number(&found).is_none() {
            return Err(Error::usage(format!("{what} and holds {}", found.to_string_lossy()))
                .hint(format!("only pictures named {name} are replaced: take another folder")));
        }
        if !overwrite {
            return Err(Error::usage(format!("{what} and holds {}", found.to_string_lossy()))
                .hint("give --overwrite to replace the pictures in it, or take another folder"));
        }
    }
    Ok(())
}

/// Writes the picture as files in a hidden folder within another, which is on the same file system as
/// the final one.
///
/// # Errors
/// As [`Picture::pour`]; when nothing can be written there.
pub(super) fn write(
    picture: &Picture<'_>,
    folder: &Path,
    writing: &dyn Fn(&Path),
) -> Result<WholeFolder> {
    let Setting { tools, target, options, output, .. } = *picture.setting;
    let pattern = Pattern::of(output)
        .ok_or_else(|| Error::usage(format!("{} names no pictures", output.display())))?;
    let hidden = hidden_in(folder).map_err(|e| {
        Error::failed(format!("cannot write {}", output.display()))
            .because(reason(&e))
            .hint("check that you may write there")
    })?;
    writing(hidden.path());
    let mut args: Vec<OsString> = tool_options::QUIET.map(OsString::from).to_vec();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-f", "nut", "-i", "pipe:0", "-map", "0:v:0"]);
    if output.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) {
        add(&["-vf", &rgb::filter(target, png_format(target)), "-c:v", "png"]);
    } else {
        add(&["-vf", &rgb::jpeg_filter(target, jpeg_format(target)), "-c:v", "mjpeg"]);
        add(&["-qmin", "1", "-q:v", &scale_of(options).to_string()]);
    }
    add(&tool_options::passthrough(&tools.version));
    add(&["-start_number", &first_number(target).to_string(), "-f", "image2"]);
    // In the folder itself: a % in its name is none of the pattern's.
    add(&[&format!("./{}", pattern.name())]);
    picture.pour(args, Some(hidden.path()), "the pictures' encoder")?;
    sync(hidden.path()).context(|| format!("cannot write {}", output.display()))?;
    Ok(WholeFolder { hidden, pattern })
}

fn sync(folder: &Path) -> std::io::Result<()> {
    let open = File::open(folder)?;
    // All of the file system at once: a call for each of the pictures takes longer.
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&open)?;
    // Some network file systems cannot sync a folder.
    let _ = open.sync_all();
    Ok(())
}

/// The number of the first picture: that of the target's own, or 1, as ffmpeg counts.
fn first_number(target: &VideoInfo) -> u64 {
    let own = target.sequence.as_ref().and_then(|sequence| sequence.first_number());
    own.map_or(1, |first| first.saturating_add(target.begins_at().0))
}

/// Nothing of the samples is lost but what the way from YUV to RGB rounds.
fn png_format(target: &VideoInfo) -> &'static str {
    let deep = target.format.depth > 8;
    match (target.format.layout, deep) {
        (Layout::Packed { channels: 1 }, false) => "gray",
        (Layout::Packed { channels: 1 }, true) => "gray16be",
        (Layout::Packed { channels: 3 } | Layout::Yuv { alpha: false, .. }, false) => "rgb24",
        (Layout::Packed { channels: 3 } | Layout::Yuv { alpha: false, .. }, true) => "rgb48be",
        (_, false) => "rgba",
        (_, true) => "rgba64be",
    }
}

fn jpeg_format(target: &VideoInfo) -> &'static str {
    match target.format.layout {
        Layout::Yuv { shift_x: 1, shift_y: 1, .. } | Layout::Packed { channels: 1 } => "yuvj420p",
        Layout::Yuv { shift_x: 1, .. } => "yuvj422p",
        _ => "yuvj444p",
    }
}

/// The JPEG encoder's own scale, 1 (best) to 31, for a quality: two straight lines that meet at 5,
/// where its loss is about to become visible.
fn scale_of(options: &EncodeOptions) -> u8 {
    const KNEE: f64 = 5.0;
    let quality = f64::from(options.quality.min(100));
    let scale = if quality >= 80.0 {
        1.0 + (KNEE - 1.0) * (100.0 - quality) / 20.0
    } else {
        KNEE + (31.0 - KNEE) * (80.0 - quality) / 80.0
    };
    scale.round() as u8
}

fn parent_of(folder: &Path) -> &Path {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn hidden_in(parent: &Path) -> std::io::Result<TempDir> {
    // The umask takes off what others may not do.
    let all = Permissions::from_mode(0o777);
    tempfile::Builder::new().prefix(HIDDEN).permissions(all).tempdir_in(parent)
}

/// The place of an output for whoever keeps something beside it: its folder, for pictures.
pub fn home_of(output: &Path) -> PathBuf {
    match Pattern::of(output) {
        Some(pattern) if pattern.folder().file_name().is_some() => pattern.folder().to_owned(),
        _ => output.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_the_pattern_are_replaced_and_only_when_asked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("out");
        let pattern = Pattern::of(&folder.join("%04d.png")).unwrap();
        check_free(&pattern, false).unwrap();
        let publish = |overwrite| {
            let hidden = hidden_in(root.path()).unwrap();
            fs::write(hidden.path().join("0001.png"), "new").unwrap();
            WholeFolder { hidden, pattern: pattern.clone() }.publish(overwrite)
        };
        fs::create_dir(&folder).unwrap();
        publish(false).unwrap();
        assert!(publish(false).unwrap_err().hint_text().unwrap().contains("--overwrite"));
        fs::write(folder.join("0002.png"), "old").unwrap();
        publish(true).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        assert!(publish(true).unwrap_err().message().contains("notes.txt"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o500, 0o500);
        let bare = Pattern::of(Path::new("%04d.png")).unwrap();
        assert_eq!(check_free(&bare, true).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn better_quality_never_means_a_larger_scale() {
        let of = |quality| {
            let options = EncodeOptions::new(crate::media::VideoEncoder::Libx264);
            scale_of(&EncodeOptions { quality, ..options })
        };
        let scales: Vec<u8> = (0..=100).map(of).collect();
        assert!(scales.is_sorted_by(|a, b| a >= b), "{scales:?}");
        assert_eq!([of(0), of(80), of(100)], [31, 5, 1]);
    }
}
