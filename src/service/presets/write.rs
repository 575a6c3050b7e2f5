//! Writes a profile of the user's own.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::models::Store;
use crate::pipeline::fit;
use crate::profiles::layers::of_preset;
use crate::profiles::library::{USUAL, is_path};
use crate::profiles::{Preset, Setting, own};
use crate::service::Core;
use crate::service::core::setting;
use crate::service::fault::{Answer, Fault};

use super::{NewProfile, library};

/// Writes a profile; all of it or nothing. Everything is checked before: the text that would be
/// written is read as the file would be.
///
/// # Errors
/// [`crate::service::FaultKind::Invalid`] for a name that cannot be one and for everything that is
/// wrong with what is set; [`crate::service::FaultKind::Conflict`] for the name of a built-in one,
/// or of one that is there and may not be replaced; when the disk refuses.
pub fn write(core: &Core, name: &str, new: &NewProfile) -> Answer<()> {
    own::check_name(name)?;
    let library = library(core);
    if library.built_in(name).is_some() {
        return Err(Fault::conflict(format!("{name} is a built-in profile: take another name")));
    }
    let path = library.folder().join(format!("{name}.toml"));
    if path.exists() && !new.overwrite {
        return Err(there_already(name));
    }
    let extends = new.extends.as_deref().filter(|base| !base.is_empty()).unwrap_or(USUAL);
    if is_path(extends) {
        return Err(Error::usage(format!("the profile {extends} is a file"))
            .hint("the service knows profiles by their names")
            .into());
    }
    let text = own::text(name, extends, &settings(new)?);
    let preset = Preset { name: name.to_owned(), path: Some(path.clone()), text: Cow::Owned(text) };
    let text = preset.text.clone();
    let resolved = of_preset(&library, preset).map_err(Error::from)?;
    fit(resolved, &Store::beneath(&core.directories)?).map_err(Error::from)?;
    if !own::write(&path, &text, new.overwrite).map_err(Fault::internal)? {
        return Err(there_already(name));
    }
    Ok(())
}

fn there_already(name: &str) -> Fault {
    let error = Error::usage(format!("there is a profile {name} already"))
        .hint("say overwrite to replace it, or take another name");
    Fault::new(crate::service::FaultKind::Conflict, error)
}

fn settings(new: &NewProfile) -> Result<Vec<Setting>> {
    let keys = new.settings.iter();
    let mut all: Vec<Setting> =
        keys.map(|(key, value)| setting(key, value)).collect::<Result<_>>()?;
    if let Some(description) = new.description.as_deref().filter(|text| !text.is_empty()) {
        // The last word on a key counts.
        all.push(setting("description", &description.into())?);
    }
    Ok(all)
}
