//! Whether a faster form computes the same, and is faster.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::example::Example;
use super::{Made, Verdict};
use crate::error::Result;
use crate::inference::session::{Output, Session};
use crate::inference::settings::Settings;
use crate::inference::winograd::{Blocks, Set};
use crate::models::Weights;

/// By how much results may differ, of the largest, or of 1 where that is smaller.
const OFF: f64 = 1e-4;
/// A form that takes more of the network's time than this is not worth its place on the disk.
const WORTH: f64 = 0.75;
/// The middle of so many runs is taken.
const ROUNDS: usize = 5;
/// What is tried, the usual first: large ones save memory traffic, small ones fit small caches.
pub(super) const BLOCKS: [Blocks; 3] = [
    Blocks { channels: 48, depth: 64 },
    Blocks { channels: 32, depth: 64 },
    Blocks { channels: 96, depth: 64 },
];

/// Runs the network and the form that was made of it, one after the other: together they would need
/// twice the memory.
pub(super) fn judge(
    model: &str,
    path: &Path,
    work: &Path,
    convolutions: usize,
    settings: &Settings,
) -> Result<Verdict> {
    let settings = Settings { faster: None, ..settings.clone() };
    let refused = |why: &str| Ok(Verdict::refused(model, convolutions, why));
    let mut session = Session::open(model, &Weights::File(path.to_owned()), &settings)?;
    let Some(example) = Example::of(&session) else {
        return refused("its inputs are of a kind that is not known");
    };
    let Ok((wanted, plain)) = measured(&mut session, &example) else {
        return refused("it cannot be run on pictures of the usual size");
    };
    drop(session);
    let mut best: Option<(Blocks, Duration)> = None;
    let mut difference = 0.0f64;
    for blocks in BLOCKS {
        let made = Made::alone(work, blocks);
        let mut session = match Session::of_made(model, &made, &settings) {
            Ok(session) => session,
            Err(error) => return refused(&format!("its new form is refused: {}", error.chain())),
        };
        let (outputs, time) = match measured(&mut session, &example) {
            Ok(measured) => measured,
            Err(error) => return refused(&format!("its new form fails: {}", error.chain())),
        };
        let apart = off(&wanted, &outputs);
        if apart.is_nan() {
            return refused("its new form gives no numbers, or of another shape");
        }
        difference = difference.max(apart);
        if best.is_none_or(|(_, most)| time < most) {
            best = Some((blocks, time));
        }
    }
    let Some((blocks, time)) = best else { return refused("it was not run") };
    let ratio = time.as_secs_f64() / plain.as_secs_f64().max(f64::EPSILON);
    let why = if difference > OFF {
        Some(format!("its new form is {difference:.1e} off"))
    } else {
        (ratio > WORTH).then(|| format!("its new form takes {:.0} % of its time", ratio * 100.0))
    };
    Ok(Verdict {
        model: model.to_owned(),
        vectors: Set::best().name.to_owned(),
        faster: why.is_none(),
        convolutions,
        ratio: Some(ratio),
        difference: Some(difference),
        psnr: None,
        why,
        left: Vec::new(),
        name: None,
        blocks: Some(blocks),
        lanes: BTreeMap::new(),
    })
}

/// What it computes, and the middle of the times that it takes, the first not counted.
fn measured(session: &mut Session, example: &Example) -> Result<(Vec<Output>, Duration)> {
    let inputs = example.inputs();
    let outputs = session.run_inputs(&inputs)?;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        session.run_inputs(&inputs)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok((outputs, times[ROUNDS / 2]))
}

/// The largest difference, of the largest number of the output that it is in; no number when they
/// are not of the same shape or are none themselves.
pub(in crate::inference) fn off(wanted: &[Output], got: &[Output]) -> f64 {
    if wanted.len() != got.len() || wanted.iter().zip(got).any(|(a, b)| a.shape != b.shape) {
        return f64::NAN;
    }
    let mut most = 0.0f64;
    for (wanted, got) in wanted.iter().zip(got) {
        let largest = wanted.data.iter().fold(1.0f32, |most, v| most.max(v.abs()));
        for (a, b) in wanted.data.iter().zip(&got.data) {
            let off = f64::from((a - b).abs() / largest);
            if off.is_nan() {
                return off;
            }
            most = most.max(off);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_or_of_another_shape_is_never_the_same() {
        let output = |data: &[f32]| Output {
            name: "y".into(),
            shape: vec![data.len()],
            data: data.to_vec(),
        };
        let wanted = [output(&[1.0, -200.0])];
        assert_eq!(off(&wanted, &[output(&[1.0, -200.0])]), 0.0);
        assert!((off(&wanted, &[output(&[1.5, -200.0])]) - 0.0025).abs() < 1e-9);
        for got in [&[f32::NAN, -200.0][..], &[1.0, f32::NAN], &[1.0], &[f32::INFINITY, 1.0]] {
            let apart = off(&wanted, &[output(got)]);
            assert!(apart.is_nan() || apart > OFF, "{got:?}: {apart}");
        }
        assert!(off(&wanted, &[output(&[f32::NAN, -200.0])]).is_nan());
        assert!(off(&wanted, &[]).is_nan());
    }
}
