//! Every kind of processor that there is, and room for those of a program that uses this library.

use crate::error::{Error, Result};

use super::{Kind, debug, enhance, swap};

/// The built-in kinds in the order in which they are listed.
pub const KINDS: &[&dyn Kind] = &[&swap::FaceSwapper, &enhance::FaceEnhancer, &debug::FaceDebugger];

/// The built-in kind of this name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] that lists the known ones.
pub fn find(name: &str) -> Result<&'static dyn Kind> {
    Registry::built_in().find(name)
}

/// The kinds that a chain is built from.
#[derive(Clone)]
pub struct Registry<'a> {
    kinds: Vec<&'a dyn Kind>,
}

impl<'a> Registry<'a> {
    /// The built-in kinds.
    pub fn built_in() -> Self {
        Registry { kinds: KINDS.to_vec() }
    }

    /// With one more kind, which takes the place of one of the same name.
    #[must_use]
    pub fn with(mut self, kind: &'a dyn Kind) -> Self {
        match self.kinds.iter_mut().find(|known| known.name() == kind.name()) {
            Some(known) => *known = kind,
            None => self.kinds.push(kind),
        }
        self
    }

    /// The kinds in the order in which they are listed.
    pub fn kinds(&self) -> &[&'a dyn Kind] {
        &self.kinds
    }

    /// The kind of this name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that lists the known ones.
    pub fn find(&self, name: &str) -> Result<&'a dyn Kind> {
        self.kinds.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| {
            let known: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
            Error::usage(format!("there is no frame processor \"{name}\""))
                .hint(format!("known ones: {}", known.join(", ")))
        })
    }
}

impl Default for Registry<'_> {
    fn default() -> Self {
        Self::built_in()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_unknown_ones_name_the_known() {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        assert_eq!(names, ["face_swapper", "face_enhancer", "face_debugger"]);
        for name in names {
            assert_eq!(find(name).unwrap().name(), name);
        }
        let error = find("face_polisher").err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.hint_text().unwrap().contains("face_enhancer"), "{error:?}");
    }
}
