//! The profile that a client asks for, resolved and checked.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::models::Store;
use crate::pipeline::fit;
use crate::profiles::library::{USUAL, is_path};
use crate::profiles::schema::{self, FIELDS, nearest};
use crate::profiles::{Library, Origin, Profile, Setting, layers, resolve};

use super::super::fault::Answer;
use super::Core;

impl Core {
    /// The profile of this name with these keys changed, or a whole one; checked against what there
    /// is.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Invalid`] for everything that is wrong with it.
    pub fn profile(
        &self,
        name: Option<&str>,
        settings: &Map<String, Value>,
        snapshot: Option<&Value>,
    ) -> Answer<Profile> {
        let library = Library::at(self.directories.config.join("profiles"));
        let mut all = Vec::new();
        let name = match snapshot {
            Some(whole) => {
                all.push(whole_profile(whole)?);
                USUAL
            }
            None => name.filter(|name| !name.is_empty()).unwrap_or(USUAL),
        };
        if is_path(name) {
            let error = Error::usage(format!("the profile {name} is a file"))
                .hint("the service knows profiles by their names; send a file as its snapshot");
            return Err(error.into());
        }
        let keys = settings.iter().map(|(key, value)| setting(key, value));
        all.push(keys.collect::<Result<Vec<_>, Error>>()?);
        let store = Store::beneath(&self.directories)?;
        let resolved = resolve(&library, name, all)?;
        Ok(fit(resolved, &store).map_err(Error::from)?.profile)
    }
}

/// One key with a new value; `null` puts back the default.
pub(in crate::service) fn setting(key: &str, value: &Value) -> Result<Setting, Error> {
    let origin = Origin::Flag(format!("settings.{key}"));
    let field = schema::find(key).ok_or_else(|| {
        let error = Error::usage(format!("no key of a profile is called {key}"));
        match nearest(key, FIELDS.iter().map(|field| field.key)) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("see facedeck profiles show"),
        }
    })?;
    if value.is_null() {
        return Ok(Setting { key: field.key, value: None, origin });
    }
    let value = toml::Value::try_from(value)
        .map_err(|e| Error::usage(format!("the value of {key} cannot be used")).because(e))?;
    Ok(Setting::new(field, value, origin).map_err(crate::profiles::Complaints::from)?)
}

/// Every key of a whole profile: those that it does not have get their defaults.
fn whole_profile(whole: &Value) -> Result<Vec<Setting>, Error> {
    let profile: Profile = serde_json::from_value(whole.clone())
        .map_err(|e| Error::usage("the snapshot is no profile").because(e))?;
    let mut given = layers::flat(&profile)?;
    // What a profile is good for says nothing about a job.
    let fields = FIELDS.iter().filter(|field| field.key != "description");
    fields
        .map(|field| {
            let origin = Origin::Flag(format!("snapshot.{}", field.key));
            match given.remove(field.key) {
                None => Ok(Setting { key: field.key, value: None, origin }),
                Some(value) => Ok(Setting::new(field, value, origin)
                    .map_err(crate::profiles::Complaints::from)?),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_whole_profile_says_something_about_every_key() {
        let mut profile = Profile::default();
        profile.swap.weight = Some(0.5);
        profile.run.threads = Some(3);
        let settings = whole_profile(&json!(profile)).unwrap();
        assert_eq!(settings.len(), FIELDS.len() - 1);
        let of = |key: &str| settings.iter().find(|s| s.key == key).unwrap().value.clone();
        assert_eq!(of("swap.weight"), Some(toml::Value::Float(0.5)));
        assert_eq!(of("run.threads"), Some(toml::Value::Integer(3)));
        assert_eq!(of("video.encoder"), None);
        let wrong = whole_profile(&json!({ "swap": { "weight": 2.0 } })).unwrap_err();
        assert!(wrong.message().contains("snapshot.swap.weight"), "{}", wrong.message());
        assert_eq!(whole_profile(&json!({ "swop": {} })).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_wrong_key_names_the_nearest_and_null_is_the_default() {
        let error = setting("swap.wait", &json!(0.5)).unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean swap.weight?"));
        assert_eq!(setting("swap.weight", &Value::Null).unwrap().value, None);
        assert_eq!(setting("swap.weight", &json!("much")).unwrap_err().exit_code(), 2);
        assert_eq!(setting("swap.weight", &json!({ "a": null })).unwrap_err().exit_code(), 2);
    }
}
