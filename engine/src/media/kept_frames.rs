//! Frames of a video kept as numbered pictures: a folder that gets its name only when all of them
//! are in it.

use std::ffi::{OsStr, OsString};
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

/// The folder while it fills, hidden beside its final place. It stays when it is dropped: a job that
/// was cut off goes on with the frames that are in it.
#[derive(Debug)]
pub struct KeptFrames {
    hidden: PathBuf,
    folder: PathBuf,
    file: FrameFile,
    overwrite: bool,
}

/// The folder with its name. Dropped before [`NamedFrames::keep`], it is hidden again, and what had
/// the name before is back.
#[derive(Debug)]
#[must_use = "frames that are not kept lose their name"]
pub struct NamedFrames {
    hidden: PathBuf,
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

/// Where the frames of a target lie while this output is made.
pub fn hidden_folder(target: &Path, output: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(".frames");
    folder_of(target).with_file_name(name)
}

impl KeptFrames {
    /// Makes the hidden folder beside the final one, or finds that of an earlier run.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the final folder exists and may not be replaced, or holds
    /// anything but numbered frames; and when nothing can be written there.
    pub fn start(target: &Path, output: &Path, file: FrameFile, overwrite: bool) -> Result<Self> {
        let folder = folder_of(target);
        check(&folder, overwrite)?;
        let hidden = hidden_folder(target, output);
        fs::create_dir_all(&hidden).map_err(|e| {
            Error::usage(format!("cannot keep the frames in {}", folder.display()))
                .because(reason(&e))
                .hint("the folder of the target must be writable for --keep-frames")
        })?;
        Ok(KeptFrames { hidden, folder, file, overwrite })
    }

    /// Whether the first `count` frames are there.
    pub fn hold(&self, count: u64) -> bool {
        (0..count).all(|index| self.hidden.join(self.name(index)).is_file())
    }

    /// The name of a frame's file; it counts from 1, as ffmpeg's image sequences do.
    fn name(&self, index: u64) -> String {
        format!("{:04}.{}", index + 1, self.file.extension())
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// When the disk is full or the frame is too large for the format.
    pub fn write(&self, frame: &Frame) -> Result<()> {
        let picture = Picture::of(frame);
        let (width, height) = (picture.width as u32, picture.height as u32);
        let bytes = picture.into_bytes();
        let name = self.name(frame.index);
        let what = || format!("cannot write {}", self.folder.join(&name).display());
        let file = File::create(self.hidden.join(&name)).context(what)?;
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

    /// Waits until every frame that was written is safe on the disk.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn sync(&self) -> Result<()> {
        let what = || format!("cannot sync the frames in {}", self.hidden.display());
        let folder = File::open(&self.hidden).context(what)?;
        // All of the file system at once: a call for each of the frames takes longer.
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&folder).context(what)?;
        folder.sync_all().context(what)
    }

    /// Gives the folder its name, for as long as what is returned lives.
    ///
    /// # Errors
    /// As [`KeptFrames::start`] when something has come to lie there since; when it cannot be
    /// renamed. Then everything is as it was.
    pub fn finish(&self) -> Result<NamedFrames> {
        let what = || format!("cannot keep the frames in {}", self.folder.display());
        check(&self.folder, self.overwrite)?;
        let mut named = NamedFrames {
            hidden: self.hidden.clone(),
            folder: self.folder.clone(),
            earlier: None,
            kept: true,
        };
        if self.folder.exists() {
            let aside = hidden_in(parent_of(&self.folder)).context(what)?;
            fs::rename(&self.folder, aside.path().join(EARLIER)).context(what)?;
            named.earlier = Some(aside);
        }
        if let Err(error) = fs::rename(&self.hidden, &self.folder) {
            named.put_back();
            return Err(error).context(what);
        }
        named.kept = false;
        Ok(named)
    }

    /// Removes what an earlier run left in the folder.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<()> {
        remove_frames(&self.hidden)
    }

    /// Removes the folder if nothing is in it.
    pub fn leave(&self) {
        if fs::remove_dir(&self.hidden).is_ok() {
            remove_if_empty(parent_of(&self.hidden));
        }
    }

