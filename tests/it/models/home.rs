//! A user with an empty folder and a catalog entry of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::super::common::words;

/// The weights that tests fetch: 3 MiB that no two bytes of which can be mixed up unnoticed.
pub fn body() -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        // The generator of Numerical Recipes.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..3 << 20).map(next).collect()
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a catalog entry says about the file.
pub enum Known {
    /// Size and hash.
    Size,
    /// The hash only.
    Hash,
}

/// A folder for everything that facedeck keeps.
pub struct Home(pub TempDir);

impl Home {
    /// A home whose catalog knows `sharp`, which lies at these addresses.
    pub fn new(body: &[u8], urls: &[String]) -> Self {
        Self::knowing(Known::Size, body, urls)
    }

    /// As [`Home::new`], with a choice.
    pub fn knowing(known: Known, body: &[u8], urls: &[String]) -> Self {
        let home = Home(tempfile::tempdir().expect("a folder"));
        let bytes = match known {
            Known::Size => format!("bytes = {}\n", body.len()),
            Known::Hash => String::new(),
        };
        let sources: Vec<String> = urls.iter().map(|url| format!("{{ url = {url:?} }}")).collect();
        let file = format!(
            "[[files]]\nname = \"sharp.onnx\"\n{bytes}sha256 = \"{}\"\nsources = [{}]\n",
            sha256(body),
            sources.join(", ")
        );
        home.entry("sharp", &file);
        home
    }

    /// Adds an entry with this file to the user's catalog.
    pub fn entry(&self, id: &str, file: &str) -> PathBuf {
        let folder = self.0.path().join("config/models");
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(format!("{id}.toml"));
        std::fs::write(&path, entry(id, file)).expect("an entry");
        path
    }

    /// `facedeck models` with these arguments, in a hurry and without a proxy.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_facedeck"));
        command.env("FACEDECK_HOME", self.0.path()).env("FACEDECK_NETWORK_PATIENCE", "1");
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.arg("models").args(arguments);
        command
    }

    /// Runs `facedeck models pull sharp --accept-license`, shows what was seen, and what it left.
    pub fn pull(&self) -> Output {
        self.run(&["pull", "sharp", "--accept-license"])
    }

    /// Runs `facedeck models` with these arguments, and shows what was seen, and what it left.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("the binary starts");
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        println!("== {test}: exit {:?}\n{}", output.status.code(), words(&output));
        println!("-- on the disk: {:?}", self.files());
        output
    }

    /// Where the weights lie.
    pub fn folder(&self) -> PathBuf {
        self.0.path().join("data/models")
    }

    /// A file beside the weights.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Names and sizes of all that lies there, sorted.
    pub fn files(&self) -> Vec<(String, u64)> {
        let Ok(listing) = std::fs::read_dir(self.folder()) else { return Vec::new() };
        let mut files: Vec<(String, u64)> = listing
            .map(|entry| {
                let entry = entry.expect("an entry");
                let size = entry.metadata().expect("a file").len();
                (entry.file_name().into_string().expect("a name"), size)
            })
            .collect();
        files.sort();
        files
    }

    /// The names alone.
    pub fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }

    /// That the weights are here, whole, with their record and nothing else.
    pub fn has_all(&self, body: &[u8]) {
        assert_eq!(self.names(), ["sharp.onnx", "sharp.toml"]);
        let here = std::fs::read(self.path("sharp.onnx")).expect("the weights");
        assert!(here == body, "not the bytes");
        let record = std::fs::read_to_string(self.path("sharp.toml")).expect("the record");
        for line in [format!("sha256 = \"{}\"", sha256(body)), "pinned = true".into()] {
            assert!(record.contains(&line), "{record}");
        }
    }

    /// Leaves the beginning of the file as a download that was cut off.
    pub fn begin(&self, bytes: &[u8], body: &[u8], url: &str, tag: &str) {
        std::fs::create_dir_all(self.folder()).expect("a folder");
        std::fs::write(self.path(".sharp.onnx.part"), bytes).expect("a part");
        let notes =
            format!("sha256 = \"{}\"\nurl = {url:?}\nvalidator = '\"{tag}\"'\n", sha256(body));
        std::fs::write(self.path(".sharp.onnx.part.toml"), notes).expect("the notes");
    }
}

/// A catalog entry of a converter with this file.
pub fn entry(id: &str, file: &str) -> String {
    format!(
        "id = \"{id}\"\nrole = \"converter\"\nfamily = \"vector\"\nsummary = \"a test\"\n\
         license = \"LicenseRef-Test\"\nlicense_note = \"Research only.\"\n\
         attribution = \"nobody\"\ncommercial = false\nupstream = \"nowhere\"\nnotes = \"\"\n\n\
         {file}"
    )
}

/// That a run ended well and said all of these words.
pub fn good(output: &Output, says: &[&str]) {
    let said = words(output);
    assert!(output.status.success(), "{said}");
    contains(&said, says);
}

/// That a run failed with this exit code and said all of these words.
pub fn bad(output: &Output, code: i32, says: &[&str]) {
    let said = words(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    contains(&said, says);
}

fn contains(said: &str, says: &[&str]) {
    for word in says {
        assert!(said.contains(word), "no '{word}' in: {said}");
    }
}

/// Writes a file beside the home's folders.
pub fn file(home: &Home, name: &str, bytes: &[u8]) -> PathBuf {
    let path = home.0.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
    std::fs::write(&path, bytes).expect("a file");
    path
}
