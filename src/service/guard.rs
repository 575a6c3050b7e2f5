//! What clients of the network may let the service decode: pictures and films of a sane size.
//!
//! A file of a few kilobytes can claim to be a picture of a billion pixels. Its size is read from
//! its header, before anything is decoded.

use std::path::Path;

use image::ImageReader;

use crate::error::{Error, Result};
use crate::media::image_file::{self, StillFormat};
use crate::media::info::VideoInfo;
use crate::media::probe::probe;
use crate::media::sequence;
use crate::provision::{FfmpegTools, find_ffmpeg};
use crate::settings::config::Service;

use super::fault::{Answer, Fault, FaultKind};

/// Lets pass what is a picture or film within the limits of the configuration.
///
/// # Errors
/// [`FaultKind::TooLarge`] when its frames have too many pixels or come too fast; when it is no
/// picture or film that can be read; when ffmpeg is missing, which looks into films.
pub fn guard(path: &Path, limits: &Service) -> Answer<()> {
    guard_with(path, limits, find_ffmpeg)
}

fn guard_with(
    path: &Path,
    limits: &Service,
    tools: impl FnOnce() -> Result<FfmpegTools>,
) -> Answer<()> {
    if let Some(pictures) = sequence::find(path)? {
        return pictures.files().iter().try_for_each(|file| {
            let (width, height) = dimensions(file)?;
            check_size(file, u64::from(width), u64::from(height), limits)
        });
    }
    if let Some(kind) = image_file::sniff(path)? {
        let (width, height) = dimensions(path)?;
        check_size(path, u64::from(width), u64::from(height), limits)?;
        let may_move = matches!(kind, StillFormat::Gif | StillFormat::Png | StillFormat::WebP);
        if !may_move || image_file::frames_in(path, kind)? == 1 {
            return Ok(());
        }
    }
    match probe(&tools()?, path)?.video() {
        Some(video) => check_film(path, video, limits),
        None => Ok(()),
    }
}

fn dimensions(path: &Path) -> Result<(u32, u32)> {
    let cannot = || {
        Error::failed(format!("{} is not a picture that can be read", path.display()))
            .hint("it may be damaged or cut short; get the file again")
    };
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
    let reader = reader.map_err(|error| cannot().because(error))?;
    reader.into_dimensions().map_err(|error| cannot().because(error))
}

fn check_film(path: &Path, video: &VideoInfo, limits: &Service) -> Answer<()> {
    check_size(path, u64::from(video.width), u64::from(video.height), limits)?;
    let rate = video.fps.as_f64();
    if rate > limits.max_frame_rate {
        let most = limits.max_frame_rate;
        return Err(too_large(
            format!("{} has {rate:.2} frames a second, at most {most} are taken", path.display()),
            "max_frame_rate",
        ));
    }
    Ok(())
}

fn check_size(path: &Path, width: u64, height: u64, limits: &Service) -> Answer<()> {
    let megapixels = (width * height) as f64 / 1e6;
    if megapixels > limits.max_megapixels {
        let most = limits.max_megapixels;
        return Err(too_large(
            format!(
                "{} has {width}×{height} pixels, at most {most} megapixels are taken",
                path.display()
            ),
            "max_megapixels",
        ));
    }
    Ok(())
}

fn too_large(message: String, key: &str) -> Fault {
    let hint = format!("scale it down, or raise {key} under [service] in config.toml");
    Fault::new(FaultKind::TooLarge, Error::usage(message).hint(hint))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn none() -> Result<FfmpegTools> {
        Err(Error::missing("nothing looks for ffmpeg here"))
    }

    /// A PNG whose header claims this size, with a few bytes of pixels.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |kind: &[u8; 4], data: &[u8]| {
            file.extend_from_slice(&(data.len() as u32).to_be_bytes());
            let mut body = kind.to_vec();
            body.extend_from_slice(data);
            let mut crc = flate2::Crc::new();
            crc.update(&body);
            file.extend_from_slice(&body);
            file.extend_from_slice(&crc.sum().to_be_bytes());
        };
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend_from_slice(&[8, 2, 0, 0, 0]);
        chunk(b"IHDR", &header);
        let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        pixels.write_all(&vec![0; 1 << 20]).unwrap();
        chunk(b"IDAT", &pixels.finish().unwrap());
        chunk(b"IEND", &[]);
        file
    }

    #[test]
    fn a_picture_that_claims_too_many_pixels_is_refused_by_its_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.png");
        std::fs::write(&path, bomb(16_000, 16_000)).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < 8192);
        let fault = guard_with(&path, &Service::default(), none).unwrap_err();
        assert_eq!(fault.kind, FaultKind::TooLarge);
        assert!(fault.error.message().contains("16000×16000"), "{}", fault.error.message());
        assert!(fault.error.hint_text().unwrap().contains("max_megapixels"));
        let more = Service { max_megapixels: 256.0, ..Service::default() };
        assert!(guard_with(&path, &more, none).is_ok());
    }

    #[test]
    fn what_is_no_picture_is_not_one_that_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.jpg");
        std::fs::write(&path, b"\xff\xd8\xff\xe0\x00\x10JFIF").unwrap();
        let fault = guard_with(&path, &Service::default(), none).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Failed);
        std::fs::write(&path, b"").unwrap();
        assert_eq!(
            guard_with(&path, &Service::default(), none).unwrap_err().kind,
            FaultKind::Failed
        );
        let gone = guard_with(&folder.path().join("gone"), &Service::default(), none);
        assert_eq!(gone.unwrap_err().kind, FaultKind::Invalid);
    }
}
