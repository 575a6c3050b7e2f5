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
mod tests {
    use super::*;
    use crate::profiles::schema::find;
    use crate::profiles::{Detection, Order, PasteRule, Select, variables};

    fn flags(pairs: &[(&str, &str)]) -> Vec<Setting> {
        let one = |(key, text): &(&str, &str)| {
            let origin = Origin::Flag(format!("--set {key}"));
            Setting::parse(find(key).unwrap(), text, origin).unwrap()
        };
        pairs.iter().map(one).collect()
    }

    fn library(files: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let library = Library::at(folder.path().to_owned());
        (folder, library)
    }

    #[test]
    fn the_usual_profile_is_the_default() {
        let (_folder, library) = library(&[]);
        let usual = resolve(&library, super::super::library::USUAL, Vec::new()).unwrap();
        let description = usual.profile.description.clone();
        assert!(!description.is_empty());
        assert_eq!(usual.profile, Profile { description, ..Profile::default() });
    }

    #[test]
    fn every_built_in_profile_is_whole_and_says_what_it_is_for() {
        let (_folder, library) = library(&[]);
        let of = |name: &str| resolve(&library, name, Vec::new()).unwrap().profile;
        for name in library.names() {
            let description = of(&name).description;
            assert!((20..=100).contains(&description.len()), "{name}: {description}");
        }
        let roop = of("roop");
        assert_eq!(roop.faces.select, Select::Reference);
        assert_eq!((roop.faces.order, roop.faces.detection), (Order::Score, Detection::EveryFrame));
        assert_eq!((roop.video.fps, roop.video.roop_quality), (Some(30.0), Some(35)));
        assert_eq!(roop.swap.paste, PasteRule::Insightface);
        assert_eq!(roop.processors, ["face_swapper"]);
        assert_eq!(of("archive").swap, of("quality").swap);
        assert_eq!(of("archive").video.quality, Some(100));
        assert_eq!(of("many").faces.select, Select::Many);
    }

    #[test]
    fn the_last_layer_wins_and_default_puts_back() {
        let file = "extends = \"roop\"\ndescription = \"mine\"\n[faces]\ndistance = 0.5\n\
                    [video]\nfps = \"default\"\n";
        let (_folder, library) = library(&[("mine.toml", file)]);
        let environment = [("FACEDECK_FACES_DISTANCE", "0.6"), ("FACEDECK_FACES_SCORE", "0.4")];
        let environment = environment.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let environment = variables::settings(environment).unwrap();
        let layers = vec![environment, flags(&[("faces.score", "0.3")])];
        let mine = resolve(&library, "mine", layers).unwrap();
        let p = &mine.profile;
        assert_eq!(p.description, "mine");
        assert_eq!((p.faces.distance, p.faces.score), (0.6, 0.3));
        assert_eq!(p.video.fps, None);
        assert_eq!(p.faces.detector, "det_10g");
        assert_eq!(mine.origin("faces.score").unwrap().to_string(), "--set faces.score");
        assert_eq!(mine.origin("faces.distance").unwrap().to_string(), "FACEDECK_FACES_DISTANCE");
        let inherited = mine.origin("swap.model").unwrap().to_string();
        assert!(inherited.starts_with("the built-in profile roop, line "), "{inherited}");
        assert!(mine.is_from("roop") && !mine.is_from("fast"));
        // A profile does not inherit what another one says about itself.
        let bare = std::fs::write(library.folder().join("bare.toml"), "extends = \"roop\"");
        bare.unwrap();
        assert_eq!(resolve(&library, "bare", Vec::new()).unwrap().profile.description, "");
    }

    #[test]
    fn a_later_quality_replaces_the_other_scale() {
        let (_folder, library) = library(&[("x.toml", "[video]\nquality = 3\nroop_quality = 4\n")]);
        let with = |pairs| resolve(&library, "roop", vec![flags(pairs)]).unwrap().profile.video;
        let ours = with(&[("video.quality", "90")]);
        assert_eq!((ours.quality, ours.roop_quality), (Some(90), None));
        let same = with(&[("video.quality", "default")]);
        assert_eq!((same.quality, same.roop_quality), (None, Some(35)));
        let error = resolve(&library, "x", Vec::new()).unwrap_err();
        assert!(error.message().contains("x.toml, line 3: video.roop_quality"), "{error}");
    }

    #[test]
    fn an_enhancer_without_a_model_gets_the_usual_one() {
        let (_folder, library) = library(&[]);
        let layer = flags(&[("processors", "face_swapper,face_enhancer")]);
        let p = resolve(&library, "embedded", vec![layer.clone()]).unwrap().profile;
        assert_eq!(p.enhance, [Enhance::default()]);
        let p = resolve(&library, "roop", vec![layer]).unwrap().profile;
        assert_eq!(p.enhance[0].blend, 1.0);
    }

    #[test]
    fn contradictions_are_named_with_the_line() {
        let (_folder, library) = library(&[
            ("age.toml", "[faces]\nage = [40, 20]\n"),
            ("pad.toml", "[mask]\npadding = [60, 0, 40, 0]\n"),
            ("box.toml", "[mask]\nkinds = [\"ellipse\"]\npadding = [6, 0, 0, 0]\n"),
        ]);
        for (name, says) in [
            ("age", "age.toml, line 2: faces.age: 40 is more than 20"),
            ("pad", "pad.toml, line 2: mask.padding: nothing of the face is left"),
            ("box", "box.toml, line 3: mask.padding: only the mask \"box\""),
        ] {
            let error = resolve(&library, name, Vec::new()).unwrap_err();
            assert!(error.message().ends_with(says) || error.message().contains(says), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
