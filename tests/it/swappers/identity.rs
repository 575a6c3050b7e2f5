//! From identities to the numbers that go in: rules, weight, several photos.

use facedeck::faces::recognize::Embedding;
use facedeck::imaging::template::Template;
use facedeck::profiles::Profile;
use facedeck::profiles::sections::LatentRule;

use super::scene::{embedding, known, profile, run};
use crate::enhance::scene::{Models, at, frame, models, square, textured};

/// What the swapper added to a gray frame: the formula's d in R, G and B, from the crop's
/// first columns and rows where its ramps are next to nothing.
fn added(
    models: &Models,
    profile: &Profile,
    who: &[Embedding],
    target: Option<Embedding>,
    gray: u32,
) -> [f32; 3] {
    let mut after = frame(textured().format.layout, 8, |_, _, _| gray);
    let mut face = square(Template::Arcface128, 128, 200, 200);
    face.embedding = target;
    run(models, profile, &[known(who)], &face, &mut after).unwrap();
    [0, 1, 2].map(|c| {
        let gain = [0.9, 0.8, 0.7][c];
        // Three pixels in, the ramps are 0.0012.
        at(&after, 203, 203, c) / 255.0 - gain * gray as f32 / 255.0 - [0.0012, 0.0012, 0.0][c]
    })
}

fn close(got: [f32; 3], numbers: [f32; 3]) {
    for (g, s) in got.iter().zip(numbers) {
        let want = 0.3 * (6.0 * s).tanh();
        assert!((g - want).abs() < 0.004, "{got:?} for the numbers {numbers:?}");
    }
}

#[test]
fn the_rules_of_insightface_and_facefusion() {
    // The emap is 1.5 times the shift.
    let models = models(&[("inswapper_128", "tiny_inswapper_scaled.onnx")]);
    let who = [embedding(&[(511, 0.5), (0, -1.0), (1, 0.5), (100, 9.0)])];
    let unit = |v: f32| v / (0.25f32 + 1.0 + 0.25 + 81.0).sqrt();
    let direction = [unit(0.5), unit(-1.0), unit(0.5)];
    let mut profile = profile("inswapper_128");
    close(added(&models, &profile, &who, None, 128), direction);
    profile.swap.latent = LatentRule::Facefusion;
    close(added(&models, &profile, &who, None, 128), direction.map(|v| 1.5 * v));
}

#[test]
fn several_photos_are_averaged_raw_or_at_unit_length() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    // One photo gave a vector three times as long as the other.
    let who = [embedding(&[(511, 3.0)]), embedding(&[(0, 1.0)])];
    let mut profile = profile("inswapper_128");
    let half = 0.5f32.sqrt();
    close(added(&models, &profile, &who, None, 128), [half, half, 0.0]);
    profile.swap.latent = LatentRule::Facefusion;
    let length = 10f32.sqrt();
    close(added(&models, &profile, &who, None, 128), [3.0 / length, 1.0 / length, 0.0]);
}

#[test]
fn the_weight_mixes_the_targets_own_identity_in_or_pushes_it_away() {
    let models =
        models(&[("inswapper_128", "tiny_inswapper_128.onnx"), ("w600k_r50", "tiny_arcface.onnx")]);
    let who = [embedding(&[(511, 0.2), (300, 1.0)])];
    let s = 0.2 / 1.04f32.sqrt();
    let target = Some(embedding(&[(1, 0.6), (200, 0.8)]));
    let mut profile = profile("inswapper_128");
    for (weight, share) in [(0.0, 0.35), (0.5, 0.0), (1.0, -0.35), (0.25, 0.175)] {
        profile.swap.weight = Some(weight);
        // The target's own vector does not go through the emap.
        let numbers = [s * (1.0 - share), 0.6 * share, 0.0];
        close(added(&models, &profile, &who, target.clone(), 128), numbers);
    }
    // Nobody recognized the target: the network is asked. On gray its 512 numbers are equal.
    profile.swap.weight = Some(0.0);
    let own = 0.35 / 512f32.sqrt();
    let numbers = [s * 0.65 + own, own, own];
    close(added(&models, &profile, &who, None, 180), numbers);
}
