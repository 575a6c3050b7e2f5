//! What is asked for, and the checks that need no look inside the files.
//!
//! A request is its files and a resolved profile; everything that a stage wants to know about how
//! the job is done is read from the profile, here.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::media::codec::VideoEncoder;
use crate::media::container;
use crate::media::image_file::StillFormat;
use crate::media::kept_frames::FrameFile;
use crate::media::output;
use crate::profiles::{Profile, Video};

/// How a video is written.
#[derive(Debug, Clone, Default)]
pub struct VideoOptions {
    /// The encoder; the container's usual one when not given.
    pub encoder: Option<VideoEncoder>,
    /// 0..=100, 100 is lossless.
    pub quality: Option<u8>,
    /// The encoder's own constant rate factor, in place of `quality`.
    pub crf: Option<u8>,
    /// The encoder's preset.
    pub preset: Option<String>,
    /// Leave the sound out.
    pub skip_audio: bool,
    /// Frames a second; the target's own when not given.
    pub fps: Option<f64>,
    /// The frames are kept as pictures, of this kind.
    pub keep_frames: Option<FrameFile>,
}

/// What becomes of finished segments that an earlier run left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Resume {
    /// They are used where they fit; the user decides where they do not.
    #[default]
    WhereItFits,
    /// They are used even where something has changed since.
    Anyway,
    /// They are thrown away.
    Restart,
}

/// One job as the user states it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Photos of the person who is put in, at least one.
    pub sources: Vec<PathBuf>,
    /// Which face of the sources, by size from 0; the largest when not given.
    pub source_face: Option<usize>,
    /// The picture or video that is changed.
    pub target: PathBuf,
    /// Where the result goes.
    pub output: PathBuf,
    /// Whether an existing output may be replaced.
    pub overwrite: bool,
    /// What becomes of the work of an earlier run that was cut off.
    pub resume: Resume,
    /// Everything about the job that is not its files.
    pub profile: Profile,
}

/// How far work may be ahead of a segment that is not safe yet, in segments.
pub const AHEAD: f64 = 0.25;

/// The most threads that are used without being asked for: more wait for the encoder.
const MOST_THREADS: usize = 16;

impl Request {
    /// How a video is written.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the encoder is unknown.
    pub fn video_options(&self) -> Result<VideoOptions> {
        let video = &self.profile.video;
        Ok(VideoOptions {
            encoder: video.encoder.as_deref().map(str::parse).transpose()?,
            quality: video.quality,
            crf: video.roop_quality.map(roop_crf),
            preset: video.preset.clone(),
            skip_audio: !self.profile.audio.keep,
            fps: video.fps,
            keep_frames: video.keep_frames.then(|| frame_file(video)),
        })
    }

    /// Frames of a segment of a film with so many frames a second.
    ///
    /// The next segment may be begun before the last one is safe (see `segments`), so it is
    /// shorter than what a crash may cost.
    pub fn segment_frames(&self, fps: f64) -> u64 {
        (self.profile.run.segment * fps / (1.0 + AHEAD)).max(8.0) as u64
    }

    /// How long ffmpeg may give no sign of life.
    pub fn patience(&self) -> Duration {
        Duration::from_secs_f64(self.profile.run.patience)
    }

    /// The most memory that may be used, in bytes.
    pub fn max_memory(&self) -> Option<u64> {
        self.profile.run.max_memory.map(|gigabytes| (gigabytes * 1e9) as u64)
    }

