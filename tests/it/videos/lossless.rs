//! Without loss in the encoder, everything but the face is bit for bit as it was decoded.

use std::path::Path;

use crate::clips::{ASTRONAUT, Clips, HOPPER, differing, frames, probe, stream, swapped};
use crate::measure::face;

const FRAMES: u32 = 10;

/// Swaps without loss and compares every plane of every frame, outside and in the face.
fn assert_untouched(target: &Path, output: &Path, before: &str, after: &str, more: &[&str]) {
    let name = output.display();
    let mut flags = vec!["--quality", "100", "--preset", "ultrafast"];
    flags.extend(more);
    let told = swapped(&HOPPER.photo(), target, output, &flags);
    assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES), "{name}");
    let probed = probe(output);
    let video = stream(&probed, "video").expect("a picture stream");
    assert_eq!(video["pix_fmt"], after, "{name}");
    let (old, new) = (frames(target, before), frames(output, after));
    assert_eq!((old.len(), new.len()), (FRAMES as usize, FRAMES as usize), "{name}");
    for (i, (old, new)) in old.iter().zip(&new).enumerate() {
        let found = face(old);
        for (plane, [outside, inside]) in
            differing(old, new, Some(found.mesh().unwrap())).into_iter().enumerate()
        {
            assert_eq!(outside, 0, "{name}: plane {plane} of frame {i} outside the face");
            assert!(inside > 100, "{name}: plane {plane} of frame {i}: {inside} in the face");
        }
    }
}

#[test]
fn planes_outside_the_face_are_identical() {
    let clips = Clips::new();
    for pix_fmt in ["yuv420p", "yuv420p10le", "yuv444p"] {
        // Noise, so that a plane that was rounded or resampled anywhere shows.
        let filters = format!("{},noise=alls=6:allf=t,format={pix_fmt}", ASTRONAUT.moving());
        let name = format!("{pix_fmt}.mkv");
        let target = clips.make(&name, &ASTRONAUT, FRAMES, &filters, "-c:v ffv1");
        let output = clips.path(&format!("out-{name}"));
        assert_untouched(&target, &output, pix_fmt, pix_fmt, &[]);
    }
}

#[test]
fn odd_sizes_too() {
    let clips = Clips::new();
    let filters = format!("{},format=yuv420p", ASTRONAUT.resting(321, 241));
    let target = clips.make("odd.mkv", &ASTRONAUT, FRAMES, &filters, "-c:v ffv1");
    // x264 cannot share chroma samples over an odd edge: they are repeated.
    assert_untouched(&target, &clips.path("x264.mkv"), "yuv420p", "yuv444p", &[]);
    let vp9 = ["--output-video-encoder", "libvpx-vp9"];
    assert_untouched(&target, &clips.path("vp9.mkv"), "yuv420p", "yuv420p", &vp9);
}
