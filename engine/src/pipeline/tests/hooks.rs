//! What an observer hears, in which order, and what its objections do.

use std::sync::atomic::AtomicUsize;

use crate::error::Error;
use crate::media::image_file;

use super::*;

/// A job with real networks on a small part of a portrait.
fn still(clips: &Clips) -> Request {
    let target = clips.path("target.png");
    let portrait = image::open(media("astronaut.png")).unwrap().into_rgb8();
    image::imageops::crop_imm(&portrait, 60, 0, 320, 300).to_image().save(&target).unwrap();
    Request {
        sources: vec![media("grace_hopper.jpg")],
        source_face: None,
        target,
        output: clips.path("out.png"),
        overwrite: false,
        resume: Resume::default(),
        profile: Profile::default(),
    }
}

#[test]
fn a_film_is_written_published_and_only_then_there() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(96, 3);
    let output = &film.request.output;
    let check = |hidden: &Path, summary: &Summary| {
        assert_eq!(hidden.parent(), Some(film.work().as_path()));
        assert!(!output.exists());
        assert_eq!(decode(&video(hidden)).len(), 3, "it is not whole");
        assert_eq!((summary.frames, summary.faces_swapped), (3, 3));
        assert!(summary.seconds > 0.0 && summary.stages.len() == 4);
        Ok(())
    };
    let watch = Watch { at_publishing: Some(&check), ..Watch::default() };
    film.run(&mut engine, &mut Fake::honest(), &watch, &Interrupt::new()).unwrap();
    let order = ["begin", "progress 1", "progress 2", "progress 3", "writing", "publishing"];
    assert_eq!(watch.heard(), order);
    assert!(output.exists() && !watch.hidden().exists());
    assert_eq!(film.clips.names(), ["in.mkv", "out.mkv"]);
}

#[test]
fn a_still_is_written_published_and_only_then_there() {
    let mut engine = engine(&Profile::default());
    let clips = Clips::new();
    let request = still(&clips);
    let check = |hidden: &Path, summary: &Summary| {
        assert_eq!(hidden.parent(), request.output.parent());
        assert!(!request.output.exists());
        image_file::read(hidden).unwrap();
        assert_eq!((summary.frames, summary.faces_swapped), (1, 1));
        Ok(())
    };
    let watch = Watch { at_publishing: Some(&check), wants: Some(&|| true), ..Watch::default() };
    crate::pipeline::run(&request, &mut engine, &watch, &Interrupt::new()).unwrap();
    assert_eq!(watch.heard(), ["begin", "progress 0", "writing", "publishing", "progress 1"]);
    assert_eq!(clips.names(), ["out.png", "target.png"]);
    let looks = watch.looks.into_inner().unwrap();
    let [(0, before, after)] = looks.as_slice() else { panic!("{} looks", looks.len()) };
    assert_eq!((before.width, before.height), (320, 300));
    let [target, output] =
        [&request.target, &request.output].map(|path| image_file::read(path).unwrap().frame);
    assert!(*before == Picture::of(&target) && *after == Picture::of(&output));
    assert!(before != after);
}

#[test]
fn an_objection_leaves_nothing_that_has_a_name() {
    let mut engine = engine(&Profile::default());
    let object = |_: &Path, _: &Summary| Err(Error::failed("the store is full"));
    let watch = || Watch { at_publishing: Some(&object), ..Watch::default() };
    let mut film = Film::new(96, 3);
    film.request.profile.video.keep_frames = true;
    let error =
        film.run(&mut engine, &mut Fake::honest(), &watch(), &Interrupt::new()).unwrap_err();
    assert_eq!(error.message(), "the store is full");
    // What is made is not lost: the same job needs no frame again.
    assert_eq!(film.clips.names(), [".out.mkv.facedeck", "in.mkv", "temp"]);
    let mut idle = Fake::honest();
    film.run(&mut engine, &mut idle, &Watch::default(), &Interrupt::new()).unwrap();
    assert_eq!(idle.prepared.load(Ordering::SeqCst), 0);
    assert_eq!(film.clips.names(), ["in.mkv", "out.mkv", "temp"]);
    assert_eq!(std::fs::read_dir(film.clips.path("temp/in")).unwrap().count(), 3);

    let clips = Clips::new();
    let request = still(&clips);
    let error =
        crate::pipeline::run(&request, &mut engine, &watch(), &Interrupt::new()).unwrap_err();
    assert_eq!(error.message(), "the store is full");
    assert_eq!(clips.names(), ["target.png"]);
}

#[test]
fn what_somebody_else_made_meanwhile_is_replaced_only_when_asked() {
    let mut engine = engine(&Profile::default());
    let mut film = Film::new(96, 3);
    film.request.profile.video.keep_frames = true;
    let clips = Clips::new();
    let mut still = still(&clips);
    for overwrite in [false, true] {
        film.request.overwrite = overwrite;
        still.overwrite = overwrite;
        let outputs = [film.request.output.clone(), still.output.clone()];
        let make = |output: usize| {
            let path = outputs[output].clone();
            move |_: &Path, _: &Summary| {
                std::fs::write(&path, "theirs").unwrap();
                Ok(())
            }
        };
        let (at_film, at_still) = (make(0), make(1));
        let watch = Watch { at_publishing: Some(&at_film), ..Watch::default() };
        let of_film = film.run(&mut engine, &mut Fake::honest(), &watch, &Interrupt::new());
        let watch = Watch { at_publishing: Some(&at_still), ..Watch::default() };
        let of_still = crate::pipeline::run(&still, &mut engine, &watch, &Interrupt::new());
        for (path, result) in outputs.iter().zip([of_film, of_still]) {
            let theirs = std::fs::read(path).unwrap() == b"theirs";
            assert_eq!((result.is_ok(), theirs), (overwrite, !overwrite), "{}", path.display());
            if let Err(error) = result {
                assert!(error.message().contains("somebody else"), "{}", error.chain());
            }
            std::fs::remove_file(path).unwrap();
        }
        assert_eq!(clips.names(), ["target.png"]);
        // The frames are kept when the film is, and not otherwise.
        assert_eq!(film.clips.path("temp/in").is_dir(), overwrite);
    }
}

#[test]
fn pictures_are_taken_of_the_frames_that_are_wanted_and_of_no_others() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(1200, 8);
    let nobody = Watch::default();
    film.run(&mut engine, &mut Fake::honest(), &nobody, &Interrupt::new()).unwrap();
    assert!(nobody.looks.into_inner().unwrap().is_empty());
    std::fs::remove_file(&film.request.output).unwrap();

    let asked = AtomicUsize::new(0);
    let third = || asked.fetch_add(1, Ordering::SeqCst) == 2;
    let watch = Watch { wants: Some(&third), ..Watch::default() };
    let mut white = Fake::new(|frame| {
        frame.data[..1200 * 64].fill(235);
        Ok(1)
    });
    film.run(&mut engine, &mut white, &watch, &Interrupt::new()).unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 8);
    let looks = watch.looks.into_inner().unwrap();
    let [(index, before, after)] = looks.as_slice() else { panic!("{} looks", looks.len()) };
    // Two workers: one of them may be ahead.
    assert!((1..=3).contains(index), "{index}");
    assert_eq!((before.width, before.height, after.width, after.height), (960, 51, 960, 51));
    let target = decode(&film.info).swap_remove(*index as usize);
    assert!(*before == Picture::within(&target, 960), "it shows another frame");
    assert!(before != after);
}
