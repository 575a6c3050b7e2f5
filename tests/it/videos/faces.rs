//! Faces in motion: every frame is swapped, follows the target's expression, and does not flicker.

use std::path::PathBuf;
use std::sync::OnceLock;

use facedeck::faces::Face;
use facedeck::imaging::frame::Frame;

use crate::clips::{ASTRONAUT, Clips, FINE, FPS, HOPPER, MONA, Told, differing, frames, swapped};
use crate::common::ffmpeg;
use crate::measure::{Zone, expression_error, face, faces, identity, least, mean, person};

const FRAMES: u32 = 40;

/// A moving clip and its swap.
struct Moving {
    told: Told,
    before: Vec<Face>,
    after: Vec<Face>,
}

fn moving() -> &'static Moving {
    static MOVING: OnceLock<Moving> = OnceLock::new();
    MOVING.get_or_init(|| {
        let clips = Clips::new();
        let target = clips.moving("in.mp4", &ASTRONAUT, FRAMES);
        let output = clips.path("out.mp4");
        let told = swapped(&HOPPER.photo(), &target, &output, &[]);
        let all = |path| frames(path, "yuv420p").iter().map(face).collect();
        Moving { told, before: all(&target), after: all(&output) }
    })
}

#[test]
fn every_frame_of_a_moving_clip_is_swapped() {
    let Moving { told, before, after } = moving();
    assert_eq!(told.count("frames"), u64::from(FRAMES));
    assert_eq!(told.count("frames_with_swap"), u64::from(FRAMES));
    assert_eq!(after.len(), FRAMES as usize);
    let source = person(&HOPPER.photo());
    let cosines =
        |all: &[Face]| -> Vec<f32> { all.iter().map(|f| identity(f).cosine(&source)).collect() };
    let (old, new) = (cosines(before), cosines(after));
    println!(
        "moving: cosine {:.3} -> mean {:.3}, least {:.3}",
        mean(&old),
        mean(&new),
        least(&new)
    );
    assert!(mean(&new) >= mean(&old) + 0.20, "{} -> {}", mean(&old), mean(&new));
    for (i, (old, new)) in old.iter().zip(&new).enumerate() {
        assert!(new >= &(old + 0.10), "frame {i}: {old} -> {new}");
    }
}

#[test]
fn the_expression_is_kept_in_motion() {
    let Moving { before, after, .. } = moving();
    let errors: Vec<f32> = after
        .iter()
        .zip(before)
        .map(|(a, b)| expression_error(a.mesh().unwrap(), b.mesh().unwrap()))
        .collect();
    println!("moving: expression error mean {:.4}, all {errors:.3?}", mean(&errors));
    assert!(mean(&errors) <= 0.03, "{}", mean(&errors));
}

#[test]
fn a_face_that_leaves_and_comes_back_is_swapped_again() {
    const LONG: u32 = 50;
    let clips = Clips::new();
    // The portrait slides out of the picture and in again on a wider gray ground.
    let filters = "crop=300:270:90:10,pad=900:270:300:0:gray,\
                   crop=360:270:'270+300*(1-cos(2*PI*t/2))/2':0,scale=320:240,format=yuv420p";
    let target = clips.make("in.mkv", &ASTRONAUT, LONG, filters, "-c:v ffv1");
    let output = clips.path("out.mkv");
    let lossless = ["--quality", "100", "--preset", "ultrafast"];
    let told = swapped(&HOPPER.photo(), &target, &output, &lossless);
    let source = person(&HOPPER.photo());
    let (old, new) = (frames(&target, "yuv420p"), frames(&output, "yuv420p"));
    assert_eq!((old.len(), new.len()), (LONG as usize, LONG as usize));
    let (mut whole, mut gone) = (Vec::new(), Vec::new());
    for (i, (old, new)) in old.iter().zip(&new).enumerate() {
        match faces(old).first() {
            None => gone.push(i),
            // Faces that the edge cuts are hard for the judge, too.
            Some(f) if f.bounds[0] > 12.0 => {
                let [a, b] = [identity(f), identity(&face(new))].map(|e| e.cosine(&source));
                assert!(b >= a + 0.20, "frame {i}: {a} -> {b}");
                whole.push(i);
            }
            Some(_) => {}
        }
    }
    let swaps = told.count("frames_with_swap");
    println!("leaving: {} whole, {} gone, {swaps} swapped", whole.len(), gone.len());
    let middle = LONG as usize / 2;
    assert!(gone.contains(&middle) && gone.len() >= 8, "the face leaves: {gone:?}");
    assert!(whole.contains(&0) && whole.contains(&(LONG as usize - 1)), "and is back: {whole:?}");
    assert!(swaps >= whole.len() as u64 && swaps <= u64::from(LONG) - 8, "{swaps}");
    let changed: usize = differing(&old[middle], &new[middle], None).iter().map(|c| c[0]).sum();
    assert_eq!(changed, 0, "a frame without a face is not touched");
}

