//! The job is added.

use crate::tui::canvas::plain;
use crate::tui::command_line::CommandLine;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::Tone;
use crate::tui::update::{go, say};
use crate::tui::words::shell_word;

use super::people::{Person, Picture};
use super::request::{is_mapped, jobs};
use super::verdict::{faults, waits};
use super::{recent, touch};

/// Adds it, unless something is wrong or still being found out.
pub fn submit(model: &mut Model) {
    if model.new_job.adding > 0 {
        return;
    }
    model.new_job.refused = None;
    let faults = faults(model);
    if let [(field, why), rest @ ..] = faults.as_slice() {
        model.new_job.starting = false;
        model.new_job.at = *field;
        let more = match rest.len() {
            0 => String::new(),
            1 => "; and one more thing".to_owned(),
            n => format!("; and {n} more things"),
        };
        return say(model, Tone::Error, format!("not started: {why}{more}"));
    }
    if waits(model) {
        model.new_job.starting = true;
        return;
    }
    model.new_job.starting = false;
    let jobs = jobs(model);
    model.new_job.adding = jobs.len();
    for job in jobs {
        model.effect(Effect::Call(Call::Add(Box::new(job))));
    }
}

/// Something was found out: a job that waited for it goes on.
pub fn go_on(model: &mut Model) {
    if model.new_job.starting && !waits(model) {
        submit(model);
    }
}

/// A job was added.
pub fn added(model: &mut Model, target: &str) {
    let form = &mut model.new_job;
    form.adding = form.adding.saturating_sub(1);
    let mut used = form.photos();
    used.push(target.to_owned());
    recent::remember(model, used);
    // Those that were not taken stay in the form.
    let form = &mut model.new_job;
    let gone = form.targets.iter().position(|path| form.full(path) == target);
    if let Some(at) = gone {
        form.targets.remove(at);
    }
    if form.adding > 0 || !form.targets.is_empty() {
        return;
    }
    // The face, the profile and its keys are likely to be wanted again.
    form.output.clear();
    form.name.clear();
    form.people.clear();
    (form.overwrite, form.preview, form.frame, form.shown) = (false, None, 0, 0);
    form.go_to(0);
    touch(model);
    if model.tab == Tab::NewJob {
        go(model, Tab::Queue);
    }
}

/// A job was not taken.
pub fn refused(model: &mut Model, why: String) {
    let form = &mut model.new_job;
    form.adding = form.adding.saturating_sub(1);
    form.refused = Some(why.clone());
    say(model, Tone::Error, why);
}

/// A person whose picture lies with the service and not in a file: which picture it is, and the flag
/// that it would be, for a shell to pass over.
fn as_comment(form: &super::NewJob, person: &Person) -> String {
    let crop = &person.cut.crop;
    let faces: Vec<String> = person.faces.iter().map(|path| shell_word(&form.full(path))).collect();
    let text = format!(
        "# --map PICTURE={}, where PICTURE shows {}x{}+{}+{} of the frame {} of {}",
        faces.join(","),
        crop.width,
        crop.height,
        crop.x,
        crop.y,
        person.cut.frame,
        shell_word(&person.cut.file)
    );
    // A name with a line break must not begin a command.
    plain(&text)
}

/// Copies the command lines that would add it.
pub fn copy_command(model: &mut Model) {
    let cut_out = model.new_job.people.iter().filter(|p| matches!(p.picture, Picture::Here(_)));
    let cut_out = cut_out.count();
    let form = &model.new_job;
    // Without the people, the sources count again.
    let mapped = form.people.is_empty() && is_mapped(model);
    let sources = if mapped { Vec::new() } else { form.photos() };
    let output = form.full(&form.output);
    let target = |target: &String| {
        let line = CommandLine {
            sources: &sources,
            source_face: form.source_face,
            target: &form.full(target),
            output: &output,
            overwrite: form.overwrite,
            profile: &form.profile,
            settings: form.settings.clone(),
            name: form.name.trim(),
            priority: form.priority.trim().parse().unwrap_or(0),
            hold: form.hold,
            host: (!model.local).then_some(model.host.as_str()),
        };
        line.text()
    };
    let mut lines: Vec<String> = form.targets.iter().map(target).collect();
    if lines.is_empty() {
        return say(model, Tone::Warning, "there is no target yet, so there is nothing to copy");
    }
    let cut = form.people.iter().filter(|person| matches!(person.picture, Picture::Here(_)));
    lines.extend(cut.map(|person| as_comment(form, person)));
    model.effect(Effect::Copy(lines.join("\n")));
    match cut_out {
        0 => say(model, Tone::Done, "the command line is on the clipboard"),
        // They lie with the service, and not in files that could be named.
        n => say(
            model,
            Tone::Warning,
            format!(
                "copied, but {n} people cut out of frames are comments only: --map wants files of them"
            ),
        ),
    }
}
