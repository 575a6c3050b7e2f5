//! A corpus of films of every kind: each is swapped without loss, and what comes out must have its
//! frames at its times, its streams, its colors, and every sample outside the face.
//!
//! The films are in `corpus/clips.toml`. One test goes through all of them, prints a table, and
//! lists every fault that it finds.

mod clip;
mod facts;
mod judge;
mod pixels;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::clips::{ASTRONAUT, Clips};

use clip::Clip;
use judge::Verdict;

/// Frames of the film that all others are made of.
const FRAMES: u32 = 30;

/// It moves, so that every frame is another one, and has noise, so that a sample that was rounded
/// or resampled anywhere shows.
const FACE: &str = "format=gbrp,rotate='0.1*sin(2*PI*t/1.6)':fillcolor=gray,\
                    crop=300:225:'82+14*sin(2*PI*t/1.9)':'22+7*cos(2*PI*t/1.3)',\
                    scale=192:144:flags=bicubic,noise=alls=6:allf=t,format=yuv444p";

#[test]
fn every_kind_of_film_keeps_its_time_and_its_color() {
    let all = clip::all();
    // Some of them, by a part of their names: for whoever looks for a fault.
    let wanted = std::env::var("FACEDECK_CORPUS").unwrap_or_default();
    let some: Vec<&Clip> = all.iter().filter(|clip| clip.file.contains(&wanted)).collect();
    let folder = Clips::new();
    folder.make("face.mkv", &ASTRONAUT, FRAMES, FACE, "-c:v ffv1");
    folder.text("words.srt", "1\n00:00:00,100 --> 00:00:00,700\nGood morning\n\n");
    folder.text(
        "chapters",
        ";FFMETADATA1\ntitle=The Film\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1200\ntitle=Two\n",
    );
    let verdicts: Vec<Verdict> = in_parallel(&some, |clip| judge::judge(clip, &folder));
    println!("{}", table::of(&verdicts));
    let faults: Vec<&str> =
        verdicts.iter().flat_map(|v| v.faults.iter().map(String::as_str)).collect();
    assert!(!some.is_empty(), "there is no film like {wanted}");
    assert!(!wanted.is_empty() || all.len() >= 30, "the corpus has {} films", all.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What `work` makes of each, in their order, on all cores.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let at = items.iter().position(|other| std::ptr::eq(other, item));
                    let result = work(item);
                    done.lock().expect("nobody panics").push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
