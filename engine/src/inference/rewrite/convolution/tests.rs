//! What becomes part of a convolution, and what does not.

use prost::bytes::Bytes;

use super::super::understood;
use super::*;
use crate::inference::graph::{Graph as Writer, Number};

const CHANNELS: usize = 32;

/// A convolution without a bias, and these nodes behind: what each does, to what, and what it gives.
fn with(behind: &[(&str, &[&str], &str)]) -> Graph {
    let count = CHANNELS as i64;
    let rising: Vec<f32> = (0..CHANNELS).map(|c| 1.0 + c as f32).collect();
    let shape = [1, count, 8, 8];
    let mut writer = Writer::new()
        .input("x", Number::F32, &shape)
        .input("other", Number::F32, &[1, count, 1, 1])
        .weights("w", &[count, count, 3, 3], &vec![0.5; CHANNELS * CHANNELS * 9])
        .weights("three", &[1], &[3.0])
        .weights("rising", &[1, count, 1, 1], &rising)
        .weights("by row", &[8, 1], &[1.0; 8])
        .weights("by column", &[8], &[1.0; 8])
        .weights("of five", &[1, 1, 1, 1, 1], &[1.0])
        .node("Conv", &["x", "w"], "c", &[("pads", &[1, 1, 1, 1])]);
    for (operator, inputs, output) in behind {
        writer = writer.node(operator, inputs, output, &[]);
    }
    let bytes = writer.output("y", Number::F32, &shape).bytes();
    understood(Bytes::from(bytes)).unwrap().graph.unwrap()
}

/// What is left of its nodes, and the first number of each kind: bias, slope, filter; then those of the
/// second channel.
fn replaced(mut graph: Graph) -> (Vec<String>, [f32; 3], [f32; 3]) {
    let mut numbers = Numbers::new(Vec::new());
    let all = replace(&mut graph, &|_| Some(Form::Winograd), &mut numbers).unwrap();
    assert_eq!(all, [(0, 0)]);
    let names = graph.nodes.iter().filter_map(|node| node.operator.clone()).collect();
    let bytes = numbers.into_inner();
    let all: Vec<f32> = bytes.as_chunks().0.iter().map(|&n| f32::from_le_bytes(n)).collect();
    let of = |c: usize| [all[c], all[CHANNELS + c], all[2 * CHANNELS + c]];
    (names, of(0), of(1))
}

#[test]
fn what_is_done_with_the_sums_becomes_part_of_the_convolution() {
    let (names, first, second) = replaced(with(&[
        ("Mul", &["c", "rising"], "m"),
        ("Add", &["three", "m"], "a"),
        ("Mul", &["a", "three"], "n"),
        ("PRelu", &["n", "rising"], "y"),
    ]));
    assert_eq!(names, ["Conv3x3"]);
    // (sum · (1 or 2) + 3) · 3, and slopes of 1 and 2.
    assert_eq!((first, second), ([9.0, 1.0, 1.5], [9.0, 2.0, 3.0]));
}

#[test]
fn what_comes_behind_the_activation_stays() {
    let (names, first, _) = replaced(with(&[("Relu", &["c"], "r"), ("Add", &["r", "three"], "y")]));
    assert_eq!(names, ["Conv3x3", "Add"]);
    assert_eq!(first, [0.0, 0.0, 0.5]);
}

#[test]
fn what_is_no_number_of_a_channel_stays() {
    for other in ["by row", "by column", "of five", "other", "c"] {
        let (names, first, _) = replaced(with(&[("Mul", &["c", other], "y")]));
        assert_eq!(names, ["Conv3x3", "Mul"], "{other}");
        assert_eq!(first, [0.0, 1.0, 0.5], "{other}");
    }
    // Multiplied by the sums' own negative numbers it is no activation.
    let (names, ..) = replaced(with(&[("PRelu", &["rising", "c"], "y")]));
    assert_eq!(names, ["Conv3x3", "PRelu"]);
}

#[test]
fn what_is_read_twice_is_still_there() {
    let (names, ..) = replaced(with(&[("Relu", &["c"], "r"), ("Add", &["c", "r"], "y")]));
    assert_eq!(names, ["Conv3x3", "Relu", "Add"]);
    // What the graph itself gives is read by somebody outside.
    let (names, ..) = replaced(with(&[("Relu", &["c"], "y"), ("Relu", &["y"], "z")]));
    assert_eq!(names, ["Conv3x3", "Relu"]);
}

#[test]
fn filters_that_are_not_there_yet_are_an_input() {
    let count = CHANNELS as i64;
    let network = |attributes: &[(&str, &[i64])]| {
        let bytes = Writer::new()
            .input("x", Number::F32, &[1, count, 8, 8])
            .input("f", Number::F32, &[count, count, 3, 3])
            .weights("three", &[1], &[3.0])
            .node("Conv", &["x", "f"], "c", attributes)
            .node("Mul", &["c", "three"], "y", &[])
            .output("y", Number::F32, &[1, count, 6, 6])
            .bytes();
        understood(Bytes::from(bytes)).unwrap().graph.unwrap()
    };
    let mut graph = network(&[("kernel_shape", &[3, 3])]);
    assert_eq!(candidates(&graph)[0].channels, None);
    let mut numbers = Numbers::new(Vec::new());
    replace(&mut graph, &|_| Some(Form::Winograd), &mut numbers).unwrap();
    assert_eq!(graph.nodes.len(), 1);
    assert_eq!(graph.nodes[0].inputs, ["x", "f"]);
    let all: Vec<f32> =
        numbers.into_inner().as_chunks().0.iter().map(|&n| f32::from_le_bytes(n)).collect();
    assert_eq!(all, [0.0, 1.0, 3.0], "bias, slope and scale, for all channels");
    // Of which size they are, or that every other place is skipped, is only seen when they come.
    assert_eq!(candidates(&network(&[])), []);
    assert_eq!(candidates(&network(&[("kernel_shape", &[3, 3]), ("strides", &[2, 2])])), []);
}
