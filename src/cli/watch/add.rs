//! `facedeck watch add`: a folder whose files become jobs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::error::{Context, Result};
use crate::profiles::Setting;
use crate::settings::config::{Input, Look, Rule, Watch};

use super::super::flags::set;
use super::super::jobs::Common;
use super::super::jobs::words::plain;
use super::super::offered;
use super::super::output::{OutputMode, json_line, result_line};
use super::tell;

/// Arguments of `facedeck watch add`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct AddArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The folder
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// How its files become jobs: every file is a target for --source; every folder in it is a job;
    /// NAME.source.EXT goes into NAME.target.EXT; every job.toml says what its job is
    #[arg(long, value_name = "RULE", default_value = "source",
          value_parser = one_of::<Rule>(&["source", "folder", "pair", "job"]))]
    pub rule: Rule,
    /// A photo of the face that goes into every target, for the rule "source"
    #[arg(short, long = "source", value_name = "PHOTO", num_args = 1..,
          value_hint = ValueHint::FilePath)]
    pub sources: Vec<PathBuf>,
    /// The profile
    #[arg(long, value_name = "NAME", add = offered::profiles())]
    pub profile: Option<String>,
    /// Set a key of the profile, such as swap.weight=0.5
    #[arg(long, value_name = "KEY=VALUE", value_parser = set)]
    pub set: Vec<Setting>,
    /// Where results go [default: in the folder itself]
    #[arg(short, long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// The name of a result, from {target}, {source}, {ext}, {date} and {id}
    #[arg(long, value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// What becomes of an input: to done/ or failed/, left where it is, or removed when done
    #[arg(long, value_name = "WHAT", default_value = "move",
          value_parser = one_of::<Input>(&["move", "keep", "remove"]))]
    pub input: Input,
    /// Only names like this, such as *.mp4; several are fine
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// No names like this; several are fine
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<String>,
    /// Look into folders in the folder
    #[arg(long)]
    pub recursive: bool,
    /// The priority of its jobs; -1000 to 1000
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-1000..=1000))]
    pub priority: i32,
    /// How it is looked at: the system tells what changes, or it is read again and again; "auto"
    /// reads network file systems
    #[arg(long, value_name = "HOW", default_value = "auto",
          value_parser = one_of::<Look>(&["auto", "notify", "poll"]))]
    pub look: Look,
    /// Seconds between two looks, where it is read again and again
    #[arg(long, value_name = "SECONDS")]
    pub poll_seconds: Option<f64>,
    /// Seconds for which a file must stay the same, where nobody says that it is whole
    #[arg(long, value_name = "SECONDS")]
    pub settle_seconds: Option<f64>,
    /// Take nothing until it is resumed
    #[arg(long)]
    pub paused: bool,
    /// Only say what would be done with what lies there now
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck watch add studio /srv/in -s me.jpg
  facedeck watch add studio /srv/in -s me.jpg -o /srv/out --profile quality --include '*.mp4'
  facedeck watch add pairs /srv/pairs --rule pair --input keep
  facedeck watch add orders /srv/orders --rule folder --dry-run";

/// One of these words, as the configuration reads it. A test holds the words against the type.
fn one_of<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value::<T>(json!(word)))
}

/// Runs the command.
///
/// # Errors
/// When the rules make no sense, or there is one of this name or folder.
pub(super) fn run(args: &AddArgs, mode: OutputMode) -> Result<()> {
    let watch = watch(args)?;
    let service = args.common.host.connect(mode)?;
    if !args.dry_run {
        let added = service.run(async |client| client.add_watch(&watch).await)?;
        tell(&added, mode);
        return Ok(());
    }
    let lines = service.run(async |client| client.rehearse_watch(&watch).await)?;
    for line in &lines {
        match mode {
            OutputMode::Json => json_line(&json!({ "event": "would", "what": line })),
            _ => result_line(&plain(line)),
        }
    }
    if lines.is_empty() {
        mode.note("nothing lies there that would become a job");
    }
    Ok(())
}

/// The hot folder, with paths that mean the same to the service.
fn watch(args: &AddArgs) -> Result<Watch> {
    let here = args.common.host.host().shares_files();
    let full = |path: &Path| {
        if here {
            std::path::absolute(path).context(|| format!("{} is no usable path", path.display()))
        } else {
            Ok(path.to_owned())
        }
    };
    let usual = Watch::default();
    let set: BTreeMap<String, toml::Value> = args
        .set
        .iter()
        // A key that is put back to its default is one that is not set.
        .filter_map(|setting| Some((setting.key.to_owned(), setting.value.clone()?)))
        .collect();
    Ok(Watch {
        name: args.name.clone(),
        folder: full(&args.folder)?,
        rule: args.rule,
        sources: args.sources.iter().map(|path| full(path)).collect::<Result<_>>()?,
        profile: args.profile.clone(),
        set,
        output: args.output.as_deref().map(full).transpose()?,
        pattern: args.pattern.clone().unwrap_or(usual.pattern),
        input: args.input,
        include: args.include.clone(),
        ignore: args.ignore.clone(),
        recursive: args.recursive,
        priority: args.priority,
        look: args.look,
        poll_seconds: args.poll_seconds.unwrap_or(usual.poll_seconds),
        settle_seconds: args.settle_seconds.unwrap_or(usual.settle_seconds),
        paused: args.paused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        add: AddArgs,
    }

    fn read(line: &[&str]) -> Watch {
        watch(&Line::try_parse_from([&["add"], line].concat()).unwrap().add).unwrap()
    }

    #[test]
    fn what_is_not_said_is_as_in_the_configuration() {
        let watch = read(&["a", "/srv/in"]);
        let usual = Watch { name: "a".into(), folder: "/srv/in".into(), ..Watch::default() };
        assert_eq!(watch, usual);
        let watch = read(&["a", "in", "-s", "b.jpg", "--set", "swap.weight=0.5"]);
        assert!(watch.folder.is_absolute() && watch.sources[0].is_absolute());
        assert_eq!(watch.set["swap.weight"], toml::Value::Float(0.5));
    }

    #[test]
    fn every_word_of_a_choice_is_known_to_the_configuration() {
        for word in ["source", "folder", "pair", "job"] {
            read(&["a", "/b", "--rule", word]);
        }
        for word in ["move", "keep", "remove"] {
            read(&["a", "/b", "--input", word]);
        }
        for word in ["auto", "notify", "poll"] {
            read(&["a", "/b", "--look", word]);
        }
    }
}
