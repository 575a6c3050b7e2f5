//! Two people who walk past each other: each keeps the face that they got.

use std::path::PathBuf;

use facedeck::faces::recognize::Embedding;
use facedeck::faces::select::{Rule, Selector};
use facedeck::faces::track::Tracker;
use facedeck::faces::{Chosen, FaceModels};
use facedeck::imaging::frame::Frame;
use facedeck::imaging::signature::Signature;
use facedeck::profiles::{Detection, Faces};

use super::map::{mapping, run};
use super::networks::{networks, wanting};
use super::painted::{face, ground, paint};
use crate::clips::{ASTRONAUT, Clips, FPS, HOPPER, MONA, frames};
use crate::common::{ffmpeg, models};
use crate::measure::{faces, identity, person};

const FRAMES: u32 = 100;
/// Size of the clip and of the two portraits in it.
const WIDE: u32 = 640;
const SIDE: f32 = 220.0;

/// Left side of the astronaut, who goes right behind the Mona Lisa, who goes left.
fn left(who: usize, frame: usize) -> f32 {
    let way = (frame as f32 / (FRAMES - 1) as f32) * (WIDE as f32 - SIDE);
    if who == 0 { way } else { WIDE as f32 - SIDE - way }
}

/// Middle of a person's portrait.
fn middle(who: usize, frame: usize) -> f32 {
    left(who, frame) + SIDE / 2.0
}

/// The clip, without loss.
fn clip(clips: &Clips) -> PathBuf {
    let path = clips.path("crossing.mkv");
    let seconds = f64::from(FRAMES) / f64::from(FPS);
    let size = format!("{WIDE}x280");
    let ground = format!("color=c=gray:s={size}:r={FPS}:d={seconds},format=gbrp");
    let mut words: Vec<String> = ["-f", "lavfi", "-i", &ground].map(str::to_owned).to_vec();
    words.extend(ASTRONAUT.input(FRAMES));
    words.extend(MONA.input(FRAMES));
    let step = f64::from(WIDE as f32 - SIDE) / f64::from(FRAMES - 1);
    let far = WIDE as f32 - SIDE;
    let graph = format!(
        "[1:v]crop=230:230:110:10,scale=220:220,format=gbrp[a];\
         [2:v]crop=340:340:190:110,scale=220:220,format=gbrp[b];\
         [0:v][a]overlay=x='{step}*n':y=30:format=gbrp[c];\
         [c][b]overlay=x='{far}-{step}*n':y=30:format=gbrp,format=yuv420p"
    );
    let last = ["-filter_complex", &graph, "-frames:v", "100", "-c:v", "ffv1"];
    words.extend(last.map(str::to_owned));
    words.push(path.display().to_string());
    ffmpeg(&words.iter().map(String::as_str).collect::<Vec<_>>());
    path
}

/// Who is chosen in every frame.
fn chosen(
    film: impl Iterator<Item = Frame>,
    models: &FaceModels,
    profile: &Faces,
    who: Vec<Embedding>,
) -> Vec<Vec<Chosen>> {
    let mut tracker = Tracker::new(profile, models, 1.0 / FPS as f32);
    let rule = Rule::Map { who, distance: profile.distance };
    let mut selector = Selector::new(profile, rule, false);
    film.enumerate()
        .map(|(i, mut frame)| {
            (frame.index, frame.time) = (i as u64, i as f64 / f64::from(FPS));
            let found = tracker.next(models, &frame, Signature::of(&frame)).unwrap();
            selector.select(models, &frame, found).unwrap()
        })
        .collect()
}

/// What came of a film.
#[derive(Debug, Default)]
struct Tally {
    /// Faces that were given a person, and how many of them the wrong one.
    given: usize,
    wrong: usize,
    /// Frames in which both are in full sight, and faces that were given to nobody in them.
    apart: usize,
    missed: usize,
}

/// Holds the chosen faces against where the people are. `middle` says where a person's middle is.
fn tally(chosen: &[Vec<Chosen>], middle: impl Fn(usize, usize) -> f32, size: f32) -> Tally {
    let mut tally = Tally::default();
    for (i, faces) in chosen.iter().enumerate() {
        let at = [0, 1].map(|who| middle(who, i));
        for Chosen { face, person } in faces {
            let x = (face.bounds[0] + face.bounds[2]) / 2.0;
            tally.given += 1;
            let wrong = (x - at[*person]).abs() > (x - at[1 - *person]).abs() + 0.25 * size;
            if wrong {
                println!("frame {i}: person {person} at {x:.0}, they are at {at:?}");
            }
            tally.wrong += usize::from(wrong);
        }
        if (at[0] - at[1]).abs() > size {
            tally.apart += 1;
            tally.missed += 2 - faces.len().min(2);
        }
    }
    tally
}

