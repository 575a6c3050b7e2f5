//! The texts of the licenses of what lies in the binary.

macro_rules! texts {
    ($($file:literal),*) => {
        [$(($file, include_str!(concat!("../../../models/licenses/", $file)))),*]
    };
}

/// Names and texts, as catalog entries name them.
const TEXTS: [(&str, &str); 3] =
    texts!("Apache-2.0.txt", "BSD-2-Clause-open_nsfw.txt", "MIT-faceplugin.txt");

/// The text of a license by the name of its file: see [`super::Entry::license_file`].
pub fn license_text(file: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_model_has_its_license_with_it() {
        for model in crate::models::all().unwrap() {
            let file = model.entry.license_file.unwrap();
            assert!(license_text(&file).is_some_and(|text| text.len() > 1000), "{file}");
        }
        assert_eq!(license_text("../Cargo.toml"), None);
    }
}
