//! Which models a profile needs: those that see faces, and those of its processors.

use crate::error::Result;
use crate::models::id;
use crate::processors::registry;
use crate::profiles::Profile;
use crate::profiles::sections::FROM_DETECTOR;

/// Catalog ids of every model that a job with this profile runs, embedded ones included, each once.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when a processor is unknown.
pub fn needs(profile: &Profile) -> Result<Vec<String>> {
    let faces = &profile.faces;
    let mut all = vec![faces.detector.clone()];
    if faces.landmarks != FROM_DETECTOR {
        all.push(faces.landmarks.clone());
    }
    all.push(faces.recognizer.clone());
    if faces.sex.is_some() || faces.age.is_some() {
        all.push(id::ATTRIBUTES.to_owned());
    }
    for name in &profile.processors {
        all.extend(registry::find(name)?.models(profile));
    }
    let mut once: Vec<String> = Vec::new();
    for id in all {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    Ok(once)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::Sex;

    #[test]
    fn every_model_is_named_once() {
        let mut profile = Profile::default();
        let embedded = [id::DETECTOR, id::LANDMARKS, id::RECOGNIZER];
        assert_eq!(needs(&profile).unwrap(), embedded);
        profile.faces.landmarks = FROM_DETECTOR.into();
        profile.faces.sex = Some(Sex::Female);
        assert_eq!(needs(&profile).unwrap(), [id::DETECTOR, id::RECOGNIZER, id::ATTRIBUTES]);
        profile.processors = vec!["face_polisher".into()];
        assert_eq!(needs(&profile).unwrap_err().exit_code(), 2);
    }
}
