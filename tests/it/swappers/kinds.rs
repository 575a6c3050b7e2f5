//! Every swapper of the catalog runs from its entry alone, on every kind of source.

use facedeck::imaging::template::Template;
use facedeck::models::{Role, Store};
use facedeck::processors::{Person, Photo};
use facedeck::settings::Directories;
use sha2::{Digest, Sha256};

use super::scene::{embedding, formula, known, profile, run};
use crate::enhance::scene::{at, frame, models, square, textured};

/// What the network is told about the source.
#[derive(Clone, Copy)]
enum Told {
    /// The unit vector through the emap, which shifts it by one place.
    Shifted,
    /// The unit vector.
    Unit,
    /// Through the converter, which reverses and doubles it; at unit length or as it is.
    Converted { unit: bool },
    /// The photo, aligned by this template at this size.
    Picture(Template, usize),
}

const HALF: (&str, &str) = ("crossface_simswap", "tiny_crossface.onnx");
type Row = (&'static str, &'static str, Option<(&'static str, &'static str)>, Told);

const ROWS: [Row; 12] = [
    ("inswapper_128", "tiny_inswapper_128.onnx", None, Told::Shifted),
    ("inswapper_128_fp16", "tiny_inswapper_128_fp16.onnx", None, Told::Shifted),
    ("hyperswap_1a_256", "tiny_hyperswap_256.onnx", None, Told::Unit),
    ("hyperswap_1b_256", "tiny_hyperswap_256.onnx", None, Told::Unit),
    ("hyperswap_1c_256", "tiny_hyperswap_256.onnx", None, Told::Unit),
    ("ghost_1_256", "tiny_ghost_256.onnx", GHOST, Told::Converted { unit: false }),
    ("ghost_2_256", "tiny_ghost_256.onnx", GHOST, Told::Converted { unit: false }),
    ("ghost_3_256", "tiny_ghost_256.onnx", GHOST, Told::Converted { unit: false }),
    ("simswap_256", "tiny_simswap_256.onnx", Some(HALF), Told::Converted { unit: true }),
    ("simswap_unofficial_512", "tiny_simswap_512.onnx", Some(HALF), Told::Converted { unit: true }),
    (
        "hififace_unofficial_256",
        "tiny_hififace_256.onnx",
        Some(("crossface_hififace", "tiny_crossface.onnx")),
        Told::Converted { unit: true },
    ),
    ("blendswap_256", "tiny_blendswap_256.onnx", None, Told::Picture(Template::Arcface112, 112)),
];
const UNIFACE: Row =
    ("uniface_256", "tiny_uniface_256.onnx", None, Told::Picture(Template::Ffhq512, 256));
const GHOST: Option<(&str, &str)> = Some(("crossface_ghost", "tiny_crossface.onnx"));

fn rows() -> Vec<Row> {
    ROWS.into_iter().chain([UNIFACE]).collect()
}

#[test]
fn the_table_is_the_catalogs() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
    let swappers = store.entries().iter().filter(|entry| entry.role == Role::Swapper);
    let mut ids: Vec<&str> = swappers.map(|entry| entry.id.as_str()).collect();
    let mut known: Vec<&str> = rows().iter().map(|row| row.0).collect();
    ids.sort_unstable();
    known.sort_unstable();
    assert_eq!(ids, known);
}

/// Raw numbers of the source: their length is 10.
const SOURCE: [(usize, f32); 7] =
    [(0, 2.0), (1, -3.0), (2, 4.0), (511, 1.0), (510, -5.0), (509, 3.0), (300, 6.0)];

/// The formula's d: 0.3 tanh(strength · s\[0..3\]), or 0.3 (m − 0.5) of the picture's means.
fn source_numbers(told: Told) -> [f32; 3] {
    match told {
        Told::Shifted => [1.0f32, 2.0, -3.0].map(|v| 0.3 * (6.0 * v / 10.0).tanh()),
        Told::Unit => [2.0f32, -3.0, 4.0].map(|v| 0.3 * (6.0 * v / 10.0).tanh()),
        Told::Converted { unit: true } => {
            [1.0f32, -5.0, 3.0].map(|v| 0.3 * (6.0 * v / 10.0).tanh())
        }
        Told::Converted { unit: false } => [1.0f32, -5.0, 3.0].map(|v| 0.3 * v.tanh()),
        Told::Picture(..) => [200.0f32, 80.0, 30.0].map(|v| 0.3 * (v / 255.0 - 0.5)),
    }
}

fn person(told: Told) -> Person {
    let Told::Picture(template, size) = told else { return known(&[embedding(&SOURCE)]) };
    // R counts in the left half of the crop, G in the upper one, B everywhere.
    let (x0, y0) = (90, 60);
    let picture = frame(textured().format.layout, 8, |x, y, c| match c {
        0 if x < x0 + size / 2 => 200,
        1 if y < y0 + size / 2 => 80,
        2 => 30,
        _ => 255,
    });
    let face = square(template, size, x0, y0);
    Person { photos: vec![Photo { name: "photo.png".into(), frame: picture, face }] }
}

