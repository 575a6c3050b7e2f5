//! Films whose frames are scaled on the way into the output.

use std::path::Path;

use crate::interrupt::Interrupt;
use crate::media::testing::{Clips, ask, decode, pictures, tools, video};
use crate::media::{EncodeOptions, Encoder, VideoEncoder, VideoInfo};

fn write(target: &VideoInfo, output: &Path, size: (u32, u32), encoder: VideoEncoder) {
    let options = EncodeOptions {
        quality: 100,
        preset: Some("ultrafast".into()),
        size: Some(size),
        ..EncodeOptions::new(encoder)
    };
    let tools = tools();
    let mut encoder = Encoder::start(&tools, target, output, &options, Interrupt::new()).unwrap();
    for frame in decode(target) {
        encoder.write(&frame).unwrap();
    }
    let made = encoder.finish().and_then(|made| made.publish(true));
    made.unwrap_or_else(|e| panic!("{}", e.chain()));
}

#[test]
fn frames_are_scaled_once_and_keep_their_meaning() {
    let clips = Clips::new();
    let tags = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv";
    for (pix_fmt, size) in [("yuv420p", "48x26"), ("yuv422p10le", "200x100"), ("yuv444p", "64x36")]
    {
        let words = format!("{} -pix_fmt {pix_fmt} {tags} -c:v ffv1", pictures(96, 54, 4));
        let clip = clips.make("in.mkv", &words);
        let (w, h) = size.split_once('x').unwrap();
        let size = (w.parse().unwrap(), h.parse().unwrap());
        let output = clips.path("out.mkv");
        write(&video(&clip), &output, size, VideoEncoder::Libx264);
        let made = video(&output);
        assert_eq!((made.width, made.height), size);
        assert_eq!(made.pix_fmt, pix_fmt);
        // Where nobody says where chroma lies, it is scaled as if it lay on the left, and said so.
        let mut color = video(&clip).color;
        assert_eq!(color.chroma_location, None);
        color.chroma_location.clone_from(&made.color.chroma_location);
        assert!(made.color.chroma_location.as_deref().is_none_or(|place| place == "left"));
        assert_eq!(made.color, color, "{pix_fmt}");
        let shape = |film: &VideoInfo| film.sample_aspect_ratio.unwrap().as_f64();
        let wanted = shape(&video(&clip)) * 96.0 / 54.0 * f64::from(size.1) / f64::from(size.0);
        assert!((shape(&made) / wanted - 1.0).abs() < 0.05, "{}", shape(&made));
        let wanted = format!(
            "-i {} -vf scale={w}:{h}:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp -c:v ffv1",
            clip.display()
        );
        let wanted = decode(&video(&clips.make("wanted.mkv", &wanted)));
        let found = decode(&made);
        assert!(
            found.len() == 4 && found.iter().zip(&wanted).all(|(a, b)| a.data == b.data),
            "{pix_fmt}"
        );
    }
}

#[test]
fn odd_films_become_even_and_shapes_stay_what_they_look_like() {
    let clips = Clips::new();
    let odd = clips.make("odd.mkv", &format!("{} -pix_fmt yuv420p -c:v ffv1", pictures(97, 55, 2)));
    let output = clips.path("out.mkv");
    write(&video(&odd), &output, (48, 28), VideoEncoder::Libx264);
    assert_eq!(ask(&output, "-show_entries stream=width,height,pix_fmt"), "48,28,yuv420p");
    // What is squeezed from 96×54 to 54×54 is shown as wide as before.
    let words = "-f lavfi -i testsrc2=s=96x54:r=25:d=0.08 -pix_fmt yuv420p -c:v ffv1";
    let clip = clips.make("in.mkv", words);
    write(&video(&clip), &output, (54, 54), VideoEncoder::Libx264);
    let shape = video(&output).sample_aspect_ratio.unwrap().as_f64();
    assert!((shape - 96.0 / 54.0).abs() < 0.01, "{shape}");
    // Anamorphic pixels stay so when both sides shrink alike.
    let words = format!(
        "{} -vf setsar=16/15 -pix_fmt yuv420p -c:v ffv1",
        "-f lavfi -i testsrc2=s=96x54:r=25:d=0.08"
    );
    let wide = video(&clips.make("wide.mkv", &words));
    write(&wide, &output, (48, 28), VideoEncoder::Libx264);
    assert_eq!(video(&output).sample_aspect_ratio, wide.sample_aspect_ratio);
    // Nobody said what HD means here, and players would take the small one for SD.
    let words = format!(
        "{} -vf scale=64:720 -pix_fmt yuv420p -c:v ffv1",
        pictures(32, 32, 1).replace(",scale=32:32", "")
    );
    let hd = video(&clips.make("hd.mkv", &words));
    assert_eq!(hd.color.space, None);
    write(&hd, &output, (64, 480), VideoEncoder::Libx264);
    assert_eq!(video(&output).color.space.as_deref(), Some("bt709"));
    // Colors of RGB go into YUV and are scaled in one step.
    let rgb =
        video(&clips.make("rgb.mkv", &format!("{} -pix_fmt rgb24 -c:v png", pictures(96, 54, 2))));
    write(&rgb, &output, (48, 26), VideoEncoder::Libx264);
    assert_eq!(ask(&output, "-show_entries stream=width,height"), "48,26");
}
