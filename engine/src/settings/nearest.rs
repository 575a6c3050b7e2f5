//! Which of the known names somebody may have meant.

use crate::error::Error;

/// The known name that is most like this one, when one is.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    known
        .into_iter()
        .map(|other| (other, alike(other)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, alike)| *alike > 0.75)
        .map(|(other, _)| other)
}

/// That a name is not known, with the nearest known one, or with all of them.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> Error {
    let error = Error::usage(format!("there is no {what} named \"{name}\""));
    match nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean \"{near}\"?")),
        None => error.hint(format!("there are {}", known.join(", "))),
    }
}
