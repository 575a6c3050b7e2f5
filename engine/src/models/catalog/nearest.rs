//! The known word that somebody meant who wrote another.

/// How alike two words must be, 0..=1 (Jaro-Winkler), for one to be a slip of the other.
const ALIKE: f64 = 0.8;

/// The known word that is most like this one, when any is.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|k| (strsim::jaro_winkler(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_other_words_are_not() {
        let known = ["license", "license_file", "summary", "single_precision"];
        assert_eq!(nearest("licence", known), Some("license"));
        assert_eq!(nearest("Summery", known), Some("summary"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
