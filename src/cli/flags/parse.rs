//! How the values of flags are read.

use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;

use crate::error::Result;
use crate::inference::provider::{self, Provider};
use crate::processors::registry;
use crate::profiles::{Origin, Setting, document, schema};

use crate::inference::plan::AUTO;

/// Names of which all are known: offered by the shell, and wrong ones told with the right ones.
#[derive(Clone)]
pub(super) struct Names {
    known: fn() -> Vec<&'static str>,
    check: fn(&str) -> Result<()>,
}

impl Names {
    /// Names of processors.
    pub(super) fn processors() -> Self {
        Names {
            known: || registry::KINDS.iter().map(|kind| kind.name()).collect(),
            check: |name| registry::find(name).map(drop),
        }
    }

    /// Names of execution providers, `auto` among them.
    pub(super) fn providers() -> Self {
        Names {
            known: || [AUTO].into_iter().chain(Provider::ALL.iter().map(|p| p.name())).collect(),
            check: check_provider,
        }
    }
}

/// Whether there is an execution provider of this name.
pub(super) fn check_provider(name: &str) -> Result<()> {
    if name == AUTO { Ok(()) } else { provider::parse(name).map(drop) }
}

impl TypedValueParser for Names {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        let name = value.to_string_lossy();
        (self.check)(&name).map(|()| name.into_owned()).map_err(|error| {
            let hint = error.hint_text().map(|hint| format!(" ({hint})")).unwrap_or_default();
            let text = format!("{error}{hint}\n");
            clap::Error::raw(ErrorKind::InvalidValue, text).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.known)().into_iter().map(PossibleValue::new)))
    }
}

/// `KEY=VALUE` of a profile.
pub(crate) fn set(text: &str) -> Result<Setting, String> {
    let (key, value) =
        text.split_once('=').ok_or("write it as KEY=VALUE, such as swap.weight=0.5")?;
    let key = key.trim();
    let field = schema::find(key).ok_or_else(|| {
        let (message, hint) = document::unknown_key(key);
        format!("{message}; {hint}")
    })?;
    Setting::parse(field, value, Origin::Flag(format!("--set {key}"))).map_err(|complaint| {
        let hint = complaint.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{}{hint}", complaint.message)
    })
}

/// `A-B` in years.
pub(super) fn age(text: &str) -> Result<[u8; 2], String> {
    let year = |part: &str| part.trim().parse::<u8>().ok();
    let range = text.split_once('-').and_then(|(from, to)| Some([year(from)?, year(to)?]));
    range.filter(|[from, to]| from <= to).ok_or_else(|| "write it as 20-40".to_owned())
}

/// A person of the target and the photos of the face that they get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// A picture of the person in the target.
    pub who: PathBuf,
    /// Photos of the face.
    pub faces: Vec<PathBuf>,
}

/// `WHO=FACE[,FACE…]`.
pub(super) fn pair(text: &str) -> Result<Pair, String> {
    let how = "write it as WHO.jpg=FACE.jpg, or WHO.jpg=FACE.jpg,ANOTHER.jpg";
    let (who, faces) = text.split_once('=').ok_or(how)?;
    let faces: Vec<PathBuf> =
        faces.split(',').map(str::trim).filter(|f| !f.is_empty()).map(PathBuf::from).collect();
    if who.trim().is_empty() || faces.is_empty() {
        return Err(how.to_owned());
    }
    Ok(Pair { who: who.trim().into(), faces })
}

/// One number for all four sides, or the four.
pub(super) fn padding(text: &str) -> Result<[u8; 4], String> {
    let how = "write it as PERCENT, or TOP,RIGHT,BOTTOM,LEFT";
    let sides: Vec<u8> = text
        .split(',')
        .map(|side| side.trim().parse::<u8>().ok().filter(|percent| *percent <= 100))
        .collect::<Option<_>>()
        .ok_or(how)?;
    match sides[..] {
        [all] => Ok([all; 4]),
        [top, right, bottom, left] => Ok([top, right, bottom, left]),
        _ => Err(how.to_owned()),
    }
}

/// A cosine as the squared distance of unit vectors, which is how thresholds are counted.
pub(super) fn cosine(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(cosine) if (-1.0..=1.0).contains(&cosine) => Ok(2.0 - 2.0 * cosine),
        _ => Err("a cosine lies between -1 and 1; people differ below 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        assert_eq!(age("20-40"), Ok([20, 40]));
        assert_eq!(padding("5"), Ok([5; 4]));
        assert_eq!(padding("1,2, 3,4"), Ok([1, 2, 3, 4]));
        assert_eq!(cosine("0.575"), Ok(0.8500000000000001));
        let two = pair("a.jpg=b.jpg,c.jpg").unwrap();
        assert_eq!((two.who, two.faces.len()), ("a.jpg".into(), 2));
        for wrong in ["20", "40-20", "a-b", "20-400"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        assert!(padding("1,2").is_err() && padding("101").is_err());
        assert!(cosine("1.2").is_err() && pair("a.jpg").is_err() && pair("=b").is_err());
    }

    #[test]
    fn keys_are_set_by_name() {
        assert_eq!(set("swap.pixel_boost=2").unwrap().key, "swap.pixel_boost");
        assert!(set("swap.modle=x").unwrap_err().contains("did you mean swap.model?"));
        assert!(set("swap.pixel_boost=5").unwrap_err().contains("1, 2, 3, 4, 6, 8"));
        assert!(set("swap.model").unwrap_err().contains("KEY=VALUE"));
        assert_eq!(set("video.fps=default").unwrap().value, None);
    }
}
