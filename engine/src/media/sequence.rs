//! Numbered pictures, or all pictures of a folder, as a film.

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Context, Error, Result};
use crate::imaging::frame::{Frame, FrameFormat, Layout};

use super::image_file;
use super::info::{ColorTags, Light, Rational, VideoInfo};
use super::pattern::Pattern;
use super::{StillFormat, pixel};

/// ffmpeg's name of such a film.
pub(super) const IMAGES: &str = "image2";

/// Pictures a second when nobody says how fast they follow each other: what ffmpeg takes.
pub const USUAL_RATE: u32 = 25;

/// The pictures of a film, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    files: Vec<PathBuf>,
    first_number: Option<u64>,
    missing: u64,
}

impl Sequence {
    /// The number of the first picture, where a pattern says what its number is.
    pub fn first_number(&self) -> Option<u64> {
        self.first_number
    }

    /// How many numbers between the first and the last have no picture.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The pictures.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

/// Whether a path stands for a sequence of pictures: a folder, or a pattern that no file is named
/// by.
pub fn is_sequence(path: &Path) -> bool {
    path.is_dir() || Pattern::of(path).is_some() && !path.exists()
}

/// The folder that the pictures of a sequence lie in; nothing where a path is no sequence.
pub fn folder_of(path: &Path) -> Option<PathBuf> {
    match Pattern::of(path) {
        _ if path.is_dir() => Some(path.to_owned()),
        Some(pattern) if !path.exists() => Some(pattern.folder().to_owned()),
        _ => None,
    }
}

/// The pictures that a path stands for; nothing when it is no sequence.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is none; when the folder cannot be read.
pub fn find(path: &Path) -> Result<Option<Sequence>> {
    let name = path.display();
    if path.is_dir() {
        let what = || format!("cannot look into the folder {name}");
        let mut files = Vec::new();
        for entry in fs::read_dir(path).context(what)? {
            let file = entry.context(what)?.path();
            let hidden = file.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
            if !hidden && StillFormat::from_path(&file).is_ok() && file.is_file() {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(Error::usage(format!("there is no picture in the folder {name}"))
                .hint("a folder as a target is a film of its pictures"));
        }
        files.sort_by(|a, b| natural(&name_of(a), &name_of(b)));
        return Ok(Some(Sequence { files, first_number: None, missing: 0 }));
    }
    let Some(pattern) = Pattern::of(path).filter(|_| !path.exists()) else { return Ok(None) };
    let files = pattern.files()?;
    let (Some((first, _)), Some((last, _))) = (files.first(), files.last()) else {
        return Err(Error::usage(format!("no file is named {name}"))
            .hint("%04d stands for four digits, such as 0001"));
    };
    let (first, missing) = (*first, (last - first).saturating_sub(files.len() as u64 - 1));
    let files = files.into_iter().map(|(_, file)| file).collect();
    Ok(Some(Sequence { files, first_number: Some(first), missing }))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Orders names as people do: numbers in them by their value.
fn natural(a: &str, b: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut x, mut y) = (a, b);
    while let (Some(c), Some(d)) = (x.chars().next(), y.chars().next()) {
        let (n, m) = (digits(x), digits(y));
        let (order, skip_x, skip_y) = if n > 0 && m > 0 {
            let value = |text: &str| text.trim_start_matches('0').to_owned();
            let (p, q) = (value(&x[..n]), value(&y[..m]));
            (p.len().cmp(&q.len()).then_with(|| p.cmp(&q)), n, m)
        } else {
            (c.cmp(&d), c.len_utf8(), d.len_utf8())
        };
        if order != Ordering::Equal {
            return order;
        }
        (x, y) = (&x[skip_x..], &y[skip_y..]);
    }
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

/// What is known of a film of pictures.
///
/// # Errors
/// When one of them cannot be read or has another size than the first: every file's header is looked
/// at.
pub(super) fn describe(path: &Path, sequence: Sequence) -> Result<VideoInfo> {
    let format = common_format(&sequence)?;
    let count = sequence.files.len() as u64;
    let pix_fmt = pixel::name_of(format.layout, format.depth);
    let info = VideoInfo {
        path: path.to_owned(),
        container: IMAGES.to_owned(),
        stream: 0,
        codec: "pictures".to_owned(),
        decoder: None,
        width: format.width,
        height: format.height,
        format,
        source_pix_fmt: pix_fmt.clone(),
        pix_fmt,
        time_base: Rational { num: 1, den: USUAL_RATE },
        start_pts: 0,
        fps: Rational { num: USUAL_RATE, den: 1 },
        variable_rate: false,
        resampled: false,
        frame_count: Some(count),
        frame_count_exact: true,
        duration: None,
        shown: None,
        file_start: 0.0,
        start_offset: 0.0,
        rotation: 0,
        sample_aspect_ratio: None,
        color: ColorTags::default(),
        light: Light::default(),
        upper_field_first: None,
        tags: Vec::new(),
        audio: Vec::new(),
        subtitles: Vec::new(),
        attachments: Vec::new(),
        others: Vec::new(),
        chapters: 0,
        span: None,
        sequence: Some(Arc::new(sequence)),
    };
    Ok(info.paced(Rational { num: USUAL_RATE, den: 1 }))
}

impl VideoInfo {
    /// Pictures that follow each other at this rate.
    #[must_use]
    pub fn paced(mut self, fps: Rational) -> Self {
        (self.fps, self.time_base) = (fps, fps.inverse());
        self.duration = self.frame_count.map(|count| self.time_of(count));
        self
    }
}

/// The format that holds every picture: of color when one is, with transparency when one has it.
fn common_format(sequence: &Sequence) -> Result<FrameFormat> {
    let mut common: Option<FrameFormat> = None;
    let (mut color, mut alpha, mut depth) = (false, false, 8);
    for file in &sequence.files {
        let format = image_file::look(file)?;
        let first = common.get_or_insert(format);
        if (first.width, first.height) != (format.width, format.height) {
            return Err(Error::usage(format!(
                "the pictures of a film have one size, but {} has {}×{} pixels and {} has {}×{}",
                sequence.files[0].display(),
                first.width,
                first.height,
                file.display(),
                format.width,
                format.height
            ))
            .hint("take the other ones out of the folder, or scale them"));
        }
        if let Layout::Packed { channels } = format.layout {
            color |= channels > 2;
            alpha |= channels % 2 == 0;
        }
        depth = depth.max(format.depth);
    }
    let channels = match (color, alpha) {
        (_, true) => 4,
        (true, false) => 3,
        (false, false) => 1,
    };
    let common = common.ok_or_else(|| Error::failed("a film of pictures has none"))?;
    Ok(FrameFormat { layout: Layout::Packed { channels }, depth, ..common })
}

/// Reads the pictures one after the other.
#[derive(Debug)]
pub(super) struct Pictures {
    sequence: Arc<Sequence>,
    format: FrameFormat,
    fps: Rational,
    /// The next picture, and the first one that is not read any more.
    next: u64,
    end: u64,
}

impl Pictures {
    /// Of this film from a picture on, at most so many.
    pub(super) fn of(
        sequence: &Arc<Sequence>,
        video: &VideoInfo,
        first: u64,
        count: Option<u64>,
    ) -> Self {
        let until = video.span.as_ref().and_then(|span| span.until);
        let end = until.map_or(u64::MAX, |until| until.max(0).unsigned_abs());
        let end = end.min(first.saturating_add(count.unwrap_or(u64::MAX)));
        let end = end.min(sequence.files.len() as u64);
        Pictures {
            sequence: Arc::clone(sequence),
            format: video.format,
            fps: video.fps,
            next: first,
            end,
        }
    }

    /// The next picture; its number among all of them is its timestamp.
    ///
    /// # Errors
    /// When it cannot be read, or is another one than it was.
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        if self.next >= self.end {
            return Ok(None);
        }
        let at = usize::try_from(self.next).unwrap_or(usize::MAX);
        let Some(file) = self.sequence.files.get(at) else { return Ok(None) };
        let found = image_file::read(file)?.frame;
        let frame = fit(found, &self.format).ok_or_else(|| {
            Error::failed(format!("{} has been changed meanwhile", file.display()))
                .hint("begin anew with --restart")
        })?;
        let pts = self.next.cast_signed();
        self.next += 1;
        Ok(Some(Frame { pts, time: pts as f64 / self.fps.as_f64(), ..frame }))
    }
}

/// The frame in a format that holds it; nothing when that does not.
fn fit(frame: Frame, format: &FrameFormat) -> Option<Frame> {
    let own = frame.format;
    let (Layout::Packed { channels: from }, Layout::Packed { channels: to }) =
        (own.layout, format.layout)
    else {
        return None;
    };
    if (own.width, own.height) != (format.width, format.height) || own.depth > format.depth {
        return None;
    }
    if own.layout == format.layout && own.depth == format.depth {
        return Some(Frame { format: *format, ..frame });
    }
    // Where each channel comes from; one too many stands for "opaque".
    let sources: &[usize] = match (from, to) {
        (1, 1) => &[0],
        (1, 3) => &[0, 0, 0],
        (1, 4) => &[0, 0, 0, 1],
        (2, 4) => &[0, 0, 0, 1],
        (3, 3) => &[0, 1, 2],
        (3, 4) => &[0, 1, 2, 3],
        (4, 4) => &[0, 1, 2, 3],
        _ => return None,
    };
    let (wide, deep) = (own.depth > 8, format.depth > 8);
    let step = usize::from(from) * own.sample_bytes();
    let mut data = Vec::with_capacity(format.frame_bytes());
    for pixel in frame.data.chunks_exact(step) {
        for &source in sources {
            let sample = match (wide, source < usize::from(from)) {
                (_, false) => u16::MAX,
                // 255 becomes 65535.
                (false, true) => u16::from(pixel[source]) * 257,
                (true, true) => u16::from_le_bytes([pixel[2 * source], pixel[2 * source + 1]]),
            };
            if deep {
                data.extend(sample.to_le_bytes());
            } else {
                data.push((sample >> 8) as u8);
            }
        }
    }
    Some(Frame { format: *format, data, ..frame })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(folder: &Path, name: &str, image: &image::DynamicImage) {
        image.save(folder.join(name)).unwrap();
    }

    #[test]
    fn names_are_ordered_as_people_do() {
        let mut names = ["f10.png", "f9.png", "f1.png", "f010b.png", "e.png", "f09.png"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["e.png", "f1.png", "f09.png", "f9.png", "f10.png", "f010b.png"]);
    }

    #[test]
    fn pictures_of_several_kinds_become_frames_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let gray =
            image::DynamicImage::ImageLuma8(image::GrayImage::from_pixel(20, 16, image::Luma([7])));
        save(folder.path(), "f_0003.png", &gray);
        save(folder.path(), "f_0005.png", &gray.to_rgb16().into());
        save(folder.path(), "f_0004.png", &gray.to_rgba8().into());
        let path = folder.path().join("f_%04d.png");
        let sequence = find(&path).unwrap().unwrap();
        assert_eq!((sequence.first_number(), sequence.missing()), (Some(3), 0));
        let film = describe(&path, sequence.clone()).unwrap();
        assert_eq!((film.format.layout, film.format.depth), (Layout::Packed { channels: 4 }, 16));
        assert_eq!(film.duration, Some(0.12));
        let mut pictures = Pictures::of(&Arc::new(sequence), &film, 0, None);
        for index in 0..3 {
            let frame = pictures.next().unwrap().unwrap();
            assert_eq!((frame.pts, frame.data.len()), (index, film.format.frame_bytes()));
            let samples: Vec<u16> =
                frame.data[..8].chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            assert_eq!(samples, [7 * 257, 7 * 257, 7 * 257, u16::MAX]);
        }
        assert!(pictures.next().unwrap().is_none());
        assert_eq!(find(folder.path()).unwrap().unwrap().files().len(), 3);
        std::fs::remove_file(folder.path().join("f_0004.png")).unwrap();
        assert_eq!(find(&path).unwrap().unwrap().missing(), 1);
    }

    #[test]
    fn another_size_is_named() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), "a.png", &image::DynamicImage::new_rgb8(20, 16));
        save(folder.path(), "b.png", &image::DynamicImage::new_rgb8(16, 20));
        let sequence = find(folder.path()).unwrap().unwrap();
        let error = describe(folder.path(), sequence).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message().contains("b.png has 16×20"), "{error}");
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(find(empty.path()).unwrap_err().exit_code(), 2);
        assert_eq!(find(&empty.path().join("%d.png")).unwrap_err().exit_code(), 2);
        assert!(find(&folder.path().join("a.png")).unwrap().is_none());
    }
}
