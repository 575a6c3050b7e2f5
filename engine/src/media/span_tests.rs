use crate::imaging::frame::Frame;
use crate::media::testing::{Clips, ask, decode, decode_with, pictures, tools, video};
use crate::media::{DecodeOptions, EncodeOptions, Encoder, Place, Rational, VideoEncoder};

use super::*;
use crate::interrupt::Interrupt;

/// A film of 90 frames of every kind that is sought in differently.
fn films(clips: &Clips) -> Vec<VideoInfo> {
    let source = pictures(48, 32, 90);
    let h264 = "-c:v libx264 -preset veryfast -g 40 -bf 3 -pix_fmt yuv420p";
    let uneven = "-vf setpts='(N+floor(N/7)*2)/25/TB' -fps_mode passthrough";
    let ntsc = "-vf settb=1/24000,setpts=N*1001 -r 24000/1001";
    let made = [
        ("even.mp4", format!("{source} {h264}")),
        ("ntsc.mkv", format!("{source} {ntsc} {h264}")),
        ("late.mkv", format!("-itsoffset 0.5 {source} -copyts {h264}")),
        ("even.ts", format!("{source} {h264}")),
        ("even.avi", format!("{source} -pix_fmt yuv420p -c:v ffv1")),
        ("uneven.mkv", format!("{source} {uneven} {h264}")),
        ("uneven.mp4", format!("{source} {uneven} {h264}")),
        (
            "uneven.gif",
            format!(
                "{source} -vf setpts='(N+floor(N/7)*2)/25/TB' -fps_mode passthrough -enc_time_base 1:100"
            ),
        ),
    ];
    made.into_iter().map(|(name, words)| video(&clips.make(name, &words))).collect()
}

fn part(film: &VideoInfo, start: &str, end: &str) -> Result<(VideoInfo, Vec<String>)> {
    let moment = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    film.clone().cut(&tools(), &Cut { start: moment(start), end: moment(end) })
}

fn same(a: &[Frame], b: &[Frame]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.data == b.data && a.pts == b.pts)
}

#[test]
fn a_part_is_the_frames_of_the_whole_with_their_timestamps() {
    let clips = Clips::new();
    for film in films(&clips) {
        let name = film.path.display();
        let whole = decode(&film);
        assert_eq!(whole.len(), 90, "{name}");
        let at = |seconds: f64| {
            whole.iter().position(|frame| frame.time >= seconds - 0.001).unwrap_or(whole.len())
        };
        let parts = [
            ("10f", "20f", 10, 20),
            ("1.2", "2.4", at(1.2), at(2.4)),
            ("86f", "500f", 86, 90),
            ("", "5f", 0, 5),
            ("70f", "", 70, 90),
            ("0:02.5", "85f", at(2.5), 85),
        ];
        // What is written in another way is understood before the film plays a part.
        let some = if film.path.ends_with("even.mp4") { 6 } else { 3 };
        for (start, end, from, until) in parts.into_iter().take(some) {
            let (cut, notes) = part(&film, start, end).unwrap();
            let frames = decode(&cut);
            let told = format!("{name} {start} {end}: {} frames", frames.len());
            assert!(same(&frames, &whole[from..until]), "{told}");
            assert!(frames.iter().enumerate().all(|(i, f)| f.index == i as u64), "{told}");
            assert!(frames[0].time.abs() < 1e-9, "{told}");
            assert_eq!(cut.begins_at().0, from as u64, "{told}");
            assert!((cut.begins_at().1 - whole[from].time).abs() < 0.02, "{told}");
            if film.frame_count_exact {
                assert_eq!(cut.frame_count, Some((until - from) as u64), "{told}");
                assert_eq!(notes.is_empty(), end != "500f", "{told}: {notes:?}");
            }
            // As whoever goes on after its second frame.
            let Some(second) = frames.get(1).filter(|_| start == "1.2") else { continue };
            let place = Place { index: 1, pts: second.pts, origin: frames[0].pts };
            let options = DecodeOptions { place: Some(place), ..DecodeOptions::default() };
            assert!(same(&decode_with(&cut, &options), &frames[1..]), "{told}, going on");
            assert_eq!(cut.clone().uncut().frame_count, film.frame_count);
        }
    }
}

