//! Opening: a new store, one that was not closed, one that is not to be used.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;

use super::*;

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The bytes of a store with so many jobs that was closed.
fn bytes(jobs: usize) -> Vec<u8> {
    let home = home();
    let rows: Vec<NewRow> = (0..jobs).map(|number| row(&format!("{number}"))).collect();
    home.add(&rows, at(0)).unwrap();
    let Home { store, folder } = home;
    drop(store);
    assert_eq!(names(folder.path()), ["jobs.sqlite3"], "all of it is in one file");
    fs::read(file(folder.path())).unwrap()
}

/// Opens a file with these bytes, which must fail; the message and the folder.
fn refused(bytes: &[u8]) -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(folder.path()), bytes).unwrap();
    let error = Store::open(&file(folder.path())).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    let text = format!("{} ({})", error.chain(), error.hint_text().unwrap_or_default());
    (text, folder)
}

/// Checks that a file with these bytes is moved aside as it is, and that the next start begins with
/// an empty queue.
fn moved_aside(bytes: &[u8], word: &str) -> String {
    let (text, folder) = refused(bytes);
    let names = names(folder.path());
    let aside = names.iter().find(|name| name.starts_with(&format!("jobs.sqlite3.{word}-")));
    let aside = folder.path().join(aside.unwrap_or_else(|| panic!("{names:?}: {text}")));
    assert_eq!(fs::read(&aside).unwrap(), bytes);
    for path in [&file(folder.path()), &aside] {
        assert!(text.contains(&path.display().to_string()), "{text}");
    }
    let store = Store::open(&file(folder.path())).unwrap();
    assert_eq!(store.counts().unwrap(), Default::default());
    assert_eq!(fs::read(&aside).unwrap(), bytes);
    text
}

#[test]
fn only_its_owner_can_read_what_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("new/state");
    let store = Store::open(&file(&home)).unwrap();
    store.add(&[row("job")], at(0)).unwrap();
    assert_eq!(mode(&home), 0o700);
    for name in names(&home) {
        assert_eq!(mode(&home.join(&name)), 0o600, "{name}");
    }
    assert_eq!(names(&home), ["jobs.sqlite3", "jobs.sqlite3-shm", "jobs.sqlite3-wal"]);
    drop(store);
    // A backup that was put back.
    fs::set_permissions(file(&home), fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&file(&home)).unwrap();
    assert_eq!((mode(&file(&home)), store.counts().unwrap().queued), (0o600, 1));
    assert_eq!(store.path(), file(&home));
}

