//! What networks cost, for those who choose between them.

use crate::inference::Pool;
use crate::models::{Store, Weights};

use super::Cost;

/// Billions of multiplications of one run, by catalog id. InSwapper's is counted over its graph,
/// XSeg's is an estimate; the others follow from the layers of the published definitions.
const GMAC: [(&str, f64); 14] = [
    ("inswapper_128", 174.6),
    ("inswapper_128_fp16", 174.6),
    ("gfpgan_1.4", 198.0),
    ("codeformer", 405.0),
    ("codeformer_fp16", 405.0),
    ("gpen_bfr_256", 8.6),
    ("gpen_bfr_512", 137.0),
    ("gpen_bfr_1024", 171.0),
    ("gpen_bfr_2048", 205.0),
    ("restoreformer_plus_plus", 341.0),
    ("bisenet_resnet_34", 23.0),
    ("xseg_3", 12.0),
    ("2dfan4", 22.0),
    ("w600k_r50", 6.3),
];

/// What these models of the catalog cost together, each run once a face. Models of which nothing
/// is known count as nothing.
pub fn of(pool: &Pool, ids: &[String]) -> Cost {
    let mut cost = Cost::default();
    for id in ids {
        let known = GMAC.iter().find(|(known, _)| known == id);
        cost.gmac_per_face += known.map_or(0.0, |(_, gmac)| *gmac);
        cost.model_bytes += bytes(pool.store(), id).unwrap_or(0);
    }
    cost
}

/// The size of a model: of what lies here, else as the catalog says.
fn bytes(store: &Store, id: &str) -> Option<u64> {
    match store.locate(id) {
        Ok(Weights::Embedded(bytes)) => Some(bytes.len() as u64),
        Ok(Weights::File(path)) => std::fs::metadata(path).ok().map(|file| file.len()),
        Err(_) => store.entry(id).ok()?.files.first()?.bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Settings;
    use crate::models::Role;
    use crate::settings::Directories;

    #[test]
    fn every_model_of_a_processor_has_its_figures() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        for (id, _) in GMAC {
            store.entry(id).unwrap();
        }
        let pool = Pool::new(store.clone(), Settings::default());
        for entry in store.entries() {
            if matches!(entry.role, Role::Enhancer | Role::Parser | Role::Occluder) {
                let cost = of(&pool, std::slice::from_ref(&entry.id));
                assert!(cost.gmac_per_face > 1.0, "{}", entry.id);
                let says = entry.files.first().and_then(|file| file.bytes);
                assert_eq!(cost.model_bytes, says.unwrap_or(0), "{}", entry.id);
            }
        }
    }
}
