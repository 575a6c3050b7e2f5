//! What is asked of the service, made from the form.

use serde_json::{Map, Value, json};

use crate::service::wire::{self, CheckBody, FacesBody, PreviewBody, UPLOAD};
use crate::tui::complete;
use crate::tui::model::Model;

use super::NewJob;

/// Keys that say how faces are found; with the other ones they are found in the same way.
const FINDING: [&str; 7] = [
    "faces.detector",
    "faces.landmarks",
    "faces.recognizer",
    "faces.angles",
    "faces.score",
    "faces.order",
    "run.providers",
];
/// The longer side of a preview, in pixels.
const PREVIEW_SIDE: u32 = 1280;

/// Whether a path says where a file is from everywhere.
pub fn is_full(path: &str) -> bool {
    path.starts_with('/') || path.starts_with(UPLOAD)
}

impl NewJob {
    /// A path with the home of the service's user put in.
    pub(super) fn full(&self, path: &str) -> String {
        complete::at_home(path, self.home.as_deref())
    }

    /// The photos, as they are sent.
    pub(super) fn photos(&self) -> Vec<String> {
        let all = self.sources.iter().map(|path| self.full(path));
        all.filter(|path| !path.is_empty()).collect()
    }

    /// The target whose frames are shown.
    pub(super) fn target(&self) -> Option<String> {
        let target = self.full(self.targets.first()?);
        is_full(&target).then_some(target)
    }

    /// Who is in a file, as the networks of this job see it.
    pub(super) fn faces_of(&self, file: &str, frame: u64, compare: Option<String>) -> FacesBody {
        let mut settings = self.settings.clone();
        settings.retain(|key, _| FINDING.contains(&key.as_str()));
        let profile = Some(self.profile.clone());
        FacesBody { file: file.to_owned(), frame, compare, profile, settings }
    }

    /// Everything that differs from the profile.
    pub(super) fn all_settings(&self) -> Map<String, Value> {
        let mut settings = self.settings.clone();
        let people = self.people.iter().filter_map(|person| {
            let who = person.who()?;
            let faces: Vec<String> = person.faces.iter().map(|path| self.full(path)).collect();
            Some(json!({ "who": who, "faces": faces }))
        });
        let people: Vec<Value> = people.collect();
        if !people.is_empty() {
            settings.insert("faces.map".to_owned(), people.into());
        }
        settings
    }

    /// What is asked about the keys.
    pub(super) fn check_body(&self) -> CheckBody {
        CheckBody { profile: Some(self.profile.clone()), settings: self.settings.clone() }
    }
}

/// Whether everybody who is swapped has a face of their own, so that sources have no place.
pub fn is_mapped(model: &Model) -> bool {
    let some = |value: &Value| value.as_array().is_some_and(|people| !people.is_empty());
    let form = &model.new_job;
    if !form.people.is_empty() {
        return true;
    }
    match form.settings.get("faces.map") {
        Some(value) => some(value),
        None => model
            .desk
            .profile_details
            .get(&form.profile)
            .and_then(|detail| detail.settings.pointer("/faces/map"))
            .is_some_and(some),
    }
}

/// The photos that are sent: none where everybody has a face of their own.
fn sources(model: &Model) -> Vec<String> {
    if is_mapped(model) { Vec::new() } else { model.new_job.photos() }
}

/// The jobs: one for each target.
pub fn jobs(model: &Model) -> Vec<wire::NewJob> {
    let form = &model.new_job;
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let several = form.targets.len() > 1;
    let job = |target: &String| wire::NewJob {
        sources: sources(model),
        source_face: form.source_face,
        target: form.full(target),
        output: some(&form.full(&form.output)),
        overwrite: form.overwrite,
        profile: Some(form.profile.clone()),
        settings: form.all_settings(),
        // One name for all would tell none of them from the others.
        name: some(&form.name).filter(|_| !several),
        priority: form.priority.trim().parse().unwrap_or(0),
        hold: form.hold,
        ..wire::NewJob::default()
    };
    form.targets.iter().map(job).collect()
}

/// What the job would make of the frame that is shown.
pub fn preview(model: &Model) -> Option<PreviewBody> {
    let form = &model.new_job;
    Some(PreviewBody {
        sources: sources(model),
        source_face: form.source_face,
        target: form.target()?,
        frame: form.frame,
        profile: Some(form.profile.clone()),
        settings: form.all_settings(),
        max_side: Some(PREVIEW_SIDE),
        ..PreviewBody::default()
    })
}
