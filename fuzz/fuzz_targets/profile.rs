//! No text that somebody calls a profile ends the program.
#![no_main]

use facedeck::profiles::document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = document::read(text, "fuzzed", None);
});
