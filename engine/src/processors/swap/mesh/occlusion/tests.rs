//! Occlusion on real portraits.

use crate::faces::landmarks::Landmarks;

use super::super::portraits::{animate, portraits};
use super::canvas::{Canvas, FACE};
use super::{Occluder, in_still};

#[test]
fn the_canvas_stands_every_face_upright() {
    for portrait in portraits() {
        let canvas = Canvas::new(&portrait.frame, &portrait.face).unwrap();
        let at = |v: usize| [canvas.points[v][0], canvas.points[v][1]];
        let width = (at(234)[0] - at(454)[0]).hypot(at(234)[1] - at(454)[1]);
        assert!((width - FACE).abs() < 0.05, "{width}");
        assert!((at(10)[0] - at(152)[0]).abs() < 0.05 && at(152)[1] > at(10)[1] + 60.0);
        for p in &canvas.points {
            let (w, h) = (canvas.width() as f32, canvas.height() as f32);
            assert!(p[0] > 4.0 && p[1] > 4.0 && p[0] < w - 4.0 && p[1] < h - 4.0, "{p:?}");
        }
        // The colors are the frame's: the mean over the frame pixels that one canvas pixel covers.
        let plane = portrait.frame.format.planes()[0];
        let reach = (portrait.face.width() / FACE / 2.0).round() as usize;
        for v in [1, 50, 280, 152, 9] {
            let [x, y] = portrait.face.xy(v).map(|v| v.round() as usize);
            for c in 0..3 {
                let near: Vec<f32> = (y - reach..=y + reach)
                    .flat_map(|y| (x - reach..=x + reach).map(move |x| (x, y)))
                    .map(|(x, y)| portrait.frame.sample(&plane, x, y, c) as f32)
                    .collect();
                let want = near.iter().sum::<f32>() / near.len() as f32;
                let got = canvas.rgb[c].bilinear(at(v)[0], at(v)[1]);
                assert!((got - want).abs() < 12.0, "{} {v} {c}: {got} {want}", portrait.name);
            }
        }
    }
}

#[test]
fn nothing_is_in_front_of_the_portraits() {
    for portrait in portraits() {
        let found = in_still(&portrait.frame, &portrait.face).unwrap();
        assert!(found.is_none(), "{}", portrait.name);
        let mut occluder = Occluder::new();
        for (i, (frame, face)) in animate(portrait, 32, |_, _, _, color| color).iter().enumerate() {
            let found = occluder.step(frame, face).unwrap();
            assert!(found.is_none(), "{} frame {i}", portrait.name);
        }
    }
}

/// Center and radius of a dark ball that comes from the side at frame 12, covers mouth and chin
/// from frame 20 to 32, and is gone at frame 40.
fn ball(i: usize, face: &Landmarks) -> ([f32; 2], f32) {
    let width = face.width();
    let away = match i {
        0..12 | 40.. => 2.0,
        12..20 => 1.2 * (20 - i) as f32 / 8.0,
        20..32 => 0.0,
        32..40 => 1.2 * (i - 31) as f32 / 8.0,
    };
    let [x, y] = face.xy(17);
    ([x + away * width, y + 0.06 * width], 0.28 * width)
}

#[test]
fn a_ball_before_the_mouth_is_found_and_forgotten() {
    let portrait = &portraits()[0];
    let inside = |i: usize, p: [f32; 2], face: &Landmarks| {
        let (center, radius) = ball(i, face);
        (p[0] - center[0]).hypot(p[1] - center[1]) < radius
    };
    let video = animate(
        portrait,
        52,
        |i, p, face, color| {
            if inside(i, p, face) { [46.0, 48.0, 60.0] } else { color }
        },
    );
    let mut occluder = Occluder::new();
    for (i, (frame, face)) in video.iter().enumerate() {
        let found = occluder.step(frame, face).unwrap();
        if !(10..47).contains(&i) {
            assert!(found.is_none(), "frame {i}: nothing is in front");
        }
        if (24..32).contains(&i) {
            let found = found.unwrap_or_else(|| panic!("frame {i}: the ball is missed"));
            let score = overlap(face, |p| found.at(p[0], p[1]) > 0.5, |p| inside(i, p, face));
            assert!(score > 0.6, "frame {i}: {score}");
            let [x, y] = ball(i, face).0;
            assert!(found.is_near(x, y) && found.at(x, y - face.width()) == 0.0);
        }
    }
}

/// Intersection over union of two rules within the face's oval.
fn overlap(face: &Landmarks, a: impl Fn([f32; 2]) -> bool, b: impl Fn([f32; 2]) -> bool) -> f32 {
    use super::super::features::{pick, threshold};
    use super::super::topology::Topology;
    let oval = pick(&face.points, &Topology::get().unwrap().oval);
    let oval = threshold(&crate::imaging::mask::polygon(320, 320, &oval));
    let (mut both, mut either) = (0usize, 0usize);
    for i in (0..oval.data.len()).filter(|&i| oval.data[i]) {
        let p = [(i % 320) as f32, (i / 320) as f32];
        both += usize::from(a(p) && b(p));
        either += usize::from(a(p) || b(p));
    }
    both as f32 / either.max(1) as f32
}
