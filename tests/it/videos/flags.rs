//! Flags, and containers that cannot hold what they are given.

use crate::clips::{ASTRONAUT, Clips, FINE, HOPPER, frames, probe, sound_hashes, stream, swapped};
use crate::measure::{face, identity, person};

const FRAMES: u32 = 8;
const SINE: &str = "-f lavfi -i sine=440:r=48000:d=0.4";

fn filters() -> String {
    format!("{},format=yuv420p", ASTRONAUT.moving())
}

#[test]
fn sound_is_left_out_when_asked() {
    let clips = Clips::new();
    let more = format!("{SINE} -- {FINE} -c:a aac");
    let target = clips.make("in.mp4", &ASTRONAUT, FRAMES, &filters(), &more);
    let output = clips.path("out.mp4");
    swapped(&HOPPER.photo(), &target, &output, &["--skip-audio"]);
    let probed = probe(&output);
    assert!(stream(&probe(&target), "audio").is_some());
    assert!(stream(&probed, "audio").is_none());
    assert_eq!(stream(&probed, "video").expect("pictures")["nb_read_packets"], FRAMES.to_string());
}

#[test]
fn a_script_written_for_roop_runs() {
    let clips = Clips::new();
    let target = clips.moving("in.mp4", &ASTRONAUT, FRAMES);
    let output = clips.path("out.mp4");
    let flags = [
        "--frame-processor face_swapper --keep-fps --temp-frame-format jpg",
        "--temp-frame-quality 0 --output-video-encoder libx265 --output-video-quality 35",
        "--reference-face-position 0 --reference-frame-number 2 --similar-face-distance 0.85",
        "--execution-provider cpu --execution-threads 1",
    ];
    let flags: Vec<&str> = flags.iter().flat_map(|f| f.split_whitespace()).collect();
    let told = swapped(&HOPPER.photo(), &target, &output, &flags);
    assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES));
    let probed = probe(&output);
    let video = stream(&probed, "video").expect("pictures");
    assert_eq!(video["codec_name"], "hevc");
    assert_eq!(video["r_frame_rate"], "25/1");
}

#[test]
fn sound_that_does_not_fit_is_encoded_again_with_a_note() {
    let clips = Clips::new();
    let more = format!("{SINE} -- {FINE} -c:a aac");
    let target = clips.make("in.mp4", &ASTRONAUT, FRAMES, &filters(), &more);
    let output = clips.path("out.webm");
    let told = swapped(&HOPPER.photo(), &target, &output, &["--preset", "ultrafast"]);
    let note = told.notes.lines().find(|l| l.contains("aac") && l.contains("opus"));
    assert!(note.is_some(), "{}", told.notes);
    let probed = probe(&output);
    let [video, audio] = ["video", "audio"].map(|k| stream(&probed, k).expect("a stream"));
    assert_eq!((&video["codec_name"], &audio["codec_name"]), (&"vp9".into(), &"opus".into()));
    assert_eq!(video["nb_read_packets"], FRAMES.to_string());
}

#[test]
fn a_gif_becomes_a_film() {
    let clips = Clips::new();
    let filters = format!(
        "{},fps=12.5,split[a][b];[a]palettegen[p];[b][p]paletteuse",
        ASTRONAUT.resting(320, 240)
    );
    let target = clips.make("in.gif", &ASTRONAUT, FRAMES, &filters, "");
    let output = clips.path("out.mp4");
    let told = swapped(&HOPPER.photo(), &target, &output, &[]);
    assert_eq!(told.count("frames"), u64::from(FRAMES / 2));
    assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES / 2));
    let probed = probe(&output);
    let video = stream(&probed, "video").expect("pictures");
    assert_eq!((&video["codec_name"], &video["pix_fmt"]), (&"h264".into(), &"yuv420p".into()));
    assert_eq!(video["r_frame_rate"], "25/2");
    let cosine = identity(&face(&frames(&output, "yuv420p")[2])).cosine(&person(&HOPPER.photo()));
    println!("gif: cosine {cosine:.3}");
    assert!(cosine > 0.4, "{cosine}");
}

#[test]
fn transparency_that_is_lost_is_told() {
    let clips = Clips::new();
    let filters = format!("{},format=yuva420p", ASTRONAUT.resting(320, 240));
    let vp9 = "-c:v libvpx-vp9 -auto-alt-ref 0 -deadline realtime -cpu-used 8";
    let target = clips.make("in.webm", &ASTRONAUT, FRAMES, &filters, vp9);
    for (name, lost) in [("out.mp4", true), ("out.webm", false)] {
        let output = clips.path(name);
        let told = swapped(&HOPPER.photo(), &target, &output, &["--preset", "ultrafast"]);
        assert_eq!(told.notes.contains("transparency"), lost, "{name}: {}", told.notes);
        assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES), "{name}");
    }
}

#[test]
fn avi_goes_in_and_out() {
    let clips = Clips::new();
    let more = format!("{SINE} -- -c:v mpeg4 -q:v 2 -c:a mp3");
    let target = clips.make("in.avi", &ASTRONAUT, FRAMES, &filters(), &more);
    let output = clips.path("out.avi");
    let told = swapped(&HOPPER.photo(), &target, &output, &[]);
    assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES));
    let probed = probe(&output);
    let video = stream(&probed, "video").expect("pictures");
    assert_eq!(video["nb_read_packets"], FRAMES.to_string());
    assert_eq!(video["r_frame_rate"], "25/1");
    assert_eq!(sound_hashes(&target), sound_hashes(&output));
}
