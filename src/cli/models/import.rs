//! `facedeck models import`: takes weights that the user has already.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;
use crate::models::import::{Candidate, Way, import};
use crate::models::store::mebibytes;
use crate::models::{Entry, Store};
use crate::settings::Directories;

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, line};

mod entry_file;
use entry_file::EntryFile;

/// Arguments of `facedeck models import`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ImportArgs {
    /// The files; of a folder, every file that is known
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Take the file for this model, though it is not one of the catalog's
    #[arg(long = "as", value_name = "ID")]
    pub id: Option<String>,
    /// Take the file for the model that this catalog entry describes
    #[arg(long, value_name = "ENTRY.toml", conflicts_with = "id")]
    pub entry: Option<PathBuf>,
    /// Leave the file where it is, and link to it
    #[arg(long)]
    pub link: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models import ~/Downloads/inswapper_128.onnx
  facedeck models import --link ~/roop/models ~/.insightface/models/buffalo_l
  facedeck models import my_finetune.onnx --as inswapper_128
  facedeck models import new_swapper.onnx --entry new_swapper.toml";

/// How an import speaks and works.
struct Import<'a> {
    args: &'a ImportArgs,
    mode: OutputMode,
    interrupt: Interrupt,
}

/// Runs the command.
///
/// # Errors
/// When a file is not known and it was not said what it is, or it cannot be taken.
pub(super) fn run(args: &ImportArgs, mode: OutputMode) -> Result<()> {
    let work = Import { args, mode, interrupt: Interrupt::on_signals()? };
    match (&args.id, &args.entry) {
        (Some(id), _) => {
            let store = Store::open()?;
            work.take(&store, store.entry(id)?, &work.only_file()?)
        }
        (None, Some(path)) => work.with_entry(path),
        (None, None) => work.recognized(&Store::open()?),
    }
}

impl Import<'_> {
    /// The one file that `--as` and `--entry` are about.
    fn only_file(&self) -> Result<Candidate> {
        match &self.args.files[..] {
            [file] => Candidate::of(file, &self.interrupt),
            _ => Err(Error::usage("--as and --entry take one file at a time")),
        }
    }

    /// A file and the entry that describes it: both are taken, or neither.
    fn with_entry(&self, path: &Path) -> Result<()> {
        let candidate = self.only_file()?;
        let folder = Directories::from_env()?.config.join("models");
        let added = EntryFile::add(path, &folder)?;
        let take = || {
            let store = Store::open()?;
            self.take(&store, store.entry(added.id())?, &candidate)
        };
        match take() {
            Ok(()) => {
                added.keep();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Files that the catalog knows by their hash.
    fn recognized(&self, store: &Store) -> Result<()> {
        let mut unknown = Vec::new();
        for path in &self.args.files {
            if path.is_dir() {
                self.folder(store, path)?;
                continue;
            }
            let candidate = Candidate::of(path, &self.interrupt)?;
            if !self.take_known(store, &candidate)? {
                unknown.push(candidate);
            }
        }
        match unknown.first() {
            None => Ok(()),
            Some(first) => {
                let names: Vec<String> =
                    unknown.iter().map(|one| one.path.display().to_string()).collect();
                let names = names.join(", ");
                let is = if unknown.len() == 1 { "is" } else { "are" };
                Err(Error::usage(format!("{names} {is} no file that the catalog knows")).hint(
                    format!(
                        "say which model it is with --as ID (\"facedeck models list\" shows all), \
                         or describe it with --entry; its SHA-256 is {}",
                        first.sha256
                    ),
                ))
            }
        }
    }

    /// What is known of a folder.
    fn folder(&self, store: &Store, folder: &Path) -> Result<()> {
        let unreadable = || format!("cannot read {}", folder.display());
        let listing = std::fs::read_dir(folder).context(unreadable)?;
        let mut paths: Vec<PathBuf> =
            listing.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        paths.sort_unstable();
        let mut taken = 0;
        for path in &paths {
            if Candidate::could_be_known(path, store)
                && self.take_known(store, &Candidate::of(path, &self.interrupt)?)?
            {
                taken += 1;
            }
        }
        let (folder, all) = (folder.display(), paths.len());
        if taken == 0 {
            return Err(Error::usage(format!("no file of {folder} is known to the catalog")));
        }
        self.mode.note(&format!("{folder}: {taken} of {all} files are known"));
        Ok(())
    }

    fn take_known(&self, store: &Store, candidate: &Candidate) -> Result<bool> {
        let entries = candidate.recognize(store);
        for entry in &entries {
            self.take(store, entry, candidate)?;
        }
        Ok(!entries.is_empty())
    }

    fn take(&self, store: &Store, entry: &Entry, candidate: &Candidate) -> Result<()> {
        let way = if self.args.link { Way::Link } else { Way::Copy };
        let found = import(store, entry, candidate, way, &self.interrupt)?;
        if !found.pinned && !entry.files.is_empty() {
            self.mode.warn(&format!(
                "{} is not the file that the catalog knows as {}: it is used as it is, and what \
                 comes out may differ",
                candidate.path.display(),
                entry.id
            ));
        }
        if !entry.commercial {
            self.mode.note(&entry.terms());
        }
        match self.mode {
            OutputMode::Quiet => {}
            OutputMode::Json => json_line(&json!({
                "event": "imported",
                "id": entry.id,
                "path": found.path,
                "bytes": found.bytes,
                "sha256": found.sha256,
                "pinned": found.pinned,
            })),
            _ => line(&format!(
                "✔ {}: {}, {}",
                entry.id,
                found.path.display(),
                mebibytes(found.bytes)
            )),
        }
        Ok(())
    }
}
