//! Every key of a profile with what it takes, for clients that offer them to people.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Context, Result};
use crate::profiles::Profile;
use crate::profiles::layers::flat;
use crate::profiles::schema::{FIELDS, Field, Kind};

/// A key of a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OptionView {
    /// The key, with its table: `faces.score`.
    pub key: String,
    /// The table; empty for keys that stand before all tables.
    pub table: String,
    /// What it says, in one line.
    pub help: String,
    /// Its value when nobody says anything; none where it is not set then.
    #[schema(value_type = Option<Value>)]
    pub default: Option<Value>,
    /// What it takes.
    pub takes: KindView,
}

/// What a key takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KindView {
    /// `text`, `path`, `word`, `flag`, `real`, `whole`, `choice`, `list`, or `tables`.
    pub kind: String,
    /// The words or numbers that it takes, where only certain ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Value>)]
    pub values: Vec<Value>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// Members of a list at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<usize>,
    /// Members of a list at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// What the members of a list are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub of: Option<Box<KindView>>,
    /// The keys of each table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub fields: Vec<OptionView>,
    /// The first keys of each table, so many of them, must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<usize>,
}

/// Every key, table by table.
pub(super) fn all() -> Result<Vec<OptionView>> {
    let mut usual = flat(&Profile::default())?;
    FIELDS
        .iter()
        .map(|field| {
            let default = usual.remove(field.key).map(serde_json::to_value).transpose();
            let default =
                default.context(|| format!("{} has a default that is no JSON", field.key))?;
            Ok(view(field, default))
        })
        .collect()
}

fn view(field: &Field, default: Option<Value>) -> OptionView {
    OptionView {
        key: field.key.to_owned(),
        table: field.table().to_owned(),
        help: field.help.to_owned(),
        default,
        takes: kind(field.kind),
    }
}

fn kind(kind: Kind) -> KindView {
    let named = |name: &str| KindView { kind: name.to_owned(), ..KindView::default() };
    match kind {
        Kind::Text => named("text"),
        Kind::Path => named("path"),
        Kind::Flag => named("flag"),
        Kind::Word(words) => {
            let values = words.iter().map(|word| Value::from(*word)).collect();
            KindView { values, ..named("word") }
        }
        Kind::Choice(numbers) => {
            let values = numbers.iter().map(|number| Value::from(*number)).collect();
            KindView { values, ..named("choice") }
        }
        Kind::Real(from, to) => {
            KindView { minimum: Some(from), maximum: Some(to), ..named("real") }
        }
        Kind::Whole(from, to) => {
            KindView { minimum: Some(from as f64), maximum: Some(to as f64), ..named("whole") }
        }
        Kind::List(of, least, most) => KindView {
            of: Some(Box::new(self::kind(*of))),
            least: Some(least),
            most: (most < usize::MAX).then_some(most),
            ..named("list")
        },
        Kind::Tables(fields, needed) => KindView {
            fields: fields.iter().map(|field| view(field, None)).collect(),
            needed: Some(needed),
            ..named("tables")
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::value::faults;

    #[test]
    fn every_key_is_told_and_its_default_is_one_of_its_values() {
        let all = all().unwrap();
        assert_eq!(all.len(), FIELDS.len());
        for (option, field) in all.iter().zip(FIELDS) {
            assert_eq!(option.key, field.key);
            let Some(default) = &option.default else { continue };
            let value = toml::Value::try_from(default).unwrap();
            // Descriptions are empty until somebody writes one.
            if option.key != "description" {
                assert!(faults(field.kind, &value).is_empty(), "{option:?}");
            }
        }
        let of = |key: &str| &all.iter().find(|option| option.key == key).unwrap().takes;
        assert_eq!(of("swap.pixel_boost").values[2], 3);
        assert_eq!(
            (of("video.quality").minimum, of("video.quality").maximum),
            (Some(0.0), Some(100.0))
        );
        let map = of("faces.map");
        assert_eq!((map.fields.len(), map.needed), (2, Some(2)));
        assert_eq!(map.fields[1].takes.of.as_ref().unwrap().kind, "path");
    }
}