#[test]
fn a_part_at_another_rate_is_a_part_of_the_film_at_that_rate() {
    let clips = Clips::new();
    for film in films(&clips).into_iter().filter(|film| !film.container.contains("gif")) {
        let name = film.path.display();
        let rate = Rational { num: 10, den: 1 };
        let whole = decode(&film.clone().at_rate(rate));
        let (cut, _) = part(&film, "1.0", "2.5").unwrap();
        let frames = decode(&cut.at_rate(rate));
        assert!((14..=16).contains(&frames.len()), "{name}: {}", frames.len());
        let first = whole.iter().position(|frame| frame.pts == frames[0].pts).unwrap();
        assert!(same(&frames, &whole[first..first + frames.len()]), "{name}");
    }
}

#[test]
fn what_is_no_part_is_refused_before_anything_is_decoded() {
    let clips = Clips::new();
    for film in films(&clips).into_iter().step_by(2) {
        for (start, end, word) in [
            ("20f", "20f", "no frame lies between --start 20f and --end 20f"),
            ("2.0", "1.0", "no frame lies between --start 2 and --end 1"),
            ("1.5", "3f", "no frame lies between"),
            ("", "0", "no frame lies between"),
            ("1000f", "", "beyond the end"),
            ("1:00:00", "", "beyond the end"),
        ] {
            let error = part(&film, start, end).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let told = error.message();
            assert!(told.contains(word), "{} {start} {end}: {told}", film.path.display());
        }
    }
}

