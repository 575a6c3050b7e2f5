//! Every mistake is told by file, line and key.

use proptest::prelude::*;

use super::super::{Catalog, Entry};
use super::MINE;

/// The error's message and hint for [`MINE`] with one change. The file name is cut off.
fn told(from: &str, to: &str) -> (String, Option<String>) {
    assert!(MINE.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, MINE.replacen(from, to, 1)).unwrap();
    let error = Catalog::load(folder.path()).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
    let message = error.message().strip_prefix(&*folder.path().to_string_lossy()).unwrap();
    (message[1..].to_owned(), error.hint_text().map(str::to_owned))
}

#[track_caller]
fn check(from: &str, to: &str, message: &str, hint: Option<&str>) {
    assert_eq!(told(from, to), (message.to_owned(), hint.map(str::to_owned)));
}

#[test]
fn without_a_mistake_it_is_read() {
    assert!(Entry::parse_named("mine.toml", MINE).is_ok());
}

#[test]
fn syntax() {
    check(
        "role = \"swapper\"",
        "role = swapper",
        "mine.toml:2: role: string values must be quoted, expected literal string",
        None,
    );
    check(
        "bytes = 1617",
        "bytes =",
        "mine.toml:14: bytes: string values must be quoted, expected literal string",
        None,
    );
    check("[input]", "[input", "mine.toml:22: unclosed table, expected `]`", None);
    check("commercial = true", "role = \"swapper\"", "mine.toml:6: role: duplicate key", None);
}

#[test]
fn unknown_keys_and_values_with_the_nearest_known_one() {
    check(
        "license = \"LicenseRef-Future\"",
        "licence = \"MIT\"\nlicense = \"MIT\"",
        "mine.toml:4: licence: unknown key",
        Some("did you mean \"license\"?"),
    );
    check(
        "bytes = 1617",
        "byte = 1617",
        "mine.toml:14: files[0].byte: unknown key",
        Some("did you mean \"bytes\"?"),
    );
    check(
        "layout = \"nchw\"",
        "order = \"nchw\"",
        "mine.toml:25: input.order: unknown key",
        Some("known: name, shape, layout, channels, mean, std"),
    );
    check(
        "source_input =",
        "sauce_input =",
        "mine.toml:33: swapper.sauce_input: unknown key",
        Some("did you mean \"source_input\"?"),
    );
    check(
        "{ url =",
        "{ uri =",
        "mine.toml:17: files[0].sources[0].uri: unknown value \"uri\"",
        Some("did you mean \"url\"?"),
    );
    check(
        "\"arcface_128\"",
        "\"arcface_129\"",
        "mine.toml:31: swapper.template: unknown value \"arcface_129\"",
        Some("did you mean \"arcface_128\"?"),
    );
    check(
        "\"swapper\"",
        "\"swaper\"",
        "mine.toml:2: role: unknown value \"swaper\"",
        Some("did you mean \"swapper\"?"),
    );
}

#[test]
fn missing_keys() {
    check("license = ", "# ", "mine.toml:1: license: is missing", None);
    check("sha256 = ", "# ", "mine.toml:12: files[0].sha256: is missing", None);
    check("shape = ", "# ", "mine.toml:22: input.shape: is missing", None);
    check("range = ", "# ", "mine.toml:30: swapper.range: is missing", None);
}

#[test]
fn wrong_types() {
    check(
        "bytes = 1617",
        "bytes = \"1617\"",
        "mine.toml:14: files[0].bytes: invalid type: string \"1617\", expected u64",
        None,
    );
    check(
        "bytes = 1617",
        "bytes = -1",
        "mine.toml:14: files[0].bytes: invalid value: integer `-1`, expected u64",
        None,
    );
    check(
        "commercial = true",
        "commercial = \"yes\"",
        "mine.toml:6: commercial: invalid type: string \"yes\", expected a boolean",
        None,
    );
    check(
        "std = 127.5",
        "std = [1, 2]",
        "mine.toml:28: input.std: a number or a list of three numbers",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 256]",
        "mine.toml:24: input.shape: invalid length 3, expected an array of length 4",
        None,
    );
    check(
        "needs = [\"w600k_r50\"]",
        "needs = [\"w600k_r50\",\n 7]",
        "mine.toml:11: needs[1]: invalid type: integer `7`, expected a string",
        None,
    );
}

