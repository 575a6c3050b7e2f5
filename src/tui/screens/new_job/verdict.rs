//! What is right and wrong with what was typed, and what is still being found out.

use crate::service::files::FileKind;
use crate::service::wire::FacesView;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::words::clock;

use super::looks::About;
use super::people::Picture;
use super::request::{is_full, is_mapped};
use super::{Field, Look};

/// What there is to say about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Nothing,
    /// It is being looked at.
    Waiting(&'static str),
    /// It is fine.
    Good(String),
    /// It is not.
    Bad(String),
}

impl Verdict {
    /// Its words and their color.
    pub fn words(&self) -> Option<(&str, Role)> {
        match self {
            Verdict::Nothing => None,
            Verdict::Waiting(text) => Some((text, Role::Muted)),
            Verdict::Good(text) => Some((text, Role::Done)),
            Verdict::Bad(text) => Some((text, Role::Failed)),
        }
    }
}

const NOT_FULL: &str = "write the full path, from /";

/// What there is to say about a field.
pub fn verdict(model: &Model, field: Field) -> Verdict {
    let form = &model.new_job;
    match field {
        Field::Source(at) => source(model, at),
        Field::Target(at) => target(model, at),
        Field::Output => output(model),
        Field::Options => options(model),
        Field::People => people(model),
        Field::Priority => match form.priority.trim().parse::<i32>() {
            Ok(-1000..=1000) => Verdict::Nothing,
            _ => Verdict::Bad("a whole number from -1000 to 1000; more goes first".to_owned()),
        },
        Field::Start => match &form.refused {
            Some(why) => Verdict::Bad(why.clone()),
            None if form.adding > 0 => Verdict::Waiting("asking the service"),
            None if form.starting => Verdict::Waiting("starts once everything was looked at"),
            None => Verdict::Nothing,
        },
        Field::Profile | Field::Name | Field::Hold | Field::Overwrite => Verdict::Nothing,
    }
}

fn source(model: &Model, at: usize) -> Verdict {
    let form = &model.new_job;
    let Some(path) = form.sources.get(at).map(|path| form.full(path)) else {
        return Verdict::Nothing;
    };
    if path.is_empty() {
        return Verdict::Nothing;
    }
    if !is_full(&path) {
        return Verdict::Bad(NOT_FULL.to_owned());
    }
    if FileKind::of_name(&path) == FileKind::Video {
        return Verdict::Bad("a photo is needed here, and this is a video".to_owned());
    }
    match form.looks.faces(&form.faces_of(&path, 0, None)) {
        None => Verdict::Nothing,
        Some(Look::Asked) => Verdict::Waiting("looking for a face"),
        Some(Look::Failed(why)) => Verdict::Bad(why.clone()),
        Some(Look::Here(view)) => found(view, form.source_face),
    }
}

/// Who was found in a photo.
fn found(view: &FacesView, chosen: Option<usize>) -> Verdict {
    match (view.faces.len(), chosen) {
        (0, _) => Verdict::Bad("no face is found in it; take another photo".to_owned()),
        (1, _) => Verdict::Good("1 face found".to_owned()),
        (n, None | Some(0)) => Verdict::Good(format!("{n} faces found; the largest is used")),
        (n, Some(face)) if face < n => {
            Verdict::Good(format!("{n} faces found; number {face} by size is used"))
        }
        (n, Some(face)) => Verdict::Bad(format!(
            "number {face} by size is asked for, and only {n} faces are found in it"
        )),
    }
}

fn target(model: &Model, at: usize) -> Verdict {
    let form = &model.new_job;
    let Some(path) = form.targets.get(at).map(|path| form.full(path)) else {
        return Verdict::Nothing;
    };
    if path.is_empty() {
        return Verdict::Nothing;
    }
    if !is_full(&path) {
        return Verdict::Bad(NOT_FULL.to_owned());
    }
    match form.looks.about(&path) {
        None => Verdict::Nothing,
        Some(Look::Asked) => Verdict::Waiting("looking at it"),
        Some(Look::Failed(why)) => Verdict::Bad(why.clone()),
        Some(Look::Here(about)) => Verdict::Good(about_words(about)),
    }
}

