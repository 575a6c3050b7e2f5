//! Enhancing in the pixel formats of videos, and around what hides a face.

use facedeck::imaging::frame::{Frame, Layout};
use facedeck::imaging::region::{Rect, read_rgb};
use facedeck::imaging::template::Template;
use facedeck::profiles::sections::MaskKind;

use super::scene::{SIDE, at, frame, models, run, square, textured};
use super::stages::{gained, profile};

const X: usize = 90;
const Y: usize = 70;

fn yuv(depth: u8) -> Frame {
    let layout = Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false };
    frame(layout, depth, |x, y, p| {
        let level = if p == 0 { 70 + x / 10 + y / 14 } else { 118 + 8 * p + x / 40 };
        (level as u32) << (depth - 8)
    })
}

#[test]
fn frames_of_videos_keep_their_format_and_everything_outside() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    for depth in [8, 10] {
        let before = yuv(depth);
        let mut after = before.clone();
        let face = square(Template::Ffhq512, 512, X, Y);
        let changed = run(&models, &profile(&[("gfpgan_1.4", 1.0, 0.5)]), &face, &mut after);
        let [rect] = changed.regions[..] else { panic!("{changed:?}") };
        for (p, plane) in before.format.planes().iter().enumerate() {
            let shift = usize::from(p > 0);
            for y in 0..plane.height {
                for x in 0..plane.width {
                    let inside = (rect.x >> shift..(rect.x + rect.width) >> shift).contains(&x)
                        && (rect.y >> shift..(rect.y + rect.height) >> shift).contains(&y);
                    if !inside {
                        let (old, new) =
                            (before.sample(plane, x, y, 0), after.sample(plane, x, y, 0));
                        assert_eq!(old, new, "depth {depth}, plane {p} at {x}, {y}");
                    }
                }
            }
        }
        let spot = Rect { x: 340, y: 320, width: 4, height: 4 };
        let (old, new) = (read_rgb(&before, spot), read_rgb(&after, spot));
        for c in 0..3 {
            let (old, new) = (old[c].at(1, 1), new[c].at(1, 1));
            // Rounded chroma samples are worth up to a level and a half of R, G and B.
            let want = 127.5 + 1.1 * (old - 127.5);
            assert!((new - want).abs() < 2.0, "depth {depth}: {old} became {new}, not {want}");
        }
    }
}

#[test]
fn what_hides_the_face_is_not_enhanced() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx"), ("xseg_3", "tiny_xseg.onnx")]);
    let before = frame(textured().format.layout, 8, |x, _, c| match (x > 380, c) {
        (false, _) => 160,
        (true, 2) => 230,
        (true, _) => 60,
    });
    let face = square(Template::Ffhq512, 512, X, Y);
    let halfway = |v: f32| (v + 0.8 * (gained(v, 1.1).round() - v)).round();
    for (kinds, hand) in
        [(vec![MaskKind::Box], halfway(60.0)), (vec![MaskKind::Box, MaskKind::Occlusion], 60.0)]
    {
        let mut profile = profile(&[("gfpgan_1.4", 0.8, 0.5)]);
        profile.mask.kinds = kinds;
        let mut after = before.clone();
        run(&models, &profile, &face, &mut after);
        // Right of the middle a hand, left of it skin.
        assert_eq!(at(&after, X + 360, Y + 256, 0), hand);
        assert_eq!(at(&after, X + 200, Y + 256, 0), halfway(160.0));
    }
}

#[test]
fn faces_at_the_edge_and_outside_of_the_frame_are_no_trouble() {
    let models = models(&[("gpen_bfr_256", "tiny_gpen_256.onnx")]);
    let before = textured();
    let stages = profile(&[("gpen_bfr_256", 1.0, 0.5)]);
    let mut after = before.clone();
    let mut corner = square(Template::Arcface128, 256, SIDE - 128, SIDE - 128);
    let changed = run(&models, &stages, &corner, &mut after);
    assert_eq!(changed.faces, 1);
    assert_ne!(at(&before, SIDE - 10, SIDE - 10, 0), at(&after, SIDE - 10, SIDE - 10, 0));
    corner.points = corner.points.map(|p| p.map(|v| v + 2000.0));
    let mut after = before.clone();
    assert_eq!(run(&models, &stages, &corner, &mut after).faces, 0);
    assert_eq!(after.data, before.data);
}
