//! Jobs that were cut off and started again.

use crate::error::Error;
use crate::pipeline::{Stale, resume};

use super::*;

const FRAMES: u32 = 60;
/// Frames of a segment.
const EACH: u64 = 8;

fn film() -> Film {
    Film { per_segment: EACH, ..Film::new(96, FRAMES) }
}

/// What an uninterrupted run makes.
fn whole(engine: &mut Engine) -> Vec<Vec<u8>> {
    let film = Film::new(96, FRAMES);
    film.run(engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
    film.written()
}

/// Runs the job until so many frames are written, and returns the error with which it ends.
fn cut_off(film: &Film, engine: &mut Engine, at: u64) -> Error {
    let interrupt = Interrupt::new();
    let stop = |done| {
        if done == at {
            interrupt.set();
        }
    };
    let watch = Watch { at_progress: Some(&stop), ..Watch::default() };
    let error = film.run(engine, &mut Fake::honest(), &watch, &interrupt).unwrap_err();
    assert!(!film.request.output.exists());
    error
}

/// Runs the job to its end; returns how many frames it made.
fn go_on(film: &Film, engine: &mut Engine, watch: &Watch<'_>) -> (Summary, u64) {
    let mut fake = Fake::honest();
    let summary = film.run(engine, &mut fake, watch, &Interrupt::new());
    let summary = summary.unwrap_or_else(|e| panic!("{}", e.chain()));
    assert_eq!(summary.frames, u64::from(FRAMES));
    assert!(!film.work().exists(), "its work still lies there");
    (summary, fake.prepared.load(Ordering::SeqCst))
}

#[test]
fn wherever_it_is_cut_off_it_goes_on_with_the_first_segment_that_is_not_safe() {
    let mut engine = engine(&Profile::default());
    let whole = whole(&mut engine);
    for at in [1, 11, 16, 17, 35, 59, 60] {
        let film = film();
        assert_eq!(cut_off(&film, &mut engine, at).exit_code(), 130);
        let watch = Watch::default();
        let (summary, made) = go_on(&film, &mut engine, &watch);
        let before = summary.frames_before;
        assert!(film.written() == whole, "cut off at {at} the frames differ");
        assert_eq!(made, u64::from(FRAMES) - before);
        assert_eq!(summary.faces_swapped, u64::from(FRAMES));
        // One segment may be with its encoder when the next one has begun.
        assert!(before.is_multiple_of(EACH) && before + 2 * EACH > at, "{before} of {at}");
        assert_eq!(watch.heard()[1], format!("progress {}", before + 1));
    }
}

#[test]
fn it_may_be_cut_off_again_and_again() {
    let mut engine = engine(&Profile::default());
    let film = film();
    for at in [12, 20, 28, 44] {
        cut_off(&film, &mut engine, at);
    }
    go_on(&film, &mut engine, &Watch::default());
    assert!(film.written() == whole(&mut engine));
}

#[test]
fn a_film_that_cannot_be_sought_in_goes_on_as_well() {
    let mut engine = engine(&Profile::default());
    let mut film = film();
    let words = "-i {}/in.mkv -c:v libx264 -bf 2 -pix_fmt yuv420p -f mpegts";
    film.request.target = film.clips.make("in.ts", words);
    film.info = video(&film.request.target);
    let plain = film.request.output.clone();
    film.run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
    let whole = film.written();
    std::fs::remove_file(plain).unwrap();
    cut_off(&film, &mut engine, 35);
    let (summary, made) = go_on(&film, &mut engine, &Watch::default());
    assert!(summary.frames_before >= 16 && made == u64::from(FRAMES) - summary.frames_before);
    assert!(film.written() == whole);
}

#[test]
fn what_has_changed_is_named_and_the_user_decides() {
    let mut engine = engine(&Profile::default());
    let whole = whole(&mut engine);
    let mut film = film();
    cut_off(&film, &mut engine, 30);
    film.request.profile.swap.weight = Some(0.5);
    let fake = || Fake::honest();
    let error =
        film.run(&mut engine, &mut fake(), &Watch::default(), &Interrupt::new()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let told = error.chain();
    assert!(told.contains("swap.weight") && told.contains("0.5"), "{told}");
    assert!(error.hint_text().unwrap().contains("--restart"));
    assert!(film.work().is_dir(), "the work is gone");

    // To go on all the same takes what is there; to begin anew does not.
    film.request.resume = Resume::Anyway;
    cut_off(&film, &mut engine, 40);
    let (summary, _) = go_on(&film, &mut engine, &Watch::default());
    assert!(summary.frames_before >= 24 && film.written() == whole);

    std::fs::remove_file(&film.request.output).unwrap();
    film.request.resume = Resume::WhereItFits;
    cut_off(&film, &mut engine, 30);
    film.request.resume = Resume::Restart;
    let (summary, made) = go_on(&film, &mut engine, &Watch::default());
    assert_eq!((summary.frames_before, made), (0, u64::from(FRAMES)));
    assert!(film.written() == whole);
}

#[test]
fn another_target_under_the_same_name_is_seen() {
    let mut engine = engine(&Profile::default());
    let film = film();
    cut_off(&film, &mut engine, 30);
    film.clips.make("in.mkv", &format!("{} -vf negate -c:v ffv1", pictures(96, 64, FRAMES)));
    let error = film
        .run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new())
        .unwrap_err();
    assert!(error.chain().contains("the target is another file"), "{}", error.chain());
    let refused = resume::refuse(&["the target is another file".into()]).map(|_: Stale| ());
    assert_eq!(refused.unwrap_err().chain(), error.chain());
}

#[test]
fn a_segment_that_is_damaged_is_not_used() {
    let mut engine = engine(&Profile::default());
    let film = film();
    cut_off(&film, &mut engine, 40);
    let first = film.work().join("000000.nut");
    let bytes = std::fs::read(&first).unwrap();
    std::fs::write(&first, &bytes[..bytes.len() / 2]).unwrap();
    let error = film
        .run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new())
        .unwrap_err();
    assert!(error.message().contains("000000.nut"), "{}", error.chain());
    assert!(error.hint_text().unwrap().contains("--restart"));
}

