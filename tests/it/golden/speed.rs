//! What a crop and a paste take; printed, with bounds that only a blunder exceeds.

use std::time::Instant;

use facedeck::imaging::aligned::{Aligned, Border, Quality};
use facedeck::imaging::field::Field;
use facedeck::imaging::template::Template;

use super::data::{Golden, frame, planes};

/// The median of eleven runs in milliseconds.
fn milliseconds(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[5]
}

#[test]
fn a_face_takes_milliseconds() {
    let golden = Golden::read();
    for name in ["720p", "1080p"] {
        let frame = frame(&format!("{name}_frame.webp"));
        let fake = planes(&format!("{name}_fake128.png"));
        let aligned = Aligned::new(&golden.case(name).kps, Template::Arcface128, 128).unwrap();
        let mut scratch = frame.clone();
        let crop = milliseconds(|| drop(aligned.crop(&frame, Border::Black, Quality::Plain)));
        let smooth =
            milliseconds(|| drop(aligned.crop(&frame, Border::Replicate, Quality::Smooth)));
        let mask = Field::filled(128, 128, 1.0);
        let paste = milliseconds(|| assert!(aligned.paste(&mut scratch, &fake, &mask).is_some()));
        let square =
            milliseconds(|| assert!(aligned.paste_insightface(&mut scratch, &fake).is_some()));
        println!(
            "{name}: crop {crop:.2} ms, smooth crop {smooth:.2} ms, paste {paste:.2} ms, \
             insightface's paste {square:.2} ms"
        );
        assert!(crop + smooth + paste + square < 500.0, "{name}");
    }
}