#[test]
fn bad_values_of_files() {
    let digits = "must be 64 lower-case hexadecimal digits";
    check(
        "0123456789abcdef",
        "0123456789abcdeg",
        &format!("mine.toml:15: files[0].sha256: {digits}"),
        None,
    );
    check(
        "0123456789abcdef",
        "0123456789ABCDEF",
        &format!("mine.toml:15: files[0].sha256: {digits}"),
        None,
    );
    check("0123456789abcdef", "", &format!("mine.toml:15: files[0].sha256: {digits}"), None);
    check(
        "bytes = 1617",
        "bytes = 0",
        "mine.toml:14: files[0].bytes: must not be 0; leave it out where it is not known",
        None,
    );
    for name in ["../f.onnx", "/f.onnx", "a/f.onnx", "..", "", "a\\\\f.onnx", "f.onnx/"] {
        check(
            "\"future_256.onnx\"",
            &format!("\"{name}\""),
            "mine.toml:13: files[0].name: must be the name of a file, without a folder",
            None,
        );
    }
    for url in [
        "http://example.org/f",
        "https://",
        "https://example.org",
        "https:///f",
        "ftp://e/f",
        "https://example.org/a b",
    ] {
        check(
            "https://example.org/future_256.onnx",
            url,
            "mine.toml:17: files[0].sources[0].url: must be https://HOST/PATH",
            None,
        );
    }
    check(
        "version = \"1.0\"",
        "version = \"\"",
        "mine.toml:18: files[0].sources[1].wheel.version: must not be empty",
        None,
    );
    let twice = format!(
        "[[files]]\nname = \"future_256.onnx\"\nsha256 = \"{}\"\n\n[input]",
        "0".repeat(64)
    );
    check("[input]", &twice, "mine.toml:22: files[1]: the same name or hash is listed twice", None);
}

#[test]
fn bad_values_of_the_rest() {
    check(
        "id = \"future_256\"",
        "id = \"Future 256\"",
        "mine.toml:1: id: must be of a-z, 0-9, '.', '_' and '-' and begin with a letter or digit",
        None,
    );
    check(
        "\"aligned_crop\"",
        "\"scrfd\"",
        "mine.toml:3: family: \"scrfd\" is no family of the role \"swapper\"",
        Some("known: aligned_crop"),
    );
    check(
        "license_note = \"Anything goes.\"\n",
        "",
        "mine.toml:1: license_note: is missing: say in one line what this license allows",
        None,
    );
    check(
        "LicenseRef-Future",
        "unknown",
        "mine.toml:6: commercial: must be false where the license is unknown",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 256, 256, 3]",
        "mine.toml:24: input.shape: must have 3 where the layout has the channels",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 0, 0]",
        "mine.toml:24: input.shape: must have sides of 1 to 8192 pixels",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 256, 128]",
        "mine.toml:24: input.shape: must be square: crops are",
        None,
    );
    check("std = 127.5", "std = 0", "mine.toml:28: input.std: must be finite and not 0", None);
    check(
        "std = 127.5",
        "std = [1.0, nan, 1.0]",
        "mine.toml:28: input.std: must be finite and not 0",
        None,
    );
    check(
        "range = [-1, 1]",
        "range = [1, 1]",
        "mine.toml:35: swapper.range: black and white must be two different finite values",
        None,
    );
    check(
        "range = [-1, 1]",
        "range = [0, inf]",
        "mine.toml:35: swapper.range: black and white must be two different finite values",
        None,
    );
    check(
        "\"identity\"",
        "\"face\"",
        "mine.toml:33: swapper.source_input: is the name of the target's input",
        None,
    );
    check(
        "source = \"embedding\"",
        "source = \"image\"",
        "mine.toml:30: swapper.source_template: is missing: a source that is a picture has to be aligned",
        None,
    );
    check(
        "output = \"result\"",
        "source_size = 0",
        "mine.toml:34: swapper.source_size: is for sources that are pictures",
        None,
    );
    check(
        "output = \"result\"",
        "converter = \"crossface_ghost\"",
        "mine.toml:34: swapper.converter: must be listed in needs as well",
        None,
    );
}

