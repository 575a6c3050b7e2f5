//! Checks a profile while somebody makes it: everything at once, key by key.

use crate::error::{Error, Result};
use crate::models::Store;
use crate::pipeline::{fit, needs};
use crate::processors::registry::KINDS;
use crate::profiles::layers::of_preset;
use crate::profiles::library::{USUAL, is_path};
use crate::profiles::{Complaint, Complaints, Library, Origin, Profile, Resolved, Setting, schema};
use crate::service::Core;
use crate::service::core::setting;
use crate::service::fault::Answer;

use super::{CheckBody, CheckView, KeyFault, library};

/// What is wrong with a profile, were these keys changed in it. Faults are an answer here, no error.
///
/// # Errors
/// When the catalog cannot be read.
pub fn check(core: &Core, body: &CheckBody) -> Answer<CheckView> {
    Ok(view(&library(core), &Store::beneath(&core.directories)?, body)?)
}

fn view(library: &Library, store: &Store, body: &CheckBody) -> Result<CheckView> {
    let mut view = CheckView::default();
    let mut settings = Vec::new();
    for (key, value) in &body.settings {
        match setting(key, value) {
            Ok(setting) => settings.push(setting),
            Err(error) => view.faults.push(of_error(Some(key), &error)),
        }
    }
    let name = body.profile.as_deref().filter(|name| !name.is_empty()).unwrap_or(USUAL);
    // What fits by itself is looked at together, whatever is wrong with the rest.
    match resolved(library, store, name, settings.clone()) {
        Ok(resolved) => {
            view.warnings = idle(&resolved.profile, &settings);
            let models = needs(&resolved.profile)?;
            for entry in store.with_needs(&models)? {
                if !entry.commercial {
                    view.warnings.push(entry.terms());
                }
            }
            view.missing = store.missing(&models)?.into_iter().map(|model| model.id).collect();
        }
        Err(faults) => view.faults.extend(faults),
    }
    Ok(view)
}

fn resolved(
    library: &Library,
    store: &Store,
    name: &str,
    settings: Vec<Setting>,
) -> Result<Resolved, Vec<KeyFault>> {
    if is_path(name) {
        let error = Error::usage(format!("the profile {name} is a file"))
            .hint("the service knows profiles by their names");
        return Err(vec![of_error(None, &error)]);
    }
    let preset = library.get(name).map_err(|error| vec![of_error(None, &error)])?;
    of_preset(library, preset)
        .and_then(|resolved| resolved.with(settings))
        .and_then(|resolved| fit(resolved, store))
        .map_err(|Complaints(all)| all.iter().map(of_complaint).collect())
}

fn of_error(key: Option<&str>, error: &Error) -> KeyFault {
    let hint = error.hint_text().map(str::to_owned);
    let message = error.chain();
    // The key is said beside the words already.
    let prefix = key.map(|key| format!("settings.{key}: ")).unwrap_or_default();
    let message = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
    KeyFault { key: key.map(str::to_owned), message, hint }
}

fn of_complaint(complaint: &Complaint) -> KeyFault {
    let hint = complaint.hint.clone();
    let known = |key: &str| schema::find(key).map(|field| field.key.to_owned());
    let (key, message) = match &complaint.origin {
        Origin::Flag(flag) | Origin::Variable(flag) => {
            let key = known(flag.strip_prefix("settings.").unwrap_or(flag));
            (key, complaint.message.clone())
        }
        // Lines of profiles begin with the key.
        _ => {
            let said = complaint.message.split_once(": ");
            (said.and_then(|(key, _)| known(key)), complaint.to_string())
        }
    };
    KeyFault { key, message, hint }
}

/// Keys that were set and that no processor of the profile looks at.
fn idle(profile: &Profile, settings: &[Setting]) -> Vec<String> {
    let mut all = Vec::new();
    for setting in settings.iter().filter(|setting| setting.value.is_some()) {
        let looks = |kind: &&&dyn crate::processors::Kind| {
            kind.options().iter().any(|option| option.key == setting.key)
        };
        let who: Vec<&str> = KINDS.iter().filter(looks).map(|kind| kind.name()).collect();
        let runs = |name: &&str| profile.processors.iter().any(|run| run == name);
        if !who.is_empty() && !who.iter().any(runs) {
            let (key, who) = (setting.key, who.join(" or "));
            all.push(format!("{key} does nothing: {who} is not among the processors"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::settings::Directories;

    fn checked(files: &[(&str, &str)], body: Value) -> CheckView {
        let home = tempfile::tempdir().unwrap();
        let directories = Directories::beneath(home.path()).unwrap();
        for (name, text) in files {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        let library = Library::at(home.path().to_owned());
        let body: CheckBody = serde_json::from_value(body).unwrap();
        view(&library, &Store::beneath(&directories).unwrap(), &body).unwrap()
    }

    fn keys(view: &CheckView) -> Vec<Option<&str>> {
        view.faults.iter().map(|fault| fault.key.as_deref()).collect()
    }

    #[test]
    fn every_wrong_key_is_named_at_once() {
        let view = checked(
            &[],
            json!({ "settings": {
                "swap.weight": 3, "swap.wait": 1, "video.encoder": "libx266",
                "faces.age": [50, 20], "video.quality": 90,
            }}),
        );
        let mut keys = keys(&view);
        keys.sort_unstable();
        // Contradictions are found before names are looked up.
        assert_eq!(keys, [Some("faces.age"), Some("swap.wait"), Some("swap.weight")]);
        let of = |key: &str| view.faults.iter().find(|f| f.key.as_deref() == Some(key)).unwrap();
        assert_eq!(of("swap.wait").hint.as_deref(), Some("did you mean swap.weight?"));
        assert!(of("swap.weight").message.starts_with('3'), "{:?}", of("swap.weight"));
        let view = checked(&[], json!({ "settings": { "video.encoder": "libx266" } }));
        assert_eq!(view.faults[0].key.as_deref(), Some("video.encoder"));
    }

    #[test]
    fn a_fine_one_tells_what_it_lacks_and_what_has_no_effect() {
        let view = checked(&[], json!({}));
        assert_eq!(view, CheckView::default());
        let view = checked(&[], json!({ "profile": "roop", "settings": { "swap.weight": null } }));
        assert!(view.faults.is_empty() && view.missing.iter().any(|id| id == "inswapper_128"));
        assert!(view.warnings.iter().any(|line| line.contains("not for commercial use")));
        let body = json!({ "settings": { "debug.items": ["box"] } });
        let view = checked(&[], body);
        assert!(view.warnings[0].contains("face_debugger"), "{view:?}");
    }

    #[test]
    fn a_profile_with_faults_names_their_keys() {
        let bad = [("bad.toml", "[swap]\nweight = 7\n")];
        let view = checked(&bad, json!({ "profile": "bad" }));
        assert_eq!(keys(&view), [Some("swap.weight")]);
        assert!(view.faults[0].message.contains("line 2"), "{view:?}");
        for name in ["nobody", "./bad.toml"] {
            let view = checked(&bad, json!({ "profile": name }));
            assert_eq!(keys(&view), [None], "{view:?}");
        }
    }
}
