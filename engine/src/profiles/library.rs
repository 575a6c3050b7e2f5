//! The profiles that there are: those built in, and the user's own files.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::settings::Directories;

use super::complaint::{Complaint, Complaints, Origin};
use super::document::{self, Document};
use super::schema::nearest;

/// The profile that is used when none is named.
pub const USUAL: &str = "embedded";
/// The profile with roop's defaults.
pub const ROOP: &str = "roop";

macro_rules! built_in {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../../profiles/", $name, ".toml")))),*]
    };
}

/// Names and texts of the built-in profiles, in the order in which they are listed.
const BUILT_IN: [(&str, &str); 7] =
    built_in!("embedded", "fast", "quality", "many", "roop", "archive", "live");

/// The built-in profiles and a folder of files, either of which may be asked for by name.
#[derive(Debug, Clone)]
pub struct Library {
    folder: PathBuf,
}

/// A profile's text and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Its file; none where it is built in.
    pub path: Option<PathBuf>,
    /// What it says.
    pub text: Cow<'static, str>,
}

impl Preset {
    /// Reads it, without what it is built on.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn document(&self) -> Result<Document, Complaints> {
        document::read(&self.text, &self.name, self.path.as_deref())
    }

    /// Where it comes from, for people: "built in" or the file.
    pub fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| "built in".to_owned(), |p| p.display().to_string())
    }
}

impl Library {
    /// The built-in profiles and this user's folder of them.
    ///
    /// # Errors
    /// When the user has no home directory.
    pub fn open() -> Result<Self> {
        Ok(Library::at(Directories::from_env()?.config.join("profiles")))
    }

    /// The built-in profiles and the files of a folder, which need not exist.
    pub fn at(folder: PathBuf) -> Self {
        Library { folder }
    }

    /// The folder with the user's own profiles.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of all profiles: the built-in ones, then the user's own that replace none.
    pub fn names(&self) -> Vec<String> {
        let mut own: Vec<String> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| !name.starts_with('.') && built_in(name).is_none())
            .collect();
        own.sort();
        BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect()
    }

    /// The profile of a name, or of a file where it has a `/` or ends in `.toml`. A file in the
    /// user's folder comes before the built-in profile of that name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the nearest known one.
    pub fn get(&self, name: &str) -> Result<Preset> {
        if is_path(name) {
            return from_file(Path::new(name));
        }
        let own = self.folder.join(format!("{name}.toml"));
        if !name.starts_with('.') && own.is_file() {
            return from_file(&own);
        }
        built_in(name).ok_or_else(|| self.unknown(name))
    }

    /// The built-in profile of this name, though the user may have one of the same name.
    pub fn built_in(&self, name: &str) -> Option<Preset> {
        built_in(name)
    }

    fn unknown(&self, name: &str) -> Error {
        let names = self.names();
        let known = names.join(", ");
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}? (there are {known})"),
            None => format!("there are {known}; a file of your own: --profile ./{name}.toml"),
        };
        Error::usage(format!("there is no profile \"{name}\"")).hint(hint)
    }

    /// A profile and everything that it is built on, the last ancestor first.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn lineage(&self, preset: Preset) -> Result<Vec<(Preset, Document)>, Complaints> {
        let mut line: Vec<(Preset, Document)> = Vec::new();
        let mut next = Some(preset);
        while let Some(preset) = next.take() {
            let document = preset.document()?;
            if let Some((base, at)) = &document.extends {
                let origin = Origin::line(preset.path.as_deref(), &preset.name, *at);
                let complain = |message: String, hint: Option<String>| {
                    Complaints::from(Complaint { origin: origin.clone(), message, hint })
                };
                let base = self
                    .base(&preset, base)
                    .map_err(|e| complain(e.chain(), e.hint_text().map(str::to_owned)))?;
                let seen = |(other, _): &(Preset, Document)| same(other, &base);
                if same(&preset, &base) || line.iter().any(seen) {
                    let message = format!("extends: {} is built on itself in the end", base.name);
                    return Err(complain(message, None));
                }
                next = Some(base);
            }
            line.push((preset, document));
        }
        line.reverse();
        Ok(line)
    }

    /// The profile on which another one is built: a name, or a file seen from its folder. A file
    /// that takes a built-in profile's name may be built on that.
    fn base(&self, preset: &Preset, base: &str) -> Result<Preset> {
        if is_path(base) {
            let folder = preset.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
            return from_file(&folder.join(base));
        }
        let own = preset.path.is_some() && preset.name == base;
        match self.built_in(base) {
            Some(built_in) if own => Ok(built_in),
            _ => self.get(base),
        }
    }
}

