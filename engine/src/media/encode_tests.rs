use std::path::Path;

use crate::media::testing::{Clips, ask, decode, pictures, tools, video};
use crate::media::{ColorTags, Encoder, Rational, pixel, tool_options};

use super::*;

fn lossless(encoder: VideoEncoder) -> EncodeOptions {
    EncodeOptions {
        quality: LOSSLESS,
        preset: Some("ultrafast".into()),
        ..EncodeOptions::new(encoder)
    }
}

fn fast(encoder: VideoEncoder) -> EncodeOptions {
    EncodeOptions { preset: Some("ultrafast".into()), ..EncodeOptions::new(encoder) }
}

/// Decodes the target and encodes what came out.
fn through(target: &VideoInfo, output: &Path, options: &EncodeOptions) -> Vec<Frame> {
    let frames = decode(target);
    encode(target, &frames, output, options);
    frames
}

fn encode(target: &VideoInfo, frames: &[Frame], output: &Path, options: &EncodeOptions) {
    let tools = tools();
    let mut encoder = Encoder::start(&tools, target, output, options, Interrupt::new()).unwrap();
    for frame in frames {
        encoder.write(frame).unwrap_or_else(|e| panic!("{}", e.chain()));
    }
    let named = encoder.finish().and_then(|whole| whole.publish(true));
    named.unwrap_or_else(|e| panic!("{}", e.chain()));
}

fn same(a: &[Frame], b: &[Frame]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.data == b.data)
}

/// Codec, packets' hash of every stream of a kind.
fn hashes(path: &Path, kind: &str) -> Vec<String> {
    let mut command = process::command(&tools().ffmpeg);
    command.args(["-loglevel", "error", "-i"]).arg(path);
    command.args(["-map", &format!("0:{kind}"), "-c", "copy", "-f", "streamhash", "pipe:1"]);
    let text = process::capture(command).unwrap();
    text.lines().map(|line| line.rsplit('=').next().unwrap().to_owned()).collect()
}

/// Presentation times of the packets of the first streams, sorted, in seconds; and the file's
/// length.
fn times(path: &Path) -> ([Vec<f64>; 3], f64) {
    let mut times = [const { Vec::new() }; 3];
    let text = ask(path, "-show_entries packet=stream_index,pts_time:format=duration");
    let mut length = 0.0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut fields = line.trim_matches(',').split(',');
        match (fields.next().unwrap(), fields.next()) {
            (stream, Some(time)) => {
                times[stream.parse::<usize>().unwrap()].push(time.parse().unwrap());
            }
            (duration, None) => length = duration.parse().unwrap(),
        }
    }
    times.iter_mut().for_each(|t: &mut Vec<f64>| t.sort_by(f64::total_cmp));
    (times, length)
}

fn differ_at_most(a: &[f64], b: &[f64], most: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most)
}

/// Frames of noise in a format: the hardest to keep.
fn noise(format: FrameFormat, count: u64) -> Vec<Frame> {
    let mut state = 1u32;
    let mut frames = Vec::new();
    for index in 0..count {
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        for sample in frame.data.chunks_exact_mut(format.sample_bytes()) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = (state >> 8) & format.max_value();
            sample.copy_from_slice(&value.to_le_bytes()[..sample.len()]);
        }
        frame.index = index;
        frames.push(frame);
    }
    frames
}

#[test]
fn without_loss_every_format_survives_every_encoder() {
    use VideoEncoder::{LibvpxVp9, Libx264, Libx265};
    let clips = Clips::new();
    let clip = clips.make("in.mkv", &format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(64, 48, 3)));
    let mut target = video(&clip);
    for (pix_fmt, encoder) in [
        ("yuv420p", Libx264),
        ("yuv422p10le", Libx264),
        ("rgb24", Libx264),
        ("yuv420p12le", Libx265),
        ("gray", Libx265),
        ("rgb24", Libx265),
        ("yuv420p", LibvpxVp9),
        ("yuv420p10le", LibvpxVp9),
        ("rgb24", LibvpxVp9),
    ] {
        let pixels = pixel::choose(pix_fmt, false);
        target.format = FrameFormat { layout: pixels.layout, depth: pixels.depth, ..target.format };
        let frames = noise(target.format, 3);
        let output = clips.path("out.mkv");
        encode(&target, &frames, &output, &lossless(encoder));
        let back = video(&output);
        assert_eq!((back.codec.as_str(), back.pix_fmt.as_str()), (encoder.codec(), pix_fmt));
        assert!(same(&frames, &decode(&back)), "{pix_fmt} {encoder}");
    }
}

