//! Reads what a terminal answered, whatever else lies between the answers.
//!
//! The bytes come from outside: anything may be in them, in any order, cut anywhere.

/// What a terminal said about itself. Everything it did not say is `None`, empty or false.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Name and version: XTVERSION, `DCS > | text ST`.
    pub terminal: Option<String>,
    /// It answered `OK` to kitty's graphics query.
    pub kitty: bool,
    /// Width and height of a cell in pixels: `CSI 6 ; height ; width t`.
    pub cell: Option<(u16, u16)>,
    /// Its attributes: DA1, `CSI ? … c`. Empty when it did not answer.
    pub attributes: Vec<u16>,
    /// Sixel color registers: XTSMGRAPHICS, `CSI ? 1 ; 0 ; n S`.
    pub colors: Option<u16>,
    /// Largest sixel picture, width and height: XTSMGRAPHICS, `CSI ? 2 ; 0 ; w ; h S`.
    pub sixel_limit: Option<(u16, u16)>,
    /// The last answer of the batch came: DSR, `CSI 0 n`. Nothing more will.
    pub finished: bool,
    /// The user pressed Ctrl-C meanwhile.
    pub interrupted: bool,
}

impl Answers {
    /// Whether it claims to show sixels: DA1 lists attribute 4.
    pub fn sixel(&self) -> bool {
        // The first number is the class of the terminal, e.g. 62 for a VT220; 4 there is a VT132.
        self.attributes.iter().skip(1).any(|&a| a == 4)
    }

    /// Whether it answered anything at all.
    pub fn any(&self) -> bool {
        *self != Answers { interrupted: self.interrupted, ..Answers::default() }
    }
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CTRL_C: u8 = 0x03;

/// Reads every complete answer in `bytes`; an incomplete one at the end is left out.
pub fn parse(bytes: &[u8]) -> Answers {
    let mut answers = Answers::default();
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = match (first, tail.first()) {
            (ESC, Some(b'[')) => match control_sequence(&tail[1..]) {
                Some((body, last, after)) => {
                    read_control(body, last, &mut answers);
                    after
                }
                None => &tail[1..],
            },
            (ESC, Some(&kind @ (b'P' | b'_' | b']' | b'^' | b'X'))) => {
                match control_string(&tail[1..]) {
                    Some((body, after)) => {
                        read_string(kind, body, &mut answers);
                        after
                    }
                    None => &tail[1..],
                }
            }
            (CTRL_C, _) => {
                answers.interrupted = true;
                tail
            }
            _ => tail,
        };
    }
    answers
}

/// Splits off the parameters and the final byte of a control sequence (ECMA-48, 5.4).
fn control_sequence(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let end = bytes.iter().position(|b| !(0x20..=0x3f).contains(b))?;
    let last = bytes[end];
    (0x40..=0x7e).contains(&last).then(|| (&bytes[..end], last, &bytes[end + 1..]))
}

/// Splits off the text of a control string up to `ESC \` or BEL.
fn control_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&b| b == BEL || b == ESC)?;
    match (bytes[end], bytes.get(end + 1)) {
        (BEL, _) => Some((&bytes[..end], &bytes[end + 1..])),
        (_, Some(b'\\')) => Some((&bytes[..end], &bytes[end + 2..])),
        _ => None,
    }
}

fn read_control(body: &[u8], last: u8, answers: &mut Answers) {
    let (private, body) = match body.split_first() {
        Some((b'?', rest)) => (true, rest),
        _ => (false, body),
    };
    let Some(numbers) = numbers(body) else { return };
    match (private, last, numbers.as_slice()) {
        (true, b'c', attributes) => answers.attributes = attributes.to_vec(),
        (true, b'S', &[1, 0, colors]) if colors > 0 => answers.colors = Some(colors),
        (true, b'S', &[2, 0, width, height]) if width > 0 && height > 0 => {
            answers.sixel_limit = Some((width, height));
        }
        (false, b't', &[6, height, width]) if width > 0 && height > 0 => {
            answers.cell = Some((width, height));
        }
        (false, b'n', &[0 | 3]) => answers.finished = true,
        _ => {}
    }
}

/// Numbers between semicolons; `None` when something else is there.
fn numbers(body: &[u8]) -> Option<Vec<u16>> {
    let text = std::str::from_utf8(body).ok()?;
    text.split(';').map(|n| if n.is_empty() { Some(0) } else { n.parse().ok() }).collect()
}

fn read_string(kind: u8, body: &[u8], answers: &mut Answers) {
    if let (b'P', Some(name)) = (kind, body.strip_prefix(b">|")) {
        // It will be printed: no control characters, and not a novel.
        let name: String =
            String::from_utf8_lossy(name).chars().filter(|c| !c.is_control()).take(64).collect();
        answers.terminal = Some(name).filter(|name| !name.is_empty());
    } else if kind == b'_' && body.starts_with(b"G") && body.ends_with(b";OK") {
        answers.kitty = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xterm_as_vt340_does_sixel() {
        let answers = parse(
            b"\x1bP>|XTerm(379)\x1b\\\x1b[6;18;9t\x1b[?1;0;256S\x1b[?2;0;1000;800S\
              \x1b[?63;1;2;4;6;9;15;16;22;28c\x1b[0n",
        );
        assert!(answers.sixel() && answers.finished && !answers.kitty);
        assert_eq!(answers.terminal.as_deref(), Some("XTerm(379)"));
        assert_eq!(answers.cell, Some((9, 18)), "the answer has the height first");
        assert_eq!((answers.colors, answers.sixel_limit), (Some(256), Some((1000, 800))));
    }

    #[test]
    fn four_as_the_class_or_inside_a_number_is_not_sixel() {
        for da1 in ["\x1b[?4c", "\x1b[?62;22;40;14c", "\x1b[?6c", "\x1b[>41;379;4c"] {
            assert!(!parse(da1.as_bytes()).sixel(), "{da1:?}");
        }
        assert!(parse(b"\x1b[?62;4c").sixel());
    }

    #[test]
    fn kitty_must_say_ok() {
        assert!(parse(b"\x1b_Gi=31;OK\x1b\\").kitty);
        assert!(!parse(b"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\").kitty);
        assert!(!parse(b"\x1b_Gi=31;OK").kitty, "cut before its end");
    }

    #[test]
    fn answers_survive_typing_and_garbage_between_them() {
        let mut bytes = b"ls -l\r\x1b[A\x1b\x1b[\x1b[99999999;1t\xff\xfe".to_vec();
        bytes.extend_from_slice(b"\x1bP>|foot(1.13.1)\x1b\\\x1bOA\x1b[?62;4;22c\x03\x1b[0n");
        let answers = parse(&bytes);
        assert!(answers.sixel() && answers.finished && answers.interrupted);
        assert_eq!(answers.terminal.as_deref(), Some("foot(1.13.1)"));
    }

    #[test]
    fn a_name_cannot_smuggle_control_characters() {
        let answers = parse("\x1bP>|ev\u{9b}il\u{8}\r\n\x1b\\".as_bytes());
        assert_eq!(answers.terminal.as_deref(), Some("evil"));
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(!parse(b"").any());
        assert!(!parse(b"typed\x03").any());
        assert!(!parse(b"\x1b[6;0;0t\x1b[?1;3;0S").any(), "zero sizes and refusals say nothing");
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics_and_every_cut_is_fine(bytes in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::prelude::any::<u8>(),
                proptest::sample::select(b"\x1b[]P_?>|;0146cntSG\\\x07".to_vec()),
            ],
            0..200,
        )) {
            parse(&bytes);
        }
    }
}
