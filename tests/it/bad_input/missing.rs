//! What facedeck needs is not installed: exit 5 and how to get it.

use super::super::common::{fails, media, swap_command};
use super::Desk;

#[test]
fn without_ffmpeg_the_mending_command_is_named() {
    let (desk, home) = (Desk::new(), Desk::new());
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let mut command = swap_command(&source, &target, &desk.path("out.png"), &[]);
    command.env_remove("FACEDECK_FFMPEG").env("PATH", "").env("FACEDECK_HOME", home.folder());
    let says = ["ffmpeg is not installed", "try: facedeck doctor --fix"];
    fails(&mut command, desk.folder(), 5, &says);
}

#[test]
fn an_ffmpeg_that_was_named_wrongly_is_not_replaced_by_another() {
    let desk = Desk::new();
    let gone = desk.path("ffmpeg");
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let mut command = swap_command(&source, &target, &desk.path("out.png"), &[]);
    let says = ["FACEDECK_FFMPEG=", &gone.display().to_string(), "correct FACEDECK_FFMPEG"];
    fails(command.env("FACEDECK_FFMPEG", &gone), desk.folder(), 5, &says);
}

#[test]
fn a_runtime_that_was_named_wrongly_is_not_replaced_by_another() {
    let desk = Desk::new();
    let gone = desk.path("libonnxruntime.so");
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let mut command = swap_command(&source, &target, &desk.path("out.png"), &[]);
    let says = ["ORT_DYLIB_PATH=", &gone.display().to_string(), "correct ORT_DYLIB_PATH"];
    fails(command.env("ORT_DYLIB_PATH", &gone), desk.folder(), 5, &says);
    // There, but no library.
    let text = desk.file("libonnxruntime.so", b"not a library");
    let says = ["libonnxruntime.so", "try: "];
    let mut command = swap_command(&source, &target, &desk.path("out.png"), &[]);
    fails(command.env("ORT_DYLIB_PATH", &text), desk.folder(), 5, &says);
}
