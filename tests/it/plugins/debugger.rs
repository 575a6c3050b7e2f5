//! The debugger's marks, sample by sample.

use facedeck::faces::{Attributes, Chosen, Face};
use facedeck::imaging::frame::{Frame, Layout};
use facedeck::imaging::lettering;
use facedeck::imaging::region::Rect;
use facedeck::imaging::template::Template;
use facedeck::processors::chain::Chain;
use facedeck::processors::{Changed, Processor, Setup};
use facedeck::profiles::Profile;
use facedeck::profiles::sections::{MaskKind, Sex};

use crate::common;
use crate::enhance::scene::{Models, SIDE, at, face, frame, models, textured};

/// The color of track 3: amber.
const AMBER: [f32; 3] = [255.0, 176.0, 0.0];

fn profile(items: &[&str]) -> Profile {
    let mut profile = Profile { processors: vec!["face_debugger".into()], ..Profile::default() };
    profile.debug.items = items.iter().map(|&item| item.to_owned()).collect();
    profile
}

fn draw(models: &Models, profile: &Profile, faces: &[Face], frame: &mut Frame) -> Changed {
    let note = |_: &str| {};
    let setup = Setup { profile, pool: &models.pool, people: &[], still: true, note: &note };
    let mut chain = Chain::build(&setup).unwrap();
    let chosen = |face: &Face| Chosen { face: face.clone(), person: 1 };
    let faces: Vec<Chosen> = faces.iter().map(chosen).collect();
    chain.prepare(frame, &faces).unwrap().apply(frame).unwrap()
}

/// A face in a box with whole numbers.
fn boxed(left: f32, top: f32, right: f32, bottom: f32) -> Face {
    let (w, h) = ((right - left) / 512.0, (bottom - top) / 512.0);
    let points = Template::Ffhq512.points(512).map(|p| [left + p[0] * w, top + p[1] * h]);
    Face { bounds: [left, top, right, bottom], ..face(points) }
}

fn color(frame: &Frame, x: usize, y: usize) -> [f32; 3] {
    [0, 1, 2].map(|c| at(frame, x, y, c))
}

#[test]
fn a_box_is_drawn_on_its_border_and_nowhere_else() {
    let models = models(&[]);
    let before = textured();
    let mut after = before.clone();
    let changed =
        draw(&models, &profile(&["box"]), &[boxed(200.0, 150.0, 480.0, 500.0)], &mut after);
    assert_eq!(changed.regions, [Rect { x: 200, y: 150, width: 280, height: 350 }]);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let within =
                |m: usize| (200 + m..480 - m).contains(&x) && (150 + m..500 - m).contains(&y);
            // Two pixels thick at this size.
            let want = if within(0) && !within(2) { AMBER } else { color(&before, x, y) };
            assert_eq!(color(&after, x, y), want, "at {x}, {y}");
        }
    }
}

#[test]
fn the_label_can_be_read_dot_by_dot() {
    let models = models(&[]);
    let mut face = boxed(200.0, 150.0, 480.0, 500.0);
    face.attributes = Some(Attributes { sex: Sex::Female, age: 34.4 });
    for (items, text) in [
        (&["track", "person", "score", "attributes"][..], "#3 P1 0.87 F 34"),
        (&["score", "track"][..], "0.87 #3"),
    ] {
        let mut after = textured();
        let changed = draw(&models, &profile(items), std::slice::from_ref(&face), &mut after);
        // Above the box: a bar of the track's color, then two dots of room around the letters.
        let (width, height) = (lettering::width(text, 1) + 4 + 2, lettering::HEIGHT + 4);
        let plate = Rect { x: 200, y: 150 - height, width, height };
        assert_eq!(changed.regions, [plate]);
        assert_eq!(color(&after, 200, plate.y), AMBER);
        let lit: Vec<(usize, usize)> = lettering::lit(text).collect();
        for row in 0..lettering::HEIGHT {
            for column in 0..lettering::width(text, 1) {
                let want =
                    if lit.contains(&(column, row)) { [255.0; 3] } else { [10.0, 14.0, 26.0] };
                assert_eq!(color(&after, 204 + column, plate.y + 2 + row), want, "{text}");
            }
        }
    }
}

