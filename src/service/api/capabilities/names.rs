//! Names that keys of a profile take and that the schema does not know: models, processors,
//! encoders, providers.

use serde_json::Value;

use crate::inference::plan::AUTO;
use crate::inference::provider::Provider;
use crate::media::codec::{PRESETS, VideoEncoder};
use crate::models::{Role, Store};
use crate::processors::registry::KINDS;
use crate::profiles::schema::OWN_NAMES;

use super::options::{KindView, OptionView};

/// Puts the names into what the keys take, or what the members of their lists are.
pub(super) fn fill(options: &mut [OptionView], store: &Store) {
    for option in options {
        put(&mut option.takes, of(&option.key, store));
        for field in &mut option.takes.fields {
            put(&mut field.takes, of(&format!("{}.{}", option.key, field.key), store));
        }
    }
}

fn put(takes: &mut KindView, names: Vec<String>) {
    if !names.is_empty() {
        let of = match &mut takes.of {
            Some(of) => of.as_mut(),
            None => takes,
        };
        of.values = names.into_iter().map(Value::from).collect();
    }
}

fn of(key: &str, store: &Store) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let role = match key {
        "processors" => return KINDS.iter().map(|kind| kind.name().to_owned()).collect(),
        "video.encoder" => return words(&VideoEncoder::ALL.map(VideoEncoder::name)),
        "video.preset" => return words(&PRESETS),
        "run.providers" => {
            let all = [AUTO].into_iter().chain(Provider::ALL.iter().map(|one| one.name()));
            return all.map(str::to_owned).collect();
        }
        "faces.detector" => Role::Detector,
        "faces.landmarks" => Role::Landmarks,
        "faces.recognizer" => Role::Recognizer,
        "swap.model" => Role::Swapper,
        "mask.parser" => Role::Parser,
        "mask.occluder" => Role::Occluder,
        "enhance.model" => Role::Enhancer,
        _ => return Vec::new(),
    };
    let own = OWN_NAMES.iter().filter(|(known, _)| *known == key).map(|(_, name)| *name);
    let entries = store.entries().iter().filter(|entry| entry.role == role);
    own.chain(entries.map(|entry| entry.id.as_str())).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;
    use crate::settings::Directories;

    #[test]
    fn every_default_is_among_the_names() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let mut all = options::all().unwrap();
        fill(&mut all, &store);
        let mut named = 0;
        for option in &all {
            let values = match &option.takes.of {
                Some(of) if of.kind == "text" => &of.values,
                _ => &option.takes.values,
            };
            let Some(default) = option.default.as_ref().filter(|_| !values.is_empty()) else {
                continue;
            };
            named += 1;
            let members = match default {
                Value::Array(members) => members.clone(),
                one => vec![one.clone()],
            };
            assert!(members.iter().all(|member| values.contains(member)), "{option:?}");
        }
        assert!(named > 8, "{named} keys have names");
        let of = |key: &str| &all.iter().find(|option| option.key == key).unwrap().takes;
        assert!(of("swap.model").values.contains(&"mesh".into()));
        let enhancers = &of("enhance").fields[0].takes.values;
        assert!(enhancers.contains(&"gfpgan_1.4".into()), "{enhancers:?}");
        // A text that is anybody's own stays free.
        assert!(of("description").values.is_empty());
    }
}
