//! Profile keys in the environment: `FACEDECK_SWAP_MODEL`, `FACEDECK_RUN_PROVIDERS`, …

use super::complaint::{Complaint, Complaints, Origin};
use super::document::Setting;
use super::schema::{FIELDS, Field, nearest};

/// What every variable of ours begins with.
const PREFIX: &str = "FACEDECK_";
/// Keys that the environment cannot set: it has nothing to describe.
const NOT_HERE: &str = "description";

/// The variable that sets a key.
pub fn variable_name(field: &Field) -> String {
    format!("{PREFIX}{}", field.key.replace('.', "_").to_uppercase())
}

/// The settings of an environment. Empty variables count as not set, and those of ours that belong
/// to no table of a profile are somebody else's business.
///
/// # Errors
/// When a variable of a table names no key, or its value does not fit.
pub fn settings(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<Setting>, Complaints> {
    let fields = || FIELDS.iter().filter(|field| field.key != NOT_HERE);
    let known: Vec<(String, &'static Field)> =
        fields().map(|field| (variable_name(field), field)).collect();
    let of_a_table = |name: &str| {
        fields().any(|f| {
            !f.table().is_empty() && {
                let table = format!("{PREFIX}{}_", f.table().to_uppercase());
                name.starts_with(&table)
            }
        })
    };
    let mut settings = Vec::new();
    let mut complaints = Vec::new();
    for (name, value) in environment {
        if !name.starts_with(PREFIX) || value.trim().is_empty() {
            continue;
        }
        let origin = Origin::Variable(name.clone());
        if let Some((_, field)) = known.iter().find(|(known, _)| *known == name) {
            match Setting::parse(field, &value, origin) {
                Ok(setting) => settings.push(setting),
                Err(complaint) => complaints.push(complaint),
            }
        } else if of_a_table(&name) {
            let near = nearest(&name, known.iter().map(|(known, _)| known.as_str()));
            let hint = near.map(|near| format!("did you mean {near}?"));
            let message = "no key of a profile has this name".into();
            complaints.push(Complaint { origin, message, hint });
        }
    }
    if complaints.is_empty() { Ok(settings) } else { Err(Complaints(complaints)) }
}

/// The settings of this process's environment.
///
/// # Errors
/// As [`settings`].
pub fn from_env() -> Result<Vec<Setting>, Complaints> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let mut ours: Vec<(String, String)> =
        std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
    ours.sort();
    settings(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<Setting>, Complaints> {
        settings(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn every_key_has_a_variable() {
        let settings = read(&[
            ("FACEDECK_SWAP_MODEL", "x"),
            ("FACEDECK_RUN_PROVIDERS", "cuda,cpu"),
            ("FACEDECK_PROCESSORS", "face_debugger"),
            ("FACEDECK_VIDEO_FPS", "default"),
            ("FACEDECK_VIDEO_QUALITY", ""),
            ("FACEDECK_HOME", "/x"),
            ("FACEDECK_GRAPHICS", "off"),
            ("FACEDECK_DESCRIPTION", "x"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        let keys: Vec<&str> = settings.iter().map(|s| s.key).collect();
        assert_eq!(keys, ["swap.model", "run.providers", "processors", "video.fps"]);
        assert_eq!(settings[1].value.as_ref().unwrap().as_array().unwrap().len(), 2);
        assert_eq!(settings[3].value, None);
    }

    #[test]
    fn wrong_ones_are_named() {
        let Complaints(all) =
            read(&[("FACEDECK_SWAP_MODLE", "x"), ("FACEDECK_FACES_SCORE", "2")]).unwrap_err();
        assert!(all[0].to_string().starts_with("FACEDECK_SWAP_MODLE: "));
        assert_eq!(all[0].hint.as_deref(), Some("did you mean FACEDECK_SWAP_MODEL?"));
        assert!(all[1].to_string().contains("2 is out of range"), "{}", all[1]);
    }
}
