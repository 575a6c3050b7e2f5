//! No file that somebody calls a network ends the program or makes it hold more than it is given.
#![no_main]

use std::io::Cursor;

use facedeck::models::onnx;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(summary) = onnx::summarize(Cursor::new(bytes)) else { return };
    // Every initializer takes at least a byte of the file.
    assert!(summary.initializers.len() <= bytes.len());
});
