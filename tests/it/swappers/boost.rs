//! Pixel boost: the crop's phases go through the network one by one, exactly.

use facedeck::imaging::template::Template;

use super::scene::{embedding, formula, known, profile, run};
use crate::enhance::scene::{at, models, square, textured};

#[test]
fn every_phase_is_a_whole_face_and_nothing_is_interpolated() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let who = [known(&[embedding(&[(511, 1.0), (0, 2.0), (1, -2.0)])])];
    let d = [1.0f32, 2.0, -2.0].map(|v| 0.3 * (2.0 * v).tanh());
    for boost in [1, 2, 3, 4] {
        let mut profile = profile("inswapper_128");
        profile.swap.pixel_boost = boost;
        let size = 128 * boost;
        let before = textured();
        let mut after = before.clone();
        let face = square(Template::Arcface128, size, 30, 40);
        run(&models, &profile, &who, &face, &mut after).unwrap();
        let mut worst = 0.0f32;
        for y in 4..size - 4 {
            for x in 4..size - 4 {
                // Pixel (x, y) is pixel (x / k, y / k) of the picture of its phase.
                let at_phase = [(x / boost) as f32 / 127.0, (y / boost) as f32 / 127.0];
                for c in 0..3 {
                    let p = at(&before, x + 30, y + 40, c) / 255.0;
                    let want = 255.0 * formula(p, c, at_phase, d[c]);
                    worst = worst.max((at(&after, x + 30, y + 40, c) - want).abs());
                }
            }
        }
        assert!(worst < 0.6, "boost {boost}: {worst}");
    }
}
