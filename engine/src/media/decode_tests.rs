use std::path::Path;
use std::time::Instant;

use crate::media::testing::{Clips, decode, decode_with, pictures, tools, video};
use crate::media::{MediaInfo, MediaKind, probe};

use super::*;

fn probe_error(path: &Path) -> Error {
    probe(&tools(), path).unwrap_err()
}

#[test]
fn frames_arrive_bit_for_bit_in_their_own_format() {
    let clips = Clips::new();
    for (pix_fmt, odd) in [
        ("yuv420p", true),
        ("yuv422p", false),
        ("yuva420p", false),
        ("yuv420p10le", true),
        ("yuv444p16le", false),
        ("gray", false),
        ("rgb48le", false),
    ] {
        let (width, height) = if odd { (35, 29) } else { (32, 24) };
        let source = pictures(width, height, 3);
        // One run, two outputs: the samples as they are, and a film of them.
        let both = format!(
            "{source} -pix_fmt {pix_fmt} -f rawvideo {{}}/a.raw -pix_fmt {pix_fmt} -c:v ffv1"
        );
        let (clip, raw) = (clips.make("a.mkv", &both), clips.path("a.raw"));
        let info = video(&clip);
        assert_eq!(info.pix_fmt, pix_fmt);
        assert_eq!((info.width, info.height), (width, height));
        let frames = decode(&info);
        assert_eq!(frames.len(), 3);
        let bytes: Vec<u8> = frames.iter().flat_map(|f| f.data.clone()).collect();
        assert!(bytes == std::fs::read(raw).unwrap(), "{pix_fmt} changed on the way");
        assert_eq!(frames[2].index, 2);
        assert!((frames[2].time - 0.08).abs() < 1e-9);
    }
}

#[test]
fn full_range_is_seen_and_not_converted() {
    let clips = Clips::new();
    let clip = clips
        .make("a.avi", &format!("{} -pix_fmt yuvj420p -c:v mjpeg -q:v 2", pictures(32, 32, 2)));
    let raw = clips.make("a.raw", "-i {}/a.avi -f rawvideo");
    let info = video(&clip);
    assert!(info.format.full_range);
    assert_eq!(info.color.range.as_deref(), Some("pc"));
    let bytes: Vec<u8> = decode(&info).into_iter().flat_map(|f| f.data).collect();
    assert!(bytes == std::fs::read(raw).unwrap());
}

#[test]
fn what_is_no_video_is_refused_with_a_reason() {
    let clips = Clips::new();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(clips.path(name), bytes).unwrap();
        clips.path(name)
    };
    let empty = probe_error(&write("empty.mp4", b""));
    assert_eq!((empty.exit_code(), empty.message().ends_with("is empty")), (1, true));
    let text = probe_error(&write("text.mp4", b"This is not a film.\nNot at all.\n"));
    assert_eq!(text.exit_code(), 1);
    assert!(text.chain().contains("text.mp4") && text.hint_text().is_some(), "{}", text.chain());
    let notes = probe_error(&write("notes.txt", b"This is not a film.\nNot at all.\n"));
    assert_eq!(notes.exit_code(), 1);
    let list = probe_error(&write(
        "list.mp4",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://localhost:1/a.ts\n#EXT-X-ENDLIST\n",
    ));
    assert_eq!(list.exit_code(), 1);
    assert_eq!(probe_error(&clips.path("none.mp4")).exit_code(), 2);
    assert_eq!(probe_error(clips.path("x").parent().unwrap()).exit_code(), 2);

    let clip = clips.make("a.mp4", &format!("{} -c:v libx264", pictures(64, 64, 10)));
    let bytes = std::fs::read(&clip).unwrap();
    let cut = probe_error(&write("cut.mp4", &bytes[..bytes.len() / 2]));
    assert_eq!(cut.exit_code(), 1);
    assert!(cut.chain().contains("moov atom not found"), "{}", cut.chain());

    clips.make("cover.png", &format!("{} -frames:v 1", pictures(32, 32, 1)));
    let song = clips.make(
        "song.m4a",
        "-f lavfi -i sine=d=0.2 -i {}/cover.png -map 0 -map 1 -c:v copy -disposition:v attached_pic",
    );
    let song = probe_error(&song);
    assert_eq!(song.exit_code(), 1);
    assert!(song.message().contains("cover art and sound"), "{}", song.message());
}