/// A cut from one person to another after this many frames.
fn cut_clip(clips: &Clips, at: u32) -> PathBuf {
    let path = clips.path("cut.mp4");
    let mut words = ASTRONAUT.input(at);
    words.extend(MONA.input(at));
    let graph = format!(
        "[0:v]{},setsar=1[a];[1:v]{},setsar=1[b];[a][b]concat,format=yuv420p",
        ASTRONAUT.moving(),
        MONA.moving()
    );
    words.extend(["-filter_complex".to_owned(), graph]);
    words.extend(FINE.split_whitespace().map(str::to_owned));
    words.push(path.display().to_string());
    ffmpeg(&words.iter().map(String::as_str).collect::<Vec<_>>());
    path
}

#[test]
fn a_cut_to_somebody_else_costs_no_frame() {
    let clips = Clips::new();
    let at = 16;
    let target = cut_clip(&clips, at);
    let source = person(&HOPPER.photo());
    let old = frames(&target, "yuv420p");
    assert_eq!(old.len(), 2 * at as usize);
    for flags in [&["--many-faces"][..], &[]] {
        let output = clips.path(if flags.is_empty() { "one.mp4" } else { "many.mp4" });
        let told = swapped(&HOPPER.photo(), &target, &output, flags);
        assert_eq!(told.count("frames_with_swap"), u64::from(2 * at), "{flags:?}");
        let cosines: Vec<[f32; 2]> = old
            .iter()
            .zip(&frames(&output, "yuv420p"))
            .map(|(a, b)| [a, b].map(|f| identity(&face(f)).cosine(&source)))
            .collect();
        let near = &cosines[at as usize - 1..=at as usize];
        println!("cut {flags:?}: before and after it {near:.3?}");
        for (i, [before, after]) in cosines.iter().enumerate() {
            assert!(after >= &(before + 0.20), "{flags:?}: frame {i}: {before} -> {after}");
        }
    }
}

/// Two people side by side, 480×240, without loss: the astronaut on the left, and on the right the
/// Mona Lisa, whose left edge is at `x`; then a filter for both.
fn two_people(clips: &Clips, count: u32, x: &str, filter: &str) -> PathBuf {
    let path = clips.path("two.mkv");
    let mut words = ASTRONAUT.input(count);
    words.extend(MONA.input(count));
    let graph = format!(
        "[0:v]crop=270:270:90:16,scale=240:240,format=gbrp,pad=480:240:0:0:gray[a];\
         [1:v]crop=360:420:180:100,scale=180:210,format=gbrp[b];\
         [a][b]overlay=x='{x}':y=10,{filter},format=yuv420p"
    );
    words.extend(["-filter_complex", &graph, "-c:v", "ffv1"].map(str::to_owned));
    words.push(path.display().to_string());
    ffmpeg(&words.iter().map(String::as_str).collect::<Vec<_>>());
    path
}

/// Whether the middle of a face is another one after the swap.
fn is_swapped(before: &Frame, after: &Frame, face: &Face) -> bool {
    differing(before, after, Some(face.mesh().unwrap()))[0][1] > 100
}

