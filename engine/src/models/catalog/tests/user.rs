//! The user's folder adds to the built-in entries and replaces them.

use std::fs;
use std::path::Path;

use super::super::{Catalog, Origin, builtin};
use super::MINE;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn fails(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let error = Catalog::load(folder.path()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    error.message().replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn without_a_folder_there_are_the_built_in_ones() {
    let catalog = Catalog::load(Path::new("/nonexistent/models")).unwrap();
    assert_eq!(catalog.entries().len(), builtin::ENTRIES.len());
}

#[test]
fn an_entry_is_added_and_its_paths_do_not_depend_on_the_current_directory() {
    let folder = folder(&[("mine.toml", MINE), ("notes.txt", "not an entry"), ("x.toml.bak", "=")]);
    let catalog = Catalog::load(folder.path()).unwrap();
    assert_eq!(catalog.entries().len(), builtin::ENTRIES.len() + 1);
    let mine = catalog.get("future_256").unwrap();
    assert!(mine.fetchable() && !catalog.is_builtin("future_256"));
    let beside = folder.path().join("future_256.onnx");
    assert_eq!(mine.files[0].sources[2], Origin::Path(beside));
}

#[test]
fn an_entry_replaces_the_built_in_one_in_its_place() {
    let text = builtin::text("w600k_r50").unwrap();
    let folder = folder(&[("my own.toml", &text.replace("roop's recognizer", "my recognizer"))]);
    let catalog = Catalog::load(folder.path()).unwrap();
    assert_eq!(catalog.entries().len(), builtin::ENTRIES.len());
    let ids: Vec<&str> = catalog.entries().iter().map(|e| e.id.as_str()).collect();
    let known: Vec<&str> = builtin::ENTRIES.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, known);
    assert!(catalog.get("w600k_r50").unwrap().summary.contains("my recognizer"));
    assert!(!catalog.is_builtin("w600k_r50") && catalog.is_builtin("det_10g"));
}

#[test]
fn the_content_filter_stays() {
    let filter = builtin::text("open_nsfw").unwrap();
    assert_eq!(fails(&[("f.toml", filter)]), "f.toml:1: id: the content filter cannot be replaced");
    let disguised = MINE.replace("future_256\"\nrole", "open_nsfw\"\nrole");
    assert_eq!(
        fails(&[("f.toml", &disguised)]),
        "f.toml:1: id: the content filter cannot be replaced"
    );
    let second = filter.replace("id = \"open_nsfw\"", "id = \"lenient\"");
    assert_eq!(
        fails(&[("f.toml", &second)]),
        "f.toml:2: role: facedeck has one content filter, its own"
    );
}

#[test]
fn an_entry_keeps_the_role_of_the_one_it_replaces() {
    let text = MINE.replace("future_256\"\nrole", "det_10g\"\nrole");
    let message = "f.toml:2: role: it replaces a detector and cannot be a swapper";
    assert_eq!(fails(&[("f.toml", &text)]), message);
}

#[test]
fn an_id_that_two_files_have_is_refused() {
    let folder_named = fails(&[("a.toml", MINE), ("b.toml", &format!("# mine too\n{MINE}"))]);
    assert_eq!(folder_named, "b.toml:2: id: \"future_256\" is the id of a.toml already");
}

#[test]
fn models_that_need_each_other_are_refused() {
    let text = builtin::text("w600k_r50").unwrap();
    let circle = text.replace("notes =", "needs = [\"future_256\"]\nnotes =");
    let told = fails(&[("a.toml", MINE), ("b.toml", &circle)]);
    assert!(told.ends_with("needs: leads back to this entry"), "{told}");
}

#[test]
fn one_more_file_is_checked_against_the_catalog() {
    let folder = folder(&[("mine.toml", MINE)]);
    let path = folder.path().join("mine.toml");
    let catalog = Catalog::builtin().unwrap().with_file(&path).unwrap();
    assert_eq!(catalog.get("future_256").unwrap().family, "aligned_crop");
    assert!(catalog.with_file(&path).unwrap_err().message().contains("is the id of"));
    assert_eq!(catalog.with_file(Path::new("/nonexistent.toml")).unwrap_err().exit_code(), 2);
}

#[test]
fn what_is_no_text_or_far_too_large_is_refused() {
    let folder = folder(&[]);
    let file = folder.path().join("f.toml");
    fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    assert!(Catalog::load(folder.path()).unwrap_err().message().contains("cannot read"));
    fs::File::create(&file).unwrap().set_len(3 << 30).unwrap();
    assert!(Catalog::load(folder.path()).unwrap_err().message().contains("is no catalog entry"));
}

#[test]
fn an_unknown_id_is_answered_with_the_nearest() {
    let catalog = Catalog::builtin().unwrap();
    let error = catalog.get("inswaper_128").unwrap_err();
    assert_eq!(error.message(), "there is no model \"inswaper_128\" in the catalog");
    assert_eq!(error.hint_text(), Some("did you mean \"inswapper_128\"?"));
    assert_eq!(error.exit_code(), 2);
    let far = catalog.get("zzz").unwrap_err();
    assert_eq!(far.hint_text(), Some("facedeck models list shows those that are known"));
}
