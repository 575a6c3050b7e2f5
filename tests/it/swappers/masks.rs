//! What of the crop is used: the least of all masks, what is kept, colors.

use facedeck::faces::Face;
use facedeck::imaging::crop_mask::{box_mask, ellipse_mask};
use facedeck::imaging::frame::Frame;
use facedeck::imaging::template::Template;
use facedeck::profiles::Profile;
use facedeck::profiles::sections::{MaskKind, PasteRule};

use super::scene::{embedding, formula, known, profile, run};
use crate::enhance::scene::{Models, at, frame, models, square, textured};

const X: usize = 150;
const Y: usize = 120;

fn swapped(models: &Models, profile: &Profile, face: &Face, before: &Frame) -> Frame {
    let mut after = before.clone();
    let who = [known(&[embedding(&[(0, 1.0), (1, -1.0), (2, 1.0)])])];
    run(models, profile, &who, face, &mut after).unwrap();
    after
}

#[test]
fn the_least_of_all_masks_counts() {
    let models = models(&[("hyperswap_1a_256", "tiny_hyperswap_256.onnx")]);
    let mut profile = profile("hyperswap_1a_256");
    profile.mask.kinds = vec![MaskKind::Box, MaskKind::Ellipse];
    profile.mask.padding = [20, 0, 0, 10];
    profile.mask.blur = 0.2;
    let face = square(Template::Arcface128, 256, X, Y);
    // Flat, so that what is blended is known everywhere.
    let before = frame(textured().format.layout, 8, |_, _, c| 100 + 20 * c as u32);
    let after = swapped(&models, &profile, &face, &before);
    let drawn = [box_mask(256, 0.2, [20, 0, 0, 10]), ellipse_mask(256, 0.2, [20, 0, 0, 10])];
    let d = [1.0f32, -1.0, 1.0].map(|v| 0.3 * (6.0 * v / 3f32.sqrt()).tanh());
    let mut partly = 0;
    for (x, y) in (2..254).step_by(3).flat_map(|x| (2..254).step_by(5).map(move |y| (x, y))) {
        // The network's own: clip(8 min(x, y, n − x, n − y) / n, 0, 1).
        let nearest = x.min(y).min(255 - x).min(255 - y) as f32;
        let own = (8.0 * nearest / 255.0).min(1.0);
        let least = drawn.iter().map(|mask| mask.at(x, y)).fold(own, f32::min);
        partly += usize::from(least > 0.1 && least < 0.9);
        for c in 0..3 {
            let old = at(&before, x + X, y + Y, c);
            let new = 255.0 * formula(old / 255.0, c, [x as f32 / 255.0, y as f32 / 255.0], d[c]);
            let want = old + least * (new - old);
            let got = at(&after, x + X, y + Y, c);
            assert!((got - want).abs() < 0.9, "{x},{y},{c}: {got} for {want}");
        }
    }
    assert!(partly > 100, "{partly} pixels on an edge");
}

/// Where the five points are in the frame, and whether a pixel there changed.
fn touched(face: &Face, before: &Frame, after: &Frame) -> [bool; 5] {
    face.points.map(|p| {
        let (x, y) = (p[0].round() as usize, p[1].round() as usize);
        (0..3).any(|c| at(before, x, y, c) != at(after, x, y, c))
    })
}

#[test]
fn mouth_and_eyes_are_kept_on_demand() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let face = square(Template::Arcface128, 128, X, Y);
    let before = textured();
    let mut profile = profile("inswapper_128");
    for paste in [PasteRule::Crop, PasteRule::Insightface] {
        profile.swap.paste = paste;
        (profile.swap.keep_mouth, profile.swap.keep_eyes) = (false, false);
        let all = swapped(&models, &profile, &face, &before);
        assert_eq!(touched(&face, &before, &all), [true; 5], "{paste:?}");
        profile.swap.keep_mouth = true;
        let mouth = swapped(&models, &profile, &face, &before);
        assert_eq!(touched(&face, &before, &mouth)[..3], [true; 3], "{paste:?}");
        profile.swap.keep_eyes = true;
        let both = swapped(&models, &profile, &face, &before);
        let kept = touched(&face, &before, &both);
        assert!(kept[2], "{paste:?}: the nose is swapped");
        // In insightface's arithmetic truncation may take one step.
        if paste == PasteRule::Crop {
            assert_eq!([kept[0], kept[1]], [false; 2], "{paste:?}");
            // The middle of the mouth.
            let x = ((face.points[3][0] + face.points[4][0]) / 2.0) as usize;
            let y = face.points[3][1] as usize;
            assert!((0..3).all(|c| at(&before, x, y, c) == at(&both, x, y, c)));
        }
    }
}

#[test]
fn colors_come_nearer_to_the_targets() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let face = square(Template::Arcface128, 128, X, Y);
    let before = textured();
    let mean = |frame: &Frame, c: usize| {
        let n = 100 * 100;
        (0..n).map(|i| at(frame, X + 14 + i % 100, Y + 14 + i / 100, c)).sum::<f32>() / n as f32
    };
    let mut profile = profile("inswapper_128");
    let apart = |profile: &Profile| {
        let after = swapped(&models, profile, &face, &before);
        (0..3).map(|c| (mean(&after, c) - mean(&before, c)).abs()).sum::<f32>()
    };
    let not_at_all = apart(&profile);
    profile.swap.color_match = 1.0;
    let wholly = apart(&profile);
    profile.swap.color_match = 0.5;
    let half = apart(&profile);
    assert!(not_at_all > 60.0, "{not_at_all}");
    assert!(wholly < 0.1 * not_at_all, "{wholly} of {not_at_all}");
    assert!(half > 0.3 * not_at_all && half < 0.7 * not_at_all, "{half} of {not_at_all}");
}
