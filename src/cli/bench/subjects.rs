//! Sets of models that are measured: the embedded ones, the published ones that lie here, and those
//! of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;
use crate::models::import::{Candidate, Way, import};
use crate::models::{Role, Status, Store};
use crate::pipeline::fit;
use crate::profiles::library::USUAL;
use crate::profiles::sections::FROM_DETECTOR;
use crate::profiles::{Library, Origin, Profile, Setting, resolve, schema};
use crate::settings::Directories;

use super::given::{self, Group};

/// The detector that published swappers are used with.
pub(super) const DETECTOR: &str = "det_10g";
/// The name of the set of embedded models.
const EMBEDDED: &str = "embedded";
/// The preset of the encoder: what encodes in the time that swapping takes.
const PRESET: &str = "veryfast";
/// The processor that runs enhancers.
const ENHANCER: &str = "face_enhancer";

/// A set of models.
#[derive(Debug)]
pub(super) struct Subject {
    /// What it is called.
    pub name: String,
    models: Models,
}

#[derive(Debug)]
enum Models {
    Embedded,
    /// A network that lies among the user's models, and a detector beside it.
    Here {
        id: String,
        role: Role,
        detector: Option<&'static str>,
    },
    /// Files of a folder.
    Given(Box<Group>),
}

/// A set of models that can be run.
#[derive(Debug)]
pub(super) struct Prepared {
    /// How jobs are done with it.
    pub profile: Profile,
    /// The catalog id of the network that it is about.
    pub network: Option<String>,
    /// The home whose models are used; the user's own when not given.
    pub home: Option<PathBuf>,
    /// Whether its detector is a stand-in, which sees painted dots and no faces.
    pub marks: bool,
}

/// Every set that can be measured here, and what cannot and why.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn all(store: &Store, folder: Option<&Path>) -> Result<(Vec<Subject>, Vec<String>)> {
    let mut subjects = vec![Subject { name: EMBEDDED.into(), models: Models::Embedded }];
    let mut left_out = Vec::new();
    let here = |id: &str| Ok::<_, Error>(matches!(store.status(id)?, Status::Here(_)));
    let detector = here(DETECTOR)?.then_some(DETECTOR);
    for entry in store.entries() {
        let wanted = matches!(entry.role, Role::Swapper | Role::Enhancer);
        if !wanted || !here(&entry.id)? {
            continue;
        }
        let (id, role) = (entry.id.clone(), entry.role);
        match store.missing(&[&id])?.first() {
            None => subjects
                .push(Subject { name: id.clone(), models: Models::Here { id, role, detector } }),
            Some(lacks) => {
                left_out.push(format!("{id} is here but {}, which it needs, is not", lacks.id));
            }
        }
    }
    if let Some(folder) = folder {
        let listing = given::list(folder, store)?;
        left_out.extend(listing.left_out);
        for group in listing.groups {
            let mut name = group.main.name.clone();
            // The user's own has the name already.
            if subjects.iter().any(|subject| subject.name == name) {
                name.push_str(" (given)");
            }
            subjects.push(Subject { name, models: Models::Given(Box::new(group)) });
        }
    }
    Ok((subjects, left_out))
}

/// Those of these names; all when none is given.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for a name that there is not.
pub(super) fn only(subjects: Vec<Subject>, names: &[String]) -> Result<Vec<Subject>> {
    let known: Vec<String> = subjects.iter().map(|subject| subject.name.clone()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(Error::usage(format!("there is no \"{name}\" to measure"))
            .hint(format!("what there is: {}", known.join(", "))));
    }
    Ok(subjects
        .into_iter()
        .filter(|subject| names.is_empty() || names.contains(&subject.name))
        .collect())
}

impl Subject {
    /// Makes it ready: files of a folder get a home in `place`, to which they are linked.
    ///
    /// # Errors
    /// When a file is no network that can stand for its model; when a setting does not fit.
    pub fn prepare(
        &self,
        place: &Path,
        settings: &[Setting],
        interrupt: &Interrupt,
    ) -> Result<Prepared> {
        match &self.models {
            Models::Embedded => {
                let profile = profile(&Store::open()?, Vec::new(), settings)?;
                Ok(Prepared { profile, network: None, home: None, marks: false })
            }
            Models::Here { id, role, detector } => {
                let mut own = network(id, *role)?;
                own.extend(detector.map(|id| text("faces.detector", id)).transpose()?);
                let profile = profile(&Store::open()?, own, settings)?;
                Ok(Prepared { profile, network: Some(id.clone()), home: None, marks: false })
            }
            Models::Given(group) => {
                let store = settle(group, place, interrupt)?;
                let id = &group.main.id;
                let mut own = network(id, group.role)?;
                if let Some(detector) = &group.detector {
                    own.push(text("faces.detector", &detector.id)?);
                    // A stand-in's faces are dots: there is nothing for a mesh to hold on to.
                    own.push(text("faces.landmarks", FROM_DETECTOR)?);
                }
                // Weights that the catalog knows see faces; those it does not are generated.
                let marks = match &group.detector {
                    Some(detector) => {
                        !matches!(store.status(&detector.id)?, Status::Here(f) if f.pinned)
                    }
                    None => false,
                };
                let profile = profile(&store, own, settings)?;
                let home = Some(place.to_owned());
                Ok(Prepared { profile, network: Some(id.clone()), home, marks })
            }
        }
    }
}

