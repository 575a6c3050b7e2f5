//! Films that become GIFs or pictures, and come from them.

use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::media::testing::{Clips, ask, decode, pictures, tools, video};
use crate::media::{EncodeOptions, Encoder, MediaKind, Rational, VideoEncoder, encode, probe};

use super::*;

fn draw(target: &VideoInfo, frames: &[Frame], output: &Path, quality: u8) {
    let options = EncodeOptions { quality, ..EncodeOptions::new(VideoEncoder::Libx264) };
    let tools = tools();
    let mut encoder = Encoder::start(&tools, target, output, &options, Interrupt::new()).unwrap();
    for frame in frames {
        encoder.write(frame).unwrap_or_else(|e| panic!("{}", e.chain()));
    }
    let made = encoder.finish().and_then(|made| made.publish(false));
    made.unwrap_or_else(|e| panic!("{}", e.chain()));
}

/// How long each frame is shown, in hundredths of a second.
fn delays(path: &Path) -> Vec<u16> {
    let mut options = DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(path).unwrap()).unwrap();
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        delays.push(frame.delay);
    }
    delays
}

#[test]
fn a_gif_keeps_its_delays_its_repeats_and_its_holes() {
    let clips = Clips::new();
    let uneven =
        "setpts='if(eq(N,0),0,if(eq(N,1),7,if(eq(N,2),10,if(eq(N,3),33,if(eq(N,4),35,60)))))'";
    let holes = "format=rgba,geq=r='64*floor(r(X,Y)/64)':g='64*floor(g(X,Y)/64)':b=128:\
                 a='255*gt(mod(X+N*4,24),8)'";
    for (loops, repeat) in
        [("-1", Repeat::Finite(0)), ("0", Repeat::Infinite), ("3", Repeat::Finite(3))]
    {
        let words = format!(
            "-f lavfi -i testsrc=s=48x32:r=10:d=0.6 -filter_complex {holes},settb=1/100,{uneven},\
             split[a][b];[a]palettegen[p];[b][p]paletteuse -fps_mode passthrough -enc_time_base 1:100 \
             -final_delay 42 -loop {loops}"
        );
        let target = video(&clips.make("in.gif", &words));
        assert_eq!((target.frame_count, target.frame_count_exact), (Some(6), true));
        let frames = decode(&target);
        let output = clips.path(&format!("out{loops}.gif"));
        draw(&target, &frames, &output, 80);
        assert_eq!(delays(&output), [7, 3, 23, 2, 25, 42]);
        assert_eq!(repeat_of(&output).unwrap(), repeat);
        let found = decode(&video(&output));
        assert_eq!(found.len(), 6);
        for (old, new) in frames.iter().zip(&found) {
            for (a, b) in old.data.chunks(4).zip(new.data.chunks(4)) {
                assert_eq!(a[3], b[3], "a hole is filled or torn");
                // There are few colors, so all of them are in the palette.
                assert!(a[3] == 0 || a == b, "{a:?} became {b:?}");
            }
        }
    }
}

#[test]
fn delays_of_a_film_do_not_drift() {
    let clips = Clips::new();
    let words = "-f lavfi -i testsrc2=s=48x32:r=30000/1001:d=2 -pix_fmt yuv420p -c:v ffv1";
    let target = video(&clips.make("in.mkv", words));
    let output = clips.path("out.gif");
    let frames = decode(&target);
    draw(&target, &frames, &output, 80);
    let delays = delays(&output);
    assert_eq!(delays.len(), frames.len());
    let mut shown = 0.0;
    for (i, delay) in delays.iter().enumerate() {
        // Half of a hundredth, and half of the millisecond that the film's own times are rounded to.
        assert!((shown - i as f64 * 1001.0 / 30_000.0).abs() <= 0.0055 + 1e-9, "{delays:?}");
        shown += f64::from(*delay) / 100.0;
    }
    assert!((shown - frames.len() as f64 * 1001.0 / 30_000.0).abs() < 0.011, "{shown}");
    assert_eq!(repeat_of(&output).unwrap(), Repeat::Infinite);
}

