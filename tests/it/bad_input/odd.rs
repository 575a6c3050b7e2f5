//! Pictures out of the ordinary, which must be handled: the face changes, the far corner does not.

use std::path::Path;
use std::time::{Duration, Instant};

use facedeck::media::image_file;
use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use moxcms::ColorProfile;

use super::super::common::{media, picture, swap, words};
use super::super::measure::{differences, face, identity, person};
use super::Desk;

/// Side of the corner that is compared, in pixels.
const CORNER: usize = 32;

/// Swaps into a picture; the face must change to the source's, and no sample of the lower right
/// corner by more than `loss` (8-bit steps). Returns how many pixels changed outside of the face.
fn handled(target: &Path, output: &Path, loss: u32) -> usize {
    let source = media("grace_hopper.jpg");
    let run = swap(&source, target, output, &[]);
    assert!(run.status.success(), "{}", words(&run));
    let (before, after) = (picture(target), picture(output));
    let old = face(&before);
    let change = differences(&before, &after, &[old.mesh().unwrap()]);
    let wanted = person(&source);
    let [was, is] = [identity(&old), identity(&face(&after))].map(|who| who.cosine(&wanted));
    let plane = before.format.planes()[0];
    let unit = before.format.max_value() / 255;
    let mut worst = 0;
    for y in plane.height - CORNER..plane.height {
        for x in plane.width - CORNER..plane.width {
            for c in 0..plane.channels {
                let apart = before.sample(&plane, x, y, c).abs_diff(after.sample(&plane, x, y, c));
                worst = worst.max(apart / unit);
            }
        }
    }
    let name = target.file_name().unwrap_or_default().display();
    println!("{name}: cosine {was:.3} -> {is:.3}, inside {:.1}, corner {worst}", change.inside);
    assert!(change.inside > 3.0, "{name}: {}", change.inside);
    assert!(is > was + 0.15, "{name}: {was} -> {is}");
    assert!(worst <= loss, "{name}: the corner changed by {worst}");
    change.outside
}

#[test]
fn odd_sizes() {
    let desk = Desk::new();
    let portrait = media("astronaut.png");
    for (width, height) in [(401, 399), (333, 300)] {
        let words = format!("-i {} -vf format=gbrp,crop={width}:{height}:41:5", portrait.display());
        let target = desk.made("odd.png", &words);
        assert_eq!(handled(&target, &desk.path(&format!("out{width}.png")), 0), 0);
        let read = image::open(desk.path(&format!("out{width}.png"))).expect("a picture");
        assert_eq!((read.width(), read.height()), (width, height));
    }
}

#[test]
fn forty_megapixels() {
    let desk = Desk::new();
    let words = format!("-i {} -vf scale=7300:5500 -q:v 2", media("astronaut.png").display());
    let target = desk.made("huge.jpg", &words);
    let start = Instant::now();
    handled(&target, &desk.path("out.jpg"), 16);
    println!("40 megapixels: {:.1} s with the comparison", start.elapsed().as_secs_f64());
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    let size = image::image_dimensions(desk.path("out.jpg")).expect("a picture");
    assert_eq!(size, (7300, 5500));
}

#[test]
fn sixteen_bits_and_gray() {
    let desk = Desk::new();
    let portrait = image::open(media("astronaut.png")).expect("the portrait");
    let (deep, gray) = (desk.path("deep.png"), desk.path("gray16.png"));
    portrait.to_rgb16().save(&deep).expect("a picture");
    portrait.to_luma16().save(&gray).expect("a picture");
    assert_eq!(handled(&deep, &desk.path("deep-out.png"), 0), 0);
    assert_eq!(handled(&gray, &desk.path("gray-out.png"), 0), 0);
    for (name, color) in
        [("deep-out.png", image::ColorType::Rgb16), ("gray-out.png", image::ColorType::L16)]
    {
        assert_eq!(image::open(desk.path(name)).expect("a picture").color(), color);
    }
}

#[test]
fn palettes_become_colors() {
    let desk = Desk::new();
    let filters = "split[a][b];[a]palettegen[p];[b][p]paletteuse";
    let words = format!("-i {} -vf {filters} -pix_fmt pal8", media("astronaut.png").display());
    let target = desk.made("palette.png", &words);
    let bytes = std::fs::read(&target).expect("the palette picture");
    assert_eq!(bytes[25], 3, "the color type of a palette");
    assert_eq!(handled(&target, &desk.path("out.png"), 0), 0);
}

#[test]
fn cmyk_looks_as_it_should() {
    let desk = Desk::new();
    let target = media("astronaut_cmyk.jpg");
    handled(&target, &desk.path("out.jpg"), 16);
    assert_eq!(handled(&target, &desk.path("out.png"), 0), 0);
    // Adobe stores CMYK inverted: whoever forgets that sees a negative.
    let read = picture(&target);
    let original = image::open(media("astronaut.png")).expect("the portrait").into_rgb8();
    let original = image::imageops::crop_imm(&original, 60, 0, 320, 300).to_image();
    let sum: u64 =
        read.data.iter().zip(original.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = sum as f64 / read.data.len() as f64;
    println!("cmyk: mean difference to the original {mean:.2}");
    assert!(mean < 8.0, "{mean}");
    // As a source, too.
    let output = desk.path("source.png");
    let run = swap(&target, &media("mona_lisa.jpg"), &output, &[]);
    assert!(run.status.success(), "{}", words(&run));
    let cosine = person(&output).cosine(&person(&media("astronaut.png")));
    assert!(cosine > 0.45, "{cosine}");
}

#[test]
fn a_color_profile_is_kept() {
    let desk = Desk::new();
    let profile = ColorProfile::new_display_p3().encode().expect("a profile");
    let portrait = image::open(media("astronaut.png")).expect("the portrait").into_rgb8();
    let (png, jpeg) = (desk.path("wide.png"), desk.path("wide.jpg"));
    let file = |path: &Path| std::fs::File::create(path).expect("a file");
    let mut encoder = PngEncoder::new(file(&png));
    encoder.set_icc_profile(profile.clone()).expect("PNG has profiles");
    let (width, height) = portrait.dimensions();
    encoder.write_image(&portrait, width, height, image::ExtendedColorType::Rgb8).expect("a PNG");
    let mut encoder = JpegEncoder::new_with_quality(file(&jpeg), 95);
    encoder.set_icc_profile(profile.clone()).expect("JPEG has profiles");
    encoder.write_image(&portrait, width, height, image::ExtendedColorType::Rgb8).expect("a JPEG");
    for (target, name, loss) in
        [(&png, "out.png", 0), (&jpeg, "out.jpg", 12), (&png, "out.tiff", 0)]
    {
        let output = desk.path(name);
        handled(target, &output, loss);
        let kept = image_file::read(&output).expect("a picture").icc;
        assert_eq!(kept.as_deref(), Some(profile.as_slice()), "{name}");
    }
}
