//! Which profiles run a model.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::models::Store;
use crate::pipeline::needs;
use crate::profiles::{Library, layers};

/// The profiles that run each model, by its catalog id; what a model needs is run with it. Profiles
/// with faults run nothing.
///
/// # Errors
/// When the user has no home directory.
pub(in super::super) fn users(store: &Store) -> Result<BTreeMap<String, Vec<String>>> {
    let library = Library::open()?;
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in library.names() {
        let Ok(preset) = library.get(&name) else { continue };
        let Ok(resolved) = layers::of_preset(&library, preset) else { continue };
        let Ok(models) = needs(&resolved.profile).and_then(|ids| store.with_needs(&ids)) else {
            continue;
        };
        for entry in models {
            users.entry(entry.id.clone()).or_default().push(name.clone());
        }
    }
    Ok(users)
}