#[test]
fn full_range_stays_full_range() {
    let clips = Clips::new();
    let source = format!("{} -pix_fmt yuvj420p -c:v mjpeg -q:v 2", pictures(64, 48, 3));
    let target = video(&clips.make("in.mov", &source));
    for encoder in [VideoEncoder::Libx264, VideoEncoder::LibvpxVp9] {
        let output = clips.path("out.mkv");
        let frames = through(&target, &output, &lossless(encoder));
        let back = video(&output);
        assert!(back.format.full_range, "{encoder}");
        assert!(same(&frames, &decode(&back)), "{encoder}");
    }
}

#[test]
fn odd_sizes_keep_their_size_and_samples() {
    let clips = Clips::new();
    let source = format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(67, 45, 3));
    let target = video(&clips.make("in.mkv", &source));
    let output = clips.path("vp9.webm");
    let frames = through(&target, &output, &lossless(VideoEncoder::LibvpxVp9));
    assert!(same(&frames, &decode(&video(&output))), "VP9");
    for encoder in [VideoEncoder::Libx264, VideoEncoder::Libx265] {
        let output = clips.path("out.mp4");
        through(&target, &output, &lossless(encoder));
        let back = video(&output);
        assert_eq!((back.width, back.height), (67, 45));
        let mut wide = Vec::new();
        for (frame, out) in frames.iter().zip(decode(&back)) {
            widen::widen(frame, &back.format, &mut wide);
            assert!(wide == out.data, "{encoder}");
        }
    }
}

#[test]
fn sound_goes_over_packet_by_packet_and_in_step() {
    let clips = Clips::new();
    let sound =
        "-f lavfi -i sine=440:d=2 -f lavfi -i sine=880:d=2 -map 0 -map 1 -map 2 -pix_fmt yuv420p";
    for (name, codecs, encoder) in [
        ("a.mp4", "-c:v libx264 -c:a aac", VideoEncoder::Libx264),
        ("a.mov", "-c:v libx264 -c:a:0 pcm_s16le -c:a:1 aac", VideoEncoder::Libx265),
        ("a.mkv", "-c:v libx264 -c:a:0 flac -c:a:1 libmp3lame", VideoEncoder::Libx264),
        (
            "a.webm",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
            VideoEncoder::LibvpxVp9,
        ),
    ] {
        let source = format!("{} {sound} {codecs}", pictures(64, 48, 50));
        let clip = clips.make(name, &source);
        let target = video(&clip);
        let output = clips.path(&format!("out-{name}"));
        through(&target, &output, &fast(encoder));
        assert_eq!(hashes(&clip, "a"), hashes(&output, "a"), "{name}");
        let back = video(&output);
        assert_eq!(back.audio.len(), 2);
        assert_eq!(back.frame_count, target.frame_count, "{name}");
        assert_eq!((back.fps, back.variable_rate), (target.fps, false), "{name}");
        let ((before, length), (after, new_length)) = (times(&clip), times(&output));
        for (stream, (a, b)) in before.iter().zip(&after).enumerate() {
            // Older muxers forget Opus's 6.5 ms of silence before the start when they copy it.
            let most = if name == "a.webm" { 0.0081 } else { 0.0011 };
            assert!(differ_at_most(a, b, most), "{name} {stream}:\n{a:?}\n{b:?}");
        }
        assert!((length - new_length).abs() < 0.03, "{name}");
        if name == "a.mov" {
            assert_eq!(
                ask(&output, "-select_streams v -show_entries stream=codec_tag_string"),
                "hvc1"
            );
        }
    }
    assert!(clips.names().iter().all(|name| !name.starts_with('.')), "{:?}", clips.names());
}

