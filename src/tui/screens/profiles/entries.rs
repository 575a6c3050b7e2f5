//! Every key of the profile that is edited: what it says, and where that comes from.

use serde_json::{Map, Value};

use crate::service::wire::OptionView;
use crate::tui::model::Model;
use crate::tui::options::{flat, text_of};

/// The key that says what a profile is good for.
pub(super) const DESCRIPTION: &str = "description";

/// A key as it is now.
#[derive(Debug, Clone)]
pub(super) struct Entry<'m> {
    /// What it takes.
    pub option: &'m OptionView,
    /// Its value; none where it is not set.
    pub value: Option<Value>,
    /// Its value in the profile that it is built on.
    pub base: Option<Value>,
    /// It says something else than that.
    pub changed: bool,
}

impl Entry<'_> {
    /// The base says something else than the default.
    pub(super) fn by_base(&self) -> bool {
        self.base != self.option.default
    }

    /// Its value as it is shown.
    pub(super) fn text(&self) -> String {
        self.value.as_ref().map_or_else(|| "not set".to_owned(), text_of)
    }
}

/// Every key, in the order of the service, as it is with these changes of a profile; nothing while
/// that is not known.
pub(super) fn entries<'m>(
    model: &'m Model,
    base: &str,
    changed: &Map<String, Value>,
) -> Option<Vec<Entry<'m>>> {
    let mut said = flat(&model.desk.profile_details.get(base)?.settings);
    let options = &model.desk.capabilities.as_ref()?.options;
    let entry = |option: &'m OptionView| {
        let base = match option.key.as_str() {
            DESCRIPTION => None,
            key => said.remove(key),
        };
        let value = match changed.get(&option.key) {
            Some(Value::Null) => option.default.clone(),
            Some(value) => Some(value.clone()),
            None => base.clone(),
        };
        Entry { option, value, base, changed: changed.contains_key(&option.key) }
    };
    Some(options.iter().map(entry).collect())
}
