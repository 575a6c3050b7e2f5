//! The files that a profile names, when the profile came from a client.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::error::Error;
use crate::jobs::Origin;
use crate::profiles::Profile;
use crate::profiles::library::is_path;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultKind};

/// The profile that a client asked for. Clients of the network name profiles, not files of them;
/// every picture that the client itself put into the profile is admitted as its other files are,
/// `upload:ID` included.
///
/// # Errors
/// As [`Core::profile`] and [`Core::admit`].
pub fn profile(
    core: &Core,
    from: &Origin,
    name: Option<&str>,
    settings: &Map<String, Value>,
    snapshot: Option<&Value>,
) -> Answer<Profile> {
    if *from == Origin::Network && snapshot.is_none() && name.is_some_and(is_path) {
        let error = Error::usage("clients of the network may not name a profile by its file")
            .hint("name one of GET /v1/profiles, or send its keys as settings");
        return Err(Fault::new(FaultKind::Forbidden, error));
    }
    let mut profile = core.profile(name, settings, snapshot)?;
    let trusted = match snapshot {
        Some(_) => Vec::new(),
        None if settings.is_empty() => return Ok(profile),
        None => {
            let mut own = core.profile(name, &Map::new(), None)?;
            files(&mut own).into_iter().map(|(_, path)| path.clone()).collect::<Vec<PathBuf>>()
        }
    };
    for (role, path) in files(&mut profile) {
        if !trusted.contains(path) {
            *path = core.admit(from, role, &path.to_string_lossy())?;
        }
    }
    Ok(profile)
}

/// Every file that a profile names, with what it is called in messages.
fn files(profile: &mut Profile) -> Vec<(&'static str, &mut PathBuf)> {
    let faces = &mut profile.faces;
    let mut all: Vec<(&'static str, &mut PathBuf)> = Vec::new();
    all.extend(faces.reference_picture.iter_mut().map(|path| ("reference picture", path)));
    for map in &mut faces.map {
        all.push(("person of the map", &mut map.who));
        all.extend(map.faces.iter_mut().map(|path| ("face of the map", path)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::Map as Person;

    #[test]
    fn every_file_that_a_job_reads_because_of_its_profile_is_among_them() {
        let mut profile = Profile::default();
        profile.faces.reference_picture = Some("a.png".into());
        profile.faces.map =
            vec![Person { who: "b.png".into(), faces: vec!["c.png".into(), "d.png".into()] }];
        let request = crate::pipeline::Request {
            sources: Vec::new(),
            source_face: None,
            target: "target".into(),
            output: "out".into(),
            overwrite: false,
            profile: profile.clone(),
        };
        let mut read: Vec<(&str, PathBuf)> =
            request.inputs().map(|(role, path)| (role, path.to_owned())).collect();
        read.retain(|(role, _)| *role != "target");
        let mut found: Vec<(&str, PathBuf)> =
            files(&mut profile).into_iter().map(|(role, path)| (role, path.clone())).collect();
        read.sort();
        found.sort();
        assert_eq!(found, read);
    }
}