fn same(a: &Preset, b: &Preset) -> bool {
    let whole = |p: &Preset| p.path.as_ref().map(|path| path.canonicalize().ok());
    a.name == b.name && whole(a) == whole(b)
}

/// Whether a profile is named by its file.
pub fn is_path(name: &str) -> bool {
    name.contains(std::path::is_separator) || name.ends_with(".toml")
}

fn built_in(name: &str) -> Option<Preset> {
    let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(Preset { name: (*name).to_owned(), path: None, text: Cow::Borrowed(text) })
}

fn from_file(path: &Path) -> Result<Preset> {
    let what = || format!("cannot read the profile {}", path.display());
    let bytes = fs::read(path).map_err(|e| {
        let hint = match path.file_stem().and_then(|stem| stem.to_str()) {
            Some(stem) if built_in(stem).is_some() => {
                format!("check the path, or name the built-in one: {stem}")
            }
            _ => "check the path".into(),
        };
        Error::usage(what()).because(e).hint(hint)
    })?;
    let text = String::from_utf8(bytes).context(what).map_err(|e| {
        Error::usage(what()).because(e.chain()).hint("a profile is a text in UTF-8, in TOML")
    })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Preset { name, path: Some(path.to_owned()), text: Cow::Owned(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(files: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let library = Library::at(folder.path().to_owned());
        (folder, library)
    }

    #[test]
    fn own_files_come_first_and_may_be_built_on_what_they_replace() {
        let (_folder, library) =
            library(&[("fast.toml", "extends = \"fast\""), ("mine.toml", ""), (".x.toml", "")]);
        let names = library.names();
        assert_eq!(names.iter().filter(|n| *n == "fast").count(), 1);
        assert!(names.ends_with(&["live".into(), "mine".into()]), "{names:?}");
        let fast = library.get("fast").unwrap();
        assert!(fast.path.is_some());
        let line = library.lineage(fast).unwrap();
        assert!(line.len() >= 2 && line[line.len() - 2].0.path.is_none());
    }

    #[test]
    fn circles_and_strangers_are_named_with_their_line() {
        let (folder, library) = library(&[
            ("a.toml", "description = \"a\"\nextends = \"b\""),
            ("b.toml", "extends = \"./a.toml\""),
            ("c.toml", "\n\nextends = \"rooop\""),
            ("d.toml", "extends = \"d\""),
        ]);
        let said = |name: &str| {
            let Complaints(all) = library.lineage(library.get(name).unwrap()).unwrap_err();
            format!("{} {:?}", all[0], all[0].hint)
        };
        let a = said("a");
        assert!(a.contains("b.toml, line 1") && a.contains("built on itself"), "{a}");
        let c = said("c");
        assert!(c.contains("c.toml, line 3") && c.contains("did you mean roop?"), "{c}");
        assert!(said("d").contains("built on itself"));
        let error = library.get(folder.path().join("roop.toml").to_str().unwrap()).unwrap_err();
        assert!(error.hint_text().unwrap().contains("built-in one: roop"));
        assert!(library.get("qualty").unwrap_err().hint_text().unwrap().contains("quality?"));
    }
}