#[test]
fn a_film_that_is_cut_short_fails_with_its_last_good_frame() {
    let clips = Clips::new();
    let source = format!("{} -c:v libx264 -g 5", pictures(64, 64, 50));
    for (name, options) in [("a.mp4", "-movflags +faststart"), ("a.mkv", "")] {
        let clip = clips.make(name, &format!("{source} {options}"));
        let bytes = std::fs::read(&clip).unwrap();
        std::fs::write(&clip, &bytes[..bytes.len() * 7 / 10]).unwrap();
        let info = video(&clip);
        let mut decoder =
            Decoder::open(&tools(), &info, &DecodeOptions::default(), Interrupt::new()).unwrap();
        let mut frames = 0;
        let error = loop {
            match decoder.next(Vec::new()) {
                Ok(Some(_)) => frames += 1,
                Ok(None) => panic!("{name}: taken for whole after {frames} frames"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.exit_code(), 1);
        assert!(frames > 5, "{name}: {frames}");
        let last = format!("the last good frame is {}", frames - 1);
        assert!(error.message().contains(&last) && error.message().contains(name), "{error}");
    }
}

#[test]
fn a_killed_decoder_is_no_end_of_film() {
    let clips = Clips::new();
    let clip =
        clips.make("a.mkv", &format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(256, 256, 100)));
    let info = video(&clip);
    let mut decoder =
        Decoder::open(&tools(), &info, &DecodeOptions::default(), Interrupt::new()).unwrap();
    decoder.next(Vec::new()).unwrap().unwrap();
    decoder.running.kill_for_test();
    let error = loop {
        match decoder.next(Vec::new()) {
            Ok(frame) => assert!(frame.is_some(), "taken for the end"),
            Err(error) => break error,
        }
    };
    assert!(error.message().contains("signal 9"), "{error}");
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn stopping_and_dropping_end_the_decoder() {
    let clips = Clips::new();
    let clip =
        clips.make("a.mkv", &format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(256, 256, 50)));
    let interrupt = Interrupt::new();
    let info = video(&clip);
    let mut decoder =
        Decoder::open(&tools(), &info, &DecodeOptions::default(), interrupt.clone()).unwrap();
    decoder.next(Vec::new()).unwrap().unwrap();
    interrupt.set();
    assert_eq!(decoder.next(Vec::new()).unwrap_err().exit_code(), 130);
    let start = Instant::now();
    drop(decoder);
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn a_turned_clip_comes_out_upright() {
    let clips = Clips::new();
    // Red above blue; 48 wide, 32 high.
    clips.make(
        "flat.mp4",
        "-f lavfi -i color=red:s=48x16:r=25:d=0.2 -f lavfi -i color=blue:s=48x16:r=25:d=0.2 \
         -filter_complex [0][1]vstack,setsar=4/3 -pix_fmt yuv420p -c:v libx264",
    );
    let old = tools().version.starts_with(['4', '5']);
    let turn = if old {
        "-i {}/flat.mp4 -c copy -metadata:s:v rotate=90"
    } else {
        "-display_rotation 90 -i {}/flat.mp4 -c copy"
    };
    let info = video(&clips.make("turned.mp4", turn));
    assert_eq!((info.width, info.height), (32, 48));
    assert_eq!(info.rotation.rem_euclid(180), 90);
    assert_eq!(info.sample_aspect_ratio, Rational::parse("3/4"));
    let frames = decode(&info);
    assert_eq!(frames.len(), 5);
    // Now the colors lie side by side: the luma of red and blue differs left and right only.
    let plane = info.format.planes()[0];
    let luma = |x, y| frames[0].sample(&plane, x, y, 0);
    assert!(luma(2, 2).abs_diff(luma(2, 45)) <= 2);
    assert!(luma(2, 2).abs_diff(luma(29, 2)) > 20);
}

#[test]
fn any_frame_can_be_gone_to_exactly() {
    let clips = Clips::new();
    let source = format!("{} -c:v libx264 -g 40 -bf 3 -pix_fmt yuv420p", pictures(32, 32, 150));
    for (name, options) in [
        ("a.mp4", ""),
        ("open.mkv", "-x264-params open-gop=1"),
        ("a.ts", ""),
        ("late.mkv", "-output_ts_offset 1.5"),
    ] {
        let clip = clips.make(name, &format!("{source} {options}"));
        let info = video(&clip);
        let all = decode(&info);
        assert_eq!(all.len(), 150, "{name}");
        let media = MediaInfo { path: clip, kind: MediaKind::Video(info) };
        for index in [1, 79, 149] {
            let frame = read_frame_at(&tools(), &media, index).unwrap();
            assert_eq!(frame.index, index);
            let found = all.iter().position(|f| f.data == frame.data);
            assert_eq!(found, Some(index as usize), "{name}");
        }
        assert_eq!(read_frame_at(&tools(), &media, 150).unwrap_err().exit_code(), 2, "{name}");
    }
}

#[test]
fn uneven_films_keep_their_times_and_are_resampled_only_when_asked() {
    let clips = Clips::new();
    // 20 s at 25 a second of which some frames are missing in the middle.
    let source = pictures(32, 32, 500)
        .replace(",format=yuv444p", ",select='not(between(n\\,100\\,130))',format=yuv444p");
    let passthrough = tool_options::passthrough(&tools().version).join(" ");
    let clip = clips
        .make("a.mp4", &format!("{source} {} -c:v libx264 -bf 2 -pix_fmt yuv420p", passthrough));
    let info = video(&clip);
    assert!(info.variable_rate);
    assert_eq!(info.fps, Rational { num: 25, den: 1 });
    let all = decode(&info);
    assert_eq!(all.len(), 469);
    for frame in &all {
        let number = if frame.index < 100 { frame.index } else { frame.index + 31 };
        assert!((frame.time - number as f64 / 25.0).abs() < 1e-6, "{} {}", frame.index, frame.time);
    }
    let even = info.clone().at_rate(info.fps);
    let filled = decode(&even);
    assert_eq!(filled.len(), 500);
    assert!(filled[99].data == filled[110].data && filled[130].data != filled[131].data);
    for (info, all) in [(info, all), (even, filled)] {
        let media = MediaInfo { path: clip.clone(), kind: MediaKind::Video(info.clone()) };
        for index in [5, 131, 400] {
            let frame = read_frame_at(&tools(), &media, index).unwrap();
            assert!(frame.data == all[index as usize].data, "frame {index}");
        }
        if info.resampled {
            let options = DecodeOptions { start: 300, count: Some(4), ..DecodeOptions::default() };
            let part = decode_with(&info, &options);
            let numbers: Vec<u64> = part.iter().map(|f| f.index).collect();
            assert_eq!(numbers, [300, 301, 302, 303]);
            assert!(part[3].data == all[303].data);
        }
    }
}

#[test]
fn animated_gifs_are_films_and_single_ones_pictures() {
    let clips = Clips::new();
    let many = clips.make("a.gif", &pictures(32, 32, 4));
    let info = video(&many);
    assert_eq!((info.pix_fmt.as_str(), decode(&info).len()), ("rgba", 4));
    let one = clips.make("b.gif", &pictures(32, 32, 1));
    assert!(probe(&tools(), &one).unwrap().is_still());
    let animation = clips.make("c.apng", &format!("{} -plays 0", pictures(32, 32, 3)));
    assert_eq!(decode(&video(&animation)).len(), 3);
    // The same with so much text before the animation's header that ffmpeg takes it for a still.
    let mut bytes = std::fs::read(&animation).unwrap();
    let mut text = b"tEXtComment\0".to_vec();
    text.resize(8192, b'x');
    let mut crc = flate2::Crc::new();
    crc.update(&text);
    let length = u32::try_from(text.len() - 4).unwrap().to_be_bytes();
    let chunk = [&length[..], &text, &crc.sum().to_be_bytes()].concat();
    // After the signature and the 25 bytes of the picture's header.
    bytes.splice(33..33, chunk);
    let late = clips.path("d.png");
    std::fs::write(&late, bytes).unwrap();
    assert_eq!(decode(&video(&late)).len(), 3);
}

#[test]
fn another_rate_keeps_the_length_and_the_order() {
    let clips = Clips::new();
    // Two seconds in which every frame is brighter than the one before.
    let source =
        "-f lavfi -i color=black:size=64x48:rate=25:duration=2,geq=lum=16+4*N:cb=128:cr=128";
    let info = video(&clips.make("a.mp4", &format!("{source} -c:v libx264 -qp 0")));
    assert_eq!(info.clone().at_rate(info.fps).frame_count, info.frame_count);
    for (rate, frames) in [(30.0, 60), (12.5, 25), (29.97, 60)] {
        let other = info.clone().at_rate(Rational::of_rate(rate).unwrap());
        assert_eq!(other.frame_count, Some(frames), "{rate}");
        let lights: Vec<u8> = decode(&other).iter().map(|frame| frame.data[0]).collect();
        assert!((lights.len() as i64 - frames as i64).abs() <= 1, "{rate}: {}", lights.len());
        assert!(lights.is_sorted(), "{rate}: {lights:?}");
        // Every frame is one that was on display about its time.
        for (i, light) in lights.iter().enumerate() {
            let shown = (f64::from(*light) - 16.0) / 4.0 / 25.0;
            let time = i as f64 / other.fps.as_f64();
            assert!((shown - time).abs() <= 0.05, "{rate}: frame {i} shows {shown:.3} s");
        }
    }
}
