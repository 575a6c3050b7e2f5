//! What is asked for, and the checks that need no look inside the files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::media::codec::VideoEncoder;
use crate::media::container;
use crate::media::image_file::StillFormat;
use crate::media::kept_frames::FrameFile;
use crate::media::output;
use crate::profiles::Profile;

/// Which faces of the target are swapped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaceChoice {
    /// The largest one, and in videos the same one as long as it is in sight.
    One,
    /// All of them.
    Many,
    /// The one that looks like a face of a certain frame.
    Reference {
        /// Which face of that frame, by descending detector score, from 0.
        position: usize,
        /// Which frame, from 0.
        frame: u64,
        /// Faces nearer than this (squared distance of unit embeddings) match; roop's default is
        /// 0.85.
        distance: f32,
    },
}

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
    /// Which faces are swapped.
    pub faces: FaceChoice,
    /// How a video is written.
    pub video: VideoOptions,
    /// Threads that swap, at least 1.
    pub threads: usize,
    /// The most memory that may be used, in bytes.
    pub max_memory: Option<u64>,
    /// Everything else.
    pub profile: Profile,
}

impl Request {
    /// Checks everything that can be known without looking into the files.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the file and the reason.
    pub fn check(&self) -> Result<()> {
        self.check_inputs()?;
        check_extension(&self.output)?;
        check_output(self.inputs(), &self.output)?;
        if self.output.exists() && !self.overwrite {
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
        if self.sources.is_empty() {
            return Err(Error::usage("no source was given").hint("name a photo with --source"));
        }
        self.inputs().try_for_each(|(role, path)| check_input(role, path))
    }

    fn inputs(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let sources = self.sources.iter().map(|p| ("source", p.as_path()));
        sources.chain(std::iter::once(("target", self.target.as_path())))
    }
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
            faces: FaceChoice::One,
            video: VideoOptions::default(),
            threads: 1,
            max_memory: None,
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
    }
}
