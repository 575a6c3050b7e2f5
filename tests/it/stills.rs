//! Pictures in, pictures out: whose face it is, what stays untouched, what the files keep.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use facedeck::faces::Face;
use facedeck::imaging::frame::{Frame, Layout};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, ImageEncoder, Luma, Rgb, Rgba};
use tempfile::TempDir;

use super::common::{ffmpeg, media, picture, swap, words};
use super::measure::{differences, expression_error, face, faces, identity, least, mean, person};

const PORTRAITS: [&str; 3] = ["astronaut.png", "grace_hopper.jpg", "mona_lisa.jpg"];

/// A swap that must succeed; returns what was said.
fn swapped(source: &Path, target: &Path, output: &Path, more: &[&str]) -> String {
    let run = swap(source, target, output, more);
    assert!(run.status.success(), "{}", words(&run));
    words(&run)
}

/// A folder for one test.
fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// One swap of a portrait into another, and what the judge says about it.
struct Pair {
    name: String,
    target: Frame,
    output: Frame,
    before: Face,
    after: Face,
    /// Cosine to the source before and after.
    cosine: [f32; 2],
}

/// The six ordered pairs of portraits, each swapped once.
fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let folder = folder();
        let all = PORTRAITS.iter().flat_map(|s| PORTRAITS.iter().map(move |t| (*s, *t)));
        all.filter(|(source, target)| source != target)
            .map(|(source, target)| {
                let path = folder.path().join(format!("{source}-{target}.png"));
                swapped(&media(source), &media(target), &path, &[]);
                let source_person = person(&media(source));
                let (target_frame, output) = (picture(&media(target)), picture(&path));
                let (before, after) = (face(&target_frame), face(&output));
                let cosine = [&before, &after].map(|f| identity(f).cosine(&source_person));
                let name = format!("{source} in {target}");
                Pair { name, target: target_frame, output, before, after, cosine }
            })
            .collect()
    })
}

#[test]
fn the_face_is_the_sources() {
    let after: Vec<f32> = pairs().iter().map(|p| p.cosine[1]).collect();
    for pair in pairs() {
        let [before, after] = pair.cosine;
        println!("{}: cosine {before:.3} -> {after:.3}", pair.name);
    }
    println!("mean {:.3}, least {:.3}", mean(&after), least(&after));
    assert!(mean(&after) >= 0.62, "mean cosine {}", mean(&after));
    assert!(least(&after) >= 0.48, "least cosine {}", least(&after));
    for pair in pairs() {
        let [before, after] = pair.cosine;
        assert!(after >= before + 0.20, "{}: {before} -> {after}", pair.name);
    }
}

#[test]
fn the_expression_is_the_targets() {
    for pair in pairs() {
        let error = expression_error(&pair.after.landmarks, &pair.before.landmarks);
        println!("{}: expression error {error:.4}", pair.name);
        assert!(error <= 0.035, "{}: {error}", pair.name);
    }
}

#[test]
fn nothing_but_the_face_is_touched() {
    for pair in pairs() {
        let change = differences(&pair.target, &pair.output, &[&pair.before.landmarks]);
        println!("{}: mean change inside {:.1}", pair.name, change.inside);
        assert_eq!(change.outside, 0, "{}: pixels changed outside the face", pair.name);
        assert!(change.inside > 3.0, "{}: {}", pair.name, change.inside);
    }
}

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
        let change = differences(&before, &after, &[&face(&before).landmarks]);
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
    let change = differences(&before, &after, &[&face(&before).landmarks]);
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
    let change = differences(&before, &after, &[&face(&before).landmarks]);
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
        let [right, left, ..] = after.landmarks.five();
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

/// Two portraits side by side; the right one's face is larger, but the detector is surer of the
/// left one.
fn group() -> &'static Path {
    static GROUP: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = GROUP.get_or_init(|| {
        let folder = folder();
        let path = folder.path().join("group.png");
        let beside = "[0:v]crop=275:330:90:0,scale=400:480,format=gbrp[a];\
                      [1:v]crop=300:360:220:100,scale=400:480,format=gbrp[b];[a][b]hstack";
        let [left, right] =
            ["astronaut.png", "mona_lisa.jpg"].map(|n| media(n).display().to_string());
        let out = path.display().to_string();
        ffmpeg(&["-i", &left, "-i", &right, "-filter_complex", beside, "-frames:v", "1", &out]);
        (folder, path)
    });
    path
}

