//! Proves a provider with a real run: a small network of convolutions and a matrix product, on the
//! provider and on the processor, compared.

use std::time::Instant;

use ort::session::builder::SessionBuilder;

use crate::error::{Context, Error, Result};

use super::super::graph::{Graph, Number};
use super::super::session::Session;
use super::super::settings::Settings;
use super::Provider;

/// A run is timed this often; the fastest counts, as the others met other work.
const RUNS: usize = 5;
/// How far a provider may be from the processor, relative to the largest value: single precision
/// in another order is within 1e-5, TF32 and half precision within this.
const TOLERANCE: f32 = 5e-3;

/// How a provider did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proof {
    /// Milliseconds of one run.
    pub milliseconds: f64,
    /// The largest difference to the processor's result.
    pub difference: f32,
    /// Milliseconds until the first result: loading, compiling, warming up.
    pub start: f64,
}

/// Runs the small network on a provider whose libraries are loaded.
///
/// # Errors
/// When the network cannot be loaded or run there, or the result is another one than the
/// processor's.
pub fn prove(provider: Provider, device: u32) -> Result<Proof> {
    let network = network();
    let input: Vec<f32> = (0..3 * SIDE * SIDE).map(|i| noise(i as u32 + 7)).collect();
    let shape = [1, 3, SIDE, SIDE];
    let run = |session: &mut Session| {
        let output = session.run(&[("x", &shape, &input)])?.pop();
        output.map(|o| o.data).ok_or_else(|| Error::failed("the network has no output"))
    };
    let expected = run(&mut Session::from_bytes(NAME, &network, 1)?)?;
    let settings = Settings { providers: vec![provider], device, ..Settings::default() };
    // A provider may be registered, refuse every part and leave all of it to the processor.
    if !who_computes(&network, &settings, &input)?.iter().any(|name| name == provider.full_name()) {
        return Err(Error::failed("it leaves the whole network to the processor"));
    }
    let begin = Instant::now();
    let mut session = Session::from_bytes_on(NAME, &network, &settings)?;
    let result = run(&mut session)?;
    let start = begin.elapsed().as_secs_f64() * 1e3;
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let begin = Instant::now();
        run(&mut session)?;
        best = best.min(begin.elapsed().as_secs_f64() * 1e3);
    }
    let difference = compare(&result, &expected)?;
    Ok(Proof { milliseconds: best, difference, start })
}

/// The largest difference.
///
/// # Errors
/// When it is larger than rounding explains.
fn compare(result: &[f32], expected: &[f32]) -> Result<f32> {
    let scale = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let pairs = result.iter().zip(expected);
    let difference = pairs.fold(0.0f32, |most, (a, b)| {
        let apart = (a - b).abs();
        // Comparisons with NaN are false, and `max` would drop it.
        if apart.is_finite() { most.max(apart) } else { f32::INFINITY }
    });
    if result.len() != expected.len() || difference > scale * TOLERANCE {
        return Err(Error::failed(format!(
            "it computes something else than the processor: values of up to {scale:.3} differ by \
             {difference:.3}"
        )));
    }
    Ok(difference)
}

/// The runtime's own names of the providers that computed a part of the network, from a run that
/// is profiled.
///
/// # Errors
/// As [`prove`].
fn who_computes(network: &[u8], settings: &Settings, input: &[f32]) -> Result<Vec<String>> {
    let folder = tempfile::tempdir().context(|| "cannot make a temporary folder".into())?;
    let file = folder.path().join("run");
    let commit =
        |builder: SessionBuilder| builder.with_profiling(file)?.commit_from_memory(network);
    let mut session = Session::build(NAME, NAME, NAME, settings, commit)?;
    session.run(&[("x", &[1, 3, SIDE, SIDE], input)])?;
    let profile = session.end_profiling()?;
    let events: Vec<serde_json::Value> =
        serde_json::from_str(&profile).context(|| "the runtime's profile is no JSON".into())?;
    let name = |event: &serde_json::Value| event["args"]["provider"].as_str().map(str::to_owned);
    Ok(events.iter().filter_map(name).collect())
}

/// What the network is called in errors.
const NAME: &str = "test network";
const SIDE: usize = 64;
const CHANNELS: usize = 16;

/// Two convolutions, the mean of each channel, a matrix product.
fn network() -> Vec<u8> {
    let weights = |count: usize, seed: u32, scale: f32| -> Vec<f32> {
        (0..count).map(|i| noise(i as u32 ^ seed) * scale).collect()
    };
    let (side, c) = (SIDE as i64, CHANNELS as i64);
    let same: [(&str, &[i64]); 2] = [("kernel_shape", &[3, 3]), ("pads", &[1, 1, 1, 1])];
    Graph::new()
        .input("x", Number::F32, &[1, 3, side, side])
        .weights("w1", &[c, 3, 3, 3], &weights(CHANNELS * 27, 0x5bd1, 0.4))
        .weights("w2", &[c, c, 3, 3], &weights(CHANNELS * CHANNELS * 9, 0x9e37, 0.2))
        .weights("w3", &[c, c], &weights(CHANNELS * CHANNELS, 0x79b9, 1.0))
        .node("Conv", &["x", "w1"], "a", &same)
        .node("Relu", &["a"], "b", &[])
        .node("Conv", &["b", "w2"], "c", &same)
        .node("Relu", &["c"], "d", &[])
        .node("GlobalAveragePool", &["d"], "e", &[])
        .node("Flatten", &["e"], "f", &[("axis", &[1])])
        .node("MatMul", &["f", "w3"], "y", &[])
        .output("y", Number::F32, &[1, c])
        .bytes()
}

/// Numbers of −1..=1 without a pattern that a fault could hide in (a multiplicative hash).
fn noise(index: u32) -> f32 {
    let mixed = (index ^ (index >> 15)).wrapping_mul(0x2c1b_3c6d);
    let mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297a_2d39);
    (mixed >> 8) as f32 / (1 << 23) as f32 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_proves_itself() {
        super::super::super::for_tests().unwrap();
        let proof = prove(Provider::Cpu, 0).unwrap();
        assert!(proof.milliseconds > 0.0 && proof.start > 0.0);
        assert_eq!(proof.difference, 0.0);
    }

    #[test]
    fn who_computed_is_known() {
        super::super::super::for_tests().unwrap();
        let input = vec![0.5; 3 * SIDE * SIDE];
        let names = who_computes(&network(), &Settings::default(), &input).unwrap();
        assert!(names.len() >= 4, "{names:?}");
        assert!(names.iter().all(|name| name == Provider::Cpu.full_name()), "{names:?}");
    }

    #[test]
    fn another_result_is_no_proof() {
        assert_eq!(compare(&[1.0, 2.0], &[1.0, 2.001]).unwrap(), 2.001f32 - 2.0);
        for wrong in [&[1.0, 2.1][..], &[1.0], &[1.0, f32::NAN], &[f32::INFINITY, 2.0]] {
            assert!(compare(wrong, &[1.0, 2.0]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_network_has_something_to_compare() {
        super::super::super::for_tests().unwrap();
        let mut session = Session::from_bytes("n", &network(), 1).unwrap();
        let input: Vec<f32> = (0..3 * SIDE * SIDE).map(|i| noise(i as u32 + 7)).collect();
        let out = session.run(&[("x", &[1, 3, SIDE, SIDE], &input)]).unwrap();
        let different = out[0].data.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(different, CHANNELS - 1);
        assert!(out[0].data.iter().any(|value| value.abs() > 0.1), "{:?}", out[0].data);
    }
}