#[test]
fn labels_stay_in_the_frame_and_grow_with_it() {
    let models = models(&[]);
    let items = profile(&["track", "score"]);
    for (left, top) in [(-30.0, -40.0), (690.0, 5.0), (690.0, 699.0), (-500.0, 300.0)] {
        let mut after = textured();
        let face = boxed(left, top, left + 200.0, top + 200.0);
        let rect = draw(&models, &items, &[face], &mut after).regions[0];
        assert!(rect.x + rect.width <= SIDE && rect.y + rect.height <= SIDE);
        assert_eq!(rect.width, lettering::width("#3 0.87", 1) + 6, "all of it is there");
    }
    // A frame of 4K: dots of six pixels.
    let format =
        facedeck::imaging::frame::FrameFormat { width: 3840, height: 2160, ..textured().format };
    let mut large = Frame::new(format, vec![90; format.frame_bytes()]);
    let rect = draw(&models, &items, &[boxed(900.0, 800.0, 1900.0, 1900.0)], &mut large).regions[0];
    assert_eq!(rect.height, 6 * (lettering::HEIGHT + 4));
}

#[test]
fn points_and_landmarks_are_where_they_are() {
    let models = models(&[]);
    let face = boxed(200.0, 150.0, 480.0, 500.0);
    let mut after = textured();
    draw(&models, &profile(&["points"]), std::slice::from_ref(&face), &mut after);
    let colors = [
        [255.0, 48.0, 48.0],
        [64.0, 255.0, 64.0],
        [255.0, 240.0, 0.0],
        [255.0, 48.0, 48.0],
        [64.0, 255.0, 64.0],
    ];
    for (p, want) in face.points.iter().zip(colors) {
        assert_eq!(color(&after, p[0].round() as usize, p[1].round() as usize), want);
    }
    let mut dotted = boxed(200.0, 150.0, 480.0, 500.0);
    dotted.points_68 = Some((0..68).map(|i| [220.0 + 3.0 * i as f32, 400.0]).collect());
    let before = textured();
    let mut after = before.clone();
    draw(&models, &profile(&["landmarks"]), &[dotted], &mut after);
    assert_eq!(color(&after, 220, 400), AMBER);
    assert_eq!(color(&after, 220 + 3 * 67, 400), AMBER);
    assert_eq!(color(&after, 220, 404), color(&before, 220, 404));
}

#[test]
fn the_outline_of_the_box_mask_runs_where_the_mask_is_one_half() {
    let models = models(&[]);
    let mut profile = profile(&["mask"]);
    profile.mask.kinds = vec![MaskKind::Box];
    let before = frame(textured().format.layout, 8, |_, _, _| 90);
    let mut after = before.clone();
    // Its crop of 256 pixels lies in the frame from (300, 200) on.
    let points = Template::Arcface128.points(256).map(|p| [p[0] + 300.0, p[1] + 200.0]);
    draw(&models, &profile, &[face(points)], &mut after);
    // A blur of 0.3: int(256·0.5·0.3)/2 = 19 pixels from the edge the mask is one half.
    let touched: Vec<usize> = (0..SIDE).filter(|&x| at(&after, x, 330, 2) != 90.0).collect();
    assert_eq!(touched, [319, 320, 535, 536]);
    let touched: Vec<usize> = (0..SIDE).filter(|&y| at(&after, 420, y, 2) != 90.0).collect();
    assert_eq!(touched, [219, 220, 435, 436]);
    assert_eq!(color(&after, 319, 330), [255.0, 240.0, 0.0]);
}

