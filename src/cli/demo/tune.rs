//! The clip's sound: a few soft bells, computed.

use std::f64::consts::TAU;

/// Samples a second.
pub const RATE: u32 = 48_000;
/// Left and right.
pub const CHANNELS: u32 = 2;

/// Seconds from one note to the next.
const STEP: f64 = 0.4;
/// Notes that ring at the same time; each has died away to a hundredth when it is dropped.
const RINGING: usize = 5;
/// A rising and falling line in C major pentatonic, as MIDI numbers.
const NOTES: [i32; 16] = [60, 64, 67, 69, 72, 69, 67, 64, 62, 64, 69, 72, 74, 72, 69, 67];
/// Loudness of one note.
const LEVEL: f64 = 0.16;
/// Seconds in which the whole comes and goes.
const FADE: f64 = 0.6;

/// The tune of this length as a WAV file: 16 bits, 48 kHz, stereo.
pub fn wav(seconds: f64) -> Vec<u8> {
    let frames = (seconds.max(0.0) * f64::from(RATE)).round() as u32;
    let size = frames * CHANNELS * 2;
    let mut bytes = Vec::with_capacity(44 + size as usize);
    let mut word = |value: u32| bytes.extend_from_slice(&value.to_le_bytes());
    // RIFF/WAVE with one "fmt " chunk of 16 bytes: PCM, channels, rates, block size, bits.
    word(u32::from_le_bytes(*b"RIFF"));
    word(36 + size);
    word(u32::from_le_bytes(*b"WAVE"));
    word(u32::from_le_bytes(*b"fmt "));
    word(16);
    word(1 | (CHANNELS << 16));
    word(RATE);
    word(RATE * CHANNELS * 2);
    word((CHANNELS * 2) | (16 << 16));
    word(u32::from_le_bytes(*b"data"));
    word(size);
    for i in 0..frames {
        let t = f64::from(i) / f64::from(RATE);
        let fade = (t.min(seconds - t) / FADE).clamp(0.0, 1.0);
        for v in at(t) {
            let sample = (v * fade * fade * (3.0 - 2.0 * fade) * 32767.0).round();
            bytes.extend_from_slice(&(sample.clamp(-32768.0, 32767.0) as i16).to_le_bytes());
        }
    }
    bytes
}

/// Left and right at `t` seconds, −1..=1.
fn at(t: f64) -> [f64; 2] {
    let last = (t / STEP) as usize;
    let first = (last + 1).saturating_sub(RINGING);
    let mut sum = [0.0; 2];
    for n in first..=last {
        let v = LEVEL * bell(NOTES[n % NOTES.len()], t - n as f64 * STEP);
        // Neighbors come from different sides.
        let right = if n % 2 == 0 { 0.4 } else { 0.6 };
        sum[0] += v * (1.0 - right) * 2.0;
        sum[1] += v * right * 2.0;
    }
    sum
}

/// A struck bell: three partials, the higher ones softer and sooner gone.
fn bell(note: i32, age: f64) -> f64 {
    let pitch = 440.0 * 2f64.powf(f64::from(note - 69) / 12.0);
    let strike = (age / 0.008).min(1.0);
    let partial = |n: f64, level: f64, decay: f64| {
        level * (-decay * age).exp() * (TAU * n * pitch * age).sin()
    };
    strike * (partial(1.0, 1.0, 2.4) + partial(2.0, 0.3, 4.0) + partial(3.0, 0.1, 7.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(wav: &[u8]) -> Vec<i16> {
        wav[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect()
    }

    #[test]
    fn the_file_says_what_it_holds() {
        let wav = wav(0.5);
        let number = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
        assert_eq!(
            (&wav[..4], &wav[8..16], &wav[36..40]),
            (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..])
        );
        assert_eq!((number(4) as usize, number(40) as usize), (wav.len() - 8, wav.len() - 44));
        assert_eq!(samples(&wav).len(), 2 * 24_000);
        assert_eq!((number(24), wav[22], wav[34]), (RATE, 2, 16));
    }

    #[test]
    fn it_is_heard_all_the_time_and_never_clips() {
        let all = samples(&wav(10.0));
        assert_eq!((all[0], all[1]), (0, 0));
        assert!(all[all.len() - 2].abs() < 20 && all[all.len() - 1].abs() < 20);
        let loudest = all.iter().map(|v| v.unsigned_abs()).max().unwrap();
        assert!((4_000..30_000).contains(&loudest), "{loudest}");
        let middle = &all[2 * RATE as usize..all.len() - 2 * RATE as usize];
        for part in middle.chunks_exact(RATE as usize / 2) {
            let power: f64 = part.iter().map(|&v| f64::from(v).powi(2)).sum();
            assert!((power / part.len() as f64).sqrt() > 300.0);
        }
    }

    #[test]
    fn there_are_no_clicks() {
        let all = samples(&wav(3.0));
        let left: Vec<i32> = all.iter().step_by(2).map(|&v| i32::from(v)).collect();
        let jump = left.windows(2).map(|w| (w[1] - w[0]).abs()).max().unwrap();
        assert!(jump < 2_500, "{jump}");
    }
}
