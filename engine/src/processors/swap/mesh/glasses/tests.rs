//! Glasses on real portraits.

use crate::imaging::region::{Rect, read_rgb};

use super::super::portraits::{animate, portraits};
use super::{Glasses, GlassesWatch};

#[test]
fn only_the_wearer_wears_glasses() {
    for portrait in portraits() {
        let worn = portrait.name.starts_with("grace");
        let found = Glasses::in_frame(&portrait.frame, &portrait.face);
        assert_eq!(found.is_some(), worn, "{} in the frame", portrait.name);
        let format = &portrait.frame.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let rgb = read_rgb(&portrait.frame, Rect { x: 0, y: 0, width, height });
        let found = Glasses::in_picture(&rgb, &portrait.face);
        assert_eq!(found.is_some(), worn, "{} in the picture", portrait.name);
    }
}

#[test]
fn glasses_are_seen_through_a_noisy_video() {
    for portrait in portraits() {
        let worn = portrait.name.starts_with("grace");
        let mut watch = GlassesWatch::default();
        for (i, (frame, face)) in animate(portrait, 17, |_, _, _, c| c).iter().enumerate() {
            let found = watch.next(frame, face);
            assert_eq!(found.is_some(), worn, "{} frame {i}", portrait.name);
        }
    }
}

#[test]
fn the_ends_go_and_the_lenses_stay() {
    let portrait = &portraits()[1];
    let glasses = Glasses::in_frame(&portrait.frame, &portrait.face).unwrap();
    let [x0, y0, x1, y1] = glasses.bounds(&portrait.face).unwrap();
    let rect =
        Rect::within(&portrait.frame.format, x0 - 9.0, y0 - 9.0, x1 + 9.0, y1 + 9.0).unwrap();
    let before = read_rgb(&portrait.frame, rect);
    let mut after = before.clone();
    glasses.remove_ends(&mut after, rect, &portrait.face).unwrap();
    let change = |x: f32, y: f32| {
        let i = (y as usize - rect.y) * rect.width + x as usize - rect.x;
        (0..3).map(|c| after[c].data[i] - before[c].data[i]).sum::<f32>() / 3.0
    };
    // Beside the outer eye corners, towards the ears, the dark hinges become skin.
    let face = &portrait.face;
    for (eye, ear) in [(33, 127), (263, 356)] {
        let mut brightest = 0.0f32;
        for k in 0..60 {
            for dy in -20..=10 {
                let t = k as f32 / 40.0;
                let [a, b] = [face.xy(eye), face.xy(ear)];
                let (x, y) = (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + dy as f32);
                let inside = x >= x0 && x < x1 && y >= y0 && y < y1;
                brightest = if inside { brightest.max(change(x, y)) } else { brightest };
            }
        }
        assert!(brightest > 30.0, "{eye}: {brightest}");
    }
    // Around the nose nothing changes, and neither does anything at the edge of the rectangle.
    let [x, y] = face.xy(168);
    for dx in -20..20 {
        for dy in -10..20 {
            assert_eq!(change(x + dx as f32, y + dy as f32), 0.0);
        }
    }
    for x in 0..rect.width {
        assert_eq!(after[1].at(x, 0), before[1].at(x, 0));
    }
}
