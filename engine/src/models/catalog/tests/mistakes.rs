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

/// Changes [`MINE`] in one place and compares the error, from the line on, and its hint.
#[track_caller]
pub(super) fn check(from: &str, to: &str, message: &str, hint: Option<&str>) {
    let (found, help) = told(from, to);
    assert_eq!(found, format!("mine.toml:{message}"));
    assert_eq!(help.as_deref(), hint);
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
        "2: role: string values must be quoted, expected literal string",
        None,
    );
    check(
        "bytes = 1617",
        "bytes =",
        "14: bytes: string values must be quoted, expected literal string",
        None,
    );
    check("[input]", "[input", "22: unclosed table, expected `]`", None);
    check("commercial = true", "role = \"swapper\"", "6: role: duplicate key", None);
}

#[test]
fn unknown_keys_and_values_with_the_nearest_known_one() {
    check(
        "license = \"LicenseRef-Future\"",
        "licence = \"MIT\"\nlicense = \"MIT\"",
        "4: licence: unknown key",
        Some("did you mean \"license\"?"),
    );
    check(
        "bytes = 1617",
        "byte = 1617",
        "14: files[0].byte: unknown key",
        Some("did you mean \"bytes\"?"),
    );
    check(
        "layout = \"nchw\"",
        "order = \"nchw\"",
        "25: input.order: unknown key",
        Some("known: name, shape, layout, channels, mean, std"),
    );
    check(
        "source_input =",
        "sauce_input =",
        "33: swapper.sauce_input: unknown key",
        Some("did you mean \"source_input\"?"),
    );
    check(
        "{ url =",
        "{ uri =",
        "17: files[0].sources[0].uri: unknown value \"uri\"",
        Some("did you mean \"url\"?"),
    );
    check(
        "\"arcface_128\"",
        "\"arcface_129\"",
        "31: swapper.template: unknown value \"arcface_129\"",
        Some("did you mean \"arcface_128\"?"),
    );
    check(
        "\"swapper\"",
        "\"swaper\"",
        "2: role: unknown value \"swaper\"",
        Some("did you mean \"swapper\"?"),
    );
}

#[test]
fn missing_keys() {
    check("license = ", "# ", "1: license: is missing", None);
    check("sha256 = ", "# ", "12: files[0].sha256: is missing", None);
    check("shape = ", "# ", "22: input.shape: is missing", None);
    check("range = ", "# ", "30: swapper.range: is missing", None);
}

#[test]
fn wrong_types() {
    check(
        "bytes = 1617",
        "bytes = \"1617\"",
        "14: files[0].bytes: invalid type: string \"1617\", expected u64",
        None,
    );
    check(
        "bytes = 1617",
        "bytes = -1",
        "14: files[0].bytes: invalid value: integer `-1`, expected u64",
        None,
    );
    check(
        "commercial = true",
        "commercial = \"yes\"",
        "6: commercial: invalid type: string \"yes\", expected a boolean",
        None,
    );
    check(
        "std = 127.5",
        "std = [1, 2]",
        "28: input.std: a number or a list of three numbers",
        None,
    );
    check(
        "[1, 3, 256, 256]",
        "[1, 3, 256]",
        "24: input.shape: invalid length 3, expected an array of length 4",
        None,
    );
    check(
        "needs = [\"w600k_r50\"]",
        "needs = [\"w600k_r50\",\n 7]",
        "11: needs[1]: invalid type: integer `7`, expected a string",
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
    fn no_damage_makes_it_panic(from in 0..MINE.len(), cut in 0_usize..60, patch in "\\PC{0,8}") {
        let mut text = MINE.to_owned();
        text.replace_range(from..(from + cut).min(MINE.len()), &patch);
        if let Err(error) = Entry::parse_named("mine.toml", &text) {
            let told = error.message();
            let line = told.split(':').nth(1).and_then(|n| n.parse::<usize>().ok());
            let lines = text.lines().count() + 1;
            prop_assert!(line.is_some_and(|n| (1..=lines).contains(&n)), "{told}");
        }
    }
}
