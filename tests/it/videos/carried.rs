//! What a film brings along besides its pictures: length, sound, colors, titles, rotation.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::clips::{
    ASTRONAUT, Clips, FINE, FPS, HOPPER, MONA, frames, printed, probe, sound_hashes, stream,
    swapped,
};
use crate::common::ffmpeg;
use crate::measure::{faces, identity, person};

const FRAMES: u32 = 20;

/// Sound for as long as the picture lasts.
const SINE: &str = "-f lavfi -i sine=440:r=48000:d=0.8";

/// Filter and options for films of the two kinds of color that cameras write.
const HD: &str = "scale=out_color_matrix=bt709:out_range=tv";
const HD_TAGS: &str = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv";
const PC: &str = "scale=out_color_matrix=bt601:out_range=pc";
const PC_TAGS: &str =
    "-color_primaries smpte170m -color_trc smpte170m -colorspace smpte170m -color_range pc";

fn make(clips: &Clips, name: &str, colors: [&str; 2], encoders: &str) -> PathBuf {
    let filters = format!("{},{},format=yuv420p", ASTRONAUT.moving(), colors[0]);
    clips.make(name, &ASTRONAUT, FRAMES, &filters, &format!("{SINE} -- {} {encoders}", colors[1]))
}

/// The number of frames, the length, the colors and the sound are the target's.
fn assert_carried(target: &Path, output: &Path) {
    let name = output.display();
    let (before, after) = (probe(target), probe(output));
    let [old, new] = [&before, &after].map(|p| stream(p, "video").expect("a picture stream"));
    assert_eq!(old["nb_read_packets"], FRAMES.to_string(), "{name}");
    for tag in [
        "nb_read_packets",
        "width",
        "height",
        "r_frame_rate",
        "avg_frame_rate",
        "color_primaries",
        "color_transfer",
        "color_space",
        "color_range",
        "sample_aspect_ratio",
    ] {
        assert_eq!(old[tag], new[tag], "{name}: {tag}");
    }
    let seconds = |p: &Value| -> f64 {
        let text = p["format"]["duration"].as_str().expect("a duration");
        text.parse().expect("a number")
    };
    let apart = (seconds(&before) - seconds(&after)).abs();
    assert!(apart <= 1.0 / f64::from(FPS), "{name}: {apart} s apart");
    assert!(stream(&after, "audio").is_some(), "{name} has sound");
    assert_eq!(sound_hashes(target), sound_hashes(output), "{name}");
}

#[test]
fn length_sound_and_colors_are_carried() {
    let clips = Clips::new();
    let (hd, pc) = ([HD, HD_TAGS], [PC, PC_TAGS]);
    let vp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 2M -c:a libopus";
    for (name, colors, encoders) in [
        ("a.mp4", hd, "-c:v libx264 -preset ultrafast -crf 12 -c:a aac"),
        ("b.mkv", pc, "-c:v libx264 -preset ultrafast -crf 12 -c:a flac"),
        ("c.mov", hd, "-c:v libx264 -preset ultrafast -crf 12 -c:a pcm_s16le"),
        ("d.mp4", pc, "-c:v libx264 -preset ultrafast -crf 12 -c:a aac"),
        ("e.webm", hd, vp9),
    ] {
        let target = make(&clips, name, colors, encoders);
        let probed = probe(&target);
        let video = stream(&probed, "video").expect("a picture stream");
        let [range, space] = if colors == hd { ["tv", "bt709"] } else { ["pc", "smpte170m"] };
        for (tag, value) in [
            ("color_range", range),
            ("color_space", space),
            ("color_primaries", space),
            ("color_transfer", space),
        ] {
            assert_eq!(video[tag], value, "the clip {name} is what it should be: {tag}");
        }
        let output = clips.path(&format!("out-{name}"));
        let told = swapped(&HOPPER.photo(), &target, &output, &["--preset", "veryfast"]);
        assert_eq!(told.count("frames"), u64::from(FRAMES), "{name}");
        assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES), "{name}");
        assert_carried(&target, &output);
    }
}

