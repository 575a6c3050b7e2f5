//! What follows from a choice when nobody said otherwise: a swapper brings its recognizer.

use crate::models::{Role, Store};
use crate::profiles::sections::MESH;
use crate::profiles::{Complaints, Origin, Resolved, Setting, schema};

/// The recognizers whose identities a swapper can read, by its entry; none when any will do.
pub(super) fn recognizers<'a>(store: &'a Store, swapper: &str) -> Vec<&'a str> {
    let needs = store.entry(swapper).map_or(&[][..], |entry| &entry.needs);
    let is_one = |id: &&String| store.entry(id).is_ok_and(|need| need.role == Role::Recognizer);
    needs.iter().filter(is_one).map(String::as_str).collect()
}

/// Takes the recognizer that the swapper was made for, unless one was named.
///
/// # Errors
/// As [`Resolved::with`].
pub(super) fn suit(below: Resolved, store: &Store) -> Result<Resolved, Complaints> {
    let (swapper, current) = (&below.profile.swap.model, &below.profile.faces.recognizer);
    if swapper == MESH || below.origin("faces.recognizer").is_some() {
        return Ok(below);
    }
    let readable = recognizers(store, swapper);
    match readable.first() {
        Some(first) if !readable.contains(&current.as_str()) => {
            let Some(field) = schema::find("faces.recognizer") else { return Ok(below) };
            let origin = Origin::Flag("--model".to_owned());
            below.with(vec![Setting::new(field, (*first).into(), origin)?])
        }
        _ => Ok(below),
    }
}
