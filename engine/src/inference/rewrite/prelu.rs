//! PRelu with a slope for each channel, as two depthwise convolutions of one pixel.
//!
//! The runtime has no vector code for PRelu and leaves its blocked layout before each of them; it took
//! half of the time of the landmarks network and of the recognizer. With the positive part `r` of `x`
//! and the slope `s`, PRelu is `(1 − s)·r + s·x`: two convolutions whose sum the runtime fuses, in
//! its own layout.

use std::collections::{HashMap, HashSet};

use half::f16;
use prost::Message;

use super::proto::{FLOAT, FLOAT16, Graph, Node, Tensor};

/// Replaces them; how many.
pub(super) fn spread(graph: &mut Graph) -> usize {
    let slopes = slopes(graph);
    let mut taken: HashSet<String> =
        graph.nodes.iter().flat_map(|node| node.outputs.clone()).collect();
    let mut changed = 0;
    for node in std::mem::take(&mut graph.nodes) {
        let Some(slope) = slope_of(&node, &slopes) else {
            graph.nodes.push(node);
            continue;
        };
        let prefix = (0..)
            .map(|i| format!("facedeck/prelu{changed}_{i}"))
            .find(|name| taken.insert(name.clone()))
            .unwrap_or_default();
        replace(graph, &node, slope, &prefix);
        changed += 1;
    }
    changed
}

/// The slopes of a PRelu that has a constant one for each channel.
fn slope_of<'a>(node: &Node, slopes: &'a HashMap<String, Vec<f32>>) -> Option<&'a [f32]> {
    let ([_, slope], [_], true) = (&*node.inputs, &*node.outputs, node.is("PRelu")) else {
        return None;
    };
    slopes.get(slope).map(Vec::as_slice)
}

/// The constants that are a number for each channel of a picture, by name.
fn slopes(graph: &Graph) -> HashMap<String, Vec<f32>> {
    let wanted: HashSet<&str> = graph
        .nodes
        .iter()
        .filter(|node| node.is("PRelu"))
        .filter_map(|node| node.inputs.get(1).map(String::as_str))
        .collect();
    // Weights that are kept in half precision come through a node; by what it gives them.
    let cast: HashMap<&str, &str> = graph
        .nodes
        .iter()
        .filter(|node| node.is("Cast"))
        .filter_map(|node| Some((node.inputs.first()?.as_str(), node.outputs.first()?.as_str())))
        .collect();
    let mut slopes = HashMap::new();
    for bytes in &graph.initializers {
        let Ok(tensor) = Tensor::decode(bytes.clone()) else { continue };
        let Some(name) = tensor.name.as_deref() else { continue };
        let name = cast.get(name).copied().unwrap_or(name);
        if wanted.contains(name)
            && let Some(values) = per_channel(&tensor)
        {
            slopes.insert(name.to_owned(), values);
        }
    }
    slopes
}

/// The numbers of a constant that has one for each channel.
fn per_channel(tensor: &Tensor) -> Option<Vec<f32>> {
    // One for all is a leaky Relu, which the runtime knows.
    let ([count, 1, 1] | [1, count, 1, 1]) = *tensor.shape else { return None };
    let data = tensor.data.as_ref().filter(|_| count > 1)?;
    let values: Vec<f32> = match tensor.kind? {
        FLOAT => {
            let (numbers, []) = data.as_chunks() else { return None };
            numbers.iter().map(|&number| f32::from_le_bytes(number)).collect()
        }
        FLOAT16 => {
            let (numbers, []) = data.as_chunks() else { return None };
            numbers.iter().map(|&number| f16::from_le_bytes(number).to_f32()).collect()
        }
        _ => return None,
    };
    (values.len() == usize::try_from(count).ok()?).then_some(values)
}

fn replace(graph: &mut Graph, node: &Node, slope: &[f32], prefix: &str) {
    let (x, y) = (&*node.inputs[0], &*node.outputs[0]);
    let name = |what: &str| format!("{prefix}/{what}");
    let (rising, through) = (name("one_less_slope"), name("slope"));
    let (positive, part, all) = (name("positive"), name("part"), name("all"));
    let channels = slope.len() as i64;
    let mut kernel = |name: &str, of: &dyn Fn(f32) -> f32| {
        let data: Vec<u8> = slope.iter().flat_map(|&s| of(s).to_le_bytes()).collect();
        let tensor = Tensor {
            shape: vec![channels, 1, 1, 1],
            kind: Some(FLOAT),
            name: Some(name.to_owned()),
            data: Some(data.into()),
        };
        graph.initializers.push(tensor.encode_to_vec().into());
    };
    kernel(&rising, &|s| 1.0 - s);
    kernel(&through, &|s| s);
    let depthwise = |x: &str, kernel: &str, y: &str| {
        Node::new("Conv", &[x, kernel], y).with("group", channels).with_all("kernel_shape", &[1, 1])
    };
    graph.nodes.extend([
        Node::new("Relu", &[x], &positive),
        depthwise(&positive, &rising, &part),
        depthwise(x, &through, &all),
        Node::new("Add", &[&part, &all], y),
    ]);
}