    /// Removes the frames: nobody goes on with them.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove(&self) -> Result<()> {
        remove_hidden(&self.hidden)
    }
}

/// Removes a hidden folder of frames, and nothing in it that is none; it need not be there.
///
/// # Errors
/// When something cannot be removed.
pub fn remove_hidden(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    remove_frames(folder)?;
    fs::remove_dir(folder).context(|| format!("cannot remove {}", folder.display()))?;
    remove_if_empty(parent_of(folder));
    Ok(())
}

fn remove_frames(folder: &Path) -> Result<()> {
    let what = || format!("cannot remove the frames in {}", folder.display());
    for entry in fs::read_dir(folder).context(what)? {
        let entry = entry.context(what)?;
        if is_frame(&entry.file_name()) {
            fs::remove_file(entry.path()).context(what)?;
        }
    }
    Ok(())
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
            let _ = fs::rename(&self.folder, &self.hidden);
            self.put_back();
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

    fn start(root: &Path, file: FrameFile, overwrite: bool) -> Result<KeptFrames> {
        KeptFrames::start(&root.join("clip.mp4"), &root.join("out.mp4"), file, overwrite)
    }

    #[test]
    fn the_folder_appears_when_all_frames_are_in_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder_of(&root.path().join("clip.mp4"));
        assert!(folder.ends_with("temp/clip"));
        let kept = start(root.path(), FrameFile::Png, false).unwrap();
        kept.write(&frame(1, 200)).unwrap();
        assert!(!kept.hold(1));
        kept.write(&frame(0, 100)).unwrap();
        kept.sync().unwrap();
        assert!(kept.hold(2) && !kept.hold(3));
        assert!(!folder.exists());
        let named = kept.finish().unwrap();
        assert_eq!(named.keep(), folder);
        let read = |name| image::open(folder.join(name)).unwrap().to_rgb8();
        assert_eq!(read("0001.png").get_pixel(3, 3).0, [100; 3]);
        assert_eq!(read("0002.png").get_pixel(3, 3).0, [200; 3]);
        assert_eq!(names(folder.parent().unwrap()), ["clip"]);
    }

    #[test]
    fn who_was_cut_off_finds_the_frames_again_and_who_gives_up_removes_them() {
        let root = tempfile::tempdir().unwrap();
        let kept = start(root.path(), FrameFile::Jpeg(90), false).unwrap();
        kept.write(&frame(0, 10)).unwrap();
        drop(kept);
        let kept = start(root.path(), FrameFile::Jpeg(90), false).unwrap();
        assert!(kept.hold(1));
        kept.remove().unwrap();
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn only_frames_are_replaced_and_only_when_asked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0007.png"), "old").unwrap();
        let refused = |overwrite| start(root.path(), FrameFile::Png, overwrite);
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
        let begin = |overwrite| {
            let kept = start(root.path(), FrameFile::Png, overwrite).unwrap();
            kept.write(&frame(0, 1)).unwrap();
            kept
        };
        let kept = begin(false);
        drop(kept.finish().unwrap());
        assert!(kept.hold(1));
        kept.remove().unwrap();
        assert!(names(root.path()).is_empty());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0007.png"), "old").unwrap();
        let kept = begin(true);
        let named = kept.finish().unwrap();
        assert_eq!(names(&folder), ["0001.png"]);
        drop(named);
        kept.remove().unwrap();
        assert_eq!(names(&folder), ["0007.png"]);
        assert_eq!(names(folder.parent().unwrap()), ["clip"]);
    }

    #[test]
    fn what_somebody_put_there_meanwhile_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("temp/clip");
        for (overwrite, name) in [(false, "0001.png"), (true, "notes.txt")] {
            let kept = start(root.path(), FrameFile::Png, overwrite).unwrap();
            kept.write(&frame(0, 1)).unwrap();
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), "theirs").unwrap();
            assert_eq!(kept.finish().unwrap_err().exit_code(), 2);
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "theirs");
            kept.remove().unwrap();
            assert_eq!(names(folder.parent().unwrap()), ["clip"]);
            fs::remove_dir_all(&folder).unwrap();
        }
    }
}
