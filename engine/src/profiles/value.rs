//! Values of keys: checked against their kind, read from the text of variables and flags.

use std::path::Path;

use toml::{Table, Value};

use super::schema::{Field, Kind, nearest};

/// Puts back what an earlier layer changed, in place of any value.
pub const DEFAULT: &str = "default";

/// A step from a value into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a member of a list.
    Member(usize),
    /// To a key of a table.
    Key(String),
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The way to the part that is wrong.
    pub at: Vec<Step>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: String,
}

fn fault(message: String, hint: impl Into<String>) -> Vec<Fault> {
    vec![Fault { at: Vec::new(), message, hint: hint.into() }]
}

/// Everything that is wrong with a value of this kind.
pub fn faults(kind: Kind, value: &Value) -> Vec<Fault> {
    match (kind, value) {
        (Kind::Text | Kind::Path, Value::String(text)) if !text.is_empty() => Vec::new(),
        (Kind::Word(words), Value::String(text)) => match words.contains(&text.as_str()) {
            true => Vec::new(),
            false => fault(format!("there is no \"{text}\""), one_of(text, words)),
        },
        (Kind::Flag, Value::Boolean(_)) => Vec::new(),
        (Kind::Real(from, to), Value::Integer(_) | Value::Float(_)) => {
            let number = value.as_float().or(value.as_integer().map(|v| v as f64));
            match number.is_some_and(|v| (from..=to).contains(&v)) {
                true => Vec::new(),
                // Without the ".0" that nobody wrote.
                false => {
                    let number = number.unwrap_or_default();
                    fault(format!("{number} is out of range"), expects(kind))
                }
            }
        }
        (Kind::Whole(from, to), Value::Integer(v)) => match (from..=to).contains(v) {
            true => Vec::new(),
            false => fault(format!("{v} is out of range"), expects(kind)),
        },
        (Kind::Choice(known), Value::Integer(v)) => match known.contains(v) {
            true => Vec::new(),
            false => fault(format!("{v} is not among the values"), expects(kind)),
        },
        (Kind::List(of, least, most), Value::Array(members)) => {
            if members.len() < least || members.len() > most {
                let have = members.len();
                return fault(format!("the list has {have} members"), expects(kind));
            }
            within(members, |member| faults(*of, member))
        }
        (Kind::Tables(fields, needed), Value::Array(members)) => {
            within(members, |member| table_faults(fields, needed, member))
        }
        _ => fault(format!("{value} is {}", name_of(value)), expects(kind)),
    }
}

fn within(members: &[Value], check: impl Fn(&Value) -> Vec<Fault>) -> Vec<Fault> {
    let numbered = members.iter().enumerate();
    numbered
        .flat_map(|(i, member)| {
            check(member).into_iter().map(move |mut fault| {
                fault.at.insert(0, Step::Member(i));
                fault
            })
        })
        .collect()
}

fn table_faults(fields: &'static [Field], needed: usize, value: &Value) -> Vec<Fault> {
    let Value::Table(table) = value else {
        let names: Vec<&str> = fields.iter().map(|f| f.key).collect();
        return fault(format!("{value} is no table"), format!("a table with {}", names.join(", ")));
    };
    let mut all = Vec::new();
    for (key, value) in table {
        let known = fields.iter().find(|field| field.key == key);
        let found = match known {
            Some(field) => faults(field.kind, value)
                .into_iter()
                .map(|f| Fault { message: format!("{key}: {}", f.message), ..f })
                .collect(),
            None => {
                let names: Vec<&str> = fields.iter().map(|f| f.key).collect();
                fault(format!("there is no key \"{key}\""), one_of(key, &names))
            }
        };
        all.extend(found.into_iter().map(|mut fault| {
            fault.at.insert(0, Step::Key(key.clone()));
            fault
        }));
    }
    for field in &fields[..needed] {
        if !table.contains_key(field.key) {
            all.extend(fault(
                format!("the key \"{}\" is missing", field.key),
                format!("it says {}", field.help),
            ));
        }
    }
    all
}

/// "did you mean …?" where something is near, and everything that there is.
pub fn one_of(name: &str, known: &[&str]) -> String {
    let all = format!("one of {}", known.join(", "));
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean {near}? ({all})"),
        None => all,
    }
}

