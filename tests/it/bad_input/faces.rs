//! No face where one is needed: exit 4; several in a source: the right one.

use std::path::PathBuf;

use super::super::common::{facedeck, fails, media, swap_command, words};
use super::super::measure::person;
use super::Desk;

/// Three portraits side by side; the left one's face is the largest, the middle one's the next.
fn group(desk: &Desk) -> PathBuf {
    let [a, b, c] = ["grace_hopper.jpg", "astronaut.png", "mona_lisa.jpg"]
        .map(|name| media(name).display().to_string());
    let beside = "[0]scale=-2:600[a];[1]scale=-2:600[b];[2]scale=-2:600[c];[a][b][c]hstack=3";
    desk.made("group.png", &format!("-i {a} -i {b} -i {c} -filter_complex {beside}"))
}

#[test]
fn without_a_face_nothing_is_written() {
    let desk = Desk::new();
    let film = desk
        .made("film.mp4", "-f lavfi -i testsrc2=s=320x240:d=1:r=25 -c:v libx264 -preset ultrafast");
    let picture = desk.made("picture.png", "-f lavfi -i testsrc2=s=320x240 -frames:v 1");
    let source = media("grace_hopper.jpg");
    let out = desk.path("out.mp4");
    let says = ["there is no face in the source", "picture.png", "try: use a photo that shows"];
    fails(&mut swap_command(&picture, &film, &out, &[]), desk.folder(), 4, &says);
    let says = ["there is no face to swap in any frame", "film.mp4", "facedeck faces"];
    fails(&mut swap_command(&source, &film, &out, &[]), desk.folder(), 4, &says);
    let says = ["there is no face to swap", "picture.png", "facedeck faces"];
    let out = desk.path("out.png");
    fails(&mut swap_command(&source, &picture, &out, &[]), desk.folder(), 4, &says);
    let says = ["there is no face in frame 0", "picture.png"];
    let mut faces = facedeck();
    faces.arg("faces").arg(&picture).arg("-o").arg(&out);
    fails(&mut faces, desk.folder(), 4, &says);
}

#[test]
fn one_pixel_is_no_face() {
    let desk = Desk::new();
    let dot = desk.path("dot.png");
    image::RgbImage::from_pixel(1, 1, image::Rgb([200, 150, 120])).save(&dot).expect("a picture");
    desk.refuses(&dot, "out.png", &[], 4, &["there is no face to swap", "dot.png"]);
    let target = media("mona_lisa.jpg");
    let mut command = swap_command(&dot, &target, &desk.path("out.png"), &[]);
    fails(&mut command, desk.folder(), 4, &["there is no face in the source", "dot.png"]);
}

#[test]
fn of_several_faces_in_a_source_the_largest_is_taken_or_the_chosen_one() {
    let desk = Desk::new();
    let group = group(&desk);
    let target = media("mona_lisa.jpg");
    let known = ["grace_hopper.jpg", "astronaut.png"].map(|name| person(&media(name)));
    let run = |more: &[&str]| {
        let output = desk.path("out.png");
        let run = swap_command(&group, &target, &output, more).output().expect("it starts");
        assert!(run.status.success(), "{}", words(&run));
        let who = person(&output);
        std::fs::remove_file(&output).expect("the output");
        (words(&run), [who.cosine(&known[0]), who.cosine(&known[1])])
    };
    let (said, [hopper, collins]) = run(&[]);
    println!("largest: cosine {hopper:.3} to the left one, {collins:.3} to the middle one");
    assert!(said.contains("group.png shows 3 faces; the largest is used"), "{said}");
    assert!(said.contains("--source-face"), "{said}");
    assert!(hopper > collins + 0.3, "{hopper} {collins}");
    let (said, [hopper, collins]) = run(&["--source-face", "1"]);
    println!("face 1: cosine {hopper:.3} to the left one, {collins:.3} to the middle one");
    assert!(!said.contains("the largest is used"), "{said}");
    assert!(collins > hopper + 0.3, "{hopper} {collins}");
    let says = ["group.png has 3 face", "no face 7", "facedeck faces"];
    let mut seventh = swap_command(&group, &target, &desk.path("out.png"), &["--source-face", "7"]);
    fails(&mut seventh, desk.folder(), 4, &says);
}

#[test]
fn the_faces_of_a_group_are_listed_largest_first_and_inside_it() {
    let desk = Desk::new();
    let group = group(&desk);
    let mut command = facedeck();
    command.arg("faces").arg(&group).arg("--json").arg("--compare").arg(media("astronaut.png"));
    let run = command.output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    let told: serde_json::Value = serde_json::from_slice(&run.stdout).expect("one JSON object");
    let number = |v: &serde_json::Value| v.as_f64().expect("a number");
    let [width, height] = [0, 1].map(|i| number(&told["size"][i]));
    let faces = told["faces"].as_array().expect("faces");
    assert_eq!(faces.len(), 3, "{told}");
    let mut area = f64::INFINITY;
    for (i, face) in faces.iter().enumerate() {
        let [left, top, right, bottom] = [0, 1, 2, 3].map(|k| number(&face["box"][k]));
        assert_eq!(face["index"], i);
        assert!(0.0 <= left && left < right && right <= width, "{face}");
        assert!(0.0 <= top && top < bottom && bottom <= height, "{face}");
        assert!((0.0..=1.0).contains(&number(&face["score"])), "{face}");
        assert!((right - left) * (bottom - top) <= area, "{told}");
        area = (right - left) * (bottom - top);
    }
    // Only the middle one is the astronaut.
    let distances: Vec<f64> = faces.iter().map(|f| number(&f["distance"])).collect();
    println!("distances {distances:.2?}");
    assert!(distances[1] < 0.3 && distances[0] > 1.0 && distances[2] > 1.0, "{distances:?}");
}
