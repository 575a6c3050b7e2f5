//! PRelu with a slope for each channel, as two depthwise convolutions of one pixel.
//!
//! The runtime has no vector code for PRelu and leaves its blocked layout before each of them; it took
//! half of the time of the landmarks network and of the recognizer. With the positive part `r` of `x`
//! and the slope `s`, PRelu is `(1 − s)·r + s·x`: two convolutions whose sum the runtime fuses, in
//! its own layout.

use std::collections::{HashMap, HashSet};

use prost::Message;
use prost::bytes::Bytes;

use super::proto::{FLOAT, Graph, INT64, Node, Tensor};

/// The number one, of which slopes are taken.
const ONE: &str = "facedeck/one";
/// The shape of a depthwise kernel of one pixel.
const KERNEL: &str = "facedeck/kernel";

/// Replaces them; how many.
pub(super) fn spread(graph: &mut Graph) -> usize {
    let slopes = channels_of_constants(graph);
    let mut taken: HashSet<String> =
        graph.nodes.iter().flat_map(|node| node.outputs.clone()).collect();
    let mut changed = 0;
    for node in std::mem::take(&mut graph.nodes) {
        match slope_of(&node, &slopes) {
            Some(channels) => {
                let prefix = (0..)
                    .map(|i| format!("facedeck/prelu{}_{i}", changed))
                    .find(|name| taken.insert(name.clone()))
                    .unwrap_or_default();
                graph.nodes.extend(replacement(&node, channels, &prefix));
                changed += 1;
            }
            None => graph.nodes.push(node),
        }
    }
    if changed > 0 {
        let one = Tensor {
            shape: vec![],
            kind: Some(FLOAT),
            name: Some(ONE.into()),
            data: Some(Bytes::copy_from_slice(&1f32.to_le_bytes())),
        };
        let kernel: Vec<u8> = [-1i64, 1, 1, 1].iter().flat_map(|v| v.to_le_bytes()).collect();
        let kernel = Tensor {
            shape: vec![4],
            kind: Some(INT64),
            name: Some(KERNEL.into()),
            data: Some(kernel.into()),
        };
        graph.initializers.extend([one, kernel].map(|tensor| tensor.encode_to_vec().into()));
    }
    changed
}

/// The channels of a PRelu with a constant slope for each of them.
fn slope_of(node: &Node, channels: &HashMap<String, i64>) -> Option<i64> {
    let ([_, slope], [_], true) = (&*node.inputs, &*node.outputs, node.is("PRelu")) else {
        return None;
    };
    channels.get(slope).copied()
}

/// The constants that are shaped as a number for each channel of a picture, and of how many.
fn channels_of_constants(graph: &Graph) -> HashMap<String, i64> {
    let mut channels: HashMap<String, i64> = graph
        .initializers
        .iter()
        .filter_map(|bytes| {
            let tensor = Tensor::decode(bytes.clone()).ok()?;
            match *tensor.shape {
                // One for all is a leaky Relu, which the runtime knows.
                [count, 1, 1] | [1, count, 1, 1] if count > 1 => Some((tensor.name?, count)),
                _ => None,
            }
        })
        .collect();
    // Weights that are kept in half precision.
    for node in graph.nodes.iter().filter(|node| node.is("Cast")) {
        if let ([from], [to]) = (&*node.inputs, &*node.outputs)
            && let Some(&count) = channels.get(from)
        {
            channels.insert(to.clone(), count);
        }
    }
    channels
}

fn replacement(node: &Node, channels: i64, prefix: &str) -> Vec<Node> {
    let (x, slope, y) = (&*node.inputs[0], &*node.inputs[1], &*node.outputs[0]);
    let name = |what: &str| format!("{prefix}/{what}");
    let (below, rest, above) = (name("slope"), name("rest"), name("one_less_slope"));
    let (positive, all, part) = (name("positive"), name("all"), name("part"));
    let depthwise = |x: &str, kernel: &str, y: &str| {
        Node::new("Conv", &[x, kernel], y).with("group", channels).with_all("kernel_shape", &[1, 1])
    };
    vec![
        // The runtime computes these three once, on loading.
        Node::new("Reshape", &[slope, KERNEL], &below),
        Node::new("Sub", &[ONE, slope], &rest),
        Node::new("Reshape", &[&rest, KERNEL], &above),
        Node::new("Relu", &[x], &positive),
        depthwise(&positive, &above, &part),
        depthwise(x, &below, &all),
        Node::new("Add", &[&part, &all], y),
    ]
}
