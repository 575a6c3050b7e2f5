//! Finding by a few letters.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Which of the texts fit, the best first; all in their order when nothing is typed.
pub fn search(typed: &str, texts: impl Iterator<Item = String>) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..texts.count()).collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut found: Vec<(u32, usize)> = texts
        .enumerate()
        .filter_map(|(index, text)| {
            let score = pattern.score(Utf32Str::new(&text, &mut letters), &mut matcher)?;
            Some((score, index))
        })
        .collect();
    found.sort_by_key(|&(score, index)| (std::cmp::Reverse(score), index));
    found.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_are_enough() {
        let texts = || ["pause or resume", "retry", "retry from the first frame", "models"];
        let found = |typed| search(typed, texts().into_iter().map(str::to_owned));
        assert_eq!(found(""), [0, 1, 2, 3]);
        assert_eq!(found("retry")[0], 1);
        assert_eq!(found("rff"), [2]);
        assert_eq!(found("MOD"), [3]);
        assert!(found("xyz").is_empty());
    }
}