#[test]
fn pictures_are_the_frames_without_loss_and_a_film_again() {
    let clips = Clips::new();
    for (pix_fmt, kind) in [("rgb24", 3), ("gray", 1), ("rgba", 4), ("rgb48le", 3), ("gray16le", 1)]
    {
        let codec = if pix_fmt == "rgb24" { "png" } else { "ffv1" };
        let words = format!("{} -pix_fmt {pix_fmt} -c:v {codec}", pictures(35, 29, 12));
        let target = video(&clips.make("in.mkv", &words));
        let frames = decode(&target);
        let folder = clips.path(pix_fmt);
        draw(&target, &frames, &folder.join("f_%03d.png"), 80);
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(
            (names.len(), &names[0], &names[11]),
            (12, &"f_001.png".into(), &"f_012.png".into())
        );
        for path in [folder.clone(), folder.join("f_%03d.png")] {
            let MediaKind::Video(film) = probe(&tools(), &path).unwrap().kind else {
                panic!("a still")
            };
            let film = film.paced(Rational { num: 12, den: 1 });
            assert_eq!(film.format.planes()[0].channels, kind, "{pix_fmt}");
            let found = decode(&film);
            assert_eq!(found.len(), 12);
            assert!((found[11].time - 11.0 / 12.0).abs() < 1e-9);
            assert!(found.iter().zip(&frames).all(|(a, b)| a.data == b.data), "{pix_fmt} changed");
            let third = crate::media::read_frame_at(&tools(), &probe(&tools(), &path).unwrap(), 2);
            assert!(third.unwrap().data == frames[2].data);
        }
    }
}

#[test]
fn films_become_pictures_by_their_own_matrix_and_range() {
    let clips = Clips::new();
    // One gray of the limited range is the same gray whatever the matrix; a red is not.
    let red = "color=0xC03020:s=32x32:r=25:d=0.08,format=gbrp,scale=out_color_matrix=bt709:out_range=tv,\
               format=yuv444p";
    let words = format!("-f lavfi -i {red} -colorspace bt709 -color_range tv -c:v ffv1");
    let target = video(&clips.make("in.mkv", &words));
    let frames = decode(&target);
    for (name, near) in [("png/%d.png", 2), ("jpg/%d.jpg", 6)] {
        draw(&target, &frames, &clips.path(name), 95);
        let picture = image::open(clips.path(&name.replace("%d", "2"))).unwrap().to_rgb8();
        let pixel = picture.get_pixel(16, 16).0;
        let off = pixel.iter().zip([0xC0, 0x30, 0x20]).map(|(a, b)| a.abs_diff(b)).max();
        assert!(off.unwrap() <= near, "{name}: {pixel:?}");
    }
    let odd = video(
        &clips.make("odd.mkv", &format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(33, 25, 2))),
    );
    let frames = decode(&odd);
    draw(&odd, &frames, &clips.path("odd/%d.png"), 80);
    draw(&odd, &frames, &clips.path("odd.gif"), 80);
    assert_eq!(ask(&clips.path("odd.gif"), "-show_entries stream=width,height"), "33,25");
    let picture = image::open(clips.path("odd/1.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (33, 25));
}

#[test]
fn pictures_become_a_film_of_every_container() {
    let clips = Clips::new();
    std::fs::create_dir(clips.path("in")).unwrap();
    clips.make("in/%02d.png", &format!("{} -pix_fmt rgb24", pictures(64, 48, 5)));
    let MediaKind::Video(film) = probe(&tools(), &clips.path("in")).unwrap().kind else {
        panic!("a still")
    };
    let film = film.paced(Rational { num: 5, den: 1 });
    let frames = decode(&film);
    for name in ["a.mp4", "a.mkv", "a.webm", "a.avi", "a.gif"] {
        let output = clips.path(name);
        let encoder = crate::media::container::default_encoder(
            crate::media::container::for_extension(&output).unwrap(),
        );
        let options =
            EncodeOptions { preset: Some("ultrafast".into()), ..EncodeOptions::new(encoder) };
        encode::check(&tools(), &film, &output, &options).unwrap();
        let tools = tools();
        let mut encoder =
            Encoder::start(&tools, &film, &output, &options, Interrupt::new()).unwrap();
        frames.iter().for_each(|frame| encoder.write(frame).unwrap());
        encoder
            .finish()
            .and_then(|made| made.publish(false))
            .unwrap_or_else(|e| panic!("{}", e.chain()));
        let made = video(&output);
        assert_eq!(decode(&made).len(), 5, "{name}");
        assert!((made.fps.as_f64() - 5.0).abs() < 0.01, "{name}: {}", made.fps);
    }
}