#[test]
fn titles_chapters_and_subtitles_are_carried() {
    let clips = Clips::new();
    clips.text("s.srt", "1\n00:00:00,100 --> 00:00:00,700\nGood morning\n\n");
    clips.text(
        "meta",
        ";FFMETADATA1\ntitle=The Film\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=800\ntitle=Two\n",
    );
    let filters = format!("{},format=yuv420p", MONA.moving());
    for (name, subtitles) in [("a.mkv", "srt"), ("b.mp4", "mov_text")] {
        let more = format!(
            "{SINE} -i {{}}/s.srt -i {{}}/meta -- -map 0 -map 1 -map 2 -map_metadata 3 \
             -map_chapters 3 {FINE} -c:a aac -c:s {subtitles} -metadata:s:s:0 language=eng"
        );
        let target = clips.make(name, &MONA, FRAMES, &filters, &more);
        let output = clips.path(&format!("out-{name}"));
        swapped(&ASTRONAUT.photo(), &target, &output, &[]);
        assert_carried(&target, &output);
        let after = probe(&output);
        assert_eq!(after["format"]["tags"]["title"], "The Film", "{name}");
        let chapters: Vec<(&str, f64)> = after["chapters"]
            .as_array()
            .expect("chapters")
            .iter()
            .map(|c| {
                let start = c["start_time"].as_str().expect("a time");
                (c["tags"]["title"].as_str().expect("a title"), start.parse().expect("a number"))
            })
            .collect();
        assert_eq!(chapters, [("One", 0.0), ("Two", 0.4)], "{name}");
        let subtitle = stream(&after, "subtitle").expect("subtitles");
        assert_eq!(subtitle["tags"]["language"], "eng", "{name}");
        let text = |path: &Path| {
            let path = path.display().to_string();
            printed(&["-i", &path, "-map", "0:s:0", "-f", "srt", "-"])
        };
        assert!(String::from_utf8_lossy(&text(&output)).contains("Good morning"), "{name}");
        assert_eq!(text(&target), text(&output), "{name}");
    }
}

/// A phone's clip: stored on its side, with the wish to be turned upright by this many degrees
/// counterclockwise.
fn phone_clip(clips: &Clips, degrees: u32) -> PathBuf {
    let turn = if degrees == 90 { "transpose=clock" } else { "transpose=cclock" };
    let filters = format!("{},{turn},format=yuv420p", ASTRONAUT.resting(320, 240));
    let lying = clips.make(&format!("lying{degrees}.mp4"), &ASTRONAUT, 8, &filters, FINE);
    let (lying, path) = (lying.display().to_string(), clips.path(&format!("phone{degrees}.mp4")));
    let out = path.display().to_string();
    let degrees = degrees.to_string();
    // From 6.0 on it is an option of the input, before it was a tag of the output.
    let help = String::from_utf8_lossy(&printed(&["-h", "full"])).into_owned();
    if help.contains("-display_rotation") {
        ffmpeg(&["-display_rotation", &degrees, "-i", &lying, "-c", "copy", &out]);
    } else {
        let tag = format!("rotate={degrees}");
        ffmpeg(&["-i", &lying, "-c", "copy", "-metadata:s:v:0", &tag, &out]);
    }
    path
}

#[test]
fn a_phones_clip_comes_out_upright() {
    let clips = Clips::new();
    let source = person(&HOPPER.photo());
    for degrees in [90, 270] {
        let target = phone_clip(&clips, degrees);
        let probed = probe(&target);
        let video = stream(&probed, "video").expect("a picture stream");
        assert_eq!((&video["width"], &video["height"]), (&240.into(), &320.into()));
        let rotation = |v: &Value| v["side_data_list"][0]["rotation"].as_i64();
        assert_eq!(rotation(video).map(|r| r.rem_euclid(360)), Some(i64::from(degrees)));

        let output = clips.path(&format!("out{degrees}.mp4"));
        let told = swapped(&HOPPER.photo(), &target, &output, &[]);
        assert_eq!(told.count("frames_with_swap"), 8);
        let probed = probe(&output);
        let video = stream(&probed, "video").expect("a picture stream");
        assert_eq!((&video["width"], &video["height"]), (&320.into(), &240.into()));
        assert_eq!(rotation(video).unwrap_or(0), 0, "it is not turned a second time");
        assert!(video["tags"]["rotate"].is_null(), "{video}");

        let frame = &frames(&output, "yuv420p")[4];
        let found = faces(frame);
        assert_eq!(found.len(), 1);
        let [right, left, ..] = found[0].points;
        assert!(left[0] - right[0] > 4.0 * (left[1] - right[1]).abs(), "the eyes are level");
        let cosine = identity(&found[0]).cosine(&source);
        println!("rotation {degrees}: cosine {cosine:.3}");
        assert!(cosine > 0.4, "{cosine}");
    }
}