#[test]
fn a_picture_that_starts_late_still_does() {
    let clips = Clips::new();
    let source = format!(
        "-f lavfi -i sine=d=2 -itsoffset 0.333 {} -map 1 -map 0 {} -pix_fmt yuv420p -c:v libx264 -c:a aac",
        pictures(64, 48, 25),
        tool_options::passthrough(&tools().version).join(" ")
    );
    for (name, out) in [("a.mkv", "out.mp4"), ("a.mp4", "out.mkv"), ("a.ts", "out.mp4")] {
        let clip = clips.make(name, &source);
        let target = video(&clip);
        assert!((target.start_offset - 0.333).abs() < 0.03, "{name} {}", target.start_offset);
        let output = clips.path(out);
        through(&target, &output, &fast(VideoEncoder::Libx264));
        let back = video(&output);
        let ((before, _), (after, _)) = (times(&clip), times(&output));
        let lag = |times: &[Vec<f64>]| times[0][0] - times[1][0];
        let (before, after) = (lag(&before), lag(&after));
        assert!((before - after).abs() < 0.0015, "{name} {out}: {before} {after}");
        assert_eq!((back.fps, back.variable_rate), (target.fps, false), "{name} {out}");
        assert_eq!(back.frame_count, Some(25), "{name} {out}");
    }
}

#[test]
fn subtitles_fonts_chapters_and_titles_go_along() {
    let clips = Clips::new();
    std::fs::write(clips.path("s.srt"), "1\n00:00:00,100 --> 00:00:00,900\nHello\n\n").unwrap();
    std::fs::write(clips.path("f.ttf"), b"not really a font").unwrap();
    std::fs::write(
        clips.path("meta"),
        ";FFMETADATA1\ntitle=The Film\nartist=Somebody\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=Two\n",
    )
    .unwrap();
    let clip = clips.make(
        "a.mkv",
        &format!(
            "{} -i {{}}/s.srt -i {{}}/meta -map 0 -map 1 -map_metadata 2 -map_chapters 2 \
             -attach {{}}/f.ttf -metadata:s:t mimetype=font/ttf -metadata:s:v language=fra \
             -pix_fmt yuv420p -c:v libx264 -c:s srt",
            pictures(64, 48, 25)
        ),
    );
    let target = video(&clip);
    assert_eq!((target.chapters, target.attachments.len(), target.subtitles.len()), (2, 1, 1));
    for (name, subtitle, fonts) in
        [("b.mkv", "subrip", 1), ("b.mp4", "mov_text", 0), ("b.mov", "mov_text", 0)]
    {
        let output = clips.path(name);
        through(&target, &output, &fast(VideoEncoder::Libx264));
        let back = video(&output);
        assert_eq!(back.subtitles.iter().map(|s| s.codec.as_str()).collect::<Vec<_>>(), [subtitle]);
        assert_eq!((back.chapters, back.attachments.len()), (2, fonts), "{name}");
        let tags = ask(&output, "-show_entries format_tags=title,artist");
        assert!(tags.contains("The Film") && tags.contains("Somebody"), "{name}: {tags}");
        assert!(back.tags.contains(&("language".into(), "fra".into())), "{name}: {:?}", back.tags);
        if fonts == 1 {
            assert_eq!(hashes(&clip, "s"), hashes(&output, "s"));
        }
    }
    let plan = plan_streams(&target, container::Container::Avi, false);
    assert_eq!(plan.notes.len(), 2, "{:?}", plan.notes);
    assert!(plan.subtitles.is_empty());
}

