//! Frames of a video kept as numbered pictures: a folder that gets its name only when all of them
//! are in it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use tempfile::TempDir;

use crate::error::{Context, Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::picture::Picture;

use super::output::reason;

/// What the frames are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameFile {
    /// Nothing is lost of 8 bits.
    Png,
    /// With this quality, 1..=100, 100 is best.
    Jpeg(u8),
}

impl FrameFile {
    fn extension(self) -> &'static str {
        match self {
            FrameFile::Png => "png",
            FrameFile::Jpeg(_) => "jpg",
        }
    }
}

/// The folder while it fills. Dropped before [`KeptFrames::finish`], it is removed.
#[derive(Debug)]
pub struct KeptFrames {
    /// Nothing once the folder has its name.
    hidden: Option<TempDir>,
    folder: PathBuf,
    file: FrameFile,
    overwrite: bool,
}

/// The folder with its name. Dropped before [`NamedFrames::keep`], it is removed again, and what
/// had the name before is back.
#[derive(Debug)]
#[must_use = "frames that are not kept are removed"]
pub struct NamedFrames {
    folder: PathBuf,
    /// The frames of an earlier run, in a hidden folder.
    earlier: Option<TempDir>,
    kept: bool,
}

/// What a replaced folder is called where it waits.
const EARLIER: &str = "frames";

/// Where the frames of a target are kept: `temp/NAME/` beside it, which is roop's place.
pub fn folder_of(target: &Path) -> PathBuf {
    let beside = target.parent().unwrap_or(Path::new(""));
    beside.join("temp").join(target.file_stem().unwrap_or(OsStr::new("frames")))
}

impl KeptFrames {
    /// Makes the hidden folder beside the final one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the final folder exists and may not be replaced, or holds
    /// anything but numbered frames; and when nothing can be written there.
    pub fn start(folder: &Path, file: FrameFile, overwrite: bool) -> Result<Self> {
        check(folder, overwrite)?;
        let parent = parent_of(folder);
        let unwritable = |e: &std::io::Error| {
            Error::usage(format!("cannot keep the frames in {}", folder.display()))
                .because(reason(e))
                .hint("the folder of the target must be writable for --keep-frames")
        };
        fs::create_dir_all(parent).map_err(|e| unwritable(&e))?;
        let hidden = hidden_in(parent).map_err(|e| unwritable(&e))?;
        Ok(KeptFrames { hidden: Some(hidden), folder: folder.to_owned(), file, overwrite })
    }

    /// Writes one frame; its number counts from 1, as ffmpeg's image sequences do.
    ///
    /// # Errors
    /// When the disk is full or the frame is too large for the format.
    pub fn write(&self, frame: &Frame) -> Result<()> {
        let picture = Picture::of(frame);
        let (width, height) = (picture.width as u32, picture.height as u32);
        let bytes = picture.into_bytes();
        let name = format!("{:04}.{}", frame.index + 1, self.file.extension());
        let what = || format!("cannot write {}", self.folder.join(&name).display());
        let hidden = self.hidden.as_ref().ok_or_else(|| Error::failed(what()))?;
        let file = File::create(hidden.path().join(&name)).context(what)?;
        let mut file = BufWriter::new(file);
        let color = image::ExtendedColorType::Rgb8;
        match self.file {
            // There are thousands of them: small is worth less than quick.
            FrameFile::Png => {
                PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
                    .write_image(&bytes, width, height, color)
            }
            FrameFile::Jpeg(quality) => JpegEncoder::new_with_quality(&mut file, quality)
                .write_image(&bytes, width, height, color),
        }
        .context(what)?;
        file.into_inner().map_err(|e| Error::failed(what()).because(e.into_error()))?;
        Ok(())
    }

    /// Gives the folder its name, for as long as what is returned lives.
    ///
    /// # Errors
    /// As [`KeptFrames::start`] when something has come to lie there since; when it cannot be
    /// renamed. Then everything is as it was.
    pub fn finish(mut self) -> Result<NamedFrames> {
        let what = || format!("cannot keep the frames in {}", self.folder.display());
        check(&self.folder, self.overwrite)?;
        let mut named = NamedFrames { folder: self.folder.clone(), earlier: None, kept: true };
        if self.folder.exists() {
            let aside = hidden_in(parent_of(&self.folder)).context(what)?;
            fs::rename(&self.folder, aside.path().join(EARLIER)).context(what)?;
            named.earlier = Some(aside);
        }
        if let Some(hidden) = &self.hidden {
            if let Err(error) = fs::rename(hidden.path(), &self.folder) {
                named.put_back();
                return Err(error).context(what);
            }
            named.kept = false;
        }
        if let Some(moved) = self.hidden.take() {
            // There is nothing at its old place to be removed any more.
            let _ = moved.keep();
        }
        Ok(named)
    }
}

impl Drop for KeptFrames {
    fn drop(&mut self) {
        if self.hidden.take().is_some() {
            remove_if_empty(parent_of(&self.folder));
        }
    }
}