#[test]
fn tables_that_the_role_has_or_has_not() {
    let spec = &MINE[MINE.find("[swapper]").unwrap()..];
    check(spec, "", "mine.toml:1: swapper: is missing: a swapper needs [swapper]", None);
    let enhancer = "[enhancer]\ntemplate = \"ffhq_512\"\nrange = [0, 1]\n";
    check(
        spec,
        &format!("{spec}{enhancer}"),
        "mine.toml:36: enhancer: is for the role \"enhancer\" alone",
        None,
    );
    let input = &MINE[MINE.find("[input]").unwrap()..MINE.find("[swapper]").unwrap()];
    check(input, "", "mine.toml:1: input: is missing: a swapper is fed with pictures", None);
    check(
        "role = \"swapper\"\nfamily = \"aligned_crop\"",
        "role = \"recognizer\"\nfamily = \"arcface\"",
        "mine.toml:30: swapper: is for the role \"swapper\" alone",
        None,
    );
}

#[test]
fn ids_of_other_models() {
    check(
        "[\"w600k_r50\"]",
        "[\"w600k_r5O\"]",
        "mine.toml:10: needs[0]: there is no model \"w600k_r5O\" in the catalog",
        Some("did you mean \"w600k_r50\"?"),
    );
    check(
        "[\"w600k_r50\"]",
        "[\"future_256\"]",
        "mine.toml:10: needs[0]: a model cannot need itself",
        None,
    );
    check(
        "[\"w600k_r50\"]",
        "[\"w600k_r50\", \"w600k_r50\"]",
        "mine.toml:10: needs[1]: is listed twice",
        None,
    );
    let recognizers = Some("known: mobilefacenet, w600k_r50, ghost_arcface_backbone");
    check(
        "[\"w600k_r50\"]",
        "[\"det_10g\"]",
        "mine.toml:10: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "needs = [\"w600k_r50\"]\n",
        "",
        "mine.toml:1: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "[\"w600k_r50\"]",
        "[]",
        "mine.toml:10: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "output = \"result\"",
        "single_precision = \"future_128\"",
        "mine.toml:34: swapper.single_precision: there is no model \"future_128\" in the catalog",
        Some("did you mean \"future_256\"?"),
    );
    check(
        "output = \"result\"",
        "single_precision = \"future_256\"",
        "mine.toml:34: swapper.single_precision: is the entry itself",
        None,
    );
    check(
        "output = \"result\"",
        "single_precision = \"inswapper_128\"",
        "mine.toml:34: swapper.single_precision: \"inswapper_128\" has another template, source or size",
        None,
    );
    let with = |converter: &str| format!("[\"w600k_r50\", \"{converter}\"]");
    let text = MINE
        .replace("[\"w600k_r50\"]", &with("det_10g"))
        .replace("output = \"result\"", "converter = \"det_10g\"");
    check(
        MINE,
        &text,
        "mine.toml:34: swapper.converter: \"det_10g\" is a detector and no converter",
        Some("known: crossface_ghost, crossface_simswap, crossface_hififace"),
    );
    let text = MINE
        .replace("[\"w600k_r50\"]", &with("crossface_ghost"))
        .replace("\"embedding\"\n", "\"emap\"\nconverter = \"crossface_ghost\"\n");
    check(
        MINE,
        &text,
        "mine.toml:33: swapper.converter: does not go with an emap, which converts already",
        None,
    );
}

proptest! {
    /// No text whatever makes the parser panic, and every error names the file and a line of it.
    #[test]
    fn no_text_makes_it_panic(text in "(\\PC|[\n\t\"'=\\[\\]{}.#,_0-9a-z]){0,200}") {
        if let Err(error) = Entry::parse_named("mine.toml", &text) {
            prop_assert!(error.message().starts_with("mine.toml:"), "{}", error.message());
        }
    }

    /// Nor does an entry with a piece torn out or something else put in.
    #[test]
    fn no_damage_makes_it_panic(from in 0..MINE.len(), length in 0_usize..60, patch in "\\PC{0,8}") {
        let mut text = MINE.to_owned();
        text.replace_range(from..(from + length).min(MINE.len()), &patch);
        if let Err(error) = Entry::parse_named("mine.toml", &text) {
            let line = error.message().split(':').nth(1).and_then(|n| n.parse::<usize>().ok());
            prop_assert!(line.is_some_and(|n| n >= 1 && n <= text.lines().count() + 1), "{}", error.message());
        }
    }
}
