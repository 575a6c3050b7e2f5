//! A whole session by keys alone, in tmux: from the first run to the end of the service.

use std::fs;
use std::path::{Path, PathBuf};

use facedeck::faces::Face;
use facedeck::imaging::frame::Frame;
use serde_json::Value;

use super::super::clips::{FINE, FPS, frames};
use super::super::commands::midway::is_gone;
use super::super::common::{ffmpeg, media, picture};
use super::super::measure::{Zone, differences, face, faces};
use super::super::service::Desk;
use super::Tmux;

/// Frames of the film: some seconds of work, in whose middle there is time for a key.
const FRAMES: u32 = 75;

/// What the command line knows of a job.
struct Known {
    state: String,
    frames: u64,
    attempts: u64,
}

#[test]
fn somebody_works_without_leaving_the_keyboard() {
    let desk = Desk::new();
    let film = two_people(&desk);
    let portrait = desk.work().join("it's a target.png");
    fs::copy(media("astronaut.png"), &portrait).unwrap();
    let tmux = Tmux::start(&desk, (120, 40));
    open(&tmux);
    tmux.shows("Welcome to facedeck");
    tmux.press(&["y"]);
    tmux.shows("nothing to do");
    let service = desk.service();

    start_a_film(&tmux, &film);
    pause_and_resume(&tmux, &desk);
    only_the_reference_is_swapped(&film, &desk.work().join("two-swapped.mp4"));
    look_at_its_facts(&tmux);
    fail_and_try_again(&tmux, &desk, &portrait);
    let inbox = add_a_hot_folder(&tmux, &desk);
    drop_a_picture(&tmux, &desk, &inbox);
    leave_and_come_back(&tmux, &film, &inbox);

    tmux.press(&["Q"]);
    tmux.shows("Stop the service?");
    tmux.press(&["y"]);
    tmux.shows("no service");
    tmux.becomes("end of the process", |_| is_gone(service));
    tmux.press(&["q"]);
    let said = tmux.is_back();
    assert!(!said.contains("on; facedeck"), "nothing goes on without a service:\n{said}");
}

/// Types the command.
fn open(tmux: &Tmux) {
    tmux.type_in("facedeck");
    tmux.press(&["Enter"]);
}

/// The paths come from a file manager, the face from the list of those in the film.
fn start_a_film(tmux: &Tmux, film: &Path) {
    tmux.paste(&format!("{} {}", media("grace_hopper.jpg").display(), film.display()));
    tmux.shows("New job");
    // Before anything was found out about the files.
    tmux.press(&["F"]);
    tmux.shows("Faces in frame 0");
    let screen = tmux.becomes("two faces with pictures", |screen| {
        let shown = |words: &str| {
            let line = screen.lines().find(|line| line.contains(words));
            line.is_some_and(|line| line.contains('▀'))
        };
        shown("face 0, score") && shown("face 1, score") && screen.contains("distance to the")
    });
    // Of both, the smaller one is on the left.
    let boxes = screen
        .lines()
        .filter_map(|line| line.split_once(" px wide, at "))
        .map(|(_, words)| words.split_whitespace().next().unwrap().parse::<u32>().unwrap());
    let at = boxes.enumerate().find(|(_, left)| *left < 200).map(|(at, _)| at);
    assert_eq!(at, Some(1), "the usual choice would be the other one:\n{screen}");
    tmux.press(&["j", "Enter"]);
    tmux.shows("only who looks like face 1 of frame 0 is swapped");
    tmux.shows("1 face found");
    tmux.shows(&format!("{FRAMES} frames"));
    tmux.press(&["p"]);
    tmux.shows("1 face changed");
    tmux.press(&["C-s"]);
    tmux.shows("1 running");
}

/// In the middle of the film, in a window whose size changes meanwhile.
fn pause_and_resume(tmux: &Tmux, desk: &Desk) {
    tmux.press(&["Enter"]);
    tmux.becomes("some frames", |screen| frames_made(screen) >= Some(3));
    tmux.press(&["p"]);
    tmux.shows("1 paused");
    tmux.shows("p resume");
    let screen = tmux.shows("held by hand");
    tmux.resize((80, 24));
    tmux.becomes("narrow screen", |screen| {
        screen.contains("two.mp4") && screen.lines().all(|line| line.chars().count() <= 80)
    });
    tmux.resize((120, 40));
    tmux.becomes("wide screen", |screen| screen.contains("7 System"));
    let held = job(desk, "two.mp4");
    assert_eq!(held.state, "paused");
    assert!((3..u64::from(FRAMES)).contains(&held.frames), "{}\n{screen}", held.frames);
    tmux.press(&["p"]);
    tmux.shows("1 running");
    tmux.shows("1 done");
    let done = job(desk, "two.mp4");
    assert_eq!((done.state.as_str(), done.attempts), ("done", 1));
}

