//! Server-sent events, read piece by piece as they come off the line.

use crate::error::{Error, Result};

/// The longest event that is taken, in bytes: a snapshot with a thousand jobs is a tenth of it.
const LONGEST: usize = 16 << 20;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// Its number, where it has one.
    pub id: Option<String>,
    /// What it says.
    pub data: String,
}

/// Makes events of bytes, however they are cut.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    /// The last byte was a carriage return, which a line feed may still follow.
    returned: bool,
    begun: bool,
    data: String,
    has_data: bool,
    id: Option<String>,
}

impl Parser {
    /// Takes more bytes; `tell` gets every event that they end.
    ///
    /// # Errors
    /// When an event has no end.
    pub(super) fn feed(&mut self, bytes: &[u8], mut tell: impl FnMut(Message)) -> Result<()> {
        for &byte in bytes {
            let after_return = std::mem::take(&mut self.returned);
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    self.returned = byte == b'\r';
                    if let Some(message) = self.end_line() {
                        tell(message);
                    }
                }
                _ => {
                    if self.line.len() + self.data.len() >= LONGEST {
                        return Err(Error::failed("an event of the service has no end"));
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(())
    }

    fn end_line(&mut self) -> Option<Message> {
        let line = std::mem::take(&mut self.line);
        let mut bytes = &line[..];
        if !std::mem::replace(&mut self.begun, true) {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        if bytes.is_empty() {
            return self.end_event();
        }
        let text = String::from_utf8_lossy(bytes);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            // Comments keep the line open; the type stands in the data as well.
            _ => {}
        }
        // The buffer is used again for the next line.
        self.line = line;
        self.line.clear();
        None
    }

    fn end_event(&mut self) -> Option<Message> {
        let id = self.id.take();
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then_some(Message { id, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(pieces: &[&[u8]]) -> Vec<Message> {
        let mut parser = Parser::default();
        let mut told = Vec::new();
        for piece in pieces {
            parser.feed(piece, |message| told.push(message)).unwrap();
        }
        told
    }

    fn message(id: Option<&str>, data: &str) -> Message {
        Message { id: id.map(str::to_owned), data: data.to_owned() }
    }

    #[test]
    fn events_are_read() {
        let text = "\u{feff}: hello\nid: 7\nevent: job\ndata: {\"a\":1}\n\ndata:one\r\ndata:  two\r\n\r\n\
                    : still here\n\nid: 8\n\ndata\rdata\r\rdata: cut off";
        assert_eq!(
            parse(&[text.as_bytes()]),
            [message(Some("7"), "{\"a\":1}"), message(None, "one\n two"), message(None, "\n")]
        );
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let mut parser = Parser::default();
        let block = vec![b'x'; 1 << 20];
        let fed = (0..40).try_for_each(|_| parser.feed(&block, |_| {}));
        assert!(fed.is_err());
        let mut parser = Parser::default();
        let mut lines = b"data: ".to_vec();
        lines.extend(&block);
        lines.push(b'\n');
        let fed = (0..40).try_for_each(|_| parser.feed(&lines, |_| {}));
        assert!(fed.is_err(), "many lines without an end are as long as one");
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_never_changes_the_events(
            lines in prop::collection::vec(
                prop_oneof![
                    Just(String::new()),
                    "data: ?[a-zäß{}\": ]{0,8}",
                    "id: [0-9]{1,3}",
                    ": [a-z]{0,5}",
                    "[a-z]{0,4}",
                ],
                0..24,
            ),
            ends in prop::collection::vec(prop_oneof![Just("\n"), Just("\r\n"), Just("\r")], 24),
            cuts in prop::collection::vec(0_usize..400, 0..12),
        ) {
            let text: String =
                lines.iter().zip(&ends).map(|(line, end)| format!("{line}{end}")).collect();
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            let whole = parse(&[bytes]);
            prop_assert_eq!(&parse(&pieces), &whole);
            prop_assert_eq!(&parse(&single), &whole);
        }
    }
}
