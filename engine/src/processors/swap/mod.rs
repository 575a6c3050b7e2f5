//! The face swapper: the embedded mesh, or a network of the catalog.

pub mod latent;
pub mod mesh;

use crate::error::Result;
use crate::inference::Pool;
use crate::models::Store;
use crate::models::catalog::SourceKind;
use crate::profiles::Profile;
use crate::profiles::sections::{MESH, PasteRule};

use super::{Cost, Kind, OptionInfo, Processor, Setup, cost, masks};

/// `face_swapper`
pub struct FaceSwapper;

/// Every key, in the order of the profile.
const OPTIONS: [OptionInfo; 16] = [
    OptionInfo {
        key: "swap.model",
        values: "mesh, or the catalog id of a swapper",
        help: "the swapper; mesh needs no download and has no other options",
    },
    OptionInfo {
        key: "swap.pixel_boost",
        values: "1, 2, 3, 4, 6 or 8",
        help: "the crop is made this many times larger, at the square of the cost",
    },
    OptionInfo {
        key: "swap.weight",
        values: "0 to 1",
        help: "how much of the source's identity goes in: below .5 the target's own is mixed in, above it is pushed away",
    },
    OptionInfo {
        key: "swap.latent",
        values: "insightface or facefusion",
        help: "how the identity is turned into InSwapper's vector",
    },
    OptionInfo {
        key: "swap.paste",
        values: "crop or insightface",
        help: "how the crop comes back: under [mask], or as a soft square, which is roop's way",
    },
    OptionInfo {
        key: "swap.color_match",
        values: "0 to 1",
        help: "how much of the target's color the swapped face takes over",
    },
    OptionInfo {
        key: "swap.keep_mouth",
        values: "true or false",
        help: "the target's own mouth is kept",
    },
    OptionInfo {
        key: "swap.keep_eyes",
        values: "true or false",
        help: "the target's own eyes are kept",
    },
    OptionInfo {
        key: "swap.precision",
        values: "fp32 or int8",
        help: "in what numbers it computes on the processor: int8 for long films, where the difference is small enough",
    },
    OptionInfo {
        key: "mask.kinds",
        values: "box, ellipse, region, occlusion, area",
        help: "what part of the crop is used: the least of these masks",
    },
    OptionInfo { key: "mask.blur", values: "0 to 1", help: "how soft box and ellipse end" },
    OptionInfo {
        key: "mask.padding",
        values: "four numbers in percent: top, right, bottom, left",
        help: "what box and ellipse leave out",
    },
    OptionInfo {
        key: "mask.regions",
        values: "skin, left-brow, right-brow, left-eye, right-eye, glasses, nose, mouth, upper-lip, lower-lip",
        help: "the parts of the face that region takes",
    },
    OptionInfo {
        key: "mask.areas",
        values: "upper-face, lower-face, mouth",
        help: "the hulls of landmarks that area takes",
    },
    OptionInfo {
        key: "mask.parser",
        values: "the catalog id of a parser",
        help: "the network behind region",
    },
    OptionInfo {
        key: "mask.occluder",
        values: "the catalog id of an occluder",
        help: "the network behind occlusion",
    },
];

/// The networks that run for each face: the swapper, then those of the masks.
fn running(profile: &Profile) -> Vec<String> {
    if profile.swap.model == MESH {
        return Vec::new();
    }
    let mut ids = vec![profile.swap.model.clone()];
    if profile.swap.paste == PasteRule::Crop {
        ids.extend(masks::models(profile));
    }
    ids
}

/// These ids and those of what they need, each once.
fn with_needs(mut ids: Vec<String>, store: &Store) -> Vec<String> {
    let mut at = 0;
    while let Some(id) = ids.get(at).cloned() {
        // An unknown id is told when it is built.
        let needs = store.entry(&id).map(|entry| entry.needs.clone()).unwrap_or_default();
        for need in needs {
            if !ids.contains(&need) {
                ids.push(need);
            }
        }
        at += 1;
    }
    ids
}

impl Kind for FaceSwapper {
    fn name(&self) -> &'static str {
        "face_swapper"
    }

    fn summary(&self) -> &'static str {
        "puts a person's face onto the chosen faces"
    }

    fn options(&self) -> &'static [OptionInfo] {
        &OPTIONS
    }

    fn models(&self, profile: &Profile) -> Vec<String> {
        let ids = running(profile);
        match Store::open() {
            Ok(store) => with_needs(ids, &store),
            // The catalog's mistake is told by whoever opens it for the job.
            Err(_) => ids,
        }
    }

    fn cost(&self, profile: &Profile, pool: &Pool) -> Cost {
        let each = running(profile);
        // Every phase of a boosted crop is a run of the swapper; masks run once.
        let boost = profile.swap.pixel_boost.max(1);
        let swapper = each.iter().take(1).cycle().take((boost * boost).min(64));
        let runs: Vec<String> = swapper.chain(each.iter().skip(1)).cloned().collect();
        Cost {
            gmac_per_face: cost::of(pool, &runs).gmac_per_face,
            model_bytes: cost::of(pool, &self.held(profile, pool.store())).model_bytes,
        }
    }

    fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
        if setup.profile.swap.model == MESH {
            Ok(Box::new(mesh::MeshSwapper::build(setup)?))
        } else {
            Ok(Box::new(latent::LatentSwapper::build(setup)?))
        }
    }
}

impl FaceSwapper {
    /// What is held while it runs: the recognizer counts only where the target's identity is mixed
    /// in, since otherwise it belongs to the search for faces.
    fn held(&self, profile: &Profile, store: &Store) -> Vec<String> {
        let mut ids = running(profile);
        let swapper = store.entry(&profile.swap.model).ok().and_then(|e| e.swapper.as_ref());
        if let Some(spec) = swapper {
            ids.extend(spec.converter.clone());
            if profile.swap.weight.is_some() && spec.source != SourceKind::Image {
                ids.push(profile.faces.recognizer.clone());
            }
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::sections::MaskKind;

    #[test]
    fn a_swapper_names_what_it_needs() {
        let mut profile = Profile::default();
        assert!(FaceSwapper.models(&profile).is_empty());
        profile.swap.model = "ghost_1_256".into();
        profile.mask.kinds = vec![MaskKind::Box, MaskKind::Occlusion];
        let mut ids = FaceSwapper.models(&profile);
        assert_eq!(ids.remove(0), "ghost_1_256");
        ids.sort();
        assert_eq!(ids, ["crossface_ghost", "w600k_r50", "xseg_3"]);
        // insightface's paste has no use for masks.
        profile.swap.paste = PasteRule::Insightface;
        assert!(!FaceSwapper.models(&profile).contains(&"xseg_3".to_owned()));
    }

    #[test]
    fn every_key_is_one_of_the_profile() {
        let text = toml::to_string(&Profile::default()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for option in FaceSwapper.options() {
            let (section, key) = option.key.split_once('.').unwrap();
            // A key without a default is not written.
            let known = table[section].get(key).is_some() || option.key == "swap.weight";
            assert!(known, "{}", option.key);
        }
    }
}