#[test]
fn every_swapper_computes_its_function_from_its_entry_alone() {
    for (id, file, converter, told) in rows() {
        let files: Vec<(&str, &str)> = [(id, file)].into_iter().chain(converter).collect();
        let models = models(&files);
        let entry = models.pool.store().entry(id).unwrap();
        let template = entry.swapper.as_ref().unwrap().template;
        let size = entry.input.as_ref().unwrap().size().0;
        // Slow ramps survive being resampled.
        let before =
            frame(textured().format.layout, 8, |x, y, c| (70 + 40 * c + x / 20 + y / 28) as u32);
        let mut after = before.clone();
        let face = square(template, size, 40, 52);
        let changed = run(&models, &profile(id), &[person(told)], &face, &mut after).unwrap();
        assert_eq!(changed.faces, 1, "{id}");
        let d = source_numbers(told);
        let last = (size - 1) as f32;
        // The half-precision file is within 2e-3 of the formula.
        let bound = if id.ends_with("fp16") { 1.4 } else { 1.05 };
        // HyperSwap's own mask is full an eighth of the way in.
        let margin = if id.starts_with("hyperswap") { size / 7 } else { 4 };
        for (y, x) in (margin..size - margin)
            .step_by(5)
            .flat_map(|y| (margin..size - margin).step_by(7).map(move |x| (y, x)))
        {
            for c in 0..3 {
                let p = at(&before, x + 40, y + 52, c) / 255.0;
                let want = 255.0 * formula(p, c, [x as f32 / last, y as f32 / last], d[c]);
                let got = at(&after, x + 40, y + 52, c);
                assert!((got - want).abs() < bound, "{id} at {x},{y},{c}: {got} for {want}");
            }
        }
    }
}

/// A family that nobody has published: other names, other places of the source's numbers. One
/// entry and one file are all that it takes.
#[test]
fn a_new_swapper_takes_one_entry_and_one_file() {
    let home = tempfile::tempdir().unwrap();
    let directories = Directories::beneath(home.path()).unwrap();
    let (entries, weights) = (directories.config.join("models"), directories.data.join("models"));
    std::fs::create_dir_all(&entries).unwrap();
    std::fs::create_dir_all(&weights).unwrap();
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/tiny_future_256.onnx");
    std::fs::copy(from, weights.join("tiny_future_256.onnx")).unwrap();
    let entry = r#"
        id = "future_256"
        role = "swapper"
        family = "aligned_crop"
        summary = "sharper than anything"
        license = "MIT"
        commercial = true
        attribution = "somebody"
        upstream = "https://example.org"
        notes = ""
        needs = ["w600k_r50"]

        [[files]]
        name = "tiny_future_256.onnx"
        sha256 = "HASH"

        [input]
        name = "face"
        shape = [1, 3, 256, 256]
        layout = "nchw"
        channels = "rgb"
        mean = 127.5
        std = 127.5

        [swapper]
        template = "ffhq_512"
        source = "embedding"
        source_input = "identity"
        output = "result"
        range = [-1.0, 1.0]
    "#;
    let hash = Sha256::digest(std::fs::read(from).unwrap());
    let hash: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    let entry = entry.replace("HASH", &hash);
    std::fs::write(entries.join("future.toml"), entry).unwrap();
    facedeck::inference::for_tests().unwrap();
    let store = Store::beneath(&directories).unwrap();
    let pool = facedeck::inference::Pool::new(store, facedeck::inference::Settings::default());
    let models = crate::enhance::scene::Models { pool, _home: home };
    let before = textured();
    let mut after = before.clone();
    let who = known(&[embedding(&[(10, 3.0), (11, -4.0)])]);
    let face = square(Template::Ffhq512, 256, 100, 100);
    run(&models, &profile("future_256"), &[who], &face, &mut after).unwrap();
    let d = [0.6f32, -0.8, 0.0].map(|v| 0.3 * (6.0 * v).tanh());
    for (x, y) in [(20, 30), (128, 128), (200, 77)] {
        for c in 0..3 {
            let p = at(&before, x + 100, y + 100, c) / 255.0;
            let ramp = [0.05 * x as f32 / 255.0, 0.05 * y as f32 / 255.0, 0.0][c];
            let want = 255.0 * ([0.85, 0.75, 0.65][c] * p + d[c] + ramp).clamp(0.0, 1.0);
            let got = at(&after, x + 100, y + 100, c);
            assert!((got - want).abs() < 1.5, "{x},{y},{c}: {got} for {want}");
        }
    }
}