#[test]
fn two_do_not_make_the_same_output() {
    let mut engine = engine(&Profile::default());
    let film = film();
    let second = |_: u64| {
        let print = checkpoint::Fingerprint::from_parts(Vec::new());
        let error = checkpoint::Work::find(&film.request.output, &print).err().unwrap();
        assert!(error.message().contains("another facedeck is making"), "{}", error.chain());
    };
    let watch = Watch { at_progress: Some(&second), ..Watch::default() };
    go_on(&film, &mut engine, &watch);
}

#[test]
fn frames_that_are_kept_are_kept_over_a_crash() {
    let mut engine = engine(&Profile::default());
    let mut film = film();
    film.request.profile.video.keep_frames = true;
    cut_off(&film, &mut engine, 35);
    let kept = film.clips.path("temp/in");
    assert!(!kept.exists());
    let (summary, _) = go_on(&film, &mut engine, &Watch::default());
    assert!(summary.frames_before > 0);
    let count = || std::fs::read_dir(&kept).unwrap().count();
    assert_eq!(count(), FRAMES as usize);

    // When they are gone, so is the use of the segments.
    film.request.overwrite = true;
    cut_off_over(&film, &mut engine);
    std::fs::remove_file(film.clips.path("temp/.out.mkv.frames/0001.png")).unwrap();
    let (summary, _) = go_on(&film, &mut engine, &Watch::default());
    assert_eq!((summary.frames_before, count()), (0, FRAMES as usize));
    assert_eq!(film.clips.names(), ["in.mkv", "out.mkv", "temp"]);
}

/// As [`cut_off`], where an earlier output lies.
fn cut_off_over(film: &Film, engine: &mut Engine) {
    let interrupt = Interrupt::new();
    let stop = |done| {
        if done == 35 {
            interrupt.set();
        }
    };
    let watch = Watch { at_progress: Some(&stop), ..Watch::default() };
    film.run(engine, &mut Fake::honest(), &watch, &interrupt).unwrap_err();
}
