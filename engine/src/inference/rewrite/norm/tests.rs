//! What is a normalization, and what only looks like one.

use prost::bytes::Bytes;

use super::super::understood;
use super::*;
use crate::inference::graph::{Graph as Writer, Number};

/// A node: what it does, to what, and what it gives.
type Step<'a> = (&'a str, &'a [&'a str], &'a str);

const MEAN: &[(&str, &[i64])] = &[("axes", &[2, 3])];

const STEPS: [Step; 11] = [
    ("ReduceMean", &["x"], "mean"),
    ("Sub", &["x", "mean"], "centered"),
    ("Mul", &["centered", "centered"], "square"),
    ("ReduceMean", &["square"], "variance"),
    ("Add", &["variance", "epsilon"], "sum"),
    ("Sqrt", &["sum"], "root"),
    ("Div", &["one", "root"], "inverse"),
    ("Mul", &["inverse", "centered"], "normal"),
    ("Mul", &["scale", "normal"], "scaled"),
    ("Add", &["scaled", "bias"], "moved"),
    ("Relu", &["moved"], "y"),
];

/// The steps with others in the places of some: an operator of the same result's name.
fn with<'a>(others: &[Step<'a>]) -> Vec<Step<'a>> {
    let mut steps = STEPS.to_vec();
    for other in others {
        match steps.iter_mut().find(|step| step.2 == other.2) {
            Some(step) => *step = *other,
            None => steps.push(*other),
        }
    }
    steps
}

/// The operators that are left of these steps, and what the first of ours is.
fn joined(steps: &[Step], axes: &[(&str, &[i64])]) -> (Vec<String>, Option<Node>) {
    let shape = [1, 4, 8, 8];
    let mut writer = Writer::new()
        .input("x", Number::F32, &shape)
        .input("scale", Number::F32, &[1, 4, 1, 1])
        .input("bias", Number::F32, &[1, 4, 1, 1])
        .weights("epsilon", &[], &[1e-5])
        .weights("one", &[], &[1.0])
        .weights("two", &[1], &[2.0])
        .weights("columns", &[8], &[1.0; 8])
        .weights("fixed", &[4, 1, 1], &[1.0; 4]);
    for (operator, inputs, output) in steps {
        let attributes = if *operator == "ReduceMean" { axes } else { &[] };
        writer = writer.node(operator, inputs, output, attributes);
    }
    let bytes = writer.output("y", Number::F32, &shape).bytes();
    let mut graph = understood(Bytes::from(bytes)).unwrap().graph.unwrap();
    let count = join(&mut graph);
    let names: Vec<_> = graph.nodes.iter().filter_map(|node| node.operator.clone()).collect();
    let ours = graph.nodes.into_iter().find(|node| node.operator.as_deref() == Some(norm::NAME));
    assert_eq!(count, usize::from(ours.is_some()));
    (names, ours)
}

#[test]
fn steps_become_one_operator() {
    let (names, node) = joined(&STEPS, MEAN);
    assert_eq!(names, ["InstanceNorm"]);
    let node = node.unwrap();
    assert_eq!(node.inputs, ["x", "scale", "bias"]);
    assert_eq!(node.outputs, ["y"]);
    let reals: Vec<_> =
        node.attributes.iter().map(|a| Attribute::decode(a.clone()).unwrap().real).collect();
    assert_eq!(reals, [Some(1e-5), Some(0.0)]);
}

#[test]
fn other_ways_to_write_it_are_known() {
    for others in [
        &[("Pow", &["centered", "two"][..], "square")][..],
        &[("Div", &["centered", "root"], "normal"), ("Add", &["one", "one"], "inverse")],
        &[("Mul", &["normal", "scale"], "scaled"), ("Add", &["bias", "scaled"], "moved")],
        &[("Mul", &["fixed", "normal"], "scaled")],
    ] {
        let (names, node) = joined(&with(others), MEAN);
        assert!(node.is_some(), "{others:?}: {names:?}");
    }
    // Without an activation, or with one that is no part of it.
    let (names, node) = joined(&with(&[("Sigmoid", &["moved"], "y")]), &[("axes", &[-2, -1])]);
    assert_eq!(names, ["InstanceNorm", "Sigmoid"]);
    let slope = Attribute::decode(node.unwrap().attributes[1].clone()).unwrap().real;
    assert_eq!(slope, Some(1.0));
}

#[test]
fn what_is_no_normalization_stays() {
    for others in [
        // Of something else, the wrong way round, without a root.
        &[("Sub", &["mean", "x"][..], "centered")][..],
        &[("Mul", &["centered", "x"], "square")],
        &[("Div", &["root", "one"], "inverse")],
        &[("Div", &["two", "root"], "inverse")],
        &[("Relu", &["sum"], "root")],
        &[("Add", &["variance", "bias"], "sum")],
        // One number for each column.
        &[("Mul", &["columns", "normal"], "scaled")],
        // What lies between is read by others, too.
        &[("Add", &["centered", "bias"], "more")],
        &[("Add", &["variance", "bias"], "more")],
        &[("Mul", &["normal", "normal"], "scaled")],
    ] {
        let (names, node) = joined(&with(others), MEAN);
        assert!(node.is_none(), "{others:?}: {names:?}");
    }
    for axes in [&[("axes", &[1, 2][..])][..], &[], &[MEAN[0], ("keepdims", &[0])]] {
        assert!(joined(&STEPS, axes).1.is_none(), "{axes:?}");
    }
}
