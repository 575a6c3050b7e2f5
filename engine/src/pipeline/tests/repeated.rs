//! Films in which a frame is the one before it.

use super::*;

/// Frames of a segment: not a multiple of how often a frame is repeated.
const EACH: u64 = 7;

/// 48 frames, each second of which is the one before it.
fn film() -> Film {
    let mut film = Film { per_segment: EACH, ..Film::new(96, 24) };
    film.info = video(&film.clips.make("twice.mkv", "-i {}/in.mkv -vf fps=50 -c:v ffv1"));
    film
}

#[test]
fn a_frame_that_is_repeated_is_worked_on_once_and_shown_as_often_as_before() {
    let mut engine = engine(&Profile::default());
    let mut film = film();
    film.request.profile.video.keep_frames = true;
    let whole = decode(&film.info);
    assert_eq!(whole.len(), 48);
    let mut fake = Fake::honest();
    let summary = film.run(&mut engine, &mut fake, &Watch::default(), &Interrupt::new()).unwrap();
    assert_eq!((summary.frames, summary.faces_swapped), (48, 48));
    // The first frame of a segment is looked at in any case: 7, 21 and 35 repeat one.
    assert_eq!(fake.prepared.load(Ordering::SeqCst), 27);
    assert_eq!(fake.applied.load(Ordering::SeqCst), 27);
    let expected = whole.iter().enumerate().map(|(i, frame)| {
        let again = i % 2 == 1 && i % EACH as usize != 0;
        let mut frame = Frame { index: (i - usize::from(again)) as u64, ..frame.clone() };
        Arc::clone(&Fake::honest().deed)(&mut frame).unwrap();
        frame.data
    });
    assert!(film.written().into_iter().eq(expected), "the frames are others");
    assert_eq!(std::fs::read_dir(film.clips.path("temp/in")).unwrap().count(), 48);
}

#[test]
fn it_comes_out_the_same_wherever_it_was_broken_off() {
    let mut engine = engine(&Profile::default());
    let first = film();
    first.run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
    let second = film();
    let interrupt = Interrupt::new();
    let stop = |done: u64| {
        if done == 24 {
            interrupt.set();
        }
    };
    let watch = Watch { at_progress: Some(&stop), ..Watch::default() };
    let error = second.run(&mut engine, &mut Fake::honest(), &watch, &interrupt).unwrap_err();
    assert_eq!(error.exit_code(), 130);
    let summary =
        second.run(&mut engine, &mut Fake::honest(), &Watch::default(), &Interrupt::new()).unwrap();
    assert!(summary.frames_before >= EACH);
    assert!(first.written() == second.written(), "the frames are others");
}
