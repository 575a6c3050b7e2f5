//! Values of the right type that cannot be right.

use super::MINE;
use super::mistakes::check;

#[test]
fn bad_values_of_files() {
    let digits = "must be 64 lower-case hexadecimal digits";
    check("0123456789abcdef", "0123456789abcdeg", &format!("15: files[0].sha256: {digits}"), None);
    check("0123456789abcdef", "0123456789ABCDEF", &format!("15: files[0].sha256: {digits}"), None);
    check("0123456789abcdef", "", &format!("15: files[0].sha256: {digits}"), None);
    check(
        "bytes = 1617",
        "bytes = 0",
        "14: files[0].bytes: must not be 0; leave it out where it is not known",
        None,
    );
    for name in ["../f.onnx", "/f.onnx", "a/f.onnx", "..", "", "a\\\\f.onnx", "f.onnx/"] {
        check(
            "\"future_256.onnx\"",
            &format!("\"{name}\""),
            "13: files[0].name: must be the name of a file, without a folder",
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
            "17: files[0].sources[0].url: must be https://HOST/PATH",
            None,
        );
    }
    check(
        "version = \"1.0\"",
        "version = \"\"",
        "18: files[0].sources[1].wheel.version: must not be empty",
        None,
    );
    let twice = format!(
        "[[files]]\nname = \"future_256.onnx\"\nsha256 = \"{}\"\n\n[input]",
        "0".repeat(64)
    );
    check("[input]", &twice, "22: files[1]: the same name or hash is listed twice", None);
}

#[test]
fn bad_values_of_the_rest() {
    check(
        "id = \"future_256\"",
        "id = \"Future 256\"",
        "1: id: must be of a-z, 0-9, '.', '_' and '-' and begin with a letter or digit",
        None,
    );
    check(
        "\"aligned_crop\"",
        "\"scrfd\"",
        "3: family: \"scrfd\" is no family of the role \"swapper\"",
        Some("known: aligned_crop"),
    );
    check(
        "license_note = \"Anything goes.\"\n",
        "",
        "1: license_note: is missing: say in one line what this license allows",
        None,
    );
    check(
        "LicenseRef-Future",
        "unknown",
        "6: commercial: must be false where the license is unknown",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 256, 256, 3]",
        "24: input.shape: must have 3 where the layout has the channels",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 0, 0]",
        "24: input.shape: must have sides of 1 to 8192 pixels",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 256, 128]",
        "24: input.shape: must be square: crops are",
        None,
    );
    check("std = 127.5", "std = 0", "28: input.std: must be finite and not 0", None);
    check("std = 127.5", "std = [1.0, nan, 1.0]", "28: input.std: must be finite and not 0", None);
    check(
        "range = [-1, 1]",
        "range = [1, 1]",
        "35: swapper.range: black and white must be two different finite values",
        None,
    );
    check(
        "range = [-1, 1]",
        "range = [0, inf]",
        "35: swapper.range: black and white must be two different finite values",
        None,
    );
    check(
        "\"identity\"",
        "\"face\"",
        "33: swapper.source_input: is the name of the target's input",
        None,
    );
    check(
        "source = \"embedding\"",
        "source = \"image\"",
        "30: swapper.source_template: is missing: a source that is a picture has to be aligned",
        None,
    );
    check(
        "output = \"result\"",
        "source_size = 0",
        "34: swapper.source_size: is for sources that are pictures",
        None,
    );
    check(
        "output = \"result\"",
        "converter = \"crossface_ghost\"",
        "34: swapper.converter: must be listed in needs as well",
        None,
    );
}

#[test]
fn tables_that_the_role_has_or_has_not() {
    let spec = &MINE[MINE.find("[swapper]").unwrap()..];
    check(spec, "", "1: swapper: is missing: a swapper needs [swapper]", None);
    let enhancer = "[enhancer]\ntemplate = \"ffhq_512\"\nrange = [0, 1]\n";
    check(
        spec,
        &format!("{spec}{enhancer}"),
        "36: enhancer: is for the role \"enhancer\" alone",
        None,
    );
    let input = &MINE[MINE.find("[input]").unwrap()..MINE.find("[swapper]").unwrap()];
    check(input, "", "1: input: is missing: a swapper is fed with pictures", None);
    check(
        "role = \"swapper\"\nfamily = \"aligned_crop\"",
        "role = \"recognizer\"\nfamily = \"arcface\"",
        "30: swapper: is for the role \"swapper\" alone",
        None,
    );
}

#[test]
fn ids_of_other_models() {
    check(
        "[\"w600k_r50\"]",
        "[\"w600k_r5O\"]",
        "10: needs[0]: there is no model \"w600k_r5O\" in the catalog",
        Some("did you mean \"w600k_r50\"?"),
    );
    check("[\"w600k_r50\"]", "[\"future_256\"]", "10: needs[0]: a model cannot need itself", None);
    check(
        "[\"w600k_r50\"]",
        "[\"w600k_r50\", \"w600k_r50\"]",
        "10: needs[1]: is listed twice",
        None,
    );
    let recognizers = Some("known: mobilefacenet, w600k_r50, ghost_arcface_backbone");
    check(
        "[\"w600k_r50\"]",
        "[\"det_10g\"]",
        "10: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "needs = [\"w600k_r50\"]\n",
        "",
        "1: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "[\"w600k_r50\"]",
        "[]",
        "10: needs: must name the recognizer whose vectors it takes",
        recognizers,
    );
    check(
        "output = \"result\"",
        "single_precision = \"future_128\"",
        "34: swapper.single_precision: there is no model \"future_128\" in the catalog",
        Some("did you mean \"future_256\"?"),
    );
    check(
        "output = \"result\"",
        "single_precision = \"future_256\"",
        "34: swapper.single_precision: is the entry itself",
        None,
    );
    check(
        "output = \"result\"",
        "single_precision = \"inswapper_128\"",
        "34: swapper.single_precision: \"inswapper_128\" has another template, source or size",
        None,
    );
    let with = |converter: &str| format!("[\"w600k_r50\", \"{converter}\"]");
    let text = MINE
        .replace("[\"w600k_r50\"]", &with("det_10g"))
        .replace("output = \"result\"", "converter = \"det_10g\"");
    check(
        MINE,
        &text,
        "34: swapper.converter: \"det_10g\" is a detector and no converter",
        Some("known: crossface_ghost, crossface_simswap, crossface_hififace"),
    );
    let text = MINE
        .replace("[\"w600k_r50\"]", &with("crossface_ghost"))
        .replace("\"embedding\"\n", "\"emap\"\nconverter = \"crossface_ghost\"\n");
    check(
        MINE,
        &text,
        "33: swapper.converter: does not go with an emap, which converts already",
        None,
    );
}