    /// Threads that process frames, at least 1.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
        self.profile.run.threads.unwrap_or_else(|| cores().min(MOST_THREADS)).max(1)
    }

    /// Checks everything that can be known without looking into the files.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the file and the reason.
    pub fn check(&self) -> Result<()> {
        self.check_inputs()?;
        check_extension(&self.output)?;
        check_output(self.inputs(), &self.output)?;
        // A link that leads nowhere is in the way, too.
        if self.output.symlink_metadata().is_ok() && !self.overwrite {
            return Err(Error::usage(format!("{} exists already", self.output.display()))
                .hint("give --overwrite to replace it, or another name"));
        }
        Ok(())
    }

    /// Checks that every input is a file that can be read.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the file and the reason.
    pub fn check_inputs(&self) -> Result<()> {
        let mapped = !self.profile.faces.map.is_empty();
        if mapped && !self.sources.is_empty() {
            return Err(Error::usage(
                "every person of the map has a face of their own, so a source has no place",
            )
            .hint("leave out --source, or the map"));
        }
        if self.sources.is_empty() && self.profile.swaps() && !mapped {
            return Err(Error::usage("no source was given").hint("name a photo with --source"));
        }
        self.inputs().try_for_each(|(role, path)| check_input(role, path))
    }

    /// Every file that is read, with what it is called in messages.
    pub fn inputs(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let faces = &self.profile.faces;
        let sources = self.sources.iter().map(|p| ("source", p.as_path()));
        let reference = faces.reference_picture.iter().map(|p| ("reference picture", p.as_path()));
        let people = faces.map.iter().flat_map(|map| {
            let given = map.faces.iter().map(|p| ("face of the map", p.as_path()));
            std::iter::once(("person of the map", map.who.as_path())).chain(given)
        });
        let target = std::iter::once(("target", self.target.as_path()));
        sources.chain(target).chain(reference).chain(people)
    }
}

/// What kept frames are written as. The profile counts their quality as roop does, 0 is best.
fn frame_file(video: &Video) -> FrameFile {
    match video.frame_format.as_deref() {
        Some("jpg") => FrameFile::Jpeg(100 - video.frame_quality.unwrap_or(0).min(99)),
        _ => FrameFile::Png,
    }
}

/// The constant rate factor for roop's quality, 0..=100 with 0 as best: the same for every encoder,
/// with the fraction cut off.
pub fn roop_crf(quality: u8) -> u8 {
    ((u32::from(quality.min(100)) + 1) * 51 / 100) as u8
}

/// Checks that an input is a file that can be read.
///
/// # Errors
/// [`crate::error::Kind::Usage`] otherwise.
pub fn check_input(role: &str, path: &Path) -> Result<()> {
    let name = path.display();
    let metadata = fs::metadata(path).map_err(|e| {
        Error::usage(format!("cannot find the {role} {name}")).because(e).hint("check the path")
    })?;
    if metadata.is_dir() {
        return Err(
            Error::usage(format!("the {role} {name} is a folder")).hint("name a file in it")
        );
    }
    fs::File::open(path).map(drop).map_err(|e| {
        Error::usage(format!("cannot read the {role} {name}"))
            .because(e)
            .hint("check its permissions")
    })
}

/// Checks that an output is none of the inputs, by whatever name, and can be written where it is to
/// lie. Nothing is left behind.
///
/// # Errors
/// [`crate::error::Kind::Usage`] otherwise.
pub fn check_output<'a>(
    inputs: impl IntoIterator<Item = (&'static str, &'a Path)>,
    output: &Path,
) -> Result<()> {
    if let Some((role, _)) = inputs.into_iter().find(|(_, input)| same_file(input, output)) {
        return Err(Error::usage(format!("the output {} is also the {role}", output.display()))
            .hint("give the output another name"));
    }
    check_folder(output)
}

fn check_extension(output: &Path) -> Result<()> {
    let still = StillFormat::from_path(output).is_ok();
    if still || container::for_extension(output).is_ok() {
        return Ok(());
    }
    let pictures: Vec<String> =
        StillFormat::ALL.iter().map(|f| format!(".{}", f.extensions()[0])).collect();
    let videos = container::Container::ALL.map(|c| format!(".{c}")).join(", ");
    Err(Error::usage(format!("the output {} has no known extension", output.display()))
        .hint(format!("pictures: {}; videos: {videos}", pictures.join(", "))))
}

