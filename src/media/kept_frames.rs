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
}

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
        let parent = folder.parent().unwrap_or(Path::new("."));
        let unwritable = |e: &std::io::Error| {
            Error::usage(format!("cannot keep the frames in {}", folder.display()))
                .because(reason(e))
                .hint("the folder of the target must be writable for --keep-frames")
        };
        fs::create_dir_all(parent).map_err(|e| unwritable(&e))?;
        let hidden = tempfile::Builder::new()
            .prefix(".facedeck-")
            .tempdir_in(parent)
            .map_err(|e| unwritable(&e))?;
        Ok(KeptFrames { hidden: Some(hidden), folder: folder.to_owned(), file })
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

    /// Gives the folder its name; returns it.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn finish(mut self) -> Result<PathBuf> {
        let what = || format!("cannot keep the frames in {}", self.folder.display());
        if self.folder.exists() {
            // Looked at before the work: nothing but frames of an earlier run lies in it.
            fs::remove_dir_all(&self.folder).context(what)?;
        }
        if let Some(hidden) = &self.hidden {
            fs::rename(hidden.path(), &self.folder).context(what)?;
        }
        if let Some(moved) = self.hidden.take() {
            // There is nothing at its old place to be removed any more.
            let _ = moved.keep();
        }
        Ok(self.folder.clone())
    }
}

impl Drop for KeptFrames {
    fn drop(&mut self) {
        if self.hidden.take().is_some()
            && let Some(parent) = self.folder.parent()
        {
            // It goes only when it is empty: then it was made for these frames.
            let _ = fs::remove_dir(parent);
        }
    }
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
        assert_eq!(kept.finish().unwrap(), folder);
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
        kept.finish().unwrap();
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["0001.png"]);
    }
}
