use std::io::Cursor;
use std::path::PathBuf;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use moxcms::ColorProfile;

use crate::imaging::frame::Layout;

use super::samples::packed;
use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// A picture whose samples run through all values.
fn still(width: u32, height: u32, channels: u8, depth: u8) -> Still {
    let format = packed(width, height, channels, depth);
    let data = (0..format.frame_bytes()).map(|i| (i * 37 + i / 251) as u8).collect();
    Still { frame: Frame::new(format, data), icc: None, exif: None, kind: StillFormat::Png }
}

fn png(
    still: &Still,
    color: ExtendedColorType,
    with: impl Fn(&mut PngEncoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    with(&mut encoder);
    let size = still.frame.format;
    encoder.write_image(&still.frame.data, size.width, size.height, color).unwrap();
    bytes
}

fn channels(still: &Still) -> (u8, u8) {
    let Layout::Packed { channels } = still.frame.format.layout else { panic!("not packed") };
    (channels, still.frame.format.depth)
}

/// An EXIF block that says nothing but this orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0".to_vec();
    block.extend([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    block.extend([0; 4]);
    block
}

#[test]
fn png_keeps_every_sample_of_every_kind() {
    let folder = Folder::new();
    for count in 1..=4 {
        for depth in [8, 16] {
            let made = still(13, 7, count, depth);
            let path = folder.path("a.png");
            write(&path, &made, StillFormat::Png, None).unwrap();
            let back = read(&path).unwrap();
            assert_eq!(channels(&back), (count, depth));
            assert!(back.frame.data == made.frame.data, "{count} × {depth} bits");
            assert_eq!(back.kind, StillFormat::Png);
        }
    }
}

#[test]
fn sixteen_bits_are_read_as_the_file_has_them() {
    // Written by ffmpeg, whose byte order is not ours to choose.
    let clips = crate::media::testing::Clips::new();
    let raw =
        clips.make("a.raw", "-f lavfi -i testsrc2=s=32x16,format=rgb48le -frames:v 1 -f rawvideo");
    for name in ["a.png", "a.tiff"] {
        let path =
            clips.make(name, "-f rawvideo -pixel_format rgb48le -video_size 32x16 -i {}/a.raw");
        let back = read(&path).unwrap();
        assert_eq!(channels(&back), (3, 16));
        assert!(back.frame.data == std::fs::read(&raw).unwrap(), "{name}");
    }
    let palette = clips.make("p.png", "-f lavfi -i testsrc2=s=32x16 -frames:v 1 -pix_fmt pal8");
    assert_eq!(read(&palette).unwrap().frame.format.depth, 8);
    let bits = clips.make("b.png", "-f lavfi -i testsrc2=s=32x16 -frames:v 1 -pix_fmt monob");
    let bits = read(&bits).unwrap();
    assert_eq!(channels(&bits), (1, 8));
    assert!(bits.frame.data.iter().all(|&v| v == 0 || v == 255));
}

#[test]
fn the_other_formats_keep_what_they_can() {
    let folder = Folder::new();
    for (format, made, wanted) in [
        (StillFormat::Bmp, still(13, 7, 3, 8), (3, 8)),
        (StillFormat::Tiff, still(13, 7, 3, 16), (3, 16)),
        (StillFormat::Tiff, still(13, 7, 1, 8), (1, 8)),
        (StillFormat::WebP, still(13, 7, 4, 8), (4, 8)),
        (StillFormat::WebP, still(13, 7, 3, 8), (3, 8)),
    ] {
        let path = folder.path("a");
        write(&path, &made, format, None).unwrap();
        let back = read(&path).unwrap();
        assert_eq!((back.kind, channels(&back)), (format, wanted));
        assert!(back.frame.data == made.frame.data, "{format}");
        assert!(notes(&made, format).is_empty());
    }
    for format in StillFormat::ALL {
        for count in 1..=4 {
            for depth in [8, 16] {
                let path = folder.path(&format!("b.{}", format.extensions()[0]));
                write(&path, &still(9, 5, count, depth), format, None).unwrap();
                let back = read(&path).unwrap();
                assert_eq!((back.frame.format.width, back.frame.format.height), (9, 5));
                assert_eq!(StillFormat::from_path(&path).unwrap(), back.kind);
            }
        }
    }
}

#[test]
fn narrowing_rounds_and_jpeg_drops_alpha_with_a_note() {
    let folder = Folder::new();
    let mut made = still(2, 1, 4, 16);
    let samples: [u16; 8] = [0x0080, 0x0081, 0xff7f, 0, 0xffff, 0x8080, 0x0101, 0xffff];
    made.frame.data = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let path = folder.path("a.webp");
    write(&path, &made, StillFormat::WebP, None).unwrap();
    // 257 steps of 16 bits are one of 8.
    assert_eq!(read(&path).unwrap().frame.data, [0, 1, 255, 0, 255, 128, 1, 255]);
    assert_eq!(notes(&made, StillFormat::WebP).len(), 1);
    assert_eq!(notes(&made, StillFormat::Jpeg).len(), 2);
    let path = folder.path("a.jpg");
    write(&path, &made, StillFormat::Jpeg, Some(100)).unwrap();
    assert_eq!(channels(&read(&path).unwrap()), (3, 8));
}

#[test]
fn every_orientation_is_applied_once() {
    let folder = Folder::new();
    // 1 2 3
    // 4 5 6
    let mut made = still(3, 2, 1, 8);
    made.frame.data = vec![1, 2, 3, 4, 5, 6];
    for (orientation, width, upright) in [
        (1, 3, [1, 2, 3, 4, 5, 6]),
        (2, 3, [3, 2, 1, 6, 5, 4]),
        (3, 3, [6, 5, 4, 3, 2, 1]),
        (4, 3, [4, 5, 6, 1, 2, 3]),
        (5, 2, [1, 4, 2, 5, 3, 6]),
        (6, 2, [4, 1, 5, 2, 6, 3]),
        (7, 2, [6, 3, 5, 2, 4, 1]),
        (8, 2, [3, 6, 2, 5, 1, 4]),
    ] {
        let bytes = png(&made, ExtendedColorType::L8, |encoder| {
            encoder.set_exif_metadata(exif(orientation)).unwrap();
        });
        let path = folder.file("a.png", &bytes);
        let once = read(&path).unwrap();
        assert_eq!(once.frame.format.width, width);
        assert_eq!(once.frame.data, upright, "orientation {orientation}");
        write(&path, &once, StillFormat::Png, None).unwrap();
        let twice = read(&path).unwrap();
        assert_eq!(twice.frame.data, upright, "orientation {orientation} applied again");
        assert_eq!(twice.exif, Some(exif(1)));
    }
}

#[test]
fn profile_and_exif_survive_where_the_format_has_a_place() {
    let folder = Folder::new();
    let mut made = still(16, 16, 3, 8);
    made.icc = Some(ColorProfile::new_display_p3().encode().unwrap());
    made.exif = Some(exif(1));
    for (format, keeps_exif) in [
        (StillFormat::Png, true),
        (StillFormat::Jpeg, true),
        (StillFormat::WebP, true),
        (StillFormat::Tiff, false),
    ] {
        let path = folder.path("a");
        write(&path, &made, format, None).unwrap();
        let back = read(&path).unwrap();
        assert!(back.icc == made.icc, "{format}");
        assert_eq!(back.exif.is_some(), keeps_exif, "{format}");
        assert_eq!(notes(&made, format).len(), usize::from(!keeps_exif));
    }
    assert_eq!(notes(&made, StillFormat::Bmp).len(), 2);
}

#[test]
fn wide_colors_are_brought_to_srgb() {
    let mut made = still(1, 1, 3, 8);
    made.frame.data = vec![0, 255, 0];
    assert_eq!(to_srgb(&made).unwrap().frame.data, [0, 255, 0]);
    made.icc = Some(ColorProfile::new_srgb().encode().unwrap());
    assert_eq!(to_srgb(&made).unwrap().frame.data, [0, 255, 0]);
    // Half red in Display P3 is more than half red in sRGB: (0.5, 0.25, 0.25) → about
    // (0.534, 0.237, 0.244) by the two standards' matrices.
    made.icc = Some(ColorProfile::new_display_p3().encode().unwrap());
    made.frame.data = vec![128, 64, 64];
    let srgb = to_srgb(&made).unwrap();
    let near = |a: u8, b: u8| a.abs_diff(b) <= 2;
    let d = &srgb.frame.data;
    assert!(near(d[0], 137) && near(d[1], 60) && near(d[2], 62), "{d:?}");
    assert!(srgb.icc.is_none());

    let mut deep = still(1, 1, 3, 16);
    deep.icc = made.icc.clone();
    deep.frame.data = [128u16, 64, 64].iter().flat_map(|v| (v * 257).to_le_bytes()).collect();
    let srgb = to_srgb(&deep).unwrap();
    assert_eq!(channels(&srgb), (3, 16));
    assert!(near(srgb.frame.data[1], 137), "{:?}", srgb.frame.data);

    made.icc = Some(b"no profile at all".to_vec());
    assert_eq!(to_srgb(&made).unwrap_err().exit_code(), 1);
}

#[test]
fn damaged_files_are_refused_and_nothing_is_left() {
    let folder = Folder::new();
    let whole = png(&still(64, 64, 3, 8), ExtendedColorType::Rgb8, |_| {});
    let cut = read(&folder.file("cut.png", &whole[..whole.len() / 2])).unwrap_err();
    assert_eq!(cut.exit_code(), 1);
    assert!(cut.message().contains("cut.png") && cut.hint_text().is_some());
    assert_eq!(read(&folder.file("e.png", b"")).unwrap_err().exit_code(), 1);
    assert_eq!(read(&folder.file("t.png", b"text")).unwrap_err().exit_code(), 1);
    assert_eq!(read(&folder.path("none.png")).unwrap_err().exit_code(), 2);
    assert_eq!(read(folder.0.path()).unwrap_err().exit_code(), 2);
    assert_eq!(StillFormat::from_path(&folder.path("a.xcf")).unwrap_err().exit_code(), 2);
    let nowhere = folder.path("none/a.png");
    assert_eq!(
        write(&nowhere, &still(2, 2, 3, 8), StillFormat::Png, None).unwrap_err().exit_code(),
        2
    );
    let before = std::fs::read_dir(folder.0.path()).unwrap().count();
    // JPEG's sides have 16 bits.
    let wide = still(70_000, 1, 1, 8);
    assert!(write(&folder.path("w.jpg"), &wide, StillFormat::Jpeg, None).is_err());
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), before);
}

#[test]
fn too_large_is_said_so() {
    let folder = Folder::new();
    // A header that promises 40,000 × 2 pixels.
    let bytes = png(&still(40_000, 2, 1, 8), ExtendedColorType::L8, |_| {});
    let error = read(&folder.file("wide.png", &bytes)).unwrap_err();
    assert!(error.message().contains("too large"), "{}", error.chain());
}

#[test]
fn a_cmyk_jpeg_is_read_as_rgb_without_its_cmyk_profile() {
    // The image crate writes no CMYK; gray shows the same path for one channel.
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(Cursor::new(&mut bytes), 95);
    let mut profile = ColorProfile::new_srgb().encode().unwrap();
    profile[16..20].copy_from_slice(b"CMYK");
    encoder.set_icc_profile(profile).unwrap();
    encoder.write_image(&[90; 64], 8, 8, ExtendedColorType::L8).unwrap();
    let folder = Folder::new();
    let back = read(&folder.file("gray.jpg", &bytes)).unwrap();
    assert_eq!(channels(&back), (1, 8));
    assert!(back.frame.data.iter().all(|v| v.abs_diff(90) <= 1));
    assert!(back.icc.is_none());
}
