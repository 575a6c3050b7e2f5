//! What cannot work is said before any frame is touched.

use facedeck::models::Role;

use super::scene::{build, models};
use super::stages::profile;

#[test]
fn a_missing_enhancer_is_missing_and_the_processor_is_named() {
    let error = build(&models(&[]), &profile(&[("gfpgan_1.4", 0.8, 0.5)])).err().unwrap();
    assert_eq!(error.exit_code(), 5);
    assert!(error.message().starts_with("face_enhancer: "), "{error}");
    assert!(error.chain().contains("gfpgan_1.4"), "{}", error.chain());
    assert!(error.hint_text().unwrap().contains("facedeck models pull gfpgan_1.4"), "{error:?}");
}

#[test]
fn what_is_no_enhancer_is_refused() {
    let models = models(&[("xseg_3", "tiny_xseg.onnx")]);
    for id in ["xseg_3", "inswapper_128", "sharpener"] {
        let error = build(&models, &profile(&[(id, 0.8, 0.5)])).err().unwrap();
        assert_eq!(error.exit_code(), 2, "{id}");
        assert!(error.message().contains(id), "{error}");
    }
    assert_eq!(models.pool.store().entry("xseg_3").unwrap().role, Role::Occluder);
}

#[test]
fn values_beyond_0_to_1_are_refused() {
    let models = models(&[("gfpgan_1.4", "tiny_gfpgan.onnx")]);
    for (blend, weight, key) in
        [(1.5, 0.5, "blend"), (-0.1, 0.5, "blend"), (f32::NAN, 0.5, "blend"), (0.8, 2.0, "weight")]
    {
        let error = build(&models, &profile(&[("gfpgan_1.4", blend, weight)])).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message().contains(key) && error.message().contains("gfpgan_1.4"), "{error}");
    }
}

#[test]
fn a_file_that_does_not_fit_its_entry_is_refused() {
    // Another size; another input; an output with another shape.
    for (id, file, says) in [
        ("gfpgan_1.4", "tiny_gpen_256.onnx", "1 x 3 x 256 x 256"),
        ("gfpgan_1.4", "tiny_codeformer.onnx", "weight"),
        ("codeformer", "tiny_gfpgan.onnx", "weight"),
        ("gfpgan_1.4", "tiny_arcface.onnx", "112"),
    ] {
        let models = models(&[(id, file)]);
        let error = build(&models, &profile(&[(id, 0.8, 0.5)])).err().unwrap();
        assert_eq!(error.exit_code(), 1, "{file}");
        assert!(error.chain().contains(says) && error.chain().contains(id), "{}", error.chain());
    }
}