/// Sound with a click at every whole second, and pictures, in a container.
fn clicking(clips: &Clips, name: &str, sound: &str) -> VideoInfo {
    let text = "1\n00:00:00,200 --> 00:00:00,700\nearly\n\n2\n00:00:02,400 --> 00:00:03,000\nwithin\n\n\
                3\n00:00:03,400 --> 00:00:05,000\nover\n\n4\n00:00:05,200 --> 00:00:05,900\nlate\n\n";
    std::fs::write(clips.path("s.srt"), text).unwrap();
    let meta = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n\
                [CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=3000\ntitle=Two\n\
                [CHAPTER]\nTIMEBASE=1/1000\nSTART=3000\nEND=6000\ntitle=Three\n";
    std::fs::write(clips.path("meta"), meta).unwrap();
    let titles = if name.ends_with("mkv") { "srt" } else { "mov_text" };
    let words = format!(
        "{} -f lavfi -i aevalsrc=lt(mod(t\\,1)\\,0.002)*sin(t*9000)*0.9:s=48000:d=6 -i {{}}/s.srt \
         -i {{}}/meta -map 0 -map 1 -map 2 -map_metadata 3 -map_chapters 3 -c:v libx264 -preset \
         veryfast -g 100 -pix_fmt yuv420p -c:a {sound} -c:s {titles}",
        pictures(48, 32, 150)
    );
    video(&clips.make(name, &words))
}

/// When the clicks of a film are heard, in seconds of its own clock.
fn clicks(clips: &Clips, file: &std::path::Path) -> Vec<f64> {
    // Silence where the sound begins late, so that samples count from 0.
    let words =
        format!("-i {} -af aresample=async=1:first_pts=0 -ac 1 -ar 48000 -f s16le", file.display());
    let raw = std::fs::read(clips.make("clicks.raw", &words)).unwrap();
    let samples: Vec<i16> = raw.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    let mut times = Vec::new();
    let mut at = 0;
    while let Some(next) = samples[at..].iter().position(|s| s.unsigned_abs() > 3000) {
        times.push((at + next) as f64 / 48_000.0);
        at = (at + next + 24_000).min(samples.len());
    }
    times
}

#[test]
fn sound_titles_and_chapters_are_cut_with_the_picture() {
    let clips = Clips::new();
    for (name, sound, output) in [
        ("a.mp4", "aac", "out-a.mp4"),
        ("b.mkv", "libopus", "out-b.mkv"),
        ("c.mp4", "aac", "out-c.mkv"),
        ("d.mkv", "flac", "out-d.mov"),
        ("e.mkv", "aac", "out-e.avi"),
    ] {
        let film = clicking(&clips, name, sound);
        let (cut, _) = part(&film, "50f", "100f").unwrap();
        let output = clips.path(output);
        let options = EncodeOptions {
            preset: Some("veryfast".into()),
            ..EncodeOptions::new(VideoEncoder::Libx264)
        };
        let tools = tools();
        let mut encoder =
            Encoder::start(&tools, &cut, &output, &options, Interrupt::new()).unwrap();
        for frame in decode(&cut) {
            encoder.write(&frame).unwrap();
        }
        encoder
            .finish()
            .and_then(|made| made.publish(false))
            .unwrap_or_else(|e| panic!("{}", e.chain()));
        let told = output.display();
        let found = decode(&video(&output));
        assert_eq!(found.len(), 50, "{told}");
        let times = ask(&output, "-select_streams v -show_entries packet=pts_time");
        let times = times.lines().filter_map(|t| t.trim_matches(',').parse().ok());
        let first = times.fold(f64::MAX, f64::min);
        // Matroska begins with the two frames by which others are decoded late, and AVI has no times.
        let begins = if output.extension().is_some_and(|e| e == "mkv") { 0.08 } else { 0.0 };
        if !name.starts_with('e') {
            assert!((first - begins).abs() < 0.002, "{told} begins at {first}");
        }
        // The one at 2.0 may be in the packet that is cut off; that at 3.0 is one second in.
        let heard: Vec<f64> = clicks(&clips, &output).iter().map(|t| t - begins).collect();
        let second = heard.iter().find(|t| **t > 0.5).copied().unwrap_or_default();
        assert!((second - 1.0).abs() <= 0.022, "{told}: clicks at {heard:?}");
        assert!(heard.iter().all(|t| *t < 2.05), "{told}: clicks at {heard:?}");
        if name.starts_with('e') {
            continue;
        }
        let seconds: f64 = ask(&output, "-show_entries format=duration").parse().unwrap();
        let longest = if name == "c.mp4" || name == "d.mkv" { 3.1 } else { 2.06 + begins };
        assert!((1.99..longest).contains(&seconds), "{told} lasts {seconds}");
        let titles = ask(&output, "-select_streams s -show_entries packet=pts_time,size");
        let starts: Vec<f64> = titles
            .lines()
            .filter_map(|line| line.split_once(','))
            // MP4 fills gaps with empty ones of two bytes.
            .filter(|(_, size)| size.trim_matches(',') != "2")
            .map(|(time, _)| time.parse::<f64>().unwrap() - begins)
            .collect();
        assert_eq!(starts.len(), 2, "{told}: {titles}");
        assert!(
            (starts[0] - 0.4).abs() < 0.03 && (starts[1] - 1.4).abs() < 0.03,
            "{told}: {titles}"
        );
        let chapters = ask(
            &output,
            "-show_chapters -show_entries chapter=start_time,end_time:chapter_tags=title",
        );
        let lines: Vec<&str> = chapters.lines().collect();
        assert_eq!(lines.len(), 2, "{told}: {chapters}");
        assert!(lines[0].ends_with("Two") && lines[1].ends_with("Three"), "{told}: {chapters}");
        // Matroska's begin with its sound, which may be before the picture.
        let near = if begins > 0.0 { 0.01 } else { 0.002 };
        let ends: Vec<f64> =
            lines.iter().map(|l| l.split(',').nth(1).unwrap().parse::<f64>().unwrap()).collect();
        assert!(
            (ends[0] - 1.0).abs() < near && (ends[1] - 2.0 - begins).abs() < 0.002,
            "{told}: {chapters}"
        );
    }
}
