//! The catalog of models, and fetching them.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Error;
use crate::models::{Entry, Role, Status, Store, license_text};
use crate::service::fault::{Answer, Fault, FaultBody, FaultKind};
use crate::service::pulls;
use crate::service::wire::PullView;

use super::answer::{Json, MaybeJson, Path, Query, blocking};
use super::state::Shared;

/// The routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(pull, cancel))
        .routes(routes!(list_pulls))
}

/// A model as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelView {
    /// Its id in the catalog.
    pub id: String,
    /// What it is for, such as `swapper` or `enhancer`.
    #[schema(value_type = String)]
    pub role: Role,
    /// What it is good for, in one line.
    pub summary: String,
    /// `embedded`, `here`, `missing`, or `damaged`.
    pub status: String,
    /// What is wrong with it, where it is damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// Its size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// Its license.
    pub license: LicenseView,
    /// Whose work it is.
    pub attribution: String,
    /// Where it comes from.
    pub upstream: String,
    /// Models that it does not work without.
    pub needs: Vec<String>,
    /// Whether it can be fetched; else it can only be imported on the service's machine.
    pub can_be_pulled: bool,
    /// What else there is to know; empty where that is nothing.
    pub notes: String,
}

/// A license.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LicenseView {
    /// Its identifier in SPDX's list; `LicenseRef-…` where it is not in it, `unknown` where nobody
    /// says.
    pub name: String,
    /// What it allows, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where its text is.
    pub url: String,
    /// Whether it allows commercial use.
    pub commercial: bool,
    /// Its text, for what lies in facedeck itself; only where one model is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Which models.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ModelsQuery {
    /// Only those of this role, such as `swapper`.
    #[serde(default)]
    pub role: Option<String>,
}

/// How a model is fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullBody {
    /// The client knows and accepts the licenses of the model and of what is fetched with it.
    #[serde(default)]
    pub accept_license: bool,
}

fn view(store: &Store, entry: &Entry) -> Answer<ModelView> {
    let status = store.status(&entry.id)?;
    let known = entry.files.first().and_then(|file| file.bytes);
    let (word, damage, bytes) = match status {
        Status::Embedded => ("embedded", None, known),
        Status::Here(found) => ("here", None, Some(found.bytes)),
        Status::Missing => ("missing", None, known),
        Status::Damaged { why, .. } => ("damaged", Some(why), known),
    };
    Ok(ModelView {
        id: entry.id.clone(),
        role: entry.role,
        summary: entry.summary.clone(),
        status: word.to_owned(),
        damage,
        bytes,
        license: LicenseView {
            name: entry.license.clone(),
            note: entry.license_note.clone(),
            url: license_url(entry),
            commercial: entry.commercial,
            text: None,
        },
        attribution: entry.attribution.clone(),
        upstream: entry.upstream.clone(),
        needs: entry.needs.clone(),
        can_be_pulled: entry.fetchable(),
        notes: entry.notes.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// SPDX's page; for what is not in its list, where the model comes from.
fn license_url(entry: &Entry) -> String {
    let license = entry.license.as_str();
    let listed = !license.starts_with("LicenseRef-") && license != "unknown";
    let is_one = license.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    match listed && is_one {
        true => format!("https://spdx.org/licenses/{license}.html"),
        false => entry.upstream.clone(),
    }
}

fn of_role(store: &Store, role: Option<&str>) -> Answer<Vec<ModelView>> {
    let mut entries: Vec<&Entry> = store.entries().iter().collect();
    entries.sort_by_key(|entry| entry.role as usize);
    if let Some(role) = role {
        let mut known: Vec<&str> = entries.iter().map(|entry| entry.role.name()).collect();
        known.dedup();
        if !known.contains(&role) {
            return Err(Error::usage(format!("no model has the role {role}"))
                .hint(format!("the roles are {}", known.join(", ")))
                .into());
        }
        entries.retain(|entry| entry.role.name() == role);
    }
    entries.into_iter().map(|entry| view(store, entry)).collect()
}

/// Every model that is known, by role.
#[utoipa::path(
    get, path = "/v1/models", tag = "models", operation_id = "models", params(ModelsQuery),
    responses((status = 200, description = "The models.", body = Vec<ModelView>))
)]
async fn list(
    State(core): State<Shared>,
    Query(query): Query<ModelsQuery>,
) -> Answer<Json<Vec<ModelView>>> {
    let work =
        move |core: &Shared| of_role(&Store::beneath(&core.directories)?, query.role.as_deref());
    blocking(&core, work).await.map(Json)
}

/// A model, with the text of its license where that is here.
#[utoipa::path(
    get, path = "/v1/models/{id}", tag = "models", operation_id = "model",
    params(("id" = String, Path, description = "Its id in the catalog.")),
    responses(
        (status = 200, description = "The model.", body = ModelView),
        (status = 404, description = "There is no such model.", body = FaultBody)
    )
)]
async fn show(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<ModelView>> {
    let work = move |core: &Shared| {
        let store = Store::beneath(&core.directories)?;
        let entry = store.entry(&id).map_err(|error| Fault::new(FaultKind::NotFound, error))?;
        let mut view = view(&store, entry)?;
        let text = entry.license_file.as_deref().and_then(license_text);
        view.license.text = text.map(str::to_owned);
        Ok(view)
    };
    blocking(&core, work).await.map(Json)
}

/// Begins to fetch a model and what it needs. Without the word that the licenses are accepted it is
/// refused, and the error names them.
#[utoipa::path(
    post, path = "/v1/models/{id}/pull", tag = "models", operation_id = "pull_model",
    params(("id" = String, Path, description = "Its id in the catalog.")),
    request_body = Option<PullBody>,
    responses(
        (status = 202, description = "It is queued; its progress is told by events.",
            body = PullView),
        (status = 404, description = "There is no such model.", body = FaultBody),
        (status = 409, description = "It is here, is being fetched, or cannot be fetched.",
            body = FaultBody),
        (status = 422, description = "The licenses were not accepted.", body = FaultBody),
        (status = 429, description = "Too many models wait.", body = FaultBody)
    )
)]
async fn pull(
    State(core): State<Shared>,
    Path(id): Path<String>,
    MaybeJson(body): MaybeJson<PullBody>,
) -> Answer<(StatusCode, Json<PullView>)> {
    let work = move |core: &Shared| {
        let terms = pulls::terms(&Store::beneath(&core.directories)?, &id)?;
        if !body.accept_license {
            let error = Error::usage(format!(
                "the license must be accepted first:\n  {}",
                terms.join("\n  ")
            ));
            return Err(error.hint("send {\"accept_license\": true} if you accept it").into());
        }
        pulls::begin(core, &id)
    };
    Ok((StatusCode::ACCEPTED, Json(blocking(&core, work).await?)))
}