#[test]
fn many_faces_swaps_everybody() {
    let folder = folder();
    let output = folder.path().join("out.png");
    let source = media("grace_hopper.jpg");
    swapped(&source, group(), &output, &["--many-faces"]);
    let (before, after, wanted) = (picture(group()), picture(&output), person(&source));
    let (old, new) = (faces(&before), faces(&after));
    assert_eq!((old.len(), new.len()), (2, 2));
    for a in &old {
        let overlap = |f: &&Face| f.landmarks.overlap(&a.landmarks) > 0.5;
        let b = new.iter().find(overlap).expect("the face is where it was");
        let [old, new] = [a, b].map(|f| identity(f).cosine(&wanted));
        println!("many: cosine {old:.3} -> {new:.3}");
        assert!(new >= old + 0.20, "{old} -> {new}");
    }
    let all: Vec<_> = old.iter().map(|f| &f.landmarks).collect();
    assert_eq!(differences(&before, &after, &all).outside, 0);
}

/// Swaps the group with these flags; says which of its faces (the largest first) changed, and
/// that nothing else did.
fn changed_in_group(more: &[&str]) -> Vec<usize> {
    let folder = folder();
    let output = folder.path().join("out.png");
    swapped(&media("grace_hopper.jpg"), group(), &output, more);
    let (before, after) = (picture(group()), picture(&output));
    let all = faces(&before);
    let changed: Vec<usize> = (0..all.len())
        .filter(|&i| differences(&before, &after, &[&all[i].landmarks]).inside > 3.0)
        .collect();
    let meshes: Vec<_> = changed.iter().map(|&i| &all[i].landmarks).collect();
    assert_eq!(differences(&before, &after, &meshes).outside, 0, "{more:?}");
    changed
}

#[test]
fn without_many_faces_the_largest_is_swapped() {
    assert_eq!(changed_in_group(&[]), [0]);
}

#[test]
fn the_reference_face_is_counted_by_score() {
    let all = faces(&picture(group()));
    let mut by_score: Vec<usize> = (0..all.len()).collect();
    by_score.sort_by(|&a, &b| all[b].score.total_cmp(&all[a].score));
    println!("scores {:?}", all.iter().map(|f| f.score).collect::<Vec<_>>());
    assert_ne!(by_score, [0, 1], "the group should tell score from size");
    for position in 0..2 {
        let changed = changed_in_group(&["--reference-face-position", &position.to_string()]);
        assert_eq!(changed, [by_score[position]], "position {position}");
    }
}

#[test]
fn several_photos_of_one_person_are_taken_together() {
    let folder = folder();
    let (mirrored, output) = (folder.path().join("mirrored.png"), folder.path().join("out.png"));
    let source = media("grace_hopper.jpg");
    image::open(&source).expect("a portrait").fliph().save(&mirrored).expect("a picture");
    let second = mirrored.display().to_string();
    let said = swapped(&source, &media("astronaut.png"), &output, &["-s", &second]);
    assert!(!said.contains("does not look like"), "{said}");
    let cosine = identity(&face(&picture(&output))).cosine(&person(&source));
    let name = "grace_hopper.jpg in astronaut.png";
    let alone = pairs().iter().find(|p| p.name == name).expect("the pair").cosine[1];
    println!("two photos: cosine {cosine:.3}, one: {alone:.3}");
    assert!(cosine >= alone - 0.05, "{cosine}, with one photo {alone}");
}

#[test]
fn a_photo_of_somebody_else_is_noticed() {
    let folder = folder();
    let output = folder.path().join("out.png");
    let stranger = media("mona_lisa.jpg").display().to_string();
    let source = media("grace_hopper.jpg");
    let said = swapped(&source, &media("astronaut.png"), &output, &["-s", &stranger]);
    let line = said.lines().find(|l| l.contains("does not look like the person in"));
    let line = line.unwrap_or_else(|| panic!("no note in: {said}"));
    assert!(line.contains("mona_lisa.jpg") && line.contains("grace_hopper.jpg"), "{line}");
    assert!(output.is_file(), "it is a note, not an error");
}
