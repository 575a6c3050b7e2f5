//! A film through roop's profile, held against the arithmetic of roop's parts done by hand.

use std::fs;
use std::path::{Path, PathBuf};

use facedeck::faces::FaceModels;
use facedeck::imaging::aligned::{Aligned, Border, Quality};
use facedeck::imaging::color::Planes;
use facedeck::imaging::frame::Frame;
use facedeck::imaging::similarity::Point;
use facedeck::imaging::template::Template;
use facedeck::media::image_file;

use crate::clips::frames;
use crate::common::{ffmpeg, words};
use crate::people::networks::{networks, wanting};
use crate::people::painted::{face, ground, paint};

use super::models::{home, roop};

const FRAMES: u64 = 40;
const SIZE: (u32, u32) = (480, 270);

/// Where the painted person's nose is in a frame: it goes round, out of step with the frame's grid.
fn nose(index: u64) -> Point {
    let turn = index as f32 / FRAMES as f32 * std::f32::consts::TAU;
    [240.0 + 60.3 * turn.cos(), 135.0 + 21.7 * (2.0 * turn).sin()]
}

/// A lossless RGB film of a painted person who moves and comes nearer, over a ground that is not
/// flat.
pub fn film(folder: &Path) -> PathBuf {
    for index in 0..FRAMES {
        let mut frame = ground(SIZE.0, SIZE.1, [0; 3]);
        for (i, pixel) in frame.data.chunks_exact_mut(3).enumerate() {
            let (x, y) = (i as u32 % SIZE.0, i as u32 / SIZE.0);
            pixel.copy_from_slice(&[
                (60 + x / 8) as u8,
                (70 + y / 4) as u8,
                (90 + (x + y) / 16) as u8,
            ]);
        }
        paint(&mut frame, 0, &face(nose(index), 44.0 + index as f32 * 0.5));
        let image = image::RgbImage::from_raw(SIZE.0, SIZE.1, frame.data).expect("a picture");
        image.save(folder.join(format!("{index:03}.png"))).expect("a file");
    }
    let path = folder.join("in.mkv");
    let frames = folder.join("%03d.png");
    let frames = frames.to_str().expect("a plain name");
    ffmpeg(&[
        "-framerate",
        "25",
        "-i",
        frames,
        "-c:v",
        "libx264rgb",
        "-qp",
        "0",
        path.to_str().expect("a plain name"),
    ]);
    path
}

/// What tiny_inswapper_128 makes of a crop, by its closed form (see tests/models/README.md), for a
/// source of this latent; insightface cuts off what is behind the point.
fn by_hand(crop: &Planes, latent: [f32; 3]) -> Planes {
    let gains = [0.9, 0.8, 0.7];
    let mut out = crop.clone();
    for (c, plane) in out.iter_mut().enumerate() {
        let shift = 0.3 * (6.0 * latent[c]).tanh();
        for y in 0..128 {
            for x in 0..128 {
                let ramp = [x as f32, y as f32, 0.0][c] * 0.05 / 127.0;
                let v = &mut plane.data[y * 128 + x];
                *v = ((gains[c] * *v / 255.0 + shift + ramp).clamp(0.0, 1.0) * 255.0).floor();
            }
        }
    }
    out
}

/// The first three numbers of the source's latent: the embedding by rows of its crop, moved on by
/// one place, as the emap of tiny_inswapper_128 does.
fn latent(models: &FaceModels, photo: &Frame) -> [f32; 3] {
    let face = models.analyze_still(photo).expect("it runs").remove(0);
    let unit = face.embedding.expect("an identity").unit;
    [unit[511], unit[0], unit[1]]
}

#[test]
fn every_frame_is_what_the_parts_give_by_hand() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let target = film(folder.path());
    let source = folder.path().join("source.png");
    fs::copy(folder.path().join("000.png"), &source).expect("a copy");
    let output = folder.path().join("out.mkv");
    let line = format!(
        "-s {} -t {} -o {} --keep-fps --quality 100 --output-video-encoder libx264",
        source.display(),
        target.display(),
        output.display()
    );
    let run = roop(home.path(), &line).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));

    let faces = wanting("det_10g", "detector", "w600k_r50");
    let models = networks(
        &faces,
        &[("det_10g", "tiny_det_many.onnx"), ("w600k_r50", "tiny_arcface_many.onnx")],
    );
    let latent = latent(&models, &image_file::read(&source).expect("it reads").frame);
    let (before, after) = (frames(&target, "rgb24"), frames(&output, "rgb24"));
    assert_eq!((before.len() as u64, after.len() as u64), (FRAMES, FRAMES));
    let mut exact = 0usize;
    for (index, (old, new)) in before.iter().zip(&after).enumerate() {
        let found = models.detect(old).expect("it runs");
        assert_eq!(found.len(), 1, "frame {index}");
        let aligned = Aligned::new(&found[0].points, Template::Arcface128, 128).expect("a face");
        let crop = aligned.crop(old, Border::Black, Quality::Plain);
        let mut expected = old.clone();
        aligned.paste_insightface(&mut expected, &by_hand(&crop, latent)).expect("a region");
        let apart: Vec<u8> =
            expected.data.iter().zip(&new.data).map(|(a, b)| a.abs_diff(*b)).collect();
        assert!(apart.iter().all(|d| *d <= 1), "frame {index}: {:?}", apart.iter().max());
        exact += apart.iter().filter(|d| **d == 0).count();
        let changed = old.data.iter().zip(&new.data).filter(|(a, b)| a != b).count();
        assert!(changed > 3000, "frame {index}: only {changed} samples changed");
    }
    let all = FRAMES as usize * (SIZE.0 * SIZE.1 * 3) as usize;
    assert!(exact as f64 > 0.9999 * all as f64, "{exact} of {all}");
}
