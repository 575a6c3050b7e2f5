//! Networks changed into others that compute the same, faster, on the processor.
//!
//! [`prelu`] changes the embedded ones whenever they are loaded; [`convolution`], [`norm`] and
//! [`resize`] change those of files, once, which [`made`] proves and keeps. A network that is not understood to its last byte, or
//! that has nothing to gain, stays as it is.

mod convolution;
pub(super) mod made;
mod norm;
mod prelu;
mod proto;
mod resize;
mod view;

use std::io::{self, Write};

use prost::Message;
use prost::bytes::Bytes;

use super::operators;
use convolution::{Choose, Numbers, Replaced};
use proto::{Model, OperatorSet};

/// Initializers need not be inputs of the graph from this version of the format on.
const OLDEST_FORMAT: i64 = 4;
/// From this version of the operators on `Add` and `PRelu` broadcast as they do now.
const OLDEST_OPERATORS: i64 = 7;

/// The network for the processor; `None` when it is best as it is.
pub(super) fn for_processor(network: &'static [u8]) -> Option<Vec<u8>> {
    // The layout that makes it worth while is one of x86's vectors.
    if cfg!(target_arch = "x86_64") { rewritten(Bytes::from_static(network)) } else { None }
}

fn rewritten(network: Bytes) -> Option<Vec<u8>> {
    let mut model = understood(network)?;
    let changed = prelu::spread(model.graph.as_mut()?);
    (changed > 0).then(|| {
        tracing::debug!(changed, "activations became convolutions");
        model.encode_to_vec()
    })
}

/// The network with operators of our own in place of the convolutions that are chosen, whose numbers
/// are written to `numbers`, and which they are; `None` when it is not understood or has none.
///
/// # Errors
/// When the numbers cannot be written.
fn with_operators(
    network: Bytes,
    choose: Choose<'_>,
    numbers: &mut Numbers<impl Write>,
) -> io::Result<Option<(Model, Replaced)>> {
    let Some(mut model) = understood(network) else { return Ok(None) };
    let Some(graph) = &mut model.graph else { return Ok(None) };
    if convolution::has_branches(graph) {
        return Ok(None);
    }
    let replaced = convolution::replace(graph, choose, numbers)?;
    if replaced.is_empty() {
        return Ok(None);
    }
    let (norms, resized) = (norm::join(graph), resize::replace(graph));
    tracing::debug!(norms, resized, "what stands between the convolutions");
    view::tidy(graph);
    let domain = Some(operators::DOMAIN.to_owned());
    model.operators.push(OperatorSet { domain, version: Some(1) });
    Ok(Some((model, replaced)))
}

/// The network, when every byte of it is known here.
fn understood(network: Bytes) -> Option<Model> {
    let length = network.len();
    let model = Model::decode(network).ok()?;
    // Fields that are not known here would be lost: they show in the length.
    (model.encoded_len() == length && is_plain(&model)).then_some(model)
}

/// Whether the rules' operators mean in it what they mean in theirs.
fn is_plain(model: &Model) -> bool {
    let operators =
        model.operators.iter().find(|set| set.domain.as_deref().is_none_or(str::is_empty));
    model.format.is_some_and(|format| format >= OLDEST_FORMAT)
        && operators.and_then(|set| set.version).is_some_and(|v| v >= OLDEST_OPERATORS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::graph::{Graph, Number};
    use crate::inference::session::Session;
    use crate::models;

    /// A convolution and an activation, of `channels`.
    fn small(channels: usize, slopes: &[i64]) -> Vec<u8> {
        let count = channels as i64;
        let shape = [1, count, 8, 8];
        let weights: Vec<f32> =
            (0..channels).map(|c| if c % 2 == 0 { 1.5 } else { -0.5 }).collect();
        let slope: Vec<f32> = (0..channels).map(|c| 0.1 + c as f32 / 100.0).collect();
        Graph::new()
            .input("x", Number::F32, &shape)
            .weights("w", &[count, 1, 1, 1], &weights)
            .weights("slope", slopes, &slope)
            .node("Conv", &["x", "w"], "y", &[("group", &[count])])
            .node("PRelu", &["y", "slope"], "z", &[])
            .output("z", Number::F32, &shape)
            .bytes()
    }

    fn run(network: &[u8], channels: usize) -> Vec<f32> {
        let data: Vec<f32> = (0..channels * 64).map(|i| ((i * 37) % 101) as f32 - 50.0).collect();
        let mut session = Session::from_bytes("small", network, 1).unwrap();
        session.run(&[("x", &[1, channels, 8, 8], &data)]).unwrap().remove(0).data
    }

    #[test]
    fn it_computes_the_same() {
        crate::inference::for_tests().unwrap();
        for slopes in [&[16, 1, 1][..], &[1, 16, 1, 1]] {
            let before = small(16, slopes);
            let after = rewritten(Bytes::from(before.clone())).unwrap();
            let name = b"PRelu";
            assert!(!after.windows(name.len()).any(|part| part == name), "it is still there");
            for (got, want) in run(&after, 16).iter().zip(run(&before, 16)) {
                assert!((got - want).abs() < 1e-5, "{got} for {want}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_stays() {
        // One slope for each column, one for all, and nothing of a network.
        assert_eq!(rewritten(Bytes::from(small(8, &[8]))), None);
        assert_eq!(rewritten(Bytes::from(small(1, &[1, 1, 1]))), None);
        assert_eq!(rewritten(Bytes::from_static(b"no network")), None);
        // A field that nobody knows yet.
        let mut newer = small(16, &[16, 1, 1]);
        newer.extend([0xfa, 0x3f, 1, 0]);
        assert_eq!(rewritten(Bytes::from(newer)), None);
    }

    #[test]
    fn the_embedded_networks_see_what_they_saw() {
        crate::inference::for_tests().unwrap();
        for (id, shape) in [
            (models::id::LANDMARKS, &[1usize, 256, 256, 3][..]),
            (models::id::RECOGNIZER, &[1, 3, 112, 112]),
        ] {
            let bytes = models::embedded(id).unwrap().bytes;
            let after = for_processor(bytes);
            assert_eq!(after.is_some(), cfg!(target_arch = "x86_64"), "{id}");
            let Some(after) = after else { continue };
            let count = shape.iter().product();
            let data: Vec<f32> = (0..count).map(|i| (i * 7919 % 1009) as f32 / 1009.0).collect();
            let results = [bytes, &*after].map(|network| {
                let mut session = Session::from_bytes(id, network, 1).unwrap();
                let input = session.inputs()[0].name.clone();
                session.run(&[(&input, shape, &data)]).unwrap()
            });
            for (before, after) in results[0].iter().zip(&results[1]) {
                let largest = before.data.iter().fold(1.0f32, |most, v| most.max(v.abs()));
                // Another processor's vectors add in another order.
                for (a, b) in before.data.iter().zip(&after.data) {
                    assert!((a - b).abs() < 5e-5 * largest, "{id}: {b} for {a}");
                }
            }
        }
    }
}
