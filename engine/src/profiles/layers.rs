//! Layers one above the other: a profile with its ancestors, the environment, flags.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::error::{Error, Result};

use super::complaint::{Complaint, Complaints, Origin};
use super::document::Setting;
use super::library::{Library, Preset};
use super::schema::EITHER_OR;
use super::sections::{Enhance, MaskKind, Profile};

/// A profile with everything in it decided, and where each decision came from.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The name of the profile that was asked for.
    pub name: String,
    /// Where it comes from: "built in" or its file.
    pub place: String,
    /// The names of the profiles that it is built on, the last ancestor first, and its own.
    pub lineage: Vec<String>,
    /// What came out.
    pub profile: Profile,
    settings: BTreeMap<&'static str, (Value, Origin)>,
}

impl Resolved {
    /// Where a key got its value; none where it has its default.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.settings.get(key).map(|(_, origin)| origin)
    }

    /// Whether it is the built-in profile of this name or built on it.
    pub fn is_from(&self, name: &str) -> bool {
        self.lineage.iter().any(|ancestor| ancestor == name)
    }

    /// A complaint about the value of a key, with the place where it was said.
    pub fn complaint(&self, key: &str, message: String, hint: Option<String>) -> Complaint {
        let (origin, message) = match self.origin(key) {
            Some(origin @ (Origin::BuiltIn { .. } | Origin::File { .. })) => {
                (origin.clone(), format!("{key}: {message}"))
            }
            Some(origin) => (origin.clone(), message),
            None => (Origin::Flag(key.to_owned()), message),
        };
        Complaint { origin, message, hint }
    }

    /// Puts one more layer on top.
    ///
    /// # Errors
    /// When what comes out makes no sense.
    pub fn with(&self, layer: Vec<Setting>) -> Result<Resolved, Complaints> {
        let mut settings = self.settings.clone();
        apply(&mut settings, layer);
        let profile = profile_of(&settings)?;
        let resolved = Resolved { profile, settings, ..self.clone() };
        let complaints = contradictions(&resolved);
        if complaints.is_empty() { Ok(resolved) } else { Err(Complaints(complaints)) }
    }
}

/// Puts the layers of a job together: the profile of this name or file with its ancestors, then
/// these, the last one on top.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for a profile that there is not, and for everything that is wrong
/// with one, with its file, line and key.
pub fn resolve(library: &Library, name: &str, layers: Vec<Vec<Setting>>) -> Result<Resolved> {
    let mut resolved = of_preset(library, library.get(name)?)?;
    for layer in layers {
        resolved = resolved.with(layer)?;
    }
    Ok(resolved)
}

/// A profile with its ancestors and nothing else.
///
/// # Errors
/// Everything that is wrong with it or them.
pub fn of_preset(library: &Library, preset: Preset) -> Result<Resolved, Complaints> {
    let (name, place) = (preset.name.clone(), preset.place());
    let line = library.lineage(preset)?;
    let lineage = line.iter().map(|(preset, _)| preset.name.clone()).collect();
    let bare =
        Resolved { name, place, lineage, profile: Profile::default(), settings: BTreeMap::new() };
    let mut layers: Vec<Vec<Setting>> = Vec::new();
    let last = line.len().saturating_sub(1);
    for (i, (_, document)) in line.into_iter().enumerate() {
        layers.push(if i == last { document.settings } else { document.inherited() });
    }
    layers.into_iter().try_fold(bare, |below, layer| below.with(layer))
}

fn apply(settings: &mut BTreeMap<&'static str, (Value, Origin)>, layer: Vec<Setting>) {
    for (a, b) in EITHER_OR {
        for (given, other) in [(a, b), (b, a)] {
            if layer.iter().any(|setting| setting.key == *given && setting.value.is_some()) {
                settings.remove(other);
            }
        }
    }
    for setting in layer {
        match setting.value {
            Some(value) => _ = settings.insert(setting.key, (value, setting.origin)),
            None => _ = settings.remove(setting.key),
        }
    }
}