impl NamedFrames {
    /// Leaves the folder where it is, and returns it.
    pub fn keep(mut self) -> PathBuf {
        self.kept = true;
        self.folder.clone()
    }

    /// Gives the name back to what had it.
    fn put_back(&mut self) {
        if let Some(aside) = self.earlier.take()
            && fs::rename(aside.path().join(EARLIER), &self.folder).is_err()
        {
            // Better in a hidden folder than gone.
            let _ = aside.keep();
        }
    }
}

impl Drop for NamedFrames {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_dir_all(&self.folder);
            self.put_back();
            remove_if_empty(parent_of(&self.folder));
        }
    }
}

fn parent_of(folder: &Path) -> &Path {
    folder.parent().unwrap_or(Path::new("."))
}

fn hidden_in(parent: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix(".facedeck-").tempdir_in(parent)
}

/// A folder that is empty was made for these frames.
fn remove_if_empty(folder: &Path) {
    let _ = fs::remove_dir(folder);
}

/// Nothing of the user's may be lost.
fn check(folder: &Path, overwrite: bool) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let what = format!("the folder for the kept frames, {}, exists already", folder.display());
    if !overwrite {
        return Err(Error::usage(what).hint("give --overwrite to replace the frames in it"));
    }
    let entries = fs::read_dir(folder)
        .map_err(|e| Error::usage(what.clone()).because(e).hint("it must be a folder"))?;
    for entry in entries {
        let name = entry.context(|| what.clone())?.file_name();
        if !is_frame(&name) {
            return Err(Error::usage(format!("{what} and holds {}", name.to_string_lossy()))
                .hint("move that away: only numbered frames are replaced"));
        }
    }
    Ok(())
}

fn is_frame(name: &OsStr) -> bool {
    let Some((number, extension)) = name.to_str().and_then(|name| name.rsplit_once('.')) else {
        return false;
    };
    number.len() >= 4
        && number.bytes().all(|b| b.is_ascii_digit())
        && matches!(extension, "png" | "jpg")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    fn frame(index: u64, gray: u8) -> Frame {
        let format = FrameFormat {
            width: 16,
            height: 8,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt601,
            full_range: true,
        };
        Frame { index, ..Frame::new(format, vec![gray; 16 * 8 * 3]) }
    }

    #[test]
    fn the_folder_appears_when_all_frames_are_in_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder_of(&root.path().join("clip.mp4"));
        assert!(folder.ends_with("temp/clip"));
        let kept = KeptFrames::start(&folder, FrameFile::Png, false).unwrap();
        kept.write(&frame(1, 200)).unwrap();
        kept.write(&frame(0, 100)).unwrap();
        assert!(!folder.exists());
        let named = kept.finish().unwrap();
        assert_eq!(named.keep(), folder);
        let read = |name| image::open(folder.join(name)).unwrap().to_rgb8();
        assert_eq!(read("0001.png").get_pixel(3, 3).0, [100; 3]);
        assert_eq!(read("0002.png").get_pixel(3, 3).0, [200; 3]);
    }

    #[test]
    fn given_up_it_leaves_no_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        let kept = KeptFrames::start(&folder, FrameFile::Jpeg(90), false).unwrap();
        kept.write(&frame(0, 10)).unwrap();
        drop(kept);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_frames_are_replaced_and_only_when_asked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0007.png"), "old").unwrap();
        let refused = |overwrite| KeptFrames::start(&folder, FrameFile::Png, overwrite);
        assert_eq!(refused(false).unwrap_err().exit_code(), 2);
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        assert!(refused(true).unwrap_err().message().contains("notes.txt"));
        fs::remove_file(folder.join("notes.txt")).unwrap();
        let kept = refused(true).unwrap();
        kept.write(&frame(0, 1)).unwrap();
        kept.finish().unwrap().keep();
        assert_eq!(names(&folder), ["0001.png"]);
        assert_eq!(names(folder.parent().unwrap()), ["clip"]);
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn not_kept_after_all_everything_is_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        let start = |overwrite| {
            let kept = KeptFrames::start(&folder, FrameFile::Png, overwrite).unwrap();
            kept.write(&frame(0, 1)).unwrap();
            kept
        };
        drop(start(false).finish().unwrap());
        assert!(names(root.path()).is_empty());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0007.png"), "old").unwrap();
        let named = start(true).finish().unwrap();
        assert_eq!(names(&folder), ["0001.png"]);
        drop(named);
        assert_eq!(names(&folder), ["0007.png"]);
        assert_eq!(names(folder.parent().unwrap()), ["clip"]);
    }

    #[test]
    fn what_somebody_put_there_meanwhile_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        for (overwrite, name) in [(false, "0001.png"), (true, "notes.txt")] {
            let kept = KeptFrames::start(&folder, FrameFile::Png, overwrite).unwrap();
            kept.write(&frame(0, 1)).unwrap();
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), "theirs").unwrap();
            assert_eq!(kept.finish().unwrap_err().exit_code(), 2);
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "theirs");
            assert_eq!(names(folder.parent().unwrap()), ["clip"]);
            fs::remove_dir_all(&folder).unwrap();
        }
    }
}
