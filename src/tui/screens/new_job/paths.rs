//! Paths as they are pasted and dropped: in quotes, with backslashes, as `file://`, several in a
//! line, several lines.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use percent_encoding::percent_decode_str;

/// The paths in a text.
///
/// Words are parted as a shell parts them, but for names with blanks that nobody put in quotes: a
/// blank only parts what is followed by the beginning of another path.
pub fn parse(text: &str) -> Vec<String> {
    let lines = text.split(['\n', '\r', '\0']).map(str::trim);
    // Lists of addresses may hold comments.
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.flat_map(words).map(|word| address(&word)).filter(|path| !path.is_empty()).collect()
}

/// The words of a line.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if closes(&letters, '\'') => {
                word.extend(letters.by_ref().take_while(|letter| *letter != '\''));
            }
            '"' if closes(&letters, '"') => quoted(&mut letters, &mut word),
            '\\' => word.extend(letters.next()),
            blank if blank.is_whitespace() && begins(letters.clone()) => {
                words.push(std::mem::take(&mut word));
            }
            other => word.push(other),
        }
    }
    words.push(word);
    words.iter().map(|word| word.trim_matches(' ').to_owned()).filter(|w| !w.is_empty()).collect()
}

/// Whether a quote ends somewhere: else it is an apostrophe.
fn closes(letters: &Peekable<Chars<'_>>, quote: char) -> bool {
    letters.clone().any(|letter| letter == quote)
}

/// What stands in double quotes, up to their end.
fn quoted(letters: &mut Peekable<Chars<'_>>, word: &mut String) {
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return,
            '\\' => match letters.next() {
                Some(letter @ ('"' | '\\' | '$' | '`')) => word.push(letter),
                Some(letter) => word.extend(['\\', letter]),
                None => word.push('\\'),
            },
            other => word.push(other),
        }
    }
}

/// Whether another path begins there.
fn begins(rest: Peekable<Chars<'_>>) -> bool {
    let rest: String = rest.skip_while(|letter| letter.is_whitespace()).take(8).collect();
    rest.is_empty()
        || ["/", "~/", "'", "\"", "\\", "file://", "upload:"]
            .iter()
            .any(|start| rest.starts_with(start))
}

/// The path of a `file://` address; what is none stays as it is.
fn address(word: &str) -> String {
    let Some(rest) = word.strip_prefix("file://") else { return word.to_owned() };
    // The name of a machine may stand before the path.
    let path = rest.find('/').map_or(rest, |at| &rest[at..]);
    let decoded = percent_decode_str(path).decode_utf8();
    decoded.map_or_else(|_| path.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::words::shell_word;

    #[test]
    fn paths_come_in_many_forms() {
        for (text, paths) in [
            ("/a.jpg", vec!["/a.jpg"]),
            (" '/a b.jpg' ", vec!["/a b.jpg"]),
            ("\"/a \\\"b\\\".jpg\"", vec!["/a \"b\".jpg"]),
            (r"/a\ b\'s.jpg", vec!["/a b's.jpg"]),
            ("/a.jpg /b.mp4", vec!["/a.jpg", "/b.mp4"]),
            ("/a b.jpg /c d.mp4", vec!["/a b.jpg", "/c d.mp4"]),
            ("/it's me.jpg", vec!["/it's me.jpg"]),
            ("'/a.jpg' '/b.jpg'", vec!["/a.jpg", "/b.jpg"]),
            ("/a.jpg\r/b.jpg\r\n/c.mp4\n", vec!["/a.jpg", "/b.jpg", "/c.mp4"]),
            ("file:///a%20b.jpg\n# a comment\nfile://box/c.mp4", vec!["/a b.jpg", "/c.mp4"]),
            ("file:///100%.jpg", vec!["/100%.jpg"]),
            ("~/me.jpg  ~/film.mp4", vec!["~/me.jpg", "~/film.mp4"]),
            ("", vec![]),
            ("\n \n", vec![]),
        ] {
            assert_eq!(parse(text), paths, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_a_shell_would_take_comes_back(
            paths in prop::collection::vec("/[^\u{0}-\u{1f}\u{7f}]{1,20}[^\\s\u{0}-\u{1f}\u{7f}]", 1..5),
            lines in any::<bool>(),
        ) {
            let words: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
            let text = words.join(if lines { "\r" } else { " " });
            prop_assert_eq!(parse(&text), paths);
        }

        #[test]
        fn addresses_come_back(paths in prop::collection::vec("/[^\u{0}-\u{1f}]{1,20}[^\\s\u{0}-\u{1f}]", 1..5)) {
            let addresses: Vec<String> = paths
                .iter()
                .map(|path| {
                    let bytes = path.bytes().map(|byte| match byte {
                        b'/' | b'a'..=b'z' => (byte as char).to_string(),
                        other => format!("%{other:02X}"),
                    });
                    format!("file://{}", bytes.collect::<String>())
                })
                .collect();
            prop_assert_eq!(parse(&addresses.join("\r\n")), paths);
        }
    }
}
