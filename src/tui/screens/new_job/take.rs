//! Files come into the form: pasted, dropped, chosen, used lately.

use crate::service::files::FileKind;
use crate::tui::model::Model;
use crate::tui::overlay::Tone;
use crate::tui::update::say;
use crate::tui::words::file_name;

use super::{Field, paths, touch};

/// Files that were pasted or dropped: pictures become sources, videos targets.
pub fn take_paths(model: &mut Model, text: &str) {
    let paths = paths::parse(text);
    if paths.is_empty() {
        return say(model, Tone::Warning, "there is no path in what was pasted");
    }
    take(model, paths);
}

/// Files of any kind, each to where it belongs.
pub fn take(model: &mut Model, paths: Vec<String>) {
    let (mut pictures, mut videos, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match FileKind::of_name(&path) {
            FileKind::Picture => pictures.push(path),
            FileKind::Video => videos.push(path),
            FileKind::Folder | FileKind::Other => others.push(path),
        }
    }
    let form = &mut model.new_job;
    let mut words = Vec::new();
    if videos.is_empty() && !pictures.is_empty() {
        let wanted = matches!(form.at, Field::Target(_));
        let free = form.targets.is_empty();
        // Somebody has to be changed, too.
        let last = match pictures.len() {
            1 => wanted || (free && !form.sources.is_empty()),
            _ => free || wanted,
        };
        if last && let Some(target) = pictures.pop() {
            words.push(format!("{} is the target", file_name(&target)));
            form.targets = vec![target];
            (form.frame, form.shown, form.preview) = (0, 0, None);
        }
    }
    if !pictures.is_empty() {
        words.insert(0, as_words(&pictures, "is a source", "are sources"));
        add(&mut form.sources, pictures);
    }
    if !videos.is_empty() {
        words.push(as_words(&videos, "is the target", "are targets"));
        form.targets = videos;
        (form.frame, form.shown, form.preview) = (0, 0, None);
    }
    let done = !words.is_empty();
    if !others.is_empty() {
        let names = as_words(&others, "is", "are");
        words.push(format!("{names} left out: neither pictures nor videos by their names"));
    }
    form.refused = None;
    form.tidy();
    let tone = if others.is_empty() { Tone::Note } else { Tone::Warning };
    say(model, tone, words.join(", "));
    if done {
        next_empty(model);
        touch(model);
    }
}

/// One name, or how many.
fn as_words(paths: &[String], one: &str, many: &str) -> String {
    match paths {
        [path] => format!("{} {one}", file_name(path)),
        [a, b] => format!("{} and {} {many}", file_name(a), file_name(b)),
        all => format!("{} files {many}", all.len()),
    }
}

/// Adds files that are not there yet.
fn add(all: &mut Vec<String>, more: Vec<String>) {
    for path in more {
        if !all.contains(&path) {
            all.push(path);
        }
    }
}

/// Files that were chosen for the field with the focus.
pub fn take_chosen(model: &mut Model, paths: Vec<String>) {
    if let Some(last) = paths.last() {
        let folder = last.rsplit_once('/').map_or("", |(folder, _)| folder);
        model.new_job.folder = if folder.is_empty() { "/".to_owned() } else { folder.to_owned() };
    }
    let form = &mut model.new_job;
    match form.at {
        Field::Source(at) => {
            // The one that was there is replaced, the others come to those that are there.
            let mut paths = paths.into_iter();
            if let Some(first) = paths.next() {
                form.sources.retain(|path| *path != first);
                let at = at.min(form.sources.len());
                form.set_text(Field::Source(at), &first);
            }
            add(&mut form.sources, paths.collect());
        }
        Field::Target(_) if paths.len() == 1 => {
            let at = form.at;
            form.set_text(at, &paths[0]);
            (form.frame, form.shown, form.preview) = (0, 0, None);
        }
        Field::Target(_) => {
            form.targets = paths;
            (form.frame, form.shown, form.preview) = (0, 0, None);
        }
        Field::Output => form.output = paths.into_iter().next().unwrap_or_default(),
        _ => return take(model, paths),
    }
    form.refused = None;
    form.tidy();
    next_empty(model);
    touch(model);
}

/// The focus goes to what is still missing.
fn next_empty(model: &mut Model) {
    let form = &mut model.new_job;
    if form.sources.is_empty() {
        form.at = Field::Source(0);
    } else if form.targets.is_empty() {
        form.at = Field::Target(0);
    } else if matches!(form.at, Field::Source(_) | Field::Target(_)) {
        form.at = Field::Start;
    }
}
