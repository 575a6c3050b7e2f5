//! What a film costs: memory that does not grow with it, and no needless screening.

use crate::clips::{ASTRONAUT, Clips, FINE, FPS, HOPPER, MONA, swapped};
use crate::common::ffmpeg;

#[test]
fn memory_does_not_grow_with_the_film() {
    let clips = Clips::new();
    let peak = |seconds: u32| {
        let filters =
            format!("{},scale=960:540,noise=alls=4:allf=t,format=yuv420p", ASTRONAUT.moving());
        let fast = "-c:v libx264 -preset ultrafast -crf 18";
        let target =
            clips.make(&format!("{seconds}.mp4"), &ASTRONAUT, seconds * FPS, &filters, fast);
        let output = clips.path(&format!("out{seconds}.mp4"));
        let told = swapped(&HOPPER.photo(), &target, &output, &["--preset", "ultrafast"]);
        assert_eq!(told.count("frames"), u64::from(seconds * FPS));
        told.count("peak_memory")
    };
    let (short, long) = (peak(2), peak(8));
    println!("peak memory: 2 s {:.1} MB, 8 s {:.1} MB", short as f64 / 1e6, long as f64 / 1e6);
    assert!(long as f64 <= 1.05 * short as f64, "{short} -> {long}");
    assert!(long < 600_000_000, "{long}");
}

#[test]
fn a_still_scene_is_screened_once() {
    let clips = Clips::new();
    let filters = format!("{},noise=alls=6:allf=t,format=yuv420p", MONA.resting(320, 240));
    let target = clips.make("in.mp4", &MONA, 2 * FPS, &filters, FINE);
    let told = swapped(&HOPPER.photo(), &target, &clips.path("out.mp4"), &[]);
    let screened = told.count("frames_screened");
    println!("still scene: {screened} of {} screened", told.count("frames"));
    assert_eq!(told.count("frames"), u64::from(2 * FPS));
    assert!((1..=2).contains(&screened), "{screened}");
}

#[test]
fn every_scene_is_screened() {
    let clips = Clips::new();
    let scenes = [
        format!("[0:v]{},trim=end_frame=10", ASTRONAUT.resting(320, 240)),
        format!("[1:v]{},trim=end_frame=10", HOPPER.resting(320, 240)),
        format!("[0:v]{},hflip,hue=h=120,trim=end_frame=10", ASTRONAUT.resting(320, 240)),
        format!("[2:v]{},trim=end_frame=10", MONA.resting(320, 240)),
        "[1:v]format=gbrp,crop=320:240:100:20,trim=end_frame=10".to_owned(),
    ];
    let labels = ["[a]", "[b]", "[c]", "[d]", "[e]"];
    let chains: Vec<String> =
        scenes.iter().zip(labels).map(|(s, l)| format!("{s},setsar=1{l}")).collect();
    let graph = format!("{};{}concat=n=5,format=yuv420p", chains.join(";"), labels.concat());
    let mut words: Vec<String> =
        [&ASTRONAUT, &HOPPER, &MONA].iter().flat_map(|who| who.input(10)).collect();
    words.extend(["-filter_complex".to_owned(), graph]);
    words.extend(FINE.split_whitespace().map(str::to_owned));
    let target = clips.path("in.mp4");
    words.push(target.display().to_string());
    ffmpeg(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let told = swapped(&HOPPER.photo(), &target, &clips.path("out.mp4"), &["--many-faces"]);
    let screened = told.count("frames_screened");
    println!("5 scenes: {screened} of {} screened", told.count("frames"));
    assert_eq!(told.count("frames"), 50);
    assert!((5..=10).contains(&screened), "{screened}");
}
