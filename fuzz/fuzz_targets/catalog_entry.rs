//! No text that somebody calls a catalog entry ends the program; what is read reads the same again.
#![no_main]

use facedeck::models::Entry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(entry) = Entry::parse(text) else { return };
    let written = toml::to_string(&entry).expect("an entry can be written");
    assert_eq!(Entry::parse(&written).expect("what was written is an entry"), entry);
});