#[test]
fn sound_that_does_not_fit_is_encoded_again_and_skipped_sound_is_gone() {
    let clips = Clips::new();
    let clip = clips.make(
        "a.mkv",
        &format!(
            "{} -f lavfi -i sine=d=1 -pix_fmt yuv420p -c:v libx264 -c:a vorbis -strict -2 -ac 2",
            pictures(64, 48, 25)
        ),
    );
    let target = video(&clip);
    for (name, codec) in [("b.mp4", "aac"), ("b.mov", "aac"), ("b.avi", "ac3"), ("b.mkv", "vorbis")]
    {
        let output = clips.path(name);
        through(&target, &output, &fast(VideoEncoder::Libx264));
        let back = video(&output);
        assert_eq!(back.audio[0].codec, codec);
        assert_eq!(back.frame_count, Some(25), "{name}");
        let plan = plan_streams(&target, container::for_extension(&output).unwrap(), false);
        assert_eq!(plan.notes.len(), usize::from(codec != "vorbis"), "{:?}", plan.notes);
    }
    let output = clips.path("mute.mp4");
    let options = EncodeOptions { skip_audio: true, ..fast(VideoEncoder::Libx264) };
    through(&target, &output, &options);
    assert!(video(&output).audio.is_empty());
}

#[test]
fn color_tags_and_pixel_shape_are_carried_over() {
    let clips = Clips::new();
    let source = format!(
        "{},setsar=64/45,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv \
         -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc \
         -color_range tv -chroma_sample_location topleft -c:v libx265 -x265-params log-level=none",
        pictures(64, 48, 3)
    );
    let target = video(&clips.make("in.mkv", &source));
    assert_eq!(target.color.transfer.as_deref(), Some("smpte2084"));
    for (encoder, name) in [
        (VideoEncoder::Libx265, "b.mp4"),
        (VideoEncoder::Libx264, "b.mkv"),
        (VideoEncoder::LibvpxVp9, "b.webm"),
    ] {
        let output = clips.path(name);
        through(&target, &output, &fast(encoder));
        let back = video(&output);
        let plain = |tags: &ColorTags| ColorTags { chroma_location: None, ..tags.clone() };
        assert_eq!(plain(&back.color), plain(&target.color), "{name}");
        // WebM keeps the shown size in whole pixels instead of the ratio.
        let aspect = back.sample_aspect_ratio.map_or(1.0, Rational::as_f64);
        assert!((aspect - 64.0 / 45.0).abs() < 0.5 / 64.0, "{name} {aspect}");
        assert_eq!(back.format.matrix, target.format.matrix);
        if encoder != VideoEncoder::LibvpxVp9 {
            // VP9 itself has no word for it.
            assert_eq!(back.color.chroma_location, target.color.chroma_location, "{name}");
        }
    }
}

#[test]
fn given_up_an_encoder_leaves_nothing_and_a_killed_one_says_so() {
    let clips = Clips::new();
    let source = format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(256, 256, 10));
    let target = video(&clips.make("in.mkv", &source));
    let frames = decode(&target);
    let output = clips.path("out.mp4");
    let (tools, options) = (tools(), fast(VideoEncoder::Libx264));
    let interrupt = Interrupt::new();
    let start = || Encoder::start(&tools, &target, &output, &options, interrupt.clone()).unwrap();
    let mut dropped = start();
    dropped.write(&frames[0]).unwrap();
    assert!(!output.exists());
    drop(dropped);
    assert_eq!(clips.names(), ["in.mkv"]);

    let mut killed = start();
    killed.write(&frames[0]).unwrap();
    killed.segment.running.kill_for_test();
    let error = (0..200).find_map(|i| killed.write(&frames[i % 10]).err()).unwrap();
    assert_eq!(error.exit_code(), 1);
    assert!(error.message().contains("out.mp4") && error.message().contains("signal 9"), "{error}");
    drop(killed);

    let mut killed = start();
    killed.write(&frames[0]).unwrap();
    killed.segment.running.kill_for_test();
    assert!(killed.finish().unwrap_err().message().contains("signal 9"));
    assert!(start().finish().is_err(), "a film without frames");

    let mut stopped = start();
    stopped.write(&frames[0]).unwrap();
    interrupt.set();
    assert_eq!(stopped.write(&frames[1]).unwrap_err().exit_code(), 130);
    assert_eq!(stopped.finish().unwrap_err().exit_code(), 130);
    assert_eq!(clips.names(), ["in.mkv"]);
}