/// A file in numbers.
pub fn about_words(about: &About) -> String {
    let (width, height) = about.size;
    let Some(film) = about.film else { return format!("picture, {width} x {height}") };
    let mut words = format!("{width} x {height}, {} fps", short(film.fps));
    if let Some(seconds) = film.duration {
        words.push_str(&format!(", {}", clock(seconds)));
    }
    words.push_str(&format!(", {} frames", about.frames()));
    words
}

/// A number with no more digits than it needs.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn output(model: &Model) -> Verdict {
    let form = &model.new_job;
    let path = form.full(&form.output);
    if path.is_empty() {
        return Verdict::Nothing;
    }
    if !is_full(&path) {
        return Verdict::Bad(NOT_FULL.to_owned());
    }
    let kind = FileKind::of_name(&path);
    if form.targets.len() > 1 && kind != FileKind::Other {
        return Verdict::Bad("there are several targets, so this has to be a folder".to_owned());
    }
    let target = form.targets.first().map(|target| FileKind::of_name(target));
    match (target, kind) {
        (Some(FileKind::Picture), FileKind::Video) => {
            Verdict::Bad("the target is a picture, and this the name of a video".to_owned())
        }
        (Some(FileKind::Video), FileKind::Picture) => {
            Verdict::Bad("the target is a video, and this the name of a picture".to_owned())
        }
        _ => Verdict::Nothing,
    }
}

fn options(model: &Model) -> Verdict {
    let form = &model.new_job;
    match &form.checked {
        Some((asked, Look::Here(view))) if *asked == form.check_body() => {
            let fault = view.faults.first().map(|fault| {
                let key = fault.key.as_deref().map(|key| format!("{key}: ")).unwrap_or_default();
                let hint =
                    fault.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
                format!("{key}{}{hint}", fault.message)
            });
            match (fault, view.missing.as_slice()) {
                (Some(fault), _) => Verdict::Bad(fault),
                (None, []) => Verdict::Nothing,
                (None, missing) => Verdict::Bad(format!(
                    "models are missing: {}; the screen Models fetches them",
                    missing.join(", ")
                )),
            }
        }
        Some((_, Look::Failed(why))) => Verdict::Bad(why.clone()),
        _ => Verdict::Nothing,
    }
}

fn people(model: &Model) -> Verdict {
    let pictures = || model.new_job.people.iter().map(|person| &person.picture);
    let failed = pictures().find_map(|picture| match picture {
        Picture::Failed(why) => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = failed {
        return Verdict::Bad(why);
    }
    if pictures().any(|picture| *picture == Picture::Coming) {
        return Verdict::Waiting("cutting the faces out");
    }
    Verdict::Nothing
}

/// What keeps the job from being added: the fields, from top to bottom, with the reason.
pub fn faults(model: &Model) -> Vec<(Field, String)> {
    let form = &model.new_job;
    let mut faults = Vec::new();
    let no_source = form.sources.is_empty() && !is_mapped(model);
    let no_target = form.targets.is_empty();
    for field in form.fields() {
        match field {
            Field::Source(0) if no_source => {
                faults.push((field, "a photo of a face is needed".to_owned()));
            }
            Field::Target(0) if no_target => {
                faults.push((field, "a picture or a video to change is needed".to_owned()));
            }
            // What the service said about it is asked again.
            Field::Start => {}
            field => {
                if let Verdict::Bad(why) = verdict(model, field) {
                    faults.push((field, why));
                }
            }
        }
    }
    faults
}

/// Whether something is still being found out.
pub fn waits(model: &Model) -> bool {
    let form = &model.new_job;
    let checks = matches!(&form.checked, Some((_, Look::Asked)));
    let rests = form.shown == form.frame && model.clock >= form.changed + super::RESTS;
    let waiting = |field: &Field| matches!(verdict(model, *field), Verdict::Waiting(_));
    let fields = form.fields();
    checks || !rests || fields.iter().filter(|field| **field != Field::Start).any(waiting)
}
