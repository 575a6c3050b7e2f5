use super::*;
use crate::error::Kind;

/// Settles with a person who types this; returns the outcome and what the person saw.
fn typed(dir: &Path, answers: &str) -> (Result<()>, String) {
    let mut seen = Vec::new();
    let result = settle(dir, None, true, &mut answers.as_bytes(), &mut seen);
    (result, String::from_utf8(seen).unwrap())
}

/// Settles with nobody there.
fn alone(dir: &Path, given: Option<Way>) -> Result<()> {
    let mut seen = Vec::new();
    let result = settle(dir, given, false, &mut io::empty(), &mut seen);
    assert!(seen.is_empty(), "nobody is asked");
    result
}

#[test]
fn a_yes_is_asked_for_once() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("config/facedeck");
    let (result, seen) = typed(&dir, "y\n");
    result.unwrap();
    for word in ["consent", "sexual", "label", "[y/N]"] {
        assert!(seen.contains(word), "{word} is missing in {seen}");
    }
    let (result, seen) = typed(&dir, "");
    result.unwrap();
    assert_eq!(seen, "", "asked again");
    alone(&dir, None).unwrap();

    let record: Record = toml::from_str(&fs::read_to_string(dir.join(FILE)).unwrap()).unwrap();
    assert_eq!((record.terms, record.by), (TERMS_VERSION, Way::Terminal));
    assert!(record.accepted_at.date.unwrap().year >= 2024);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn anything_but_a_yes_leaves_no_record() {
    for (answer, questions) in [("n\n", 1), ("\n", 1), ("", 1), ("perhaps\nno\n", 2)] {
        let dir = tempfile::tempdir().unwrap();
        let (result, seen) = typed(dir.path(), answer);
        assert_eq!(*result.unwrap_err().kind(), Kind::Usage, "{answer:?}");
        assert_eq!(seen.matches("[y/N]").count(), questions, "{answer:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn with_nobody_there_the_error_says_what_to_run() {
    let dir = tempfile::tempdir().unwrap();
    let error = alone(dir.path(), None).unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (&Kind::Usage, 2));
    let hint = error.hint_text().unwrap();
    assert!(hint.contains("--accept-terms") && hint.contains("FACEDECK_ACCEPT_TERMS=1"), "{hint}");
}

#[test]
fn a_script_accepts_by_flag_or_environment() {
    for way in [Way::Flag, Way::Environment] {
        let dir = tempfile::tempdir().unwrap();
        alone(dir.path(), Some(way)).unwrap();
        let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert_eq!(toml::from_str::<Record>(&text).unwrap().by, way);
        alone(dir.path(), None).unwrap();
    }
}

#[test]
fn a_broken_or_old_record_is_none() {
    let old = "terms = 0\naccepted_at = 2024-01-01T00:00:00Z\nby = \"flag\"\n";
    for text in ["", "terms = ", "terms = \"one\"\n", "\u{0}\u{1}", old] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), text).unwrap();
        assert!(alone(dir.path(), None).is_err(), "{text:?}");
        typed(dir.path(), "yes\n").0.unwrap();
        alone(dir.path(), None).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(FILE), [0xff, 0xfe, 0x00]).unwrap();
    assert!(alone(dir.path(), None).is_err());
}

#[test]
fn newer_terms_include_ours() {
    let dir = tempfile::tempdir().unwrap();
    let text = "terms = 99\naccepted_at = 2034-01-01T00:00:00Z\nby = \"terminal\"\n";
    fs::write(dir.path().join(FILE), text).unwrap();
    alone(dir.path(), None).unwrap();
}

#[test]
fn a_home_that_cannot_be_written_is_told_and_does_not_stop_a_yes() {
    let home = tempfile::tempdir().unwrap();
    // A file where the folder should be: cannot be written even by root.
    let dir = home.path().join("config");
    fs::write(&dir, "in the way").unwrap();
    let (result, seen) = typed(&dir, "y\n");
    result.unwrap();
    assert!(seen.contains("cannot remember") && seen.contains("consent.toml"), "{seen}");
}

#[test]
fn dates_are_right() {
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"),
        (1_709_251_200, "2024-03-01T00:00:00Z"),
        (1_798_761_599, "2026-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ] {
        assert_eq!(utc(seconds), text);
        text.parse::<toml::value::Datetime>().unwrap();
    }
}

#[test]
fn only_a_clear_yes_in_the_environment_counts() {
    for yes in ["1", "true", "YES", " on "] {
        assert!(is_yes(yes), "{yes:?}");
    }
    for no in ["", "0", "false", "no", "2", "please"] {
        assert!(!is_yes(no), "{no:?}");
    }
}
