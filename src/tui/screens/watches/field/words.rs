//! What the lines of the form say about themselves.

use crate::settings::config::Watch;

use super::{Field, Kind};

const RULES: [(&str, &str); 4] = [
    ("source", "every picture and video is a target for the source photos"),
    ("folder", "every folder is a job: its source* files go into its target* file"),
    ("pair", "NAME.source.EXT goes into NAME.target.EXT"),
    ("job", "every NAME.job.toml says what its job is"),
];
const INPUTS: [(&str, &str); 3] = [
    ("move", "it goes to done/, or to failed/ beside a file with the reason"),
    ("keep", "it stays where it is"),
    ("remove", "it is removed when the job is done; after a failure it goes to failed/"),
];
const LOOKS: [(&str, &str); 3] = [
    ("auto", "the system tells what changes; network file systems are polled"),
    ("notify", "the system tells what changes"),
    ("poll", "it is read again and again"),
];

impl Field {
    /// What it is for.
    pub(in super::super) fn help(self) -> &'static str {
        match self {
            Field::Name => "what it is called: small letters, digits, - and _",
            Field::Folder => "the folder whose files become jobs, with its full path",
            Field::Rule => "how its files become jobs",
            Field::Sources => {
                "photos of the face that goes into every target; several are parted by ;"
            }
            Field::Profile => "how jobs are done",
            Field::Set => {
                "keys of the profile with new values, such as swap.weight = 0.5; several are parted by ;"
            }
            Field::Output => "where results go; a relative path begins in the folder",
            Field::Pattern => "the name of a result: {target} {source} {ext} {date} {id}",
            Field::Input => "what becomes of an input when its job is done",
            Field::Include => {
                "only files whose names are like one of these, such as *.mp4; parted by ;"
            }
            Field::Ignore => "no files whose names are like one of these; parted by ;",
            Field::Recursive => "folders in the folder are looked into",
            Field::Priority => "of its jobs, -1000 to 1000; those with more go first",
            Field::Look => "how it is noticed that something changed",
            Field::Poll => "seconds between two looks, where it is read again and again",
            Field::Settle => {
                "seconds for which a file must stay the same, where nobody says that it is whole"
            }
            Field::Paused => "it takes nothing until it is resumed",
        }
    }

    /// How it is changed.
    pub(in super::super) fn kind(self) -> Kind {
        match self {
            Field::Rule => Kind::Words(&RULES),
            Field::Input => Kind::Words(&INPUTS),
            Field::Look => Kind::Words(&LOOKS),
            Field::Profile => Kind::Profile,
            Field::Recursive | Field::Paused => Kind::Switch,
            _ => Kind::Text,
        }
    }

    /// What its value means, where it is one of certain words.
    pub(in super::super) fn note(self, watch: &Watch) -> &'static str {
        let Kind::Words(words) = self.kind() else { return "" };
        let now = self.text(watch);
        words.iter().find(|(word, _)| *word == now).map(|(_, note)| *note).unwrap_or_default()
    }

    /// What is shown where it is not set.
    pub(in super::super) fn unset(self) -> &'static str {
        match self {
            Field::Name | Field::Folder => "needed",
            Field::Sources => "none yet",
            Field::Profile => "embedded",
            Field::Output => "output, in the folder",
            Field::Include => "all files",
            _ => "none",
        }
    }
}
