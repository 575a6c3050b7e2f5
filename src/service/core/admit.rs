//! Which files a client may name.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::jobs::Origin;

use super::super::fault::{Answer, Fault, FaultKind};
use super::super::wire::UPLOAD;
use super::Core;

impl Core {
    /// The file that a client names: an absolute path, or `upload:ID`. Clients of the network may
    /// only name files inside the allowed folders; symbolic links are followed before that is
    /// decided, and the path without them is what they get.
    ///
    /// # Errors
    /// [`FaultKind::Invalid`] for what is no path, [`FaultKind::Forbidden`] for a file outside, and
    /// [`FaultKind::NotFound`] for an upload that there is not.
    pub fn admit(&self, from: &Origin, role: &str, file: &str) -> Answer<PathBuf> {
        if let Some(id) = file.strip_prefix(UPLOAD) {
            return self.uploads.path(id);
        }
        let path = absolute(role, file)?;
        if *from != Origin::Network {
            return Ok(path);
        }
        let real = std::fs::canonicalize(&path).map_err(|_| outside(role, file))?;
        if self.is_inside(&real) { Ok(real) } else { Err(outside(role, file)) }
    }

    /// Whether clients of the network may know of this path; symbolic links are followed.
    pub fn is_open(&self, path: &Path) -> bool {
        std::fs::canonicalize(path).is_ok_and(|real| self.is_inside(&real))
    }

    /// The folders that are open to clients of the network, as far as they are there.
    pub fn open_roots(&self) -> Vec<PathBuf> {
        let config = self.config();
        let roots = config.service.roots.iter();
        roots.filter_map(|root| std::fs::canonicalize(root).ok()).collect()
    }

    /// The place that a client names for an output: an absolute path. For clients of the network
    /// its folder must lie inside the allowed ones.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(super) fn admit_output(&self, from: &Origin, file: &str) -> Answer<PathBuf> {
        let path = absolute("output", file)?;
        if *from != Origin::Network {
            return Ok(path);
        }
        let refused = || outside("output", file);
        let (folder, name) = path.parent().zip(path.file_name()).ok_or_else(refused)?;
        let real = std::fs::canonicalize(folder).map_err(|_| refused())?.join(name);
        // An output that is a link would be written through, wherever it leads.
        let leads_out = real.is_symlink()
            && !std::fs::canonicalize(&real).is_ok_and(|end| self.is_inside(&end));
        if self.is_inside(&real) && !leads_out { Ok(real) } else { Err(refused()) }
    }

    fn is_inside(&self, real: &Path) -> bool {
        self.open_roots().into_iter().any(|root| real.starts_with(root))
    }
}

fn absolute(role: &str, file: &str) -> Answer<PathBuf> {
    let invalid = |error: Error| Err(Fault::new(FaultKind::Invalid, error));
    if file.is_empty() || file.contains('\0') {
        return invalid(Error::usage(format!("the {role} names no file")));
    }
    let path = PathBuf::from(file);
    if !path.is_absolute() {
        let error = Error::usage(format!("the {role} {file} is no absolute path"))
            .hint("the service has a current folder of its own: begin the path with /");
        return invalid(error);
    }
    Ok(path)
}

/// The same for what is outside and for what is not there: nobody learns what there is.
fn outside(role: &str, file: &str) -> Fault {
    let error = Error::usage(format!("the {role} {file} is in no folder that is open to clients"))
        .hint("upload the file, or add its folder to roots in the configuration of the service");
    Fault::new(FaultKind::Forbidden, error)
}
