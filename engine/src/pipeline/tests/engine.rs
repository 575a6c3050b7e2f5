//! An engine that is kept between jobs does for each what a new one would.

use crate::profiles::sections::FROM_DETECTOR;

use super::*;

fn request(clips: &Clips, target: &Path, output: &str) -> Request {
    Request {
        sources: vec![media("grace_hopper.jpg")],
        source_face: None,
        target: target.to_owned(),
        output: clips.path(output),
        overwrite: false,
        resume: Resume::default(),
        profile: Profile::default(),
    }
}

#[test]
fn what_an_engine_served_before_does_not_show() {
    let clips = Clips::new();
    let portrait = image::open(media("astronaut.png")).unwrap().into_rgb8();
    let face = clips.path("face.png");
    image::imageops::crop_imm(&portrait, 60, 0, 320, 300).to_image().save(&face).unwrap();
    let wall = clips.path("wall.png");
    image::RgbImage::from_pixel(320, 300, image::Rgb([120, 130, 140])).save(&wall).unwrap();
    let run = |engine: &mut Engine, request: &Request| {
        crate::pipeline::run(request, engine, &Watch::default(), &Interrupt::new())
    };
    let read = |request: &Request| std::fs::read(&request.output).unwrap();

    let new = request(&clips, &face, "new.png");
    run(&mut engine(&new.profile), &new).unwrap();

    // It was started for another profile, and its first job fails.
    let mut other = Profile::default();
    other.faces.landmarks = FROM_DETECTOR.into();
    other.faces.score = 0.9;
    let mut kept = engine(&other);
    let nobody = request(&clips, &wall, "nobody.png");
    assert_eq!(run(&mut kept, &nobody).unwrap_err().exit_code(), 4);
    let second = request(&clips, &face, "second.png");
    run(&mut kept, &second).unwrap();
    assert!(read(&second) == read(&new), "the first job shows");

    // A profile whose networks are not there changes nothing.
    let mut impossible = request(&clips, &face, "impossible.png");
    impossible.profile.faces.detector = "no_such_detector".into();
    assert!(run(&mut kept, &impossible).is_err());
    assert!(kept.models.fit(&second.profile.faces));
    let third = request(&clips, &face, "third.png");
    run(&mut kept, &third).unwrap();
    assert!(read(&third) == read(&new), "the failed job shows");
}
