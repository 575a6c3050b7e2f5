//! The clips and photos that are worked on, painted once each.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::cli::demo::clip::{self, ClipOptions};
use crate::cli::demo::{marks, material};
use crate::error::{Context, Error, Result};
use crate::imaging::similarity::Affine;
use crate::interrupt::Interrupt;
use crate::media::Rational;
use crate::provision::FfmpegTools;

use super::sizes::Size;

/// Frames a second of every clip.
pub(super) const FPS: u32 = 25;

/// Portrait pixels as they are.
const SAME: Affine = Affine([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);

/// A folder with clips.
pub(super) struct Clips<'a> {
    /// Where they lie.
    pub folder: &'a Path,
    /// What makes them.
    pub tools: &'a FfmpegTools,
    /// Ends the painting.
    pub interrupt: &'a Interrupt,
}

impl Clips<'_> {
    /// A clip of the portrait under a moving camera and a changing light, with film grain and sound.
    ///
    /// # Errors
    /// When it cannot be made; when the user stopped the work.
    pub fn clip(&self, size: Size, frames: u64, marks: bool) -> Result<PathBuf> {
        let kind = if marks { "marked" } else { "plain" };
        let path = self.folder.join(format!("{size}-{frames}-{kind}.mp4"));
        if path.exists() {
            return Ok(path);
        }
        let options = ClipOptions {
            width: size.width,
            height: size.height,
            seconds: frames as f64 / f64::from(FPS),
            fps: Rational::new(FPS, 1),
            marks,
            ..ClipOptions::default()
        };
        clip::make(self.tools, &path, &options, self.interrupt, &mut |_| {})?;
        Ok(path)
    }

    /// The photo of who is put in: a painting; with dots, the portrait itself.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn source(&self, marks: bool) -> Result<PathBuf> {
        let path = self.folder.join(if marks { "marked.png" } else { "source.jpg" });
        let unwritable = || format!("cannot write {}", path.display());
        if path.exists() {
            return Ok(path);
        }
        if !marks {
            fs::write(&path, material::SOURCE).context(unwritable)?;
            return Ok(path);
        }
        let mut portrait = material::portrait()?;
        marks::put_on(&mut portrait, &SAME);
        let (width, height) = (portrait.format.width, portrait.format.height);
        RgbImage::from_raw(width, height, portrait.data)
            .ok_or_else(|| Error::failed("the portrait has another size than it says"))?
            .save(&path)
            .context(unwritable)?;
        Ok(path)
    }
}
