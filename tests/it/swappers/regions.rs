//! Only the region is touched, bit for bit, in every kind of frame; faces at the border and
//! outside; several faces.

use facedeck::faces::Chosen;
use facedeck::imaging::frame::{Frame, Layout};
use facedeck::imaging::region::Rect;
use facedeck::imaging::similarity::Affine;
use facedeck::imaging::template::Template;
use facedeck::processors::chain::Chain;
use facedeck::processors::{Processor, Setup};
use facedeck::profiles::sections::{MaskKind, PasteRule};

use super::scene::{embedding, known, profile, run};
use crate::enhance::scene::{SIDE, face, frame, models};

/// Whether a sample of a plane lies in one of the rectangles.
fn within(frame: &Frame, plane: usize, x: usize, y: usize, regions: &[Rect]) -> bool {
    let (sx, sy) = match frame.format.layout {
        Layout::Yuv { shift_x, shift_y, .. } if plane == 1 || plane == 2 => (shift_x, shift_y),
        _ => (0, 0),
    };
    regions.iter().any(|r| {
        (r.x >> sx..(r.x + r.width).div_ceil(1 << sx)).contains(&x)
            && (r.y >> sy..(r.y + r.height).div_ceil(1 << sy)).contains(&y)
    })
}

/// How many samples changed; none of them outside the rectangles.
fn changed_samples(before: &Frame, after: &Frame, regions: &[Rect]) -> usize {
    let mut changed = 0;
    for (p, plane) in before.format.planes().iter().enumerate() {
        for y in 0..plane.height {
            for x in 0..plane.width {
                for c in 0..plane.channels {
                    let same = before.sample(plane, x, y, c) == after.sample(plane, x, y, c);
                    assert!(same || within(before, p, x, y, regions), "plane {p} at {x},{y}");
                    changed += usize::from(!same);
                }
            }
        }
    }
    changed
}

fn layouts() -> Vec<(Layout, u8)> {
    let yuv = |shift_x, shift_y, alpha| Layout::Yuv { shift_x, shift_y, alpha };
    vec![
        (yuv(1, 1, false), 8),
        (yuv(1, 1, false), 10),
        (yuv(1, 0, false), 10),
        (yuv(0, 0, true), 12),
        (Layout::Packed { channels: 1 }, 8),
        (Layout::Packed { channels: 3 }, 8),
        (Layout::Packed { channels: 4 }, 16),
    ]
}

#[test]
fn nothing_outside_the_region_changes_in_any_format() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let who = [known(&[embedding(&[(0, 1.0), (511, -1.0)])])];
    for paste in [PasteRule::Crop, PasteRule::Insightface] {
        let mut profile = profile("inswapper_128");
        profile.swap.paste = paste;
        profile.mask.kinds = vec![MaskKind::Box];
        for (layout, depth) in layouts() {
            let before = frame(layout, depth, |x, y, c| {
                ((60 + (x * 3 + y * 5 + 40 * c) % 131) as u32) << (depth - 8)
            });
            // In the middle, over a corner, and far outside.
            for (shift, inside) in [(250.0, true), (-70.0, true), (1900.0, false)] {
                let map = Affine::about([0.0; 2], [shift, shift + 31.0], 0.4, 1.7);
                let face = face(Template::Arcface128.points(128).map(|p| map.apply(p)));
                let mut after = before.clone();
                let changed = run(&models, &profile, &who, &face, &mut after).unwrap();
                let samples = changed_samples(&before, &after, &changed.regions);
                assert_eq!(
                    (changed.faces > 0, samples > 500),
                    (inside, inside),
                    "{paste:?} {layout:?} {depth} {shift}"
                );
                let area: usize = changed.regions.iter().map(|r| r.width * r.height).sum();
                assert!(area < SIDE * SIDE / 2, "{paste:?}: {:?}", changed.regions);
                if let Layout::Yuv { alpha: true, .. } = layout {
                    let plane = before.format.planes()[3];
                    assert_eq!(before.data[plane.offset..], after.data[plane.offset..]);
                }
            }
        }
    }
}

#[test]
fn every_chosen_face_gets_its_own_person() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let profile = profile("inswapper_128");
    // One person's numbers lift R, the other's G.
    let people = [known(&[embedding(&[(511, 1.0)])]), known(&[embedding(&[(0, 1.0)])])];
    let note = |_: &str| {};
    let setup =
        Setup { profile: &profile, pool: &models.pool, people: &people, still: false, note: &note };
    let mut chain = Chain::build(&setup).unwrap();
    let before = frame(Layout::Packed { channels: 3 }, 8, |_, _, _| 100);
    let mut after = before.clone();
    let square = |x, y| crate::enhance::scene::square(Template::Arcface128, 128, x, y);
    let faces = [
        Chosen { face: square(40, 40), person: 1 },
        Chosen { face: square(300, 40), person: 0 },
        // Nobody's photo: left as it is.
        Chosen { face: square(300, 400), person: 7 },
    ];
    let changed = chain.prepare(&before, &faces).unwrap().apply(&mut after).unwrap();
    assert_eq!(changed.faces, 2);
    let at = |x, y| [0, 1, 2].map(|c| crate::enhance::scene::at(&after, x, y, c) as i32);
    let (first, second) = (at(104, 104), at(364, 104));
    assert!(first[1] > first[0] + 50 && second[0] > second[1] + 50, "{first:?} {second:?}");
    assert_eq!(at(364, 464), [100; 3]);
}