fn profile_of(settings: &BTreeMap<&'static str, (Value, Origin)>) -> Result<Profile, Complaints> {
    let mut root = Table::new();
    for (key, (value, _)) in settings {
        match key.split_once('.') {
            None => _ = root.insert((*key).to_owned(), value.clone()),
            Some((table, name)) => {
                let table =
                    root.entry(table.to_owned()).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(table) = table {
                    table.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
    let mut profile: Profile = root.try_into().map_err(|error: toml::de::Error| {
        // Every value was checked against the schema; this is what the schema does not know.
        let origin = Origin::Flag("the profile".into());
        Complaints::from(Complaint { origin, message: error.message().to_owned(), hint: None })
    })?;
    let enhances = profile.processors.iter().any(|name| name == "face_enhancer");
    if enhances && profile.enhance.is_empty() {
        profile.enhance.push(Enhance::default());
    }
    Ok(profile)
}

/// What each key alone does not show.
fn contradictions(resolved: &Resolved) -> Vec<Complaint> {
    let p = &resolved.profile;
    let mut all = Vec::new();
    let mut say = |key: &str, message: String, hint: &str| {
        all.push(resolved.complaint(key, message, Some(hint.to_owned())));
    };
    for (a, b) in EITHER_OR {
        if resolved.origin(a).is_some() && resolved.origin(b).is_some() {
            say(b, format!("{a} is given too, which says the same"), "leave one of them out");
        }
    }
    if let Some([from, to]) = p.faces.age
        && from > to
    {
        say("faces.age", format!("{from} is more than {to}"), "write the lower age first");
    }
    let [top, right, bottom, left] = p.mask.padding.map(u32::from);
    if top + bottom >= 100 || left + right >= 100 {
        let message = "nothing of the face is left".to_owned();
        say("mask.padding", message, "opposite sides must leave something between them");
    }
    if p.mask.padding != [0; 4] && !p.mask.kinds.contains(&MaskKind::Box) {
        let message = "only the mask \"box\" has a padding".to_owned();
        say("mask.padding", message, "add \"box\" to mask.kinds");
    }
    all
}

/// The keys whose value is not the default's, with both, in the order of the schema.
pub fn differences(profile: &Profile, from: &Profile) -> Result<BTreeMap<String, (Value, Value)>> {
    let (new, old) = (flat(profile)?, flat(from)?);
    let nothing = Value::String(String::new());
    let keys = new.keys().chain(old.keys());
    let value = |map: &BTreeMap<String, Value>, key: &String| {
        map.get(key).cloned().unwrap_or_else(|| nothing.clone())
    };
    Ok(keys
        .filter(|key| new.get(*key) != old.get(*key))
        .map(|key| (key.clone(), (value(&new, key), value(&old, key))))
        .collect())
}

/// Every key of a profile that has a value, with its table: `faces.score`.
///
/// # Errors
/// When the profile cannot be written as TOML: a path that is no UTF-8.
pub fn flat(profile: &Profile) -> Result<BTreeMap<String, Value>> {
    let table = Table::try_from(profile)
        .map_err(|e| Error::failed("the profile cannot be written as TOML").because(e))?;
    let mut all = BTreeMap::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) => {
                all.extend(inner.into_iter().map(|(key, v)| (format!("{name}.{key}"), short(v))));
            }
            value => _ = all.insert(name, short(value)),
        }
    }
    Ok(all)
}

/// Single-precision numbers with no more digits than they have.
fn short(value: Value) -> Value {
    match value {
        Value::Float(v) if f64::from(v as f32) == v => {
            Value::Float((v as f32).to_string().parse().unwrap_or(v))
        }
        Value::Array(members) => Value::Array(members.into_iter().map(short).collect()),
        Value::Table(table) => {
            Value::Table(table.into_iter().map(|(k, v)| (k, short(v))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