#[test]
fn every_write_is_synced_and_readers_cannot_write() {
    let home = home();
    let pragma = |connection: &Connection, name: &str| -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    let writer = home.store.writer.lock().unwrap();
    assert_eq!(pragma(&writer, "journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma(&writer, "synchronous"), "Integer(2)");
    assert_eq!(pragma(&writer, "foreign_keys"), "Integer(1)");
    assert_eq!(pragma(&writer, "busy_timeout"), "Integer(5000)");
    for reader in &home.store.readers {
        let reader = reader.lock().unwrap();
        assert_eq!(pragma(&reader, "query_only"), "Integer(1)");
        reader.execute("DELETE FROM jobs", []).unwrap_err();
    }
}

#[test]
fn what_was_written_is_there_after_a_restart_and_after_a_crash() {
    let home = home();
    let [id] = home.jobs(["job"]);
    home.step(id, &Change::Start);
    let before = home.job(id).unwrap();
    // As the disk is when the process dies: nobody closes anything.
    let copy = tempfile::tempdir().unwrap();
    for name in names(home.folder.path()) {
        fs::copy(home.folder.path().join(&name), copy.path().join(&name)).unwrap();
    }
    assert!(fs::metadata(copy.path().join("jobs.sqlite3-wal")).unwrap().len() > 0);
    let crashed = Store::open(&file(copy.path())).unwrap();
    assert_eq!(crashed.job(id).unwrap(), before);
    assert_eq!(home.again().unwrap().job(id).unwrap(), before);
}

#[test]
fn what_is_no_store_is_moved_aside() {
    for bytes in [b"x".to_vec(), b"not a database ".repeat(1000), vec![0; 70_000]] {
        let text = moved_aside(&bytes, "unreadable");
        assert!(text.contains("empty queue") && text.contains("backup"), "{text}");
        assert!(text.contains(".recover"), "{text}");
    }
    // A whole database of another program.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE jobs (id TEXT); PRAGMA user_version = 1").unwrap();
    drop(other);
    let text = moved_aside(&fs::read(path).unwrap(), "unreadable");
    assert!(text.contains("another program"), "{text}");
}

#[test]
fn a_store_that_was_cut_off_is_moved_aside_wherever_it_was_cut() {
    let whole = bytes(200);
    let page = 4096;
    let length = whole.len();
    assert!(length > 40 * page, "{length}");
    for end in [1, 15, 16, 99, 100, 511, 512, page - 1, page, page + 1, 5 * page, length / 3] {
        moved_aside(&whole[..end], "unreadable");
    }
    for end in [length / 2, length / 2 / page * page, length - page, length - 1] {
        moved_aside(&whole[..end], "unreadable");
    }
}

#[test]
fn damage_in_the_middle_is_found_after_a_crash() {
    let mut bytes = bytes(200);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fs::write(&path, &bytes).unwrap();
    let store = Connection::open(&path).unwrap();
    store.execute("UPDATE meta SET value = '0' WHERE key = 'clean'", []).unwrap();
    drop(store);
    bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    moved_aside(&bytes, "unreadable");
}

#[test]
fn a_store_of_a_newer_facedeck_is_moved_aside_and_can_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fs::write(&path, bytes(3)).unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let text = moved_aside(&fs::read(&path).unwrap(), "newer");
    assert!(text.contains("99") && text.contains("mv "), "{text}");
}

#[test]
fn two_that_are_moved_aside_within_a_second_keep_different_names() {
    let (_, folder) = refused(b"first");
    fs::write(file(folder.path()), b"second").unwrap();
    Store::open(&file(folder.path())).unwrap_err();
    fs::write(file(folder.path()), b"third").unwrap();
    Store::open(&file(folder.path())).unwrap_err();
    let mut texts: Vec<Vec<u8>> = names(folder.path())
        .iter()
        .filter(|name| name.starts_with("jobs.sqlite3.unreadable-"))
        .map(|name| fs::read(folder.path().join(name)).unwrap())
        .collect();
    texts.sort();
    assert_eq!(texts, [&b"first"[..], b"second", b"third"]);
}

#[test]
fn a_log_of_changes_is_moved_along_and_never_thrown_away() {
    let home = home();
    home.jobs(["job"]);
    let log = fs::read(home.folder.path().join("jobs.sqlite3-wal")).unwrap();
    // The file is damaged, gone, or empty, and its log is there.
    for content in [Some(&b"not a database at all"[..]), Some(b""), None] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(content) = content {
            fs::write(file(folder.path()), content).unwrap();
        }
        fs::write(folder.path().join("jobs.sqlite3-wal"), &log).unwrap();
        let error = Store::open(&file(folder.path())).unwrap_err();
        let names = names(folder.path());
        let aside = names.iter().find(|name| name.ends_with("-wal")).unwrap();
        assert!(aside.starts_with("jobs.sqlite3.unreadable-"), "{names:?}: {error}");
        assert_eq!(fs::read(folder.path().join(aside)).unwrap(), log);
        Store::open(&file(folder.path())).unwrap();
    }
}

#[test]
fn where_nothing_can_be_made_nothing_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    // A file in place of the folder, a folder in place of the file, and no folder that could be made.
    fs::write(folder.path().join("file"), "text").unwrap();
    fs::create_dir_all(folder.path().join("store/inside")).unwrap();
    symlink("/proc/self", folder.path().join("proc")).unwrap();
    for path in ["file/jobs.sqlite3", "store", "proc/jobs.sqlite3", "proc/none/jobs.sqlite3"] {
        let path = folder.path().join(path);
        let error = Store::open(&path).unwrap_err();
        assert!(error.message().contains(&path.display().to_string()), "{}", error.chain());
        assert!(error.hint_text().is_some());
    }
    assert_eq!(names(folder.path()), ["file", "proc", "store"]);
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "text");
}

#[test]
fn a_store_that_another_program_holds_is_left_alone() {
    let home = home();
    home.jobs(["job"]);
    let folder = home.folder.path().to_owned();
    let Home { store, folder: _keep } = home;
    drop(store);
    let other = Connection::open(file(&folder)).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let error = Store::open(&file(&folder)).unwrap_err();
    assert!(error.hint_text().unwrap().contains("another program"), "{}", error.chain());
    drop(other);
    assert!(!names(&folder).iter().any(|name| name.contains("unreadable")));
    assert_eq!(Store::open(&file(&folder)).unwrap().counts().unwrap().queued, 1);
}
