//! The layer of a profile that flags make.

use toml::Value;

use crate::profiles::{Complaint, Complaints, Origin, Setting, schema};

/// Settings, and what is wrong with those that could not be made.
#[derive(Debug, Default)]
pub(super) struct Layer {
    settings: Vec<Setting>,
    complaints: Vec<Complaint>,
}

impl Layer {
    /// A flag gives a key its value.
    pub(super) fn set(&mut self, key: &'static str, flag: &str, value: impl Into<Value>) {
        let origin = Origin::Flag(flag.to_owned());
        match schema::find(key).map(|field| Setting::new(field, value.into(), origin)) {
            Some(Ok(setting)) => self.settings.push(setting),
            Some(Err(complaint)) => self.complaints.push(complaint),
            // Every key that flags name is known: a test goes through them all.
            None => debug_assert!(false, "there is no key {key}"),
        }
    }

    /// As [`Layer::set`], where the flag was given.
    pub(super) fn maybe(&mut self, key: &'static str, flag: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, flag, value);
        }
    }

    /// As [`Layer::set`] with a list, where the flag was given with members.
    pub(super) fn list<T: Clone + Into<Value>>(
        &mut self,
        key: &'static str,
        flag: &str,
        members: &[T],
    ) {
        if !members.is_empty() {
            let members: Vec<Value> = members.iter().cloned().map(Into::into).collect();
            self.set(key, flag, members);
        }
    }

    /// A flag gives a key back its default.
    pub(super) fn clear(&mut self, key: &'static str, flag: &str) {
        self.settings.push(Setting { key, value: None, origin: Origin::Flag(flag.to_owned()) });
    }

    /// More settings, on top.
    pub(super) fn add(&mut self, settings: &[Setting]) {
        self.settings.extend_from_slice(settings);
    }

    /// The settings.
    ///
    /// # Errors
    /// Everything that does not fit its key.
    pub(super) fn settings(self) -> Result<Vec<Setting>, Complaints> {
        if self.complaints.is_empty() {
            Ok(self.settings)
        } else {
            Err(Complaints(self.complaints))
        }
    }
}
