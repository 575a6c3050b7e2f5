//! What this service can do: operations, processors, profiles, models, encoders, providers, and
//! every key of a profile with the values that it takes.

mod machine;
mod names;
mod options;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Result;
use crate::media::container::Container;
use crate::media::image_file::StillFormat;
use crate::models::{Status, Store};
use crate::processors::registry::KINDS;
use crate::profiles::Library;
use crate::service::fault::Answer;
use crate::service::{Core, PROTOCOL};

use super::answer::{Json, blocking};
use super::state::Shared;

pub use machine::{EncoderView, FfmpegView, ProviderView, RuntimeView};
pub use options::{KindView, OptionView};

/// ffmpeg and libraries are asked again after so long.
const FRESH: Duration = Duration::from_secs(60);

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(capabilities))
}

/// What the service can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// facedeck's version.
    pub version: String,
    /// Version of the API.
    pub protocol: u32,
    /// What can be asked of the API, by its name in the document.
    pub operations: Vec<Operation>,
    /// What can be done to faces.
    pub processors: Vec<ProcessorView>,
    /// The names of the profiles.
    pub profiles: Vec<String>,
    /// The models by role.
    pub models: BTreeMap<String, Vec<ModelName>>,
    /// Endings of pictures that can be written.
    pub pictures: Vec<String>,
    /// Endings of videos that can be written.
    pub videos: Vec<String>,
    /// ffmpeg, with the encoders that facedeck uses.
    pub ffmpeg: FfmpegView,
    /// The ONNX Runtime, once it is loaded.
    pub runtime: Option<RuntimeView>,
    /// Where networks can run.
    pub providers: Vec<ProviderView>,
    /// Every key of a profile.
    pub options: Vec<OptionView>,
}

/// Something that can be asked of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// The method of HTTP.
    pub method: String,
    /// The path.
    pub path: String,
    /// What it does.
    pub summary: String,
}

/// Something that can be done to faces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProcessorView {
    /// Its name in `processors` of a profile.
    pub name: String,
    /// What it does, in one line.
    pub summary: String,
    /// The keys of a profile that it looks at.
    pub options: Vec<String>,
}

/// A model, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelName {
    /// Its id in the catalog.
    pub id: String,
    /// Whether it can be used now.
    pub here: bool,
}

/// What the service can do. Nothing is loaded or tried for it: whether a provider works is known
/// when something ran on it.
#[utoipa::path(
    get, path = "/v1/capabilities", tag = "service", operation_id = "capabilities",
    responses((status = 200, description = "All of it.", body = Capabilities))
)]
async fn capabilities(State(core): State<Shared>) -> Answer<Json<Capabilities>> {
    blocking(&core, |core| Ok(gather(core)?)).await.map(Json)
}

fn gather(core: &Core) -> Result<Capabilities> {
    let store = Store::beneath(&core.directories)?;
    let mut options = options::all()?;
    names::fill(&mut options, &store);
    Ok(Capabilities {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        operations: operations(),
        processors: processors(),
        profiles: Library::at(core.directories.config.join("profiles")).names(),
        models: models(&store)?,
        pictures: StillFormat::ALL
            .iter()
            .flat_map(|format| format.extensions())
            .map(|ending| (*ending).to_owned())
            .collect(),
        videos: Container::ALL.iter().map(Container::to_string).collect(),
        ffmpeg: ffmpeg().as_ref().clone(),
        runtime: machine::runtime(),
        providers: machine::providers(),
        options,
    })
}

/// What ffmpeg has changes when somebody installs another one, so it is not asked every time.
fn ffmpeg() -> Arc<FfmpegView> {
    static LAST: Mutex<Option<(Instant, Arc<FfmpegView>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, view)) = &*last
        && at.elapsed() < FRESH
    {
        return Arc::clone(view);
    }
    let view = Arc::new(machine::ffmpeg());
    *last = Some((Instant::now(), Arc::clone(&view)));
    view
}

fn operations() -> Vec<Operation> {
    let document = super::routes::document();
    let mut all = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                all.push(Operation {
                    name: operation.operation_id.clone().unwrap_or_default(),
                    method: method.to_owned(),
                    path: path.clone(),
                    summary: operation.summary.clone().unwrap_or_default(),
                });
            }
        }
    }
    all
}

fn processors() -> Vec<ProcessorView> {
    let view = |kind: &&dyn crate::processors::Kind| ProcessorView {
        name: kind.name().to_owned(),
        summary: kind.summary().to_owned(),
        options: kind.options().iter().map(|option| option.key.to_owned()).collect(),
    };
    KINDS.iter().map(view).collect()
}

fn models(store: &Store) -> Result<BTreeMap<String, Vec<ModelName>>> {
    let mut all: BTreeMap<String, Vec<ModelName>> = BTreeMap::new();
    for entry in store.entries() {
        let here = matches!(store.status(&entry.id)?, Status::Embedded | Status::Here(_));
        let role = entry.role.name().to_owned();
        all.entry(role).or_default().push(ModelName { id: entry.id.clone(), here });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::schema;
    use crate::settings::Directories;

    #[test]
    fn every_operation_and_processor_is_told() {
        let all = operations();
        let of = |name: &str| all.iter().find(|one| one.name == name).unwrap();
        assert_eq!(of("pull_model").path, "/v1/models/{id}/pull");
        assert_eq!(of("cancel_pull").method, "DELETE");
        assert!(all.iter().all(|one| !one.name.is_empty() && !one.summary.is_empty()), "{all:?}");
        let mut names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len(), "two of one name");
        for processor in processors() {
            for option in &processor.options {
                let table = option.split_once('.').map_or("", |(table, _)| table);
                let known = schema::find(option).or(schema::find(table));
                assert!(known.is_some(), "{option}");
            }
        }
    }

    #[test]
    fn models_are_told_by_role() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let all = models(&store).unwrap();
        assert!(all["detector"].iter().any(|model| model.here));
        assert!(all["swapper"].iter().all(|model| !model.here));
        assert_eq!(all.values().map(Vec::len).sum::<usize>(), store.entries().len());
    }
}
