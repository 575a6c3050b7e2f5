//! Parts of films, GIFs and pictures through all stages, cut off and started again.

use crate::media::span::Cut;
use crate::media::testing::tools;
use crate::media::{MediaKind, probe};

use super::*;

/// Frames of a segment.
const EACH: u64 = 8;

/// Stops the job at this frame, then lets it go on to the end; returns what earlier runs had made.
fn stopped_and_resumed(film: &Film, engine: &mut Engine, at: u64) -> u64 {
    let interrupt = Interrupt::new();
    let stop = |done| {
        if done == at {
            interrupt.set();
        }
    };
    let watch = Watch { at_progress: Some(&stop), ..Watch::default() };
    let error = film.run(engine, &mut Fake::honest(), &watch, &interrupt).unwrap_err();
    assert_eq!(error.exit_code(), 130);
    assert!(film.work().is_dir(), "{}", film.work().display());
    let summary =
        film.run(engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
    assert!(!film.work().exists());
    assert!(summary.frames_before >= EACH, "nothing was kept");
    summary.frames
}

fn cut(film: &mut Film, start: &str, end: &str) {
    let part = Cut { start: Some(start.parse().unwrap()), end: Some(end.parse().unwrap()) };
    film.info = film.info.clone().cut(&tools(), &part).unwrap().0;
}

#[test]
fn a_part_is_resumed_and_is_the_frames_of_the_whole() {
    let mut engine = engine(&Profile::default());
    for target in ["even", "uneven"] {
        let mut film = Film { per_segment: EACH, ..Film::new(96, 60) };
        if target == "uneven" {
            let words =
                "-i {}/in.mkv -vf setpts='(N+floor(N/7)*2)/25/TB' -fps_mode passthrough -c:v ffv1";
            film.info = video(&film.clips.make("uneven.mkv", words));
        }
        let whole = decode(&film.info);
        cut(&mut film, "13f", "50f");
        assert_eq!(stopped_and_resumed(&film, &mut engine, 20), 37);
        // What was done to a frame tells its number in the part.
        let expected: Vec<Vec<u8>> = (0..37)
            .map(|index| {
                let mut frame = Frame { index: index as u64, ..whole[13 + index].clone() };
                let deed = Arc::clone(&Fake::honest().deed);
                deed(&mut frame).unwrap();
                frame.data
            })
            .collect();
        assert!(film.written() == expected, "{target}: the frames are others");
        let found = decode(&video(&film.request.output));
        for (index, frame) in found.iter().enumerate() {
            let wanted = whole[13 + index].time - whole[13].time;
            assert!(
                (frame.time - wanted).abs() < 0.0011,
                "{target}: frame {index} at {}",
                frame.time
            );
        }
    }
}

#[test]
fn gifs_and_pictures_are_resumed_as_well() {
    let mut engine = engine(&Profile::default());
    for name in ["out.gif", "pictures/%04d.png"] {
        let output = |resumed: bool| {
            let mut film = Film { per_segment: EACH, ..Film::new(96, 40) };
            film.request.output = film.clips.path(name);
            film.clips
                .names()
                .iter()
                .for_each(|name| assert_eq!(name, "in.mkv", "something lies there"));
            (film, resumed)
        };
        let (first, _) = output(false);
        first.run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
        let (second, _) = output(true);
        assert_eq!(stopped_and_resumed(&second, &mut engine, 25), 40);
        let bytes = |film: &Film| -> Vec<Vec<u8>> {
            let home = crate::media::numbered::home_of(&film.request.output);
            if home.is_file() {
                return vec![std::fs::read(home).unwrap()];
            }
            let mut files: Vec<PathBuf> =
                std::fs::read_dir(home).unwrap().map(|e| e.unwrap().path()).collect();
            files.sort();
            assert_eq!(files.len(), 40);
            files.iter().map(|file| std::fs::read(file).unwrap()).collect()
        };
        assert!(bytes(&first) == bytes(&second), "{name} differs");
        let left = second.clips.names();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

#[test]
fn a_film_of_pictures_is_resumed_and_noticed_when_it_changes() {
    let mut engine = engine(&Profile::default());
    let mut film = Film { per_segment: EACH, ..Film::new(96, 1) };
    let folder = film.clips.path("in");
    std::fs::create_dir(&folder).unwrap();
    film.clips
        .make("in/f%03d.png", &format!("{} -pix_fmt rgb24 -start_number 7", pictures(96, 64, 30)));
    film.request.target = folder.join("f%03d.png");
    film.request.output = film.clips.path("out/%04d.png");
    let MediaKind::Video(info) = probe(&tools(), &film.request.target).unwrap().kind else {
        panic!("a still")
    };
    film.info = info;
    cut(&mut film, "5f", "1.0");
    assert_eq!(stopped_and_resumed(&film, &mut engine, 12), 20);
    // They keep the numbers of the target's.
    let name = |number: u64| film.clips.path(&format!("out/{number:04}.png"));
    assert!(name(12).is_file() && name(31).is_file());
    assert!(!name(11).exists() && !name(32).exists());
    let mut frame = decode(&film.info)[3].clone();
    Arc::clone(&Fake::honest().deed)(&mut frame).unwrap();
    assert!(image::open(name(15)).unwrap().to_rgb8().into_raw() == frame.data);
}
