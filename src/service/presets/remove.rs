//! Removes a profile of the user's own.

use std::fs;

use crate::error::Error;
use crate::profiles::own;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultKind};

use super::library;

/// Removes a profile. Jobs that were added with it keep what it said.
///
/// # Errors
/// [`FaultKind::NotFound`] when there is none of this name; [`FaultKind::Conflict`] for a built-in
/// one; when the disk refuses.
pub fn remove(core: &Core, name: &str) -> Answer<()> {
    let none = || Fault::not_found(format!("you have no profile \"{name}\""));
    own::check_name(name).map_err(|_| none())?;
    let library = library(core);
    let path = library.folder().join(format!("{name}.toml"));
    match fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => match library.built_in(name) {
            Some(_) => Err(Fault::conflict(format!("{name} is built in and cannot be removed"))),
            None => Err(none()),
        },
        Err(e) => {
            let error = Error::failed(format!("cannot remove {}", path.display())).because(e);
            Err(Fault::new(FaultKind::Internal, error))
        }
    }
}