/// Gives up fetching a model. What came is kept, and gone on with next time.
#[utoipa::path(
    delete, path = "/v1/models/{id}/pull", tag = "models", operation_id = "cancel_pull",
    params(("id" = String, Path, description = "Its id in the catalog.")),
    responses(
        (status = 200, description = "It ends now, if it has not.", body = PullView),
        (status = 404, description = "There is no such model.", body = FaultBody),
        (status = 409, description = "It is not being fetched.", body = FaultBody)
    )
)]
async fn cancel(State(core): State<Shared>, Path(id): Path<String>) -> Answer<Json<PullView>> {
    blocking(&core, move |core| pulls::cancel(core, &id)).await.map(Json)
}

/// The models that are, or were lately, fetched.
#[utoipa::path(
    get, path = "/v1/pulls", tag = "models", operation_id = "pulls",
    responses((status = 200, description = "At most 64 of them.", body = Vec<PullView>))
)]
async fn list_pulls(State(core): State<Shared>) -> Json<Vec<PullView>> {
    Json(core.pulls.list())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    #[test]
    fn models_are_told_by_role_with_their_licenses() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let all = of_role(&store, None).unwrap();
        assert_eq!(all.len(), store.entries().len());
        let swappers = of_role(&store, Some("swapper")).unwrap();
        assert!(!swappers.is_empty() && swappers.len() < all.len());
        assert!(swappers.iter().all(|model| model.role == Role::Swapper));
        let fault = of_role(&store, Some("swoper")).unwrap_err();
        assert!(fault.error.hint_text().unwrap().contains("content_filter"));
        let of = |id: &str| all.iter().find(|model| model.id == id).unwrap();
        let filter = of("open_nsfw");
        assert_eq!(filter.status, "embedded");
        assert_eq!(filter.license.url, "https://spdx.org/licenses/BSD-2-Clause.html");
        assert!(filter.license.commercial && filter.bytes > Some(1000));
        for model in &all {
            assert!(!model.license.name.is_empty() && !model.license.url.is_empty(), "{model:?}");
            assert!(model.license.text.is_none());
        }
        assert!(all.iter().any(|model| model.status == "missing" && model.can_be_pulled));
    }
}
