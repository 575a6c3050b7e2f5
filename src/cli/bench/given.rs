//! A folder with networks that are measured without being installed: which models of the catalog
//! the files stand for, going by their names.

use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::models::{Entry, Role, Status, Store};

/// What generated files are called that are no full-size ones: they go together.
const KINDS: [&str; 2] = ["tiny_", "mini_"];
/// Short names that generated files have, and what they stand for.
const SHORT: [(&str, &str); 3] =
    [("det", "det_10g"), ("arcface", "w600k_r50"), ("gfpgan", "gfpgan_1.4")];

/// A file of the folder and the model that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The catalog id.
    pub id: String,
    /// The file's name without its extension.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

impl Given {
    /// `tiny_`, `mini_` or nothing.
    fn kind(&self) -> &'static str {
        kind_of(&self.name)
    }
}

/// A swapper or enhancer of the folder, and the files that it runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The network that is measured.
    pub main: Given,
    /// Its role.
    pub role: Role,
    /// The detector, where the folder has one.
    pub detector: Option<Given>,
    /// What it needs besides: of the folder, else of the user's own models.
    pub needs: Vec<(String, PathBuf)>,
}

/// What is known of a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// What can be measured, by name.
    pub groups: Vec<Group>,
    /// Files that cannot, and why.
    pub left_out: Vec<String>,
}

/// Looks through a folder.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it cannot be read or has no network.
pub(super) fn list(folder: &Path, store: &Store) -> Result<Listing> {
    let shown = folder.display();
    let listing = std::fs::read_dir(folder)
        .map_err(|e| Error::usage(format!("cannot read the folder {shown}")).because(e))?;
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry.context(|| format!("cannot read the folder {shown}"))?.path();
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::usage(format!("the folder {shown} has no .onnx files")));
    }
    paths.sort_unstable();
    let mut found = Listing::default();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match stands_for(&name, store.entries()) {
            Some(id) => files.push(Given { id, name, path }),
            None => found.left_out.push(format!("{name}.onnx is called like no known model")),
        }
    }
    for main in &files {
        let entry = store.entry(&main.id)?;
        if !matches!(entry.role, Role::Swapper | Role::Enhancer) {
            continue;
        }
        match needs(main, entry, &files, store)? {
            Ok(needs) => found.groups.push(Group {
                main: main.clone(),
                role: entry.role,
                detector: detector(main, &files, store)?,
                needs,
            }),
            Err(lacks) => found.left_out.push(format!(
                "{}.onnx needs {lacks}, which is neither in the folder nor among your models",
                main.name
            )),
        }
    }
    Ok(found)
}

/// The id of the model that a file of this name stands for: its own id or the name that its file
/// has in the catalog, or an id and something more, or one of the short names.
fn stands_for(name: &str, entries: &[Entry]) -> Option<String> {
    let plain = name.strip_prefix(kind_of(name)).unwrap_or(name);
    let same = |file: &str| Path::new(file).file_stem().is_some_and(|stem| *stem == *plain);
    let exact = |e: &&Entry| e.id == plain || e.files.iter().any(|file| same(&file.name));
    let short = || SHORT.iter().find(|(short, _)| *short == plain).map(|(_, id)| (*id).to_owned());
    let longer = |e: &&Entry| {
        plain.strip_prefix(e.id.as_str()).is_some_and(|rest| rest.starts_with(['_', '-']))
    };
    entries
        .iter()
        .find(exact)
        .map(|entry| entry.id.clone())
        .or_else(short)
        .or_else(|| entries.iter().filter(longer).map(|e| e.id.clone()).max_by_key(String::len))
}

fn kind_of(name: &str) -> &'static str {
    KINDS.into_iter().find(|kind| name.starts_with(kind)).unwrap_or("")
}

/// The file for a model that goes best with another: of its kind, else the first small one, else
/// any; plain names before those with something more.
fn beside<'a>(main: &Given, id: &str, files: &'a [Given]) -> Option<&'a Given> {
    let rank = |file: &&Given| {
        let kind = if file.kind() == main.kind() {
            0
        } else if file.kind().is_empty() == main.kind().is_empty() {
            1
        } else {
            2
        };
        (kind, file.name.len())
    };
    files.iter().filter(|file| file.id == id).min_by_key(rank)
}

