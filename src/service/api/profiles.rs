//! The profiles that jobs can name.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{Context, Error, Result};
use crate::models::Store;
use crate::pipeline::{fit, needs};
use crate::profiles::layers::{differences, of_preset};
use crate::profiles::library::is_path;
use crate::profiles::{Library, Preset, Profile, Resolved};
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};

use super::answer::{Json, Path, blocking};
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// A profile in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// What it is good for, in one line.
    pub description: String,
    /// Where it comes from: `built in`, or its file.
    pub from: String,
    /// The models that it runs.
    pub models: Vec<String>,
    /// Those of them, and of what they need, that are not here.
    pub missing: Vec<String>,
    /// What is wrong with it, where it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A profile with everything in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileDetail {
    /// What the list shows.
    #[serde(flatten)]
    pub profile: ProfileView,
    /// The profiles that it is built on, the last ancestor first, and itself.
    pub lineage: Vec<String>,
    /// Every key that is not the default.
    pub changed: BTreeMap<String, ChangeView>,
    /// All of it, as its tables.
    #[schema(value_type = Object)]
    pub settings: Value,
}

/// A key that is not the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangeView {
    /// Its value.
    #[schema(value_type = Value)]
    pub value: Value,
    /// Its default.
    #[schema(value_type = Value)]
    pub default: Value,
    /// Where its value comes from.
    pub from: Option<String>,
}

/// The profiles of a service and the models that it has.
struct Shelf {
    library: Library,
    store: Store,
}

impl Shelf {
    fn of(core: &Core) -> Answer<Self> {
        let library = Library::at(core.directories.config.join("profiles"));
        Ok(Shelf { library, store: Store::beneath(&core.directories)? })
    }

    fn resolved(&self, preset: Preset) -> Result<Resolved> {
        Ok(fit(of_preset(&self.library, preset)?, &self.store)?)
    }

    /// A profile in the list; one with faults is in it with the first of them.
    fn view(&self, name: &str) -> ProfileView {
        let preset = self.library.get(name);
        let from = match &preset {
            Ok(preset) => preset.place(),
            Err(_) => self.library.folder().display().to_string(),
        };
        match preset.and_then(|preset| self.resolved(preset)).and_then(|r| self.usable(&r)) {
            Ok(view) => view,
            Err(error) => ProfileView {
                name: name.to_owned(),
                description: String::new(),
                from,
                models: Vec::new(),
                missing: Vec::new(),
                fault: Some(error.chain()),
            },
        }
    }

    fn usable(&self, resolved: &Resolved) -> Result<ProfileView> {
        let models = needs(&resolved.profile)?;
        let missing = self.store.missing(&models)?.into_iter().map(|missing| missing.id).collect();
        Ok(ProfileView {
            name: resolved.name.clone(),
            description: resolved.profile.description.clone(),
            from: resolved.place.clone(),
            models,
            missing,
            fault: None,
        })
    }

    fn detail(&self, name: &str) -> Answer<ProfileDetail> {
        let not_found = |error: Error| Fault::new(FaultKind::NotFound, error);
        if is_path(name) {
            // A name is a name here: no client looks into files with it.
            return Err(not_found(Error::usage(format!("there is no profile \"{name}\""))));
        }
        let resolved = self.resolved(self.library.get(name).map_err(not_found)?)?;
        let mut changed = BTreeMap::new();
        for (key, (value, default)) in differences(&resolved.profile, &Profile::default())? {
            if key != "description" {
                let from = resolved.origin(&key).map(ToString::to_string);
                let (value, default) = (json(&value)?, json(&default)?);
                changed.insert(key, ChangeView { value, default, from });
            }
        }
        Ok(ProfileDetail {
            profile: self.usable(&resolved)?,
            lineage: resolved.lineage.clone(),
            changed,
            settings: json(&resolved.profile)?,
        })
    }
}

/// By way of TOML, whose numbers are those that people wrote.
fn json(value: &impl Serialize) -> Result<Value> {
    let what = || "cannot write the profile as JSON".to_owned();
    let value = toml::Value::try_from(value).context(what)?;
    serde_json::to_value(value).context(what)
}

/// The profiles that jobs can name.
#[utoipa::path(
    get, path = "/v1/profiles", tag = "profiles", operation_id = "profiles",
    responses((status = 200, description = "The profiles.", body = Vec<ProfileView>))
)]
async fn list(State(core): State<Shared>) -> Answer<Json<Vec<ProfileView>>> {
    let work = |core: &Shared| {
        let shelf = Shelf::of(core)?;
        Ok(shelf.library.names().iter().map(|name| shelf.view(name)).collect())
    };
    blocking(&core, work).await.map(Json)
}

/// A profile with every key, and what of it is not the default.
#[utoipa::path(
    get, path = "/v1/profiles/{name}", tag = "profiles", operation_id = "profile",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The profile.", body = ProfileDetail),
        (status = 404, description = "There is no such profile.", body = FaultBody),
        (status = 422, description = "Something is wrong with it.", body = FaultBody)
    )
)]
async fn show(State(core): State<Shared>, Path(name): Path<String>) -> Answer<Json<ProfileDetail>> {
    blocking(&core, move |core| Shelf::of(core)?.detail(&name)).await.map(Json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    fn shelf(files: &[(&str, &str)]) -> (tempfile::TempDir, Shelf) {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::beneath(home.path()).unwrap();
        let folder = directories.config.join("profiles");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let store = Store::beneath(&directories).unwrap();
        (home, Shelf { library: Library::at(folder), store })
    }

    #[test]
    fn a_profile_tells_what_it_is_and_what_it_changes() {
        let (_home, shelf) =
            shelf(&[("mine.toml", "extends = \"embedded\"\n[video]\nquality = 90\n")]);
        let mine = shelf.detail("mine").unwrap();
        assert_eq!(mine.lineage.last().unwrap(), "mine");
        assert_eq!(mine.settings["video"]["quality"], 90);
        let change = &mine.changed["video.quality"];
        assert_eq!(change.value, 90);
        assert!(change.from.as_ref().unwrap().contains("mine.toml"), "{change:?}");
        assert!(mine.profile.from.contains("mine.toml") && mine.profile.missing.is_empty());
        let roop = shelf.detail("roop").unwrap();
        assert_eq!(roop.profile.from, "built in");
        assert!(roop.profile.missing.iter().any(|id| id == "inswapper_128"), "{roop:?}");
        assert!(!roop.changed.contains_key("description"));
    }

    #[test]
    fn faulty_profiles_are_listed_with_their_fault_and_files_are_no_names() {
        let (home, shelf) = shelf(&[("bad.toml", "[swap]\nwait = 1\n")]);
        let bad = shelf.view("bad");
        assert!(bad.fault.unwrap().contains("wait"));
        assert!(shelf.view("embedded").fault.is_none());
        assert_eq!(shelf.detail("bad").unwrap_err().kind, FaultKind::Invalid);
        let file = home.path().join("config/profiles/bad.toml");
        for name in ["nobody", "../bad.toml", "bad.toml", file.to_str().unwrap()] {
            assert_eq!(shelf.detail(name).unwrap_err().kind, FaultKind::NotFound, "{name}");
        }
    }
}