fn check_folder(output: &Path) -> Result<()> {
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let name = folder.display();
        return Err(Error::usage(format!("the output folder {name} does not exist"))
            .hint(format!("make it first: mkdir -p {name}")));
    }
    if output.is_dir() {
        return Err(Error::usage(format!("the output {} is a folder", output.display()))
            .hint("name a file inside it"));
    }
    // The only sure test of permissions, read-only mounts and quotas is to make a file.
    tempfile::Builder::new().prefix(".facedeck-").tempfile_in(folder).map(drop).map_err(|e| {
        Error::usage(format!("cannot write to the output folder {}", folder.display()))
            .because(output::reason(&e))
            .hint("choose a folder that you may write to")
    })
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(x), Ok(y)) if x == y => true,
        (Ok(_), Ok(_)) => {
            use std::os::unix::fs::MetadataExt;
            // Hard links have two names and one content.
            match (fs::metadata(a), fs::metadata(b)) {
                (Ok(x), Ok(y)) => x.dev() == y.dev() && x.ino() == y.ino(),
                _ => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(folder: &Path) -> Request {
        let source = folder.join("a.png");
        let target = folder.join("b.mp4");
        fs::write(&source, b"x").unwrap();
        fs::write(&target, b"x").unwrap();
        Request {
            sources: vec![source],
            source_face: None,
            target,
            output: folder.join("out.mp4"),
            overwrite: false,
            resume: Resume::default(),
            profile: Profile::default(),
        }
    }

    #[test]
    fn every_wrong_path_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let good = request(folder.path());
        good.check().unwrap();
        let fails = |change: &dyn Fn(&mut Request), word: &str| {
            let mut bad = good.clone();
            change(&mut bad);
            let error = bad.check().unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.chain().contains(word), "{} lacks {word}", error.chain());
        };
        fails(&|r| r.sources[0] = "gone.png".into(), "gone.png");
        fails(&|r| r.target = folder.path().into(), "folder");
        fails(&|r| r.output = folder.path().join("no/out.mp4"), "does not exist");
        fails(&|r| r.output = folder.path().join("out.xyz"), "extension");
        fails(&|r| r.output = r.target.clone(), "also the target");
        fails(&|r| r.output = folder.path().join("./a.png"), "also the source");
        fails(&|r| r.sources.clear(), "no source");
        let link = folder.path().join("link.mp4");
        fs::hard_link(&good.target, &link).unwrap();
        fails(&|r| r.output = link.clone(), "also the target");
    }

    #[test]
    fn an_existing_output_is_only_replaced_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let mut r = request(folder.path());
        fs::write(&r.output, b"old").unwrap();
        assert_eq!(r.check().unwrap_err().exit_code(), 2);
        r.overwrite = true;
        r.check().unwrap();
        fs::remove_file(&r.output).unwrap();
        std::os::unix::fs::symlink("nowhere", &r.output).unwrap();
        r.check().unwrap();
        r.overwrite = false;
        assert_eq!(r.check().unwrap_err().exit_code(), 2);
    }

    #[test]
    fn who_is_put_in_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut r = request(folder.path());
        let photo = r.sources[0].clone();
        let map = crate::profiles::Map { who: photo.clone(), faces: vec!["gone.png".into()] };
        r.profile.faces.map = vec![map];
        let error = r.check().unwrap_err();
        assert!(error.message().contains("map"), "{}", error.chain());
        r.sources.clear();
        let error = r.check().unwrap_err();
        assert!(error.message().contains("gone.png"), "{}", error.chain());
        r.profile.faces.map[0].faces = vec![photo];
        r.check().unwrap();
        // Nobody is put in by an enhancer.
        r.profile.faces.map.clear();
        assert_eq!(r.check().unwrap_err().exit_code(), 2);
        r.profile.processors = vec!["face_enhancer".into()];
        r.check().unwrap();
    }

    #[test]
    fn quality_is_counted_as_roop_does() {
        let pairs = [(0, 0), (1, 1), (18, 9), (35, 18), (50, 26), (99, 51), (100, 51)];
        for (quality, crf) in pairs {
            assert_eq!(roop_crf(quality), crf, "{quality}");
        }
    }
}
