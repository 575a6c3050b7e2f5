//! `facedeck preview`: one frame, to a file.

use std::process::Command;

use facedeck::imaging::frame::Frame;
use facedeck::imaging::picture::Picture;
use facedeck::pipeline::read_frame;

use super::super::clips::{ASTRONAUT, Clips};
use super::super::common::{facedeck, fails, media, names_in, picture, provisioned, words};
use super::super::measure::{differences, face, identity, person};

fn preview(clip: &std::path::Path, more: &[&str]) -> Command {
    let mut command = facedeck();
    command.arg("preview").arg("-s").arg(media("grace_hopper.jpg")).arg("-t").arg(clip).args(more);
    command
}

#[test]
fn the_face_of_the_frame_is_another_and_the_rest_is_the_same() {
    let clips = Clips::new();
    let clip = clips.moving("clip.mp4", &ASTRONAUT, 20);
    let output = clips.path("look.png");
    let run =
        preview(&clip, &["--frame", "12"]).arg("-o").arg(&output).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    assert!(words(&run).contains("1 face swapped in frame 12"), "{}", words(&run));
    let after = picture(&output);
    let as_shown = |index| {
        let frame = read_frame(&provisioned().ffmpeg, &clip, index).expect("the frame");
        Frame::new(after.format, Picture::of(&frame).into_bytes())
    };
    let before = as_shown(12);
    let change = differences(&before, &after, &[face(&before).mesh().unwrap()]);
    let other = differences(&as_shown(3), &after, &[face(&before).mesh().unwrap()]);
    println!("preview: inside {:.1}, outside {}", change.inside, change.outside);
    assert_eq!(change.outside, 0);
    assert!(change.inside > 3.0, "{}", change.inside);
    assert!(other.outside > 1000, "another frame looks the same: the test proves nothing");
    let wanted = person(&media("grace_hopper.jpg"));
    let [was, is] = [&before, &after].map(|f| identity(&face(f)).cosine(&wanted));
    assert!(is > was + 0.2, "{was} -> {is}");
}

#[test]
fn before_and_after_stand_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("both.png");
    let mut command = preview(&media("astronaut.png"), &["--before-after", "--json"]);
    let run = command.arg("-o").arg(&output).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    let event: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!((event["event"].as_str(), event["faces"].as_u64()), (Some("preview"), Some(1)));
    let (width, height) = image::image_dimensions(&output).expect("a picture");
    assert!(width >= 2 * 512 && height >= 512, "{width}×{height}");
}

#[test]
fn what_cannot_be_previewed_is_said() {
    let clips = Clips::new();
    let clip = clips.moving("clip.mp4", &ASTRONAUT, 20);
    let folder = clip.parent().expect("a folder");
    let out = clips.path("look.png").display().to_string();
    let fails = |more: &[&str], says: &[&str]| {
        fails(&mut preview(&clip, more), folder, 2, says);
    };
    fails(&["--frame", "999999", "-o", &out], &["no frame 999999: it has 20", "from 0"]);
    fails(&["-s", "gone.png", "-o", &out], &["cannot find the source gone.png"]);
    let elsewhere = clips.path("none/look.png").display().to_string();
    fails(&["-o", &elsewhere], &["does not exist", "mkdir -p"]);
    let film = clips.path("look.mp4").display().to_string();
    fails(&["-o", &film], &["'.mp4' is not a known image format"]);
    fails(&[], &["there is no terminal", "--output preview.png"]);
    assert_eq!(names_in(folder), ["clip.mp4"]);
}