/// What a key of this kind takes, in words.
pub fn expects(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text in quotes".into(),
        Kind::Path => "a path in quotes".into(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Flag => "true or false".into(),
        Kind::Real(from, to) => format!("a number between {from} and {to}"),
        Kind::Whole(from, to) if to > i64::from(u16::MAX) => {
            format!("a whole number of {from} or more")
        }
        Kind::Whole(from, to) => format!("a whole number between {from} and {to}"),
        Kind::Choice(known) => {
            let known: Vec<String> = known.iter().map(i64::to_string).collect();
            format!("one of {}", known.join(", "))
        }
        Kind::List(of, least, most) => {
            let count = match (least, most) {
                (a, b) if a == b => format!("{a} members"),
                (0, _) => "members".into(),
                (a, _) => format!("at least {a} member(s)"),
            };
            format!("a list of {count}, each {}", expects(*of))
        }
        Kind::Tables(fields, _) => {
            let names: Vec<&str> = fields.iter().map(|f| f.key).collect();
            format!("a list of tables with the keys {}", names.join(", "))
        }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The value that a text states which nobody put in quotes, as in variables and on the command
/// line. Lists are written with commas, or as TOML in brackets.
///
/// # Errors
/// What would be right.
pub fn parse(kind: Kind, text: &str) -> Result<Value, Fault> {
    let text = text.trim();
    let wrong =
        || Fault { at: Vec::new(), message: format!("{text:?} does not fit"), hint: expects(kind) };
    let toml = || {
        let line = format!("value = {text}");
        line.parse::<Table>().ok().and_then(|mut table| table.remove("value")).ok_or_else(wrong)
    };
    Ok(match kind {
        Kind::Text | Kind::Path | Kind::Word(_) if text.starts_with(['"', '\'']) => toml()?,
        Kind::Text | Kind::Path | Kind::Word(_) => Value::String(text.to_owned()),
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Value::Boolean(true),
            "false" | "no" | "off" | "0" => Value::Boolean(false),
            _ => return Err(wrong()),
        },
        Kind::Whole(..) | Kind::Choice(_) => Value::Integer(text.parse().map_err(|_| wrong())?),
        // A whole number stays one, so that messages show what was written.
        Kind::Real(..) => match text.parse() {
            Ok(whole) => Value::Integer(whole),
            Err(_) => Value::Float(text.parse().map_err(|_| wrong())?),
        },
        Kind::List(..) | Kind::Tables(..) if text.starts_with('[') => toml()?,
        Kind::List(of, ..) => {
            let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
            Value::Array(members.map(|member| parse(*of, member)).collect::<Result<_, _>>()?)
        }
        Kind::Tables(fields, needed) => {
            tables(fields, needed, text).map(Value::Array).ok_or_else(wrong)?
        }
    })
}

/// Tables in short: the first key of each, or `first=second,second` where two are needed; several
/// are parted by commas, or by semicolons where commas have another use.
fn tables(fields: &'static [Field], needed: usize, text: &str) -> Option<Vec<Value>> {
    let [first, second, ..] = fields else { return None };
    let of = |key: &Field, text: &str| Some((key.key.to_owned(), parse(key.kind, text).ok()?));
    let parted = |by: char| text.split(by).map(str::trim).filter(|part| !part.is_empty());
    if needed < 2 {
        return parted(',')
            .map(|p| Some(Value::Table(Table::from_iter([of(first, p)?]))))
            .collect();
    }
    let pair = |part: &str| {
        let (a, b) = part.split_once('=')?;
        Some(Value::Table(Table::from_iter([of(first, a)?, of(second, b)?])))
    };
    parted(';').map(pair).collect()
}

/// The value with relative paths taken from a folder.
pub fn anchored(kind: Kind, value: Value, folder: &Path) -> Value {
    match (kind, value) {
        (Kind::Path, Value::String(path)) => {
            Value::String(folder.join(path).to_string_lossy().into_owned())
        }
        (Kind::List(of, ..), Value::Array(members)) => {
            Value::Array(members.into_iter().map(|m| anchored(*of, m, folder)).collect())
        }
        (Kind::Tables(fields, _), Value::Array(members)) => {
            let table = |value| match value {
                Value::Table(table) => Value::Table(
                    table
                        .into_iter()
                        .map(|(key, value)| {
                            let known = fields.iter().find(|field| field.key == key);
                            let kind = known.map_or(Kind::Text, |field| field.kind);
                            (key, anchored(kind, value, folder))
                        })
                        .collect(),
                ),
                other => other,
            };
            Value::Array(members.into_iter().map(table).collect())
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests;