/// The files of all that a model needs, or what is missing.
fn needs(
    main: &Given,
    entry: &Entry,
    files: &[Given],
    store: &Store,
) -> Result<Result<Vec<(String, PathBuf)>, String>> {
    let mut found = Vec::new();
    for need in store.with_needs(&entry.needs)? {
        let path = match (beside(main, &need.id, files), store.status(&need.id)?) {
            (Some(file), _) => file.path.clone(),
            (None, Status::Embedded) => continue,
            (None, Status::Here(found)) => found.path,
            (None, _) => return Ok(Err(need.id.clone())),
        };
        found.push((need.id.clone(), path));
    }
    Ok(Ok(found))
}

fn detector(main: &Given, files: &[Given], store: &Store) -> Result<Option<Given>> {
    let mut best: Option<&Given> = None;
    for entry in store.entries().iter().filter(|entry| entry.role == Role::Detector) {
        let Some(file) = beside(main, &entry.id, files) else { continue };
        // buffalo_l's, where there are several: it is what swappers are used with.
        if best.is_none() || file.id == super::subjects::DETECTOR {
            best = Some(file);
        }
    }
    Ok(best.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    fn store(home: &Path) -> Store {
        Store::beneath(&Directories::beneath(home).unwrap()).unwrap()
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(folder.path().join(file), b"x").unwrap();
        }
        folder
    }

    #[test]
    fn names_say_which_model_it_is() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        for (name, id) in [
            ("inswapper_128", Some("inswapper_128")),
            ("inswapper_128_fp16", Some("inswapper_128_fp16")),
            ("inswapper_128_dyn", Some("inswapper_128")),
            ("tiny_inswapper_128", Some("inswapper_128")),
            ("mini_inswapper_128", Some("inswapper_128")),
            ("GFPGANv1.4", Some("gfpgan_1.4")),
            ("tiny_gfpgan", Some("gfpgan_1.4")),
            ("tiny_det", Some("det_10g")),
            ("tiny_arcface", Some("w600k_r50")),
            ("tiny_det_many", None),
            ("inswapper", None),
            ("inswapper_1280", None),
            ("x", None),
        ] {
            assert_eq!(stands_for(name, store.entries()).as_deref(), id, "{name}");
        }
    }

    #[test]
    fn small_ones_go_with_small_ones_and_large_ones_with_large_ones() {
        let home = tempfile::tempdir().unwrap();
        let files = [
            "inswapper_128.onnx",
            "tiny_inswapper_128.onnx",
            "mini_inswapper_128.onnx",
            "det_10g.onnx",
            "tiny_det.onnx",
            "w600k_r50.onnx",
            "tiny_arcface.onnx",
            "tiny_yunet.onnx",
            "notes.txt",
        ];
        let folder = folder(&files);
        let listing = list(folder.path(), &store(home.path())).unwrap();
        assert_eq!(listing.left_out, ["tiny_yunet.onnx is called like no known model"]);
        let seen: Vec<(String, String, String)> = listing
            .groups
            .iter()
            .map(|group| {
                let detector = group.detector.as_ref().unwrap().name.clone();
                let need = group.needs[0].1.file_stem().unwrap().to_string_lossy().into_owned();
                assert_eq!(group.needs[0].0, "w600k_r50");
                (group.main.name.clone(), detector, need)
            })
            .collect();
        let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            seen,
            [
                row("inswapper_128", "det_10g", "w600k_r50"),
                row("mini_inswapper_128", "tiny_det", "tiny_arcface"),
                row("tiny_inswapper_128", "tiny_det", "tiny_arcface"),
            ]
        );
    }

    #[test]
    fn what_lacks_something_is_left_out_with_the_reason() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        let listing = list(folder(&["inswapper_128.onnx"]).path(), &store).unwrap();
        assert!(listing.groups.is_empty());
        assert!(listing.left_out[0].contains("needs w600k_r50"), "{:?}", listing.left_out);
        // An enhancer needs nothing, not even a detector.
        let listing = list(folder(&["GFPGANv1.4.onnx"]).path(), &store).unwrap();
        assert_eq!((listing.groups[0].role, &listing.groups[0].detector), (Role::Enhancer, &None));
        assert_eq!(list(folder(&["a.txt"]).path(), &store).unwrap_err().exit_code(), 2);
        assert_eq!(list(Path::new("/gone"), &store).unwrap_err().exit_code(), 2);
    }
}
