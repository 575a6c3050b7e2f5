//! Each flag's effect, on the embedded networks.

use serde_json::Value;

use crate::clips::{ASTRONAUT, Clips, FINE, HOPPER, probe, stream, swapped};
use crate::common::{fails, names_in, picture, swap_command};

const FRAMES: u32 = 25;
const SINE: &str = "-f lavfi -i sine=440:r=48000:d=1";

/// A clip of one second at 25 frames a second, with sound.
fn clip(clips: &Clips) -> std::path::PathBuf {
    let filters = format!("{},format=yuv420p", ASTRONAUT.moving());
    clips.make("in.mp4", &ASTRONAUT, FRAMES, &filters, &format!("{SINE} -- {FINE} -c:a aac"))
}

/// What a swap with these flags makes of the clip.
fn video(clips: &Clips, name: &str, more: &[&str]) -> Value {
    let (target, output) = (clip(clips), clips.path(name));
    swapped(&HOPPER.photo(), &target, &output, more);
    probe(&output)
}

/// The CRF that x264 or x265 was told; they write their settings into the film.
fn crf(clips: &Clips, name: &str) -> f64 {
    let bytes = std::fs::read(clips.path(name)).expect("a film");
    let text = String::from_utf8_lossy(&bytes);
    // At CRF 0 x264 turns to its lossless mode, which has no factor.
    if text.contains("rc=cqp") && text.contains("qp=0") {
        return 0.0;
    }
    let after = text.split("crf=").nth(1).expect("the encoder's settings");
    let number: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse().expect("a number")
}

/// With roop's defaults and the networks that are here.
const ROOP: [&str; 16] = [
    "--profile",
    "roop",
    "--set",
    "swap.model=mesh",
    "--set",
    "swap.paste=crop",
    "--set",
    "faces.detector=blazeface_full_range",
    "--set",
    "faces.landmarks=face_landmarks_478",
    "--set",
    "faces.recognizer=mobilefacenet",
    "--set",
    "faces.distance=1.2",
    "--set",
    "enhance=default",
];

#[test]
fn without_keep_fps_the_film_has_thirty_frames_a_second() {
    let clips = Clips::new();
    let probed = video(&clips, "out.mp4", &ROOP);
    let film = stream(&probed, "video").expect("pictures");
    assert_eq!(film["r_frame_rate"], "30/1");
    assert_eq!(film["nb_read_packets"], "30");
    assert_eq!(film["codec_name"], "h264");
    assert!(stream(&probed, "audio").is_some(), "the sound is kept");
    // roop's quality of 35 is CRF 18.
    assert_eq!(crf(&clips, "out.mp4"), 18.0);
}

#[test]
fn keep_fps_keeps_them_and_skip_audio_drops_the_sound() {
    let clips = Clips::new();
    let flags = ["--keep-fps", "--skip-audio", "--execution-threads", "1"];
    let probed = video(&clips, "out.mp4", &[&ROOP[..], &flags].concat());
    let film = stream(&probed, "video").expect("pictures");
    assert_eq!(film["r_frame_rate"], "25/1");
    assert_eq!(film["nb_read_packets"], FRAMES.to_string());
    assert!(stream(&probed, "audio").is_none());
}

#[test]
fn the_encoder_and_its_quality_are_roops() {
    let clips = Clips::new();
    let flags = ["--output-video-encoder", "libx265", "--output-video-quality", "50"];
    let probed = video(&clips, "out.mp4", &flags);
    assert_eq!(stream(&probed, "video").expect("pictures")["codec_name"], "hevc");
    assert_eq!(crf(&clips, "out.mp4"), 26.0);
    for (quality, expected) in [("0", 0.0), ("35", 18.0), ("100", 51.0)] {
        let name = format!("{quality}.mp4");
        video(&clips, &name, &["--output-video-quality", quality]);
        assert_eq!(crf(&clips, &name), expected, "{quality}");
    }
    let size = |name: &str| std::fs::metadata(clips.path(name)).expect("a film").len();
    assert!(size("0.mp4") > size("35.mp4") && size("35.mp4") > size("100.mp4"));
}

#[test]
fn frames_are_kept_in_the_format_that_was_asked_for() {
    let clips = Clips::new();
    let flags = ["--keep-frames", "--temp-frame-format", "jpg", "--temp-frame-quality", "10"];
    video(&clips, "out.mp4", &flags);
    let folder = clips.path("temp").join("in");
    let names = names_in(&folder);
    assert_eq!(names.len(), FRAMES as usize, "{names:?}");
    assert!(names[0].ends_with("0001.jpg"), "{names:?}");
    let frame = picture(&folder.join(&names[0]));
    let probed = probe(&clips.path("out.mp4"));
    assert_eq!(u64::from(frame.format.width), stream(&probed, "video").expect("pictures")["width"]);
}

#[test]
fn who_is_swapped_is_roops_choice() {
    let clips = Clips::new();
    let target = clip(&clips);
    // Nobody is that much like anybody, not even themselves in another frame.
    let mut strict = swap_command(
        &HOPPER.photo(),
        &target,
        &clips.path("none.mp4"),
        &["--reference-frame-number", "3", "--similar-face-distance", "0"],
    );
    let folder = target.parent().expect("a folder");
    fails(&mut strict, folder, 4, &["no face to swap"]);
    // As in roop, a position beyond the last face is the last one; here that is said.
    let beyond = ["--reference-face-position", "1"];
    let told = swapped(&HOPPER.photo(), &target, &clips.path("last.mp4"), &beyond);
    assert!(told.notes.contains("there is none at position 1"), "{}", told.notes);
    // In roop everybody wins over somebody.
    let both = ["--many-faces", "--reference-face-position", "1", "--max-memory", "4"];
    let told =
        swapped(&HOPPER.photo(), &target, &clips.path("all.mp4"), &[&ROOP[..], &both].concat());
    assert_eq!(told.count("frames_with_swap"), told.count("frames"));
}

#[test]
fn threads_and_memory_are_what_was_asked_for() {
    let clips = Clips::new();
    let target = clip(&clips);
    let threads = |told: &crate::clips::Told| {
        let stages = told.summary["stages"].as_array().expect("stages").clone();
        let swap = stages.into_iter().find(|s| s["stage"] == "swap").expect("a stage");
        swap["threads"].as_u64().expect("a number")
    };
    let run =
        |name: &str, more: &[&str]| swapped(&HOPPER.photo(), &target, &clips.path(name), more);
    let many = run("many.mp4", &["--execution-threads", "5"]);
    assert_eq!(threads(&many), 5);
    // What five threads would take is more than this.
    let few = run("few.mp4", &["--execution-threads", "200", "--max-memory", "0.3"]);
    assert!((1..200).contains(&threads(&few)), "{}", threads(&few));
    assert!(few.count("peak_memory") < 300_000_000, "{}", few.count("peak_memory"));
    let output = clips.path("none.mp4");
    let mut least = swap_command(&HOPPER.photo(), &target, &output, &["--max-memory", "0.15"]);
    let folder = target.parent().expect("a folder");
    fails(&mut least, folder, 2, &["does not fit in 0.15 GB", "at least --max-memory 0.2"]);
}

#[test]
fn in_a_folder_the_output_is_named_as_in_roop() {
    let clips = Clips::new();
    let target = clip(&clips);
    let folder = clips.path("results");
    std::fs::create_dir(&folder).expect("a folder");
    swapped(&HOPPER.photo(), &target, &folder, &[]);
    assert_eq!(names_in(&folder), ["grace_hopper-in.mp4"]);
}
