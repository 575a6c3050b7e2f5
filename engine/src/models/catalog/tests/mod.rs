//! Tests of the catalog: the built-in entries, mistakes, and the user's folder.

mod mistakes;
mod table;
mod user;
mod values;

/// An entry of somebody's own, whose lines the tests change.
const MINE: &str = r#"id = "future_256"
role = "swapper"
family = "aligned_crop"
license = "LicenseRef-Future"
license_note = "Anything goes."
commercial = true
attribution = "Somebody"
upstream = "https://example.org/future"
notes = "Made for a test."
needs = ["w600k_r50"]

[[files]]
name = "future_256.onnx"
bytes = 1617
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
sources = [
    { url = "https://example.org/future_256.onnx" },
    { wheel = { package = "future", version = "1.0", member = "future/f.onnx" } },
    { path = "future_256.onnx" },
]

[input]
name = "face"
shape = [1, 3, 256, 256]
layout = "nchw"
channels = "rgb"
mean = [127.5, 127.5, 127.5]
std = 127.5

[swapper]
template = "arcface_128"
source = "embedding"
source_input = "identity"
output = "result"
range = [-1, 1]
"#;