#[test]
fn the_outline_shows_what_the_networks_say_of_the_decoded_frame() {
    let models = models(&[("xseg_3", "tiny_xseg.onnx")]);
    let mut profile = profile(&["mask"]);
    profile.mask.kinds = vec![MaskKind::Occlusion];
    // A blue hand right of x = 430.
    let before = frame(textured().format.layout, 8, |x, _, c| match (x > 430, c) {
        (true, 2) => 220,
        _ => 90,
    });
    let mut after = before.clone();
    let points = Template::Arcface128.points(256).map(|p| [p[0] + 300.0, p[1] + 200.0]);
    draw(&models, &profile, &[face(points)], &mut after);
    let row: Vec<usize> = (0..SIDE).filter(|&x| at(&after, x, 330, 0) == 255.0).collect();
    // The crop's own left edge, and the hand's: one half lies 3.4 pixels inside it (Φ(0.674) = ¾).
    let hand: Vec<usize> = row.iter().copied().filter(|&x| x > 400).collect();
    assert_eq!(hand.len(), 2, "{row:?}");
    assert!((425..=428).contains(&hand[1]), "{row:?}");
}

#[test]
fn videos_are_drawn_on_in_their_own_samples() {
    let models = models(&[]);
    for depth in [8u8, 10] {
        let layout = Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false };
        let before = frame(layout, depth, |x, y, p| {
            if p == 0 { ((40 + (x + y) % 150) as u32) << (depth - 8) } else { 120 << (depth - 8) }
        });
        let mut after = before.clone();
        let face = boxed(200.0, 150.0, 480.0, 500.0);
        let changed = draw(&models, &profile(&["box", "points", "score"]), &[face], &mut after);
        let planes = before.format.planes();
        // Amber by BT.709 in limited range: Y 178, U 23.9, V 165.9 of 8 bits.
        let corner: Vec<u32> = [(0, 200, 150), (1, 100, 75), (2, 100, 75)]
            .map(|(p, x, y)| after.sample(&planes[p], x, y, 0))
            .to_vec();
        let scale = f32::from(1u16 << (depth - 8));
        for (got, want) in corner.iter().zip([170.0f32, 32.0, 172.0]) {
            assert!((*got as f32 / scale - want).abs() < 12.0, "depth {depth}: {corner:?}");
        }
        let rect = changed.regions[0];
        for (p, plane) in planes.iter().enumerate() {
            let shift = usize::from(p > 0);
            for y in 0..plane.height {
                for x in 0..plane.width {
                    let inside = (rect.x >> shift..(rect.x + rect.width).div_ceil(1 << shift))
                        .contains(&x)
                        && (rect.y >> shift..(rect.y + rect.height).div_ceil(1 << shift))
                            .contains(&y);
                    if !inside {
                        assert_eq!(before.sample(plane, x, y, 0), after.sample(plane, x, y, 0));
                    }
                }
            }
        }
    }
}

#[test]
fn unknown_items_are_refused() {
    let models = models(&[]);
    let profile = profile(&["box", "boxes"]);
    let note = |_: &str| {};
    let setup =
        Setup { profile: &profile, pool: &models.pool, people: &[], still: true, note: &note };
    let error = Chain::build(&setup).err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(error.message().contains("\"boxes\""), "{error}");
    assert!(error.hint_text().unwrap().contains("landmarks"), "{error:?}");
}

#[test]
fn a_real_face_is_drawn_on() {
    let models = models(&[]);
    let mut picture = common::picture(&common::media("grace_hopper.jpg"));
    let before = picture.clone();
    let faces = common::models().analyze_still(&picture).unwrap();
    let items = profile(&["box", "points", "landmarks", "mask", "track", "person", "score"]);
    let changed = draw(&models, &items, &faces, &mut picture);
    assert_eq!(changed.faces, faces.len());
    assert_ne!(before.data, picture.data);
    for (face, rect) in faces.iter().zip(&changed.regions) {
        let [left, top, right, bottom] = face.bounds.map(|v| v.max(0.0) as usize);
        assert!(rect.x <= left && rect.y <= top, "{rect:?}");
        assert!(rect.x + rect.width >= right && rect.y + rect.height >= bottom, "{rect:?}");
        let mesh = face.landmarks.as_ref().unwrap();
        let [x, y] = mesh.xy(10).map(|v| v.round() as usize);
        assert_ne!(color(&before, x, y), color(&picture, x, y), "the forehead's point");
    }
}
