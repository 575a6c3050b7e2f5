//! What can be done with the form.

use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::{Files, Options, Overlay, Pick, moved};
use crate::tui::painted::{Hit, List};
use crate::tui::update::go;

use super::{Field, edit, faces, preview, profile, recent, seek, submit, take, touch, view};

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    if model.new_job.editing.is_some() {
        return edit::act(model, action);
    }
    let (place, len) = (model.new_job.place(), model.new_job.fields().len());
    let page = model.painted.page(List::NewJob);
    if let Some(place) = moved(place, len, page, action) {
        model.new_job.go_to(place);
        return true;
    }
    match action {
        Action::NextPane => model.new_job.go_to((place + 1) % len),
        Action::PreviousPane => model.new_job.go_to((place + len - 1) % len),
        Action::Open => open(model),
        Action::Submit => submit::submit(model),
        Action::PickFile => pick(model),
        Action::Recent => recent::ask(model),
        Action::Preview => preview::ask(model),
        Action::FrameBack => seek::step(model, false, false),
        Action::FrameForward => seek::step(model, true, false),
        Action::SeekBack => seek::step(model, false, true),
        Action::SeekForward => seek::step(model, true, true),
        Action::Faces => faces::open(model),
        Action::Profile => profile::ask(model),
        Action::Options => model.overlays.push(Overlay::Options(Options::default())),
        Action::SaveProfile => profile::ask_to_save(model),
        Action::RemoveEntry => remove(model),
        Action::CopyCommand => submit::copy_command(model),
        Action::Compare => model.new_job.compare = model.new_job.compare.next(),
        Action::Zoom => {
            model.new_job.zoom = !model.new_job.zoom;
            touch(model);
        }
        Action::Back => {
            if std::mem::take(&mut model.new_job.starting) {
                return true;
            }
            go(model, Tab::Queue);
        }
        _ => return false,
    }
    true
}

/// Opens the field with the focus: writes it, chooses for it, or does it.
fn open(model: &mut Model) {
    match model.new_job.at {
        // Who knows no path yet looks for it.
        Field::Source(_) | Field::Target(_) if is_empty(model) => pick(model),
        Field::Profile => profile::ask(model),
        Field::Options => model.overlays.push(Overlay::Options(Options::default())),
        Field::People => faces::open(model),
        Field::Hold => model.new_job.hold = !model.new_job.hold,
        Field::Overwrite => {
            model.new_job.overwrite = !model.new_job.overwrite;
            model.new_job.refused = None;
        }
        Field::Start => submit::submit(model),
        _ => edit::begin(model),
    }
}

fn is_empty(model: &Model) -> bool {
    model.new_job.text(model.new_job.at).is_none_or(|text| text.trim().is_empty())
}

/// Opens the file picker for the field with the focus.
pub(super) fn pick(model: &mut Model) {
    let form = &model.new_job;
    let (title, pick) = match form.at {
        Field::Source(_) => ("A photo of the face", Pick::Pictures),
        Field::Target(_) => ("A picture or a video to change", Pick::Media),
        Field::Output => ("A folder for the result", Pick::Folder),
        _ => ("Pictures are sources, videos targets", Pick::Media),
    };
    let now = form.text(form.at).map(|text| form.full(text)).unwrap_or_default();
    let folder = match now.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
        None => form.folder.clone(),
    };
    let files = Files::open(model, title, pick, &folder, &now, take::take_chosen);
    model.overlays.push(Overlay::Files(files));
}

/// Takes out what the field with the focus holds.
fn remove(model: &mut Model) {
    let form = &mut model.new_job;
    let at = form.at;
    match at {
        Field::People => form.people.clear(),
        Field::Options => form.settings.clear(),
        Field::Priority => form.priority = "0".to_owned(),
        Field::Source(_) if form.sources.len() == 1 => {
            form.source_face = None;
            form.set_text(at, "");
        }
        Field::Source(place) if place < form.sources.len() => form.set_text(at, ""),
        Field::Source(_) => return,
        _ if form.text(at).is_some() => form.set_text(at, ""),
        _ => return,
    }
    form.refused = None;
    form.tidy();
    touch(model);
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, _: bool) {
    if list != List::NewJob {
        return;
    }
    let width = model.painted.lists.get(&list).map_or(0, |window| window.area.width);
    let Some(field) = view::rows(model, width).get(index).map(view::Row::field) else { return };
    if model.new_job.editing.is_some() {
        if model.new_job.at == field {
            return;
        }
        edit::act(model, Action::Accept);
    }
    let again = model.new_job.at == field;
    model.new_job.at = field;
    // The first click says which one is meant; what is only to be ticked or pressed takes one.
    if again || matches!(field, Field::Hold | Field::Overwrite | Field::Start) {
        open(model);
    }
}

/// A list gets the focus.
pub fn focus(_: &mut Model, _: List) {}

/// Something else is clicked.
pub fn clicked(model: &mut Model, area: Rect, hit: Hit, column: u16) {
    match hit {
        Hit::Own(seek::BAR) => seek::seek(model, column, area),
        Hit::Wipe => {
            let width = u32::from(area.width.max(1));
            let at = u32::from(column.saturating_sub(area.x)) * 100 / width;
            model.new_job.wipe = at.min(100) as u8;
        }
        _ => {}
    }
}

/// The mouse moves with its button down: the frame or the wipe goes with it.
pub fn drag(model: &mut Model, column: u16, row: u16) {
    if let Some((area, hit)) = model.painted.hit(column, row) {
        clicked(model, area, hit, column);
    }
}