#[test]
fn somebody_who_comes_in_is_swapped_soon() {
    let clips = Clips::new();
    let target = two_people(&clips, 36, "max(480-10*n\\,270)", "null");
    let output = clips.path("out.mkv");
    let flags = ["--many-faces", "--quality", "100", "--preset", "ultrafast"];
    swapped(&HOPPER.photo(), &target, &output, &flags);
    let (old, new) = (frames(&target, "yuv420p"), frames(&output, "yuv420p"));
    let mut waits = 0;
    let mut seen = 0;
    for (i, (old, new)) in old.iter().zip(&new).enumerate() {
        let found = faces(old);
        let left = |f: &&Face| f.bounds[0] < 240.0;
        assert!(found.iter().find(left).is_some_and(|f| is_swapped(old, new, f)), "frame {i}");
        if let Some(newcomer) = found.iter().find(|f| !left(f)) {
            seen += 1;
            waits += usize::from(!is_swapped(old, new, newcomer));
        }
    }
    println!("newcomer: in sight for {seen} frames, not swapped in {waits}");
    assert!(seen >= 15 && waits <= 3, "{seen} {waits}");
}

#[test]
fn the_swap_does_not_jump_to_a_bystander() {
    let clips = Clips::new();
    // A board hides the main person, who is on the right, for four frames.
    let board = "drawbox=x=300:y=15:w=150:h=180:color=brown:t=fill:enable='between(n,16,19)'";
    let target = two_people(&clips, 32, "285", board);
    let output = clips.path("out.mkv");
    swapped(&HOPPER.photo(), &target, &output, &["--quality", "100", "--preset", "ultrafast"]);
    let (old, new) = (frames(&target, "yuv420p"), frames(&output, "yuv420p"));
    let both = faces(&old[0]);
    assert_eq!(both.len(), 2);
    for (i, (old, new)) in old.iter().zip(&new).enumerate() {
        let hidden = (16..20).contains(&i);
        let changed = both.iter().map(|f| is_swapped(old, new, f)).collect::<Vec<_>>();
        assert_eq!(changed, [!hidden, false], "frame {i}: which of both is swapped");
    }
}

/// Mean absolute difference of the luma of neighboring frames, in the middle of the face.
fn flicker(frames: &[Frame], zone: &Zone) -> f64 {
    let plane = frames[0].format.planes()[0];
    let (mut sum, mut count) = (0.0, 0.0);
    for pair in frames.windows(2) {
        for y in 0..plane.height {
            for x in (0..plane.width).filter(|&x| zone.has(x, y)) {
                let [a, b] = [0, 1].map(|i| pair[i].sample(&plane, x, y, 0));
                sum += f64::from(a.abs_diff(b));
                count += 1.0;
            }
        }
    }
    sum / count
}

#[test]
fn a_still_face_does_not_flicker() {
    let clips = Clips::new();
    for who in [&ASTRONAUT, &MONA] {
        let filters = format!("{},noise=alls=8:allf=t,format=yuv420p", who.resting(320, 240));
        let target = clips.make("in.mkv", who, FPS, &filters, "-c:v ffv1");
        let output = clips.path(&format!("{}.mkv", who.portrait));
        let lossless = ["--quality", "100", "--preset", "ultrafast"];
        swapped(&HOPPER.photo(), &target, &output, &lossless);
        let (old, new) = (frames(&target, "yuv420p"), frames(&output, "yuv420p"));
        let zone = Zone::middle(face(&old[0]).mesh().unwrap());
        let (before, after) = (flicker(&old, &zone), flicker(&new, &zone));
        println!("{}: flicker {before:.2} -> {after:.2}", who.portrait);
        assert!(before > 0.5, "the clip has noise: {before}");
        assert!(after <= 1.5 * before, "{}: {before} -> {after}", who.portrait);
        let swapped = differing(&old[20], &new[20], Some(face(&old[20]).mesh().unwrap()));
        assert!(swapped[0][1] > 100, "the face changed: {swapped:?}");
    }
}
