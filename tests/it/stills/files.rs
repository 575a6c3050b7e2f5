//! Image files: depth, alpha, gray, orientation, formats.

use std::io::Cursor;

use facedeck::imaging::frame::Layout;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, ImageEncoder, Luma, Rgb, Rgba};

use super::{folder, swapped};
use crate::common::{ffmpeg, media, picture};
use crate::measure::{differences, face, identity, person};

/// The upper part of a portrait, which is quick to work on.
fn portrait() -> image::RgbImage {
    let image = image::open(media("astronaut.png")).expect("the portrait").into_rgb8();
    image::imageops::crop_imm(&image, 60, 0, 320, 300).to_image()
}

/// Low bits that no rounding to 8 bits keeps.
fn noise(x: u32, y: u32, c: usize) -> u16 {
    (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729) ^ (c as u32 * 31)) as u16 & 0xff
}

#[test]
fn sixteen_bits_stay_sixteen_bits() {
    let folder = folder();
    let target = folder.path().join("deep.png");
    let deep = ImageBuffer::from_fn(320, 300, {
        let portrait = portrait();
        move |x, y| {
            let p = portrait.get_pixel(x, y).0;
            Rgb(std::array::from_fn(|c| u16::from(p[c]) << 8 | noise(x, y, c)))
        }
    });
    deep.save(&target).expect("a 16-bit PNG");
    for name in ["out.png", "out.tiff"] {
        let output = folder.path().join(name);
        swapped(&media("grace_hopper.jpg"), &target, &output, &[]);
        let color = image::open(&output).expect("a picture").color();
        assert_eq!(color, image::ColorType::Rgb16, "{name}");
        let (before, after) = (picture(&target), picture(&output));
        let change = differences(&before, &after, &[face(&before).mesh().unwrap()]);
        assert_eq!(change.outside, 0, "{name}");
        assert!(change.inside > 3.0, "{name}: {}", change.inside);
    }
}

#[test]
fn alpha_is_kept_exactly() {
    let folder = folder();
    let (target, output) = (folder.path().join("clear.png"), folder.path().join("out.png"));
    let portrait = portrait();
    let clear = ImageBuffer::from_fn(320, 300, |x, y| {
        let [r, g, b] = portrait.get_pixel(x, y).0;
        // From nothing at the left edge over the face to solid, with a hole in its middle.
        let hole = x.abs_diff(165) < 6 && y.abs_diff(130) < 6;
        Rgba([r, g, b, if hole { 0 } else { (x * 255 / 319) as u8 }])
    });
    clear.save(&target).expect("an RGBA PNG");
    swapped(&media("grace_hopper.jpg"), &target, &output, &[]);
    let after = match image::open(&output).expect("a picture") {
        image::DynamicImage::ImageRgba8(image) => image,
        other => panic!("{:?}", other.color()),
    };
    let same = clear.pixels().zip(after.pixels()).all(|(a, b)| a.0[3] == b.0[3]);
    assert!(same, "alpha changed");
    let (before, after) = (picture(&target), picture(&output));
    let change = differences(&before, &after, &[face(&before).mesh().unwrap()]);
    assert_eq!(change.outside, 0);
    assert!(change.inside > 3.0, "{}", change.inside);
}

#[test]
fn gray_stays_gray() {
    let folder = folder();
    let (target, output) = (folder.path().join("gray.png"), folder.path().join("out.png"));
    let portrait = portrait();
    let gray = ImageBuffer::from_fn(320, 300, |x, y| {
        let [r, g, b] = portrait.get_pixel(x, y).0.map(f32::from);
        Luma([(0.299 * r + 0.587 * g + 0.114 * b) as u8])
    });
    gray.save(&target).expect("a gray PNG");
    let source = media("grace_hopper.jpg");
    swapped(&source, &target, &output, &[]);
    assert_eq!(image::open(&output).expect("a picture").color(), image::ColorType::L8);
    let (before, after) = (picture(&target), picture(&output));
    assert_eq!(after.format.layout, Layout::Packed { channels: 1 });
    let change = differences(&before, &after, &[face(&before).mesh().unwrap()]);
    assert_eq!(change.outside, 0);
    assert!(change.inside > 3.0, "{}", change.inside);
    let source = person(&source);
    let [old, new] = [&before, &after].map(|f| identity(&face(f)).cosine(&source));
    println!("gray: cosine {old:.3} -> {new:.3}");
    assert!(new >= old + 0.20, "{old} -> {new}");
}

/// A JPEG whose EXIF orientation asks viewers to turn it by 90° clockwise.
fn lying_jpeg() -> Vec<u8> {
    let lying = image::imageops::rotate270(&portrait());
    // A little-endian TIFF with one entry: orientation (0x0112), one short, 6.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(Cursor::new(&mut jpeg), 95);
    encoder.set_exif_metadata(exif).expect("JPEG has EXIF");
    let (width, height) = lying.dimensions();
    encoder.write_image(&lying, width, height, image::ExtendedColorType::Rgb8).expect("a JPEG");
    jpeg
}

#[test]
fn a_lying_photo_gets_up() {
    let folder = folder();
    let target = folder.path().join("lying.jpg");
    std::fs::write(&target, lying_jpeg()).expect("a file");
    let source = media("grace_hopper.jpg");
    for name in ["out.jpg", "out.png"] {
        let output = folder.path().join(name);
        swapped(&source, &target, &output, &[]);
        // Read by a program that turns nothing, then by one that obeys the tag.
        let raw = image::open(&output).expect("a picture");
        assert_eq!((raw.width(), raw.height()), (320, 300), "{name} is stored upright");
        let read = picture(&output);
        assert_eq!(
            (read.format.width, read.format.height),
            (320, 300),
            "{name} is not turned again"
        );
        let after = face(&read);
        let [right, left, ..] = after.points;
        assert!(
            left[0] - right[0] > 4.0 * (left[1] - right[1]).abs(),
            "{name}: the eyes are level"
        );
        let cosine = identity(&after).cosine(&person(&source));
        println!("{name}: cosine {cosine:.3}");
        assert!(cosine > 0.45, "{name}: {cosine}");
    }
}

#[test]
fn every_format_shows_the_new_face() {
    let folder = folder();
    let source = media("mona_lisa.jpg");
    let wanted = person(&source);
    let before = identity(&face(&picture(&media("astronaut.png")))).cosine(&wanted);
    for extension in ["png", "jpg", "webp", "bmp", "tiff"] {
        let output = folder.path().join(format!("out.{extension}"));
        swapped(&source, &media("astronaut.png"), &output, &[]);
        // Through another program's reader, so that not only facedeck understands the file.
        let read = folder.path().join(format!("{extension}.read.png"));
        ffmpeg(&["-i", &output.display().to_string(), &read.display().to_string()]);
        let after = identity(&face(&picture(&read))).cosine(&wanted);
        println!("{extension}: cosine {before:.3} -> {after:.3}");
        assert!(after >= before + 0.20, "{extension}: {before} -> {after}");
    }
}
