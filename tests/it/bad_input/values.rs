//! Flags and values that do not exist: exit 2; a provider that is not here: exit 6.

use super::super::common::{facedeck, fails, media};
use super::Desk;

#[test]
fn unknown_flags_and_values_are_named_with_the_known_ones() {
    let desk = Desk::new();
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--frobnicate"], &["unexpected argument '--frobnicate'", "--help"]),
        (&["--encoder", "libfoo"], &["'libfoo'", "libx264, libx265, libvpx-vp9"]),
        (&["--preset", "foo"], &["'foo'", "ultrafast", "placebo"]),
        (&["--quality", "101"], &["'101'", "0..=100"]),
        (&["--execution-threads", "0"], &["'0'", "1..=256"]),
        (&["--execution-provider", "foo"], &["execution provider \"foo\"", "cpu, cuda"]),
        (&["--frame-processor", "foo"], &["frame processor \"foo\"", "face_swapper"]),
        (&["--similar-face-distance", "9"], &["9 is out of range", "between 0"]),
        (&["--many-faces", "--reference-face-position", "1"], &["cannot be used with"]),
    ];
    for (flags, says) in cases {
        desk.refuses(&media("mona_lisa.jpg"), "out.png", flags, 2, says);
    }
    let says = ["unrecognized subcommand 'swop'", "swap"];
    fails(facedeck().arg("swop"), desk.folder(), 2, &says);
    fails(facedeck().args(["swap", "-t", "a.png"]), desk.folder(), 2, &["--source"]);
}

#[test]
fn a_provider_that_is_not_here_is_an_error_and_no_slow_fallback() {
    let desk = Desk::new();
    let flags = ["--execution-provider", "cuda"];
    let says = ["cuda", "the ONNX Runtime /", "use --execution-provider cpu"];
    desk.refuses(&media("mona_lisa.jpg"), "out.png", &flags, 6, &says);
    // Not even after one that is here.
    let flags = ["--execution-provider", "cpu", "coreml"];
    desk.refuses(&media("mona_lisa.jpg"), "out.png", &flags, 6, &["coreml"]);
}
