//! What one enhancer, or several, make of a face.

use facedeck::imaging::frame::Frame;
use facedeck::imaging::similarity::Affine;
use facedeck::imaging::template::Template;
use facedeck::profiles::Profile;
use facedeck::profiles::sections::Enhance;

use super::scene::{Models, SIDE, at, face, models, run, square, textured};

/// Where the crop lies in the frame.
const X: usize = 90;
const Y: usize = 70;
const SIZE: usize = 512;

pub fn profile(stages: &[(&str, f32, f32)]) -> Profile {
    let stage = |&(model, blend, weight): &(&str, f32, f32)| Enhance {
        model: model.to_owned(),
        blend,
        weight,
    };
    Profile {
        processors: vec!["face_enhancer".into()],
        enhance: stages.iter().map(stage).collect(),
        ..Profile::default()
    }
}

/// A level through a network that multiplies −1..1 by a gain.
pub fn gained(level: f32, gain: f32) -> f32 {
    (127.5 + gain * (level - 127.5)).clamp(0.0, 255.0)
}

/// The normal distribution's share below z (Zelen and Severo's approximation, within 1e-7).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let a = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
        * a.iter().rev().fold(0.0, |s, k| (s + k) * t);
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// FaceFusion's box mask of blur 0.3 without padding: b = int(512·0.5·0.3) = 76, an edge of
/// b/2 = 38 pixels, blurred by sigma b/4 = 19.
pub fn box_mask(x: usize, y: usize) -> f32 {
    let along = |p: usize| {
        let p = p as f64;
        normal((p - 37.5) / 19.0) - normal((p - (SIZE as f64 - 38.5)) / 19.0)
    };
    (along(x) * along(y)) as f32
}

/// Compares every pixel with blend · mask of what `f` makes of it. Outside of the crop nothing may
/// have changed at all.
fn expect(before: &Frame, after: &Frame, blend: f32, f: impl Fn(f32) -> f32) {
    let mut worst = 0.0f32;
    for y in 0..SIDE {
        for x in 0..SIDE {
            let inside = (X..X + SIZE).contains(&x) && (Y..Y + SIZE).contains(&y);
            for c in 0..3 {
                let (old, new) = (at(before, x, y, c), at(after, x, y, c));
                if !inside {
                    assert_eq!(old, new, "outside, at {x}, {y}");
                    continue;
                }
                let m = box_mask(x - X, y - Y) * blend;
                worst = worst.max((new - (old + m * (f(old) - old))).abs());
            }
        }
    }
    // Half a level from rounding the crop, half from rounding the frame, the rest from the mask's
    // tails.
    assert!(worst < 1.2, "off by {worst}");
}

fn enhance(models: &Models, stages: &[(&str, f32, f32)]) -> (Frame, Frame) {
    let before = textured();
    let mut after = before.clone();
    let face = square(Template::Ffhq512, SIZE, X, Y);
    let changed = run(models, &profile(stages), &face, &mut after);
    assert_eq!(changed.faces, 1);
    for rect in changed.regions {
        assert!(rect.x >= X - 2 && rect.y >= Y - 2, "{rect:?}");
        assert!(rect.x + rect.width <= X + SIZE + 2 && rect.y + rect.height <= Y + SIZE + 2);
    }
    (before, after)
}

#[test]
fn an_enhanced_face_is_blended_in_under_the_box_mask() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    for blend in [1.0, 0.8, 0.25] {
        let (before, after) = enhance(&models, &[("gfpgan_1.4", blend, 0.5)]);
        expect(&before, &after, blend, |v| gained(v, 1.1));
    }
    let (before, after) = enhance(&models, &[("gfpgan_1.4", 1.0, 0.5)]);
    let center = at(&after, X + 256, Y + 256, 1);
    assert_eq!(center, gained(at(&before, X + 256, Y + 256, 1), 1.1).round());
}

#[test]
fn without_enhancers_in_the_profile_gfpgan_runs_with_its_defaults() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    let (before, after) = enhance(&models, &[]);
    expect(&before, &after, 0.8, |v| gained(v, 1.1));
}

#[test]
fn a_blend_of_nothing_changes_nothing() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    let before = textured();
    let mut after = before.clone();
    let face = square(Template::Ffhq512, SIZE, X, Y);
    let changed = run(&models, &profile(&[("gfpgan_1.4", 0.0, 0.5)]), &face, &mut after);
    assert_eq!((changed.faces, after.data), (0, before.data));
}

#[test]
fn the_weight_reaches_the_network_whatever_its_input_is_called() {
    for (id, file) in
        [("codeformer", "tiny_codeformer.onnx"), ("codeformer_fp16", "tiny_codeformer_xwy.onnx")]
    {
        let models = models(&[(id, file)]);
        for weight in [0.0, 0.5, 1.0] {
            let (before, after) = enhance(&models, &[(id, 1.0, weight)]);
            expect(&before, &after, 1.0, |v| gained(v, 1.0 + 0.2 * weight));
        }
    }
}

#[test]
fn the_second_enhancer_sees_what_the_first_one_made() {
    let models =
        models(&[("gfpgan_1.4", "tiny_gfpgan.onnx"), ("codeformer", "tiny_codeformer.onnx")]);
    let stages = [("gfpgan_1.4", 1.0, 0.5), ("codeformer", 0.5, 1.0)];
    let (before, after) = enhance(&models, &stages);
    for (x, y) in [(256, 256), (180, 330), (300, 200)] {
        for c in 0..3 {
            let first = gained(at(&before, X + x, Y + y, c), 1.1).round();
            let want = (first + 0.5 * (gained(first, 1.2) - first)).round();
            let got = at(&after, X + x, Y + y, c);
            assert!((got - want).abs() <= 1.0, "{got} is not {want}");
        }
    }
}

#[test]
fn a_tilted_small_face_is_aligned_and_put_back() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    // Slow ramps survive being resampled; what is left is the network's function.
    let before = super::scene::frame(textured().format.layout, 8, |x, y, c| {
        (70 + 50 * c + x / 14 + y / 28).min(200) as u32
    });
    let mut after = before.clone();
    let tilt = Affine::about([255.5; 2], [380.0, 300.0], 0.4, 0.45);
    let face = face(Template::Ffhq512.points(512).map(|p| tilt.apply(p)));
    let changed = run(&models, &profile(&[("gfpgan_1.4", 1.0, 0.5)]), &face, &mut after);
    let [rect] = changed.regions[..] else { panic!("{changed:?}") };
    let reach = 0.45 * 512.0 * (0.4f32.cos() + 0.4f32.sin());
    assert!((rect.width as f32 - reach).abs() < 8.0, "{rect:?} is not {reach} wide");
    for (u, v) in [(255.5, 255.5), (180.0, 330.0), (320.0, 200.0)] {
        let [x, y] = tilt.apply([u, v]).map(|v| v.round() as usize);
        for c in 0..3 {
            let want = gained(at(&before, x, y, c), 1.1);
            assert!((at(&after, x, y, c) - want).abs() <= 1.0, "at {x}, {y}");
        }
    }
    let inside = |x: usize, y: usize| {
        (rect.x..rect.x + rect.width).contains(&x) && (rect.y..rect.y + rect.height).contains(&y)
    };
    for y in 0..SIDE {
        for x in (0..SIDE).filter(|&x| !inside(x, y)) {
            assert_eq!(at(&before, x, y, 0), at(&after, x, y, 0));
        }
    }
}
