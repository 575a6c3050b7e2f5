//! Every enhancer of the catalog runs from its entry alone.

use facedeck::imaging::template::Template;
use facedeck::models::{Role, Store};
use facedeck::settings::Directories;

use super::scene::{at, frame, models, run, square, textured};
use super::stages::profile;

/// Gains of R, G, B, and whether 0.05 of the crop's column and row are added to R and G.
struct Row {
    id: &'static str,
    file: &'static str,
    template: Template,
    size: usize,
    gains: [f32; 3],
    ramps: bool,
}

const fn row(
    id: &'static str,
    file: &'static str,
    size: usize,
    gains: [f32; 3],
    ramps: bool,
) -> Row {
    let template = if size == 256 { Template::Arcface128 } else { Template::Ffhq512 };
    Row { id, file, template, size, gains, ramps }
}

const ROWS: [Row; 8] = [
    row("gfpgan_1.4", "tiny_gfpgan.onnx", 512, [1.1; 3], false),
    row("codeformer", "tiny_codeformer.onnx", 512, [1.1; 3], false),
    row("codeformer_fp16", "tiny_codeformer_xwy.onnx", 512, [1.1; 3], false),
    row("gpen_bfr_256", "tiny_gpen_256.onnx", 256, [1.1, 1.0, 0.9], true),
    row("gpen_bfr_512", "tiny_gpen_512.onnx", 512, [1.1, 1.0, 0.9], true),
    row("gpen_bfr_1024", "tiny_gpen_1024.onnx", 1024, [1.1, 1.0, 0.9], true),
    row("gpen_bfr_2048", "tiny_gpen_2048.onnx", 2048, [1.1, 1.0, 0.9], true),
    row("restoreformer_plus_plus", "tiny_restoreformer.onnx", 512, [1.2, 1.1, 1.05], true),
];

#[test]
fn the_table_is_the_catalogs() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
    let enhancers = store.entries().iter().filter(|entry| entry.role == Role::Enhancer);
    let mut ids: Vec<&str> = enhancers.map(|entry| entry.id.as_str()).collect();
    let mut rows: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    rows.sort_unstable();
    assert_eq!(ids, rows);
}

#[test]
fn every_enhancer_computes_its_function_at_its_own_size_and_alignment() {
    for Row { id, file, template, size, gains, ramps } in ROWS {
        let models = models(&[(id, file)]);
        // Slow ramps survive being resampled.
        let before =
            frame(textured().format.layout, 8, |x, y, c| (70 + 40 * c + x / 20 + y / 28) as u32);
        let mut after = before.clone();
        // Of the largest crops 2 and 4 pixels make one of the frame's.
        let (shown, left, top) = (size.min(512), 96, 64);
        let face = square(template, shown, left, top);
        let changed = run(&models, &profile(&[(id, 1.0, 0.5)]), &face, &mut after);
        assert_eq!(changed.faces, 1, "{id}");
        // Where the box mask is 1.
        for (u, v) in [(0.5, 0.5), (0.4, 0.6), (0.55, 0.42)] {
            let place = |part: f32| (part * shown as f32) as usize;
            let (x, y) = (place(u), place(v));
            for c in 0..3 {
                let old = at(&before, left + x, top + y, c);
                let ramp = [x, y, 0][c] as f32 / (shown - 1) as f32;
                let ramp = if ramps { 0.05 * ramp } else { 0.0 };
                let want = 127.5 + gains[c] * (old - 127.5) + 127.5 * ramp;
                let got = at(&after, left + x, top + y, c);
                assert!((got - want).abs() <= 1.5, "{id} at {x}, {y}, {c}: {got}, not {want}");
            }
        }
        for (x, y) in [(0, 0), (left - 3, 300), (300, top - 3), (left + shown + 3, 300)] {
            assert_eq!(at(&before, x, y, 1), at(&after, x, y, 1), "{id} at {x}, {y}");
        }
    }
}