fn look_at_its_facts(tmux: &Tmux) {
    let facts = tmux.shows("attempts");
    for fact in ["1 of 3", "this machine", "embedded"] {
        assert!(facts.contains(fact), "no {fact} in:\n{facts}");
    }
    // A path is broken where the column ends, wherever that is.
    let column = |line: &str| line.split(['│', '┃']).nth(1).map(|cell| cell.trim().to_owned());
    let joined: String = facts.lines().filter_map(column).collect();
    assert!(joined.contains("grace_hopper.jpg"), "no photo in:\n{facts}");
    tmux.press(&["r"]);
    tmux.shows("only what failed");
    tmux.press(&["Escape"]);
    tmux.shows("Queue 1");
}

/// The target of a job that waits is taken away and put back.
fn fail_and_try_again(tmux: &Tmux, desk: &Desk, target: &Path) {
    tmux.press(&["a"]);
    tmux.shows("faces.position 1");
    // Of several pictures the last one is changed. What is said about the film's faces goes.
    let quoted = target.display().to_string().replace('\'', r"'\''");
    tmux.paste(&format!("{} '{quoted}'", media("grace_hopper.jpg").display()));
    tmux.shows("it's a target.png");
    tmux.press(&["g", "g", "j", "j", "j", "j", "j", "D"]);
    tmux.hides("faces.position 1");
    tmux.press(&["j", "j", "j", "j", "Enter"]);
    tmux.shows("512 x 512");
    tmux.press(&["C-s"]);
    tmux.shows("1 paused");
    let aside = target.with_extension("aside");
    fs::rename(target, &aside).unwrap();
    tmux.press(&["g", "g", "p"]);
    tmux.shows("1 failed");
    tmux.press(&["y"]);
    tmux.shows("target.png failed.");
    tmux.press(&["Escape"]);
    tmux.hides("is failed");
    fs::rename(&aside, target).unwrap();
    tmux.press(&["r"]);
    tmux.shows("2 done");
    let output = desk.work().join("it's a target-swapped.png");
    a_face_is_swapped(&picture(target), &picture(&output));
}

/// Every line that needs something is filled in; its folder.
fn add_a_hot_folder(tmux: &Tmux, desk: &Desk) -> PathBuf {
    let inbox = desk.work().join("in box");
    fs::create_dir(&inbox).unwrap();
    tmux.press(&["w"]);
    tmux.shows("no hot folder yet");
    tmux.press(&["n", "Enter"]);
    tmux.type_in("inbox");
    tmux.press(&["Enter"]);
    // A path that is pasted opens its line.
    tmux.paste(&inbox.display().to_string());
    tmux.press(&["Enter", "j"]);
    tmux.paste(&media("grace_hopper.jpg").display().to_string());
    tmux.press(&["Enter"]);
    tmux.shows("adds it");
    tmux.press(&["C-s"]);
    tmux.shows("Hot folders 1");
    inbox
}

/// It comes as a whole, as rsync and browsers put it there.
fn drop_a_picture(tmux: &Tmux, desk: &Desk, inbox: &Path) {
    let target = desk.target("dropped.png");
    let before = picture(&target);
    fs::rename(&target, inbox.join("dropped.png")).unwrap();
    tmux.press(&["1"]);
    tmux.shows("3 done");
    let screen = tmux.text();
    assert!(screen.contains("dropped.png"), "{screen}");
    tmux.press(&["4"]);
    // Its job is done, and it was put away.
    tmux.shows("settled  1");
    assert_eq!(picture(&inbox.join("done/dropped.png")).data, before.data);
    assert!(!inbox.join("dropped.png").exists());
    a_face_is_swapped(&before, &picture(&inbox.join("output/dropped-swapped.png")));
}

