//! Keys of a profile: what they take, how their values are written and read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::profiles::{Origin, Setting, schema};
use crate::service::wire::KindView;

/// The value of a key as `--set` takes it, and as people write it.
pub fn text_of(value: &Value) -> String {
    let toml = |value: &Value| toml::Value::try_from(value).map(|value| value.to_string());
    match value {
        Value::Null => "default".to_owned(),
        // As they stand they would be taken for something else.
        Value::String(text) if text == "default" || text.trim() != text || text.is_empty() => {
            toml(value).unwrap_or_default()
        }
        Value::String(text) if text.starts_with(['"', '\'']) => toml(value).unwrap_or_default(),
        Value::String(text) => text.clone(),
        Value::Array(members) => match in_short(members) {
            Some(text) => text,
            None => toml(value).unwrap_or_else(|_| value.to_string()),
        },
        Value::Object(_) => toml(value).unwrap_or_else(|_| value.to_string()),
        Value::Number(number) => number_text(number),
        other => other.to_string(),
    }
}

/// A number with no more digits than it was written with: profiles keep 32 bits of it.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && f64::from(value as f32) == value => {
            (value as f32).to_string()
        }
        _ => number.to_string(),
    }
}

/// A list with commas, where no member of it would be taken for something else.
fn in_short(members: &[Value]) -> Option<String> {
    let word = |member: &Value| match member {
        Value::String(text) => {
            let safe = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
            (!text.is_empty() && text.chars().all(safe)).then(|| text.clone())
        }
        Value::Number(number) => Some(number_text(number)),
        _ => None,
    };
    let words: Vec<String> = members.iter().map(word).collect::<Option<_>>()?;
    let text = words.join(",");
    (!text.is_empty() && text != "default").then_some(text)
}

/// Every key of a profile with its value, from its tables.
pub fn flat(settings: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (name, value) in settings.as_object().into_iter().flatten() {
        match value {
            Value::Object(table) => {
                all.extend(
                    table.iter().map(|(key, value)| (format!("{name}.{key}"), value.clone())),
                );
            }
            Value::Null => {}
            other => _ = all.insert(name.clone(), other.clone()),
        }
    }
    all.retain(|key, value| key != "description" && !value.is_null());
    all
}

/// The keys of a profile that have to be set so that another one comes out of it.
pub fn difference(of: &Value, from: &Value) -> Map<String, Value> {
    let (of, from) = (flat(of), flat(from));
    let gone = from.keys().filter(|key| !of.contains_key(*key));
    let mut set: Map<String, Value> = gone.map(|key| (key.clone(), Value::Null)).collect();
    let differ = of.into_iter().filter(|(key, value)| from.get(key) != Some(value));
    set.extend(differ);
    set
}

/// The values of which one can be chosen; none where it has to be written.
pub fn choices(takes: &KindView) -> Vec<String> {
    match takes.kind.as_str() {
        "flag" => vec!["true".to_owned(), "false".to_owned()],
        "word" | "choice" | "text" => takes.values.iter().map(text_of).collect(),
        _ => Vec::new(),
    }
}

/// What a key takes, in words.
pub fn takes_words(takes: &KindView) -> String {
    let number = |value: f64| text_of(&number_of(value));
    let values = || takes.values.iter().map(text_of).collect::<Vec<_>>().join(", ");
    match (takes.kind.as_str(), takes.minimum, takes.maximum) {
        ("flag", ..) => "true or false".to_owned(),
        ("real" | "whole", Some(from), Some(to)) if to < 1e6 => {
            format!("{} to {}", number(from), number(to))
        }
        ("real" | "whole", Some(from), _) => format!("{} or more", number(from)),
        ("word" | "choice", ..) => format!("one of {}", values()),
        ("text", ..) if !takes.values.is_empty() => format!("such as {}", values()),
        ("path", ..) => "a path".to_owned(),
        ("list", ..) => {
            let of = takes.of.as_deref().map(takes_words).unwrap_or_default();
            match (takes.least, takes.most) {
                (Some(a), Some(b)) if a == b => format!("{a} values with commas, each {of}"),
                _ => format!("values with commas, each {of}"),
            }
        }
        ("tables", ..) => {
            let keys: Vec<&str> = takes.fields.iter().map(|field| field.key.as_str()).collect();
            format!("tables such as [{{ {} = … }}]", keys.join(" = …, "))
        }
        _ => "a text".to_owned(),
    }
}

/// A number that is written as a whole one where it is one.
fn number_of(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).into() } else { value.into() }
}

/// The value that a text states; null for `default`.
///
/// # Errors
/// Why it is no value of the key.
pub fn read(key: &str, text: &str) -> Result<Value, String> {
    let Some(field) = schema::find(key) else {
        // The service is newer than this program, and knows it.
        return Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into()));
    };
    let setting =
        Setting::parse(field, text, Origin::Flag(key.to_owned())).map_err(|complaint| {
            let hint = complaint.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("{}{hint}", complaint.message)
        })?;
    let Some(value) = setting.value else { return Ok(Value::Null) };
    serde_json::to_value(value).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        assert_eq!(read("swap.weight", "0.5"), Ok(json!(0.5)));
        assert_eq!(read("swap.pixel_boost", "2"), Ok(json!(2)));
        assert_eq!(read("audio.keep", "no"), Ok(json!(false)));
        assert_eq!(read("mask.kinds", "box, region"), Ok(json!(["box", "region"])));
        assert_eq!(read("swap.weight", "default"), Ok(Value::Null));
        assert_eq!(read("of.tomorrow", "7"), Ok(json!(7)));
        assert_eq!(read("of.tomorrow", "much"), Ok(json!("much")));
        let why = read("swap.weight", "2").unwrap_err();
        assert!(why.contains("swap.weight") && why.contains("between 0 and 1"), "{why}");
    }

    #[test]
    fn what_a_key_takes_is_said() {
        let of = |json: Value| takes_words(&serde_json::from_value(json).unwrap());
        assert_eq!(of(json!({ "kind": "real", "minimum": 0.0, "maximum": 1.5 })), "0 to 1.5");
        assert_eq!(of(json!({ "kind": "whole", "minimum": 0.0, "maximum": 9e18 })), "0 or more");
        assert_eq!(of(json!({ "kind": "word", "values": ["a", "b"] })), "one of a, b");
        let list = json!({ "kind": "list", "least": 2, "most": 2, "of": { "kind": "flag" } });
        assert_eq!(of(list), "2 values with commas, each true or false");
    }
}
