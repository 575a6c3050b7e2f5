use super::forget::PIXELS;
use super::plan::Plan;
use super::*;
use crate::tui::picture::Side;

fn want(key: Key) -> Want {
    Want { key, cells: (10, 5) }
}

fn image(value: u8) -> Arc<RgbImage> {
    Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([value; 3])))
}

fn encoded() -> Encoded {
    Encoded::Sequence { cells: (10, 5), bytes: vec![0; 100] }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_picture_is_loaded_encoded_once_and_shown() {
    let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
    let want = want(Key::file("/a.jpg"));
    let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
    assert_eq!(plan.load, std::slice::from_ref(&want.key));
    assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND), Plan::default());
    assert_eq!(pictures.look(&want), Look::Waiting);
    pictures.loaded(&want.key, Ok(Some(image(1))));
    let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
    assert_eq!((plan.load.len(), plan.encode.len()), (0, 1));
    assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND), Plan::default());
    pictures.encoded(want.clone(), 1, Ok(encoded()));
    assert_eq!(pictures.look(&want), Look::Ready(Arc::new(encoded()), 1));
    assert_eq!(pictures.plan(&[want], 9 * SECOND), Plan::default(), "nothing more to do");
}

#[test]
fn live_pictures_come_again_and_the_old_one_stays_until_then() {
    let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
    let want = want(Key::Live { job: "J".into(), side: Side::After });
    assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND).load.len(), 1);
    // There is none yet: it is asked for again a little later.
    pictures.loaded(&want.key, Ok(None));
    let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
    assert_eq!((plan.load.len(), plan.again), (0, Some(2 * SECOND)));
    assert_eq!(pictures.plan(std::slice::from_ref(&want), 2 * SECOND).load.len(), 1);
    pictures.loaded(&want.key, Ok(Some(image(1))));
    let plan = pictures.plan(std::slice::from_ref(&want), 2 * SECOND);
    assert_eq!((plan.encode.len(), plan.again), (1, Some(3 * SECOND)));
    pictures.encoded(want.clone(), 1, Ok(encoded()));
    pictures.plan(std::slice::from_ref(&want), 3 * SECOND);
    pictures.loaded(&want.key, Ok(Some(image(2))));
    assert!(matches!(pictures.look(&want), Look::Ready(_, 1)), "the old one");
    assert_eq!(pictures.plan(&[want], 3 * SECOND).encode.len(), 1);
}

#[test]
fn the_same_frame_again_is_not_encoded_again() {
    let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
    let want = want(Key::Live { job: "J".into(), side: Side::After });
    for round in 1..4 {
        pictures.plan(std::slice::from_ref(&want), round * SECOND);
        pictures.loaded(&want.key, Ok(Some(image(7))));
        let plan = pictures.plan(std::slice::from_ref(&want), round * SECOND);
        assert_eq!(plan.encode.len(), usize::from(round == 1));
        pictures.encoded(want.clone(), 1, Ok(encoded()));
    }
}

#[test]
fn what_fails_says_why_and_is_tried_again_later() {
    let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
    let want = want(Key::file("/a.jpg"));
    pictures.plan(std::slice::from_ref(&want), SECOND);
    pictures.loaded(&want.key, Err("no such file".into()));
    assert_eq!(pictures.look(&want), Look::Failed("no such file".into()));
    assert!(pictures.plan(std::slice::from_ref(&want), SECOND).load.is_empty());
    assert_eq!(pictures.plan(&[want], 9 * SECOND).load.len(), 1);
}

#[test]
fn memory_has_an_end() {
    let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
    let big = Arc::new(RgbImage::new(2000, 2000));
    for n in 0..20 {
        let want = want(Key::file(format!("/{n}.jpg")));
        pictures.plan(std::slice::from_ref(&want), SECOND);
        pictures.loaded(&want.key, Ok(Some(Arc::clone(&big))));
        pictures.plan(std::slice::from_ref(&want), SECOND);
    }
    let bytes = pictures.raw.len() * big.as_raw().len();
    assert!(bytes <= PIXELS + big.as_raw().len(), "{}", pictures.raw.len());
    assert!(pictures.pixels(&Key::file("/19.jpg")).is_some(), "the last one is here");
}