#[test]
fn a_full_disk_is_told_in_ffmpegs_words() {
    let clips = Clips::new();
    let source = format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(256, 256, 10));
    let target = video(&clips.make("in.mkv", &source));
    let frames = decode(&target);
    let options = fast(VideoEncoder::Libx264);
    let output = clips.path("out.mkv");
    let (tools, clock) = (tools(), Clock::new(&target, container::Container::Mkv, 0));
    let job = plan(&tools, &target, &output, &options).unwrap();
    let setting =
        Setting { tools: &tools, target: &target, job: &job, options: &options, output: &output };
    let full = Path::new("/dev/full");
    let mut encoder = SegmentEncoder::start(&setting, &clock, full, Interrupt::new()).unwrap();
    let wrote: Result<()> =
        frames.iter().zip(0..).try_for_each(|(frame, at)| encoder.write(frame, at * 2000));
    let error = wrote.and_then(|()| encoder.finish()).unwrap_err();
    assert!(error.chain().contains("No space left on device"), "{}", error.chain());
    assert!(error.hint_text().unwrap().contains("room"));
    assert_eq!(clips.names(), ["in.mkv"]);
}

#[test]
fn what_cannot_be_written_is_refused_before_the_work() {
    let clips = Clips::new();
    let target = video(&clips.make("in.mkv", &format!("{} -c:v ffv1", pictures(32, 32, 1))));
    let code = |name: &str, options: &EncodeOptions| {
        check(&tools(), &target, &clips.path(name), options).unwrap_err().exit_code()
    };
    let x264 = fast(VideoEncoder::Libx264);
    assert_eq!(code("a.webm", &x264), 2);
    assert_eq!(code("a.xyz", &x264), 2);
    assert_eq!(code("a.mp4", &EncodeOptions { preset: Some("warp".into()), ..x264.clone() }), 2);
    assert_eq!(code("a.mp4", &EncodeOptions { crf: Some(52), ..x264.clone() }), 2);
    assert_eq!(code("a.mp4", &EncodeOptions { quality: 101, ..x264.clone() }), 2);
    let wrong = clips.path("none/a.mp4");
    let tools = tools();
    let error = Encoder::start(&tools, &target, &wrong, &x264, Interrupt::new()).err().unwrap();
    assert_eq!(error.exit_code(), 2);

    // An ffmpeg without any encoder.
    let poor = clips.path("ffmpeg");
    std::fs::write(&poor, "#!/bin/sh\necho \"Codec is not recognized by FFmpeg.\" >&2\n").unwrap();
    std::fs::set_permissions(&poor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let poor = FfmpegTools { ffmpeg: poor, ..tools.clone() };
    for encoder in VideoEncoder::ALL {
        let error = check(&poor, &target, &clips.path("a.mkv"), &fast(encoder)).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.message().contains(encoder.name()), "{}", error.message());
    }
    for (name, needed) in [("a.gif", "gif"), ("p/%04d.png", "png"), ("p/%d.jpg", "mjpeg")] {
        let error = check(&poor, &target, &clips.path(name), &x264).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.message().ends_with(&format!("no encoder {needed}")), "{}", error.message());
    }
    // One that was built with an encoder which does not run.
    let lame = clips.path("lame");
    let words = "#!/bin/sh\ncase \"$*\" in *\" -h \"*) echo \"Encoder h264_nvenc [NVIDIA]:\" ;;\n\
                 *) echo \"Cannot load libcuda.so.1\" >&2; exit 1 ;; esac\n";
    std::fs::write(&lame, words).unwrap();
    std::fs::set_permissions(&lame, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let lame = FfmpegTools { ffmpeg: lame, ..tools };
    let nvenc = fast(VideoEncoder::H264Nvenc);
    let error = check(&lame, &target, &clips.path("a.mp4"), &nvenc).unwrap_err();
    assert_eq!(error.exit_code(), 6);
    assert!(error.chain().contains("libcuda"), "{}", error.chain());
    assert!(error.hint_text().unwrap().contains("libx264"));
}