/// With a film in the works, which goes on.
fn leave_and_come_back(tmux: &Tmux, film: &Path, inbox: &Path) {
    fs::rename(film, inbox.join("later.mp4")).unwrap();
    tmux.shows("1 running");
    tmux.press(&["q"]);
    let said = tmux.is_back();
    assert!(said.contains("1 job goes on; facedeck shows them again"), "{said}");
    open(tmux);
    // A quick machine may have done it meanwhile.
    let screen = tmux.becomes("job that went on", |screen| {
        screen.contains("4 done") || (screen.contains("3 done") && screen.contains("1 running"))
    });
    for name in ["later.mp4", "dropped.png", "it's a target.png", "two.mp4"] {
        assert!(screen.contains(name), "no {name} in:\n{screen}");
    }
}

/// How many frames the facts of a job say are made.
fn frames_made(screen: &str) -> Option<u64> {
    let (_, words) = screen.split_once(" frames  ")?;
    words.split_whitespace().next()?.parse().ok()
}

/// A job by its name.
fn job(desk: &Desk, name: &str) -> Known {
    let said = desk.ok(&["jobs", "list", "--json"]);
    let all = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let job = all.into_iter().find(|line| line["name"] == name).expect("such a job");
    Known {
        state: job["state"].as_str().expect("a state").to_owned(),
        frames: job["progress"]["frames"].as_u64().unwrap_or_default(),
        attempts: job["attempts"].as_u64().expect("a number"),
    }
}

/// A film of two people: the astronaut on the left, and the Mona Lisa, larger, on the right.
fn two_people(desk: &Desk) -> PathBuf {
    let path = desk.work().join("two.mp4");
    let (seconds, out) = ((FRAMES / FPS).to_string(), path.display().to_string());
    let people = ["astronaut.png", "mona_lisa.jpg"].map(|name| media(name).display().to_string());
    let mut words: Vec<&str> = Vec::new();
    for person in &people {
        words.extend(["-loop", "1", "-framerate", "25", "-t", &seconds, "-i", person]);
    }
    let graph = "[0:v]crop=270:270:90:16,scale=240:240,format=gbrp,pad=480:240:0:0:gray[a];\
                 [1:v]crop=360:420:180:100,scale=180:210,format=gbrp[b];\
                 [a][b]overlay=x=285:y=10,format=yuv420p";
    words.extend(["-filter_complex", graph]);
    words.extend(FINE.split_whitespace());
    words.push(&out);
    ffmpeg(&words);
    path
}

/// How far the luma of two frames is apart on the average, where a pixel is like this.
fn apart(before: &Frame, after: &Frame, like: impl Fn(usize, usize) -> bool) -> f64 {
    let plane = before.format.planes()[0];
    let (mut sum, mut count) = (0, 0_u32);
    for y in 0..plane.height {
        for x in (0..plane.width).filter(|&x| like(x, y)) {
            let [a, b] = [before, after].map(|frame| frame.sample(&plane, x, y, 0));
            (sum, count) = (sum + a.abs_diff(b), count + 1);
        }
    }
    f64::from(sum) / f64::from(count.max(1))
}

/// In every frame the astronaut has another face, and everything else is as far from what it was
/// as an encoder makes it.
fn only_the_reference_is_swapped(before: &Path, after: &Path) {
    let (before, after) = (frames(before, "yuv420p"), frames(after, "yuv420p"));
    assert_eq!((before.len(), after.len()), (FRAMES as usize, FRAMES as usize));
    let both = faces(&before[0]);
    let [other, reference] = both.as_slice() else { panic!("{} faces", both.len()) };
    let mesh = |face: &Face| face.mesh().expect("a mesh").clone();
    let (middle, touched) = (Zone::middle(&mesh(reference)), Zone::touched(&mesh(reference)));
    let bystander = Zone::middle(&mesh(other));
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        let swapped = apart(before, after, |x, y| middle.has(x, y));
        let spared = apart(before, after, |x, y| bystander.has(x, y));
        let rest = apart(before, after, |x, y| !touched.has(x, y));
        assert!(swapped > 6.0, "frame {i}: the reference is not swapped: {swapped}");
        assert!(spared < 2.0 && rest < 2.0, "frame {i}: {spared} and {rest} apart");
    }
}

/// A picture has another face, and is the same in every other pixel.
fn a_face_is_swapped(before: &Frame, after: &Frame) {
    let face = face(before);
    let found = differences(before, after, &[face.mesh().expect("a mesh")]);
    assert_eq!(found.outside, 0, "pixels outside of the face");
    assert!(found.inside > 6.0, "the face is the same: {}", found.inside);
}
