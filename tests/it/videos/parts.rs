//! Parts of films, other sizes, GIFs and pictures.

use std::path::Path;

use facedeck::imaging::frame::Frame;

use crate::clips::{ASTRONAUT, Clips, FINE, HOPPER, frames, probe, stream, swapped};
use crate::common::{fails, ffmpeg, media, names_in, swap, swap_command};

const FRAMES: u32 = 30;

/// Whether the corner of two frames, where no face is, is the same.
fn same_corner(a: &Frame, b: &Frame) -> bool {
    let plane = &a.format.planes()[0];
    (0..16).all(|y| (0..16).all(|x| a.sample(plane, x, y, 0) == b.sample(plane, x, y, 0)))
}

#[test]
fn a_part_is_swapped_and_nothing_else() {
    let clips = Clips::new();
    let sine = "-f lavfi -i sine=440:r=48000:d=1.2";
    let filters = format!("{},format=yuv420p", ASTRONAUT.moving());
    let target =
        clips.make("in.mp4", &ASTRONAUT, FRAMES, &filters, &format!("{sine} -- {FINE} -c:a aac"));
    let before = frames(&target, "yuv420p");
    for (name, flags, first, count) in [
        ("a.mp4", ["--start", "10f", "--end", "18f"], 10, 8),
        ("b.mkv", ["--start", "0.4", "--end", "0:00.720"], 10, 8),
    ] {
        let output = clips.path(name);
        let mut more = vec!["--quality", "100", "--preset", "ultrafast", "--keep-frames", "-y"];
        more.extend(flags);
        let told = swapped(&HOPPER.photo(), &target, &output, &more);
        assert_eq!(told.count("frames"), count, "{name}");
        let after = frames(&output, "yuv420p");
        assert_eq!(after.len() as u64, count, "{name}");
        assert!(after.iter().zip(&before[first..]).all(|(a, b)| same_corner(a, b)), "{name}");
        let probed = probe(&output);
        let sound = stream(&probed, "audio").expect("sound");
        let packets: u32 =
            sound["nb_read_packets"].as_str().expect("a text").parse().expect("a number");
        // 0.32 s of 1024 samples each.
        assert!((14..=16).contains(&packets), "{name}: {packets}");
        assert_eq!(names_in(&clips.path("temp/in")).len() as u64, count);
    }
}

#[test]
fn what_is_no_part_is_an_error_before_the_work() {
    let clips = Clips::new();
    let target = clips.moving("in.mp4", &ASTRONAUT, FRAMES);
    let folder = target.parent().expect("a folder").to_owned();
    let photo = HOPPER.photo();
    let refuse = |target: &Path, output: &str, more: &[&str], says: &[&str]| {
        let mut command = swap_command(&photo, target, &clips.path(output), more);
        fails(&mut command, &folder, 2, says);
    };
    refuse(&target, "o.mp4", &["--start", "20f", "--end", "10f"], &["no frame lies between"]);
    refuse(&target, "o.mp4", &["--start", "30f"], &["beyond the end", "30 frames"]);
    refuse(&target, "o.mp4", &["--start", "1:00"], &["beyond the end"]);
    refuse(&target, "o.mp4", &["--start", "#3"], &["--start", "300f"]);
    refuse(&target, "o.mp4", &["--set", "video.end=soon"], &["video.end", "soon"]);
    refuse(&target, "o.mp4", &["--scale", "big"], &["--scale", "720p"]);
    refuse(&media("mona_lisa.jpg"), "o.png", &["--end", "1"], &["is a picture"]);
    refuse(&media("mona_lisa.jpg"), "o/%04d.png", &[], &["is a picture"]);
    refuse(&target, "%04d.png", &[], &["and holds"]);
    refuse(&clips.path("f%03d.png"), "o.mp4", &[], &["no file is named"]);
}

#[test]
fn the_output_has_another_size_when_asked() {
    let clips = Clips::new();
    let target = clips.moving("in.mp4", &ASTRONAUT, 4);
    for (name, scale, width, height) in [("a.mp4", "50%", 160, 120), ("b.gif", "x99", 132, 99)] {
        let output = clips.path(name);
        swapped(&HOPPER.photo(), &target, &output, &["--scale", scale]);
        let probed = probe(&output);
        let video = stream(&probed, "video").expect("pictures");
        assert_eq!(
            (video["width"].as_u64(), video["height"].as_u64()),
            (Some(width), Some(height))
        );
    }
}

#[test]
fn a_gif_becomes_a_gif_and_pictures_become_pictures() {
    let clips = Clips::new();
    let filters = format!(
        "{},fps=12.5,split[a][b];[a]palettegen[p];[b][p]paletteuse",
        ASTRONAUT.resting(320, 240)
    );
    let target = clips.make("in.gif", &ASTRONAUT, 8, &filters, "-loop 2");
    let output = clips.path("out.gif");
    let told = swapped(&HOPPER.photo(), &target, &output, &[]);
    assert_eq!((told.count("frames"), told.count("frames_with_swap")), (4, 4));
    let times = |path: &Path| probe(path)["streams"][0]["duration"].clone();
    assert_eq!(times(&target), times(&output));

    std::fs::create_dir(clips.path("in")).expect("a folder");
    let numbered = clips.path("in/f_%03d.png").display().to_string();
    ffmpeg(&["-i", &target.display().to_string(), "-start_number", "9", &numbered]);
    let pictures = clips.path("out/%04d.png");
    let run = |more: &[&str]| swap(&HOPPER.photo(), Path::new(&numbered), &pictures, more);
    assert!(run(&["--fps", "12.5"]).status.success());
    assert_eq!(names_in(&clips.path("out")), ["0009.png", "0010.png", "0011.png", "0012.png"]);
    assert_eq!(run(&[]).status.code(), Some(2), "pictures were replaced unasked");
    assert!(run(&["-y", "--start", "3f"]).status.success());
    assert_eq!(names_in(&clips.path("out")), ["0012.png"]);

    // A folder is a film too; what is not said is chosen.
    let mut command = crate::common::facedeck();
    command.args(["swap", "-s"]).arg(HOPPER.photo()).arg("-t").arg(clips.path("in"));
    assert!(command.status().expect("it starts").success());
    assert_eq!(names_in(&clips.path("in-swapped")).len(), 4);
    let film = clips.path("film.mp4");
    let told = swapped(&HOPPER.photo(), &clips.path("in"), &film, &["--fps", "5"]);
    assert_eq!(told.count("frames"), 4);
    assert_eq!(stream(&probe(&film), "video").expect("pictures")["r_frame_rate"], "5/1");
    assert_eq!(
        names_in(clips.path("x").parent().expect("a folder")),
        ["film.mp4", "in", "in-swapped", "in.gif", "out", "out.gif"]
    );
}
