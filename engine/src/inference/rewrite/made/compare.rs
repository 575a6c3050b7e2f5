//! A network and its faster form side by side, to be looked at.

use std::path::Path;
use std::time::Instant;

use super::example::Example;
use super::{Made, form, proof};
use crate::error::{Error, Result};
use crate::inference::session::{Output, Session};
use crate::inference::settings::Settings;
use crate::inference::winograd::Set;
use crate::interrupt::Interrupt;
use crate::models::Weights;

/// Paints a picture of a size, columns and rows: `[3][rows][columns]`, 0 to 1.
pub type Paint<'a> = &'a dyn Fn(usize, usize) -> Vec<f32>;

/// Seconds of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// By the clock.
    pub wall: f64,
    /// Of all processors.
    pub cpu: f64,
}

/// How far the results of both are apart.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Apart {
    /// What both were run on.
    pub input: &'static str,
    /// The largest difference.
    pub most: f64,
    /// Decibels of the largest result, or of 1 where that is smaller, over the differences.
    pub psnr: f64,
}

/// A network and its faster form, measured in turns in one process.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The instruction set of the faster form.
    pub vectors: &'static str,
    /// How many convolutions were replaced; without any, nothing was measured.
    pub convolutions: usize,
    /// Whether jobs run the faster form.
    pub used: bool,
    /// Why they do not.
    pub why: Option<String>,
    /// Of the network as it is, round by round.
    pub plain: Vec<Taken>,
    /// Of its faster form, round by round.
    pub faster: Vec<Taken>,
    /// By input.
    pub apart: Vec<Apart>,
}

/// How it is measured.
pub struct Manner<'a> {
    /// How often each is run.
    pub rounds: usize,
    /// Processor seconds of this process so far.
    pub cpu: &'a dyn Fn() -> f64,
    /// Ends it.
    pub interrupt: &'a Interrupt,
}

/// Makes the faster form in a folder and runs both in turns.
///
/// # Errors
/// When the network cannot be loaded or run, the folder cannot be written; when the user stopped it.
pub fn compare(
    (model, path): (&str, &Path),
    work: &Path,
    settings: &Settings,
    paint: Paint<'_>,
    manner: &Manner<'_>,
) -> Result<Compared> {
    let Manner { rounds, cpu, interrupt } = *manner;
    let settings = Settings { faster: None, ..settings.clone() };
    let (convolutions, _) = form(model, path, work, &settings)?;
    let mut compared = Compared {
        vectors: Set::best().name,
        convolutions,
        used: false,
        why: Some("it has no convolutions that would gain".into()),
        plain: Vec::new(),
        faster: Vec::new(),
        apart: Vec::new(),
    };
    if convolutions == 0 || !Set::best().has_vectors() {
        return Ok(compared);
    }
    let verdict = proof::judge(model, path, work, convolutions, &settings)?;
    compared.used = verdict.faster;
    compared.why = verdict.why;
    let Some(blocks) = verdict.blocks else { return Ok(compared) };
    interrupt.check()?;
    let made = Made::alone(work, blocks);
    let mut plain = Session::open(model, &Weights::File(path.to_owned()), &settings)?;
    let mut faster = Session::of_made(model, &made, &settings)?;
    let unknown = || Error::failed(format!("the inputs of {model} are of an unknown kind"));
    let random = Example::of(&plain).ok_or_else(unknown)?;
    let picture = Example::painted(&plain, paint).ok_or_else(unknown)?;
    for (input, example) in [("random", &random), ("picture", &picture)] {
        let inputs = example.inputs();
        let (wanted, got) = (plain.run_inputs(&inputs)?, faster.run_inputs(&inputs)?);
        compared.apart.push(apart(input, &wanted, &got));
    }
    let inputs = random.inputs();
    let timed = |session: &mut Session| -> Result<Taken> {
        let (start, before) = (Instant::now(), cpu());
        session.run_inputs(&inputs)?;
        Ok(Taken { wall: start.elapsed().as_secs_f64(), cpu: cpu() - before })
    };
    for _ in 0..rounds {
        interrupt.check()?;
        compared.plain.push(timed(&mut plain)?);
        compared.faster.push(timed(&mut faster)?);
    }
    Ok(compared)
}

fn apart(input: &'static str, wanted: &[Output], got: &[Output]) -> Apart {
    let (mut most, mut squares, mut count, mut largest) = (0.0f64, 0.0, 0usize, 1.0f64);
    for (wanted, got) in wanted.iter().zip(got) {
        for (&a, &b) in wanted.data.iter().zip(&got.data) {
            let off = f64::from(a) - f64::from(b);
            most = most.max(off.abs());
            squares += off * off;
            largest = largest.max(f64::from(a).abs());
        }
        count += wanted.data.len();
    }
    let mean = (squares / count.max(1) as f64).max(f64::MIN_POSITIVE);
    Apart { input, most, psnr: 10.0 * (largest * largest / mean).log10() }
}