#[test]
fn people_who_cross_keep_their_faces() {
    let clips = Clips::new();
    let film = frames(&clip(&clips), "yuv420p");
    assert_eq!(film.len(), FRAMES as usize);
    let models = models();
    let who = || vec![person(&ASTRONAUT.photo()), person(&MONA.photo())];
    for detection in [Detection::Auto, Detection::EveryFrame] {
        let profile = Faces { detection, ..Faces::default() };
        let chosen = chosen(film.iter().cloned(), &models, &profile, who());
        let tally = tally(&chosen, middle, SIDE);
        println!("crossing, {detection:?}: {tally:?}");
        assert_eq!(tally.wrong, 0, "{detection:?}: {tally:?}");
        assert!(tally.apart >= 40 && tally.missed <= 2, "{detection:?}: {tally:?}");
    }
}

#[test]
fn painted_people_who_cross_keep_their_faces() {
    let profile = wanting("det_10g", "detector", "w600k_r50");
    let files = [("det_10g", "tiny_det_many.onnx"), ("w600k_r50", "tiny_arcface_many.onnx")];
    let models = networks(&profile, &files);
    let way = |who: usize, i: usize| {
        let x = 120.0 + 4.0 * i as f32;
        if who == 0 { x } else { 640.0 - x }
    };
    let picture = |who: &[usize], i: usize| {
        let mut frame = ground(640, 360, [90, 90, 90]);
        for &person in who {
            paint(&mut frame, person, &face([way(person, i), 180.0 + 30.0 * person as f32], 60.0));
        }
        frame
    };
    let known = |person: usize| {
        models.analyze_still(&picture(&[person], 0)).unwrap()[0].embedding.clone().unwrap()
    };
    let film = (0..100).map(|i| picture(&[0, 1], i));
    let chosen = chosen(film, &models, &profile, vec![known(0), known(1)]);
    let tally = tally(&chosen, way, 130.0);
    println!("painted crossing: {tally:?}");
    assert_eq!(tally.wrong, 0, "{tally:?}");
    assert!(tally.apart >= 40 && tally.missed == 0, "{tally:?}");
}

#[test]
fn the_swapped_clip_shows_everybody_with_their_own_new_face() {
    let clips = Clips::new();
    let target = clip(&clips);
    let output = clips.path("out.mkv");
    // Only the one who goes behind gets another face: the one in front must stay as she is.
    let mut profile = mapping(&[(&ASTRONAUT.photo(), &HOPPER.photo())]);
    profile.video.quality = Some(100);
    profile.video.preset = Some("ultrafast".into());
    let summary = run(Vec::new(), &target, &output, profile).unwrap();
    let (old, new) = (frames(&target, "yuv420p"), frames(&output, "yuv420p"));
    assert_eq!(new.len(), FRAMES as usize);
    let hopper = person(&HOPPER.photo());
    let (mut checked, mut wrong, mut swapped) = (0, 0, 0);
    for (i, (before, after)) in old.iter().zip(&new).enumerate() {
        let [a, m] = [0, 1].map(|who| middle(who, i));
        if (a - m).abs() < SIDE {
            continue;
        }
        checked += 1;
        // Outside of the astronaut's portrait nothing has changed.
        let plane = before.format.planes()[0];
        let range = left(0, i) - 30.0..left(0, i) + SIDE + 30.0;
        let outside = (0..plane.height)
            .flat_map(|y| (0..plane.width).map(move |x| (x, y)))
            .filter(|(x, _)| !range.contains(&(*x as f32)))
            .any(|(x, y)| before.sample(&plane, x, y, 0) != after.sample(&plane, x, y, 0));
        wrong += usize::from(outside);
        let near =
            |f: &&facedeck::faces::Face| ((f.bounds[0] + f.bounds[2]) / 2.0 - a).abs() < SIDE / 2.0;
        let cosine = |all: &[facedeck::faces::Face]| {
            all.iter().find(near).map_or(-1.0, |f| identity(f).cosine(&hopper))
        };
        swapped += usize::from(cosine(&faces(after)) > cosine(&faces(before)) + 0.1);
    }
    println!(
        "crossing, swapped: {checked} frames checked, {wrong} wrong, {swapped} with the new face; \
         {} of {FRAMES} swapped in all",
        summary.frames_with_swap
    );
    assert!(checked >= 40 && wrong == 0 && swapped + 2 >= checked);
}
