//! What catalog entries must fulfill together: every id that one names is another's, in a role that
//! fits.

use super::document::{Problem, suggestion};
use super::entry::{Entry, Role};
use super::nearest::nearest;
use super::spec::SourceKind;

/// Refuses with the first problem in one entry among all.
pub(super) fn entry(entry: &Entry, all: &[Entry]) -> Result<(), Problem> {
    for (i, need) in entry.needs.iter().enumerate() {
        find(need, &format!("needs[{i}]"), all)?;
    }
    if leads_back(entry, all) {
        return Err(Problem::new("needs", "leads back to this entry"));
    }
    let Some(spec) = &entry.swapper else { return Ok(()) };
    if let Some(id) = &spec.converter {
        role(id, Role::Converter, "swapper.converter", all)?;
    }
    if let Some(id) = &spec.single_precision {
        let twin = role(id, Role::Swapper, "swapper.single_precision", all)?;
        let like = |e: &Entry| {
            let spec = e.swapper.as_ref().map(|s| (s.template, s.source));
            (spec, e.input.as_ref().map(super::Input::size))
        };
        if like(twin) != like(entry) {
            let what = format!("\"{id}\" has another template, source or size");
            return Err(Problem::new("swapper.single_precision", what));
        }
    }
    let recognizer = |id: &String| all.iter().any(|e| e.id == *id && e.role == Role::Recognizer);
    if spec.source != SourceKind::Image && !entry.needs.iter().any(recognizer) {
        let what = "must name the recognizer whose vectors it takes";
        let known: Vec<&str> = ids(all, Role::Recognizer).collect();
        let hint = Some(format!("known: {}", known.join(", ")));
        return Err(Problem::new("needs", what).hint(hint));
    }
    Ok(())
}

fn find<'a>(id: &str, key: &str, all: &'a [Entry]) -> Result<&'a Entry, Problem> {
    all.iter().find(|e| e.id == id).ok_or_else(|| {
        let near = nearest(id, all.iter().map(|e| e.id.as_str()));
        let what = format!("there is no model \"{id}\" in the catalog");
        Problem::new(key, what).hint(near.map(|near| format!("did you mean \"{near}\"?")))
    })
}

fn role<'a>(id: &str, role: Role, key: &str, all: &'a [Entry]) -> Result<&'a Entry, Problem> {
    let found = find(id, key, all)?;
    if found.role == role {
        return Ok(found);
    }
    let known: Vec<&str> = ids(all, role).collect();
    let what = format!("\"{id}\" is a {} and no {}", found.role.name(), role.name());
    Err(Problem::new(key, what).hint(suggestion(id, &known)))
}

fn ids(all: &[Entry], role: Role) -> impl Iterator<Item = &str> {
    all.iter().filter(move |e| e.role == role).map(|e| e.id.as_str())
}

/// Whether an entry is among what it needs, what that needs, and so on.
fn leads_back(entry: &Entry, all: &[Entry]) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = entry.needs.iter().map(String::as_str).collect();
    while let Some(id) = open.pop() {
        if id == entry.id {
            return true;
        }
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        open.extend(
            all.iter().filter(|e| e.id == id).flat_map(|e| e.needs.iter().map(String::as_str)),
        );
    }
    false
}
