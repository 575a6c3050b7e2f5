//! Paths that cannot be: found before any work, exit 2.

use std::path::Path;

use super::super::common::{fails, media, names_in, swap_command};
use super::Desk;

#[test]
fn what_is_not_there_is_named() {
    let desk = Desk::new();
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let output = desk.path("out.png");
    let gone = desk.path("gone.png");
    let says = |role: &'static str| {
        ["error: cannot find the ", role, "gone.png", "No such file", "try: check the path"]
    };
    fails(&mut swap_command(&gone, &target, &output, &[]), desk.folder(), 2, &says("source"));
    fails(&mut swap_command(&source, &gone, &output, &[]), desk.folder(), 2, &says("target"));
    let folder = desk.folder();
    let is_a_folder = ["is a folder", "try: name a file in it"];
    fails(&mut swap_command(folder, &target, &output, &[]), folder, 2, &is_a_folder);
    let no_film = ["there is no picture in the folder", "a film of its pictures"];
    fails(&mut swap_command(&source, folder, &output, &[]), folder, 2, &no_film);
}

#[test]
fn an_output_folder_must_be_there() {
    let desk = Desk::new();
    let says = ["the output folder", "none does not exist", "mkdir -p"];
    desk.refuses(&media("mona_lisa.jpg"), "none/out.png", &[], 2, &says);
}

#[test]
fn an_output_is_no_input_by_any_name() {
    let desk = Desk::new();
    let target = desk.path("target.png");
    let source = desk.path("source.jpg");
    std::fs::copy(media("astronaut.png"), &target).expect("a copy");
    std::fs::copy(media("grace_hopper.jpg"), &source).expect("a copy");
    std::os::unix::fs::symlink("target.png", desk.path("sym.png")).expect("a link");
    std::fs::hard_link(&target, desk.path("hard.png")).expect("a link");
    let folder = desk.folder().file_name().expect("a name").to_string_lossy().into_owned();
    let content = std::fs::read(&target).expect("the target");
    let spelled = format!("../{folder}/./target.png");
    for name in ["target.png", "./target.png", &spelled, "sym.png", "hard.png"] {
        let says = ["the output", name, "is also the target", "try: give the output another name"];
        desk.refuses(&target, name, &["--overwrite"], 2, &says);
    }
    let mut command = swap_command(&source, &target, &source, &["-y"]);
    fails(&mut command, desk.folder(), 2, &["is also the source"]);
    // From within the folder, by bare names.
    let mut bare = swap_command(Path::new("source.jpg"), &target, Path::new("target.png"), &["-y"]);
    fails(bare.current_dir(desk.folder()), desk.folder(), 2, &["is also the target"]);
    assert_eq!(std::fs::read(&target).expect("the target"), content);
}

#[test]
fn preview_and_faces_do_not_write_over_their_inputs() {
    use super::super::common::facedeck;
    let desk = Desk::new();
    let target = desk.path("target.png");
    std::fs::copy(media("astronaut.png"), &target).expect("a copy");
    let content = std::fs::read(&target).expect("the target");
    let mut preview = facedeck();
    preview.arg("preview").arg("-s").arg(media("grace_hopper.jpg")).arg("-t").arg(&target);
    fails(preview.arg("-o").arg(&target), desk.folder(), 2, &["is also the target"]);
    let mut faces = facedeck();
    faces.arg("faces").arg(&target).arg("-o").arg(&target);
    fails(&mut faces, desk.folder(), 2, &["is also the picture"]);
    assert_eq!(std::fs::read(&target).expect("the target"), content);
}

#[test]
fn an_existing_output_stays_unless_it_may_go() {
    let desk = Desk::new();
    let output = desk.file("out.png", b"precious");
    let says = ["out.png exists already", "try: give --overwrite"];
    desk.refuses(&media("mona_lisa.jpg"), "out.png", &[], 2, &says);
    assert_eq!(std::fs::read(&output).expect("the output"), b"precious");
    let source = media("grace_hopper.jpg");
    let run = swap_command(&source, &media("mona_lisa.jpg"), &output, &["--overwrite"]).output();
    assert!(run.expect("the binary starts").status.success());
    assert!(image::open(&output).is_ok(), "now it is a picture");
    assert_eq!(names_in(desk.folder()), ["out.png"]);
}

#[test]
fn names_and_contents_must_agree() {
    let desk = Desk::new();
    let picture = media("mona_lisa.jpg");
    let clip = desk.clip("clip.mp4", 5);
    for name in ["out.xyz", "out"] {
        let says = ["has no known extension", name, "pictures: .png", "videos: .mp4"];
        desk.refuses(&picture, name, &[], 2, &says);
    }
    let says = ["mona_lisa.jpg is a picture, but", "out.mp4 names a video", "such as .png"];
    desk.refuses(&picture, "out.mp4", &[], 2, &says);
    let says = ["clip.mp4 is a video, but", "out.png names no video", "such as .mp4"];
    desk.refuses(&clip, "out.png", &[], 2, &says);
    let says = [".webm file cannot hold video from libx264", "try: use libvpx-vp9"];
    desk.refuses(&clip, "out.webm", &["--encoder", "libx264"], 2, &says);
    let video_source = ["the source", "clip.mp4 is a video", "take one frame of it"];
    let mut command = swap_command(&clip, &picture, &desk.path("out.png"), &[]);
    fails(&mut command, desk.folder(), 2, &video_source);
}
