//! Files that are not what they say, or not all there: exit 1.

use super::super::common::{facedeck, fails, media, swap_command};
use super::Desk;

#[test]
fn empty_files_are_said_to_be_empty() {
    let desk = Desk::new();
    for name in ["empty.mp4", "empty.png"] {
        let empty = desk.file(name, b"");
        let says = [name, "is empty", "try: the copy or the download"];
        desk.refuses(&empty, "out.mp4", &[], 1, &says);
        let target = media("mona_lisa.jpg");
        let mut command = swap_command(&empty, &target, &desk.path("out.png"), &[]);
        fails(&mut command, desk.folder(), 1, &says);
        fails(facedeck().arg("faces").arg(&empty), desk.folder(), 1, &says);
    }
}

#[test]
fn text_is_no_media_whatever_its_name() {
    let desk = Desk::new();
    let words = "It was a dark and stormy night.\n".repeat(400);
    let film = desk.file("story.mp4", words.as_bytes());
    let says = ["story.mp4 is not a video or picture that can be read", "because: ", "try: "];
    desk.refuses(&film, "out.mp4", &[], 1, &says);
    let picture = desk.file("story.png", words.as_bytes());
    let says = ["story.png is named like a picture, but holds none", "try: "];
    desk.refuses(&picture, "out.png", &[], 1, &says);
    desk.refuses(&desk.file("story.txt", words.as_bytes()), "out.mp4", &[], 1, &["story.txt"]);
}

#[test]
fn a_film_that_was_cut_short_is_not_taken_for_a_shorter_one() {
    let desk = Desk::new();
    let clip = desk.clip("clip.mp4", 100);
    let front =
        desk.made("front.mp4", &format!("-i {} -c copy -movflags +faststart", clip.display()));
    let part = |path: &std::path::Path, percent: usize| {
        let mut bytes = std::fs::read(path).expect("the clip");
        bytes.truncate(bytes.len() * percent / 100);
        bytes
    };
    // The index is at the end, so nothing can be read at all.
    let headless = desk.file("headless.mp4", &part(&clip, 60));
    let says = ["headless.mp4 is not a video", "moov atom not found", "cut short"];
    desk.refuses(&headless, "out.mp4", &[], 1, &says);
    // The index is at the front and promises more than there is.
    let half = desk.file("half.mp4", &part(&front, 50));
    let says = ["cannot decode", "half.mp4", "cut short", "the last good frame is"];
    desk.refuses(&half, "out.mp4", &[], 1, &says);
}

#[test]
fn a_picture_that_was_cut_short_is_not_filled_with_gray() {
    let desk = Desk::new();
    for name in ["grace_hopper.jpg", "mona_lisa.jpg", "astronaut.png"] {
        let mut bytes = std::fs::read(media(name)).expect("a portrait");
        bytes.truncate(bytes.len() * 4 / 5);
        let short = desk.file(name, &bytes);
        let said = if name.ends_with("jpg") { "is cut short" } else { "is damaged" };
        let says = [name, said, "try: the copy or the download"];
        desk.refuses(&short, "out.png", &[], 1, &says);
        let target = media("mona_lisa.jpg");
        let mut command = swap_command(&short, &target, &desk.path("out.png"), &[]);
        fails(&mut command, desk.folder(), 1, &says);
    }
}

#[test]
fn sound_alone_has_no_picture() {
    let desk = Desk::new();
    let clip = desk.clip("clip.mp4", 10);
    let sound = desk.made("sound.mp4", &format!("-i {} -vn -c copy", clip.display()));
    let says = ["sound.mp4 has no picture: it holds sound", "try: name a video"];
    desk.refuses(&sound, "out.mp4", &[], 1, &says);
}