/// A home for the files of a folder, with the user's own catalog.
fn settle(group: &Group, home: &Path, interrupt: &Interrupt) -> Result<Store> {
    let directories = Directories::beneath(home)?;
    let (from, to) =
        (Directories::from_env()?.config.join("models"), directories.config.join("models"));
    let unwritable = || format!("cannot write to {}", to.display());
    fs::create_dir_all(&to).context(unwritable)?;
    for entry in fs::read_dir(&from).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|e| e == "toml") {
            fs::copy(entry.path(), to.join(entry.file_name())).context(unwritable)?;
        }
    }
    let store = Store::beneath(&directories)?;
    let main = (&group.main.id, &group.main.path);
    let detector = group.detector.iter().map(|detector| (&detector.id, &detector.path));
    let needs = group.needs.iter().map(|(id, path)| (id, path));
    for (id, path) in std::iter::once(main).chain(detector).chain(needs) {
        let candidate = Candidate::of(path, interrupt)?;
        import(&store, store.entry(id)?, &candidate, Way::Link, interrupt)?;
    }
    Ok(store)
}

/// The settings that run a network.
fn network(id: &str, role: Role) -> Result<Vec<Setting>> {
    if role == Role::Swapper {
        return Ok(vec![text("swap.model", id)?]);
    }
    let table = Table::from_iter([("model".to_owned(), Value::String(id.to_owned()))]);
    Ok(vec![
        setting("processors", Value::Array(vec![Value::String(ENHANCER.into())]))?,
        setting("enhance", Value::Array(vec![Value::Table(table)]))?,
    ])
}

fn text(key: &str, value: &str) -> Result<Setting> {
    setting(key, Value::String(value.to_owned()))
}

fn setting(key: &str, value: Value) -> Result<Setting> {
    let field = schema::find(key)
        .ok_or_else(|| Error::failed(format!("the profile has no key {key}: a bug")))?;
    let origin = Origin::Flag("facedeck bench".into());
    Setting::new(field, value, origin).map_err(|complaint| Error::failed(complaint.message))
}

/// The usual profile with a fast encoder, then what a set of models asks for, then what the user
/// set. The environment has no say: a measurement is the same everywhere.
fn profile(store: &Store, own: Vec<Setting>, user: &[Setting]) -> Result<Profile> {
    let common = vec![text("video.preset", PRESET)?];
    let resolved = resolve(&Library::open()?, USUAL, vec![common, own, user.to_vec()])?;
    Ok(fit(resolved, store)?.profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(home: &Path) -> Store {
        Store::beneath(&Directories::beneath(home).unwrap()).unwrap()
    }

    #[test]
    fn names_choose_and_wrong_ones_are_told() {
        let home = tempfile::tempdir().unwrap();
        let all = || all(&store(home.path()), None).unwrap().0;
        assert_eq!(only(all(), &[]).unwrap().len(), 1);
        assert_eq!(only(all(), &["embedded".into()]).unwrap()[0].name, "embedded");
        let error = only(all(), &["inswapper_128".into()]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().unwrap().contains("embedded"));
    }

    #[test]
    fn a_folder_gets_a_home_and_its_networks_a_profile() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        let models = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models");
        let (subjects, left_out) = all(&store, Some(Path::new(models))).unwrap();
        assert!(left_out.iter().any(|line| line.starts_with("tiny_det_many.onnx")));
        let find = |name: &str| subjects.iter().find(|s| s.name == name).unwrap();
        let place = home.path().join("given");
        let set = [crate::cli::flags::set("run.threads=1").unwrap()];
        let swapper = find("tiny_inswapper_128").prepare(&place, &set, &Interrupt::new()).unwrap();
        let profile = &swapper.profile;
        assert!(swapper.marks && swapper.network.as_deref() == Some("inswapper_128"));
        assert_eq!(profile.swap.model, "inswapper_128");
        assert_eq!((profile.faces.detector.as_str(), profile.run.threads), ("det_10g", Some(1)));
        assert_eq!(profile.faces.recognizer, "w600k_r50", "what it was made for");
        assert_eq!(profile.video.preset.as_deref(), Some(PRESET));
        let settled = Store::beneath(&Directories::beneath(&place).unwrap()).unwrap();
        assert!(settled.missing(&["inswapper_128", "det_10g"]).unwrap().is_empty());
        let place = home.path().join("enhancer");
        let enhancer = find("tiny_gfpgan").prepare(&place, &[], &Interrupt::new()).unwrap();
        assert!(!enhancer.profile.swaps());
        assert_eq!(enhancer.profile.enhance[0].model, "gfpgan_1.4");
    }
}
