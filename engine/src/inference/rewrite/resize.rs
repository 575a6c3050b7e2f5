//! Pictures of twice or half the size by linear interpolation, as an operator with vectors
//! ([`crate::inference::operators::resize`]).

use prost::Message;

use super::proto::{Attribute, Graph, Node};
use super::view::{View, numbers, replace as put};
use crate::inference::operators::resize;

/// Replaces those that are; how many.
pub(super) fn replace(graph: &mut Graph) -> usize {
    let view = View::of(graph);
    let all = graph.nodes.iter().enumerate();
    let found: Vec<(Node, Vec<usize>)> = all
        .filter_map(|(at, node)| Some((ours(node, is_halved(&view, graph, node)?)?, vec![at])))
        .collect();
    let count = found.len();
    put(graph, found);
    count
}

/// The operator in a node's place.
fn ours(node: &Node, halved: bool) -> Option<Node> {
    let ([x, ..], [y]) = (&*node.inputs, &*node.outputs) else { return None };
    Some(Node::ours(resize::NAME, &[x], y).with(resize::HALVED, halved.into()))
}

/// Whether a Resize halves the sides; `None` where it is another one than those.
fn is_halved(view: &View, graph: &Graph, node: &Node) -> Option<bool> {
    // A fourth input would be sizes.
    let ([_, _, scales], true) = (&*node.inputs, node.is("Resize")) else { return None };
    let (mut linear, mut centered) = (false, false);
    for attribute in &node.attributes {
        let attribute = Attribute::decode(attribute.clone()).ok()?;
        match (&*attribute.name, attribute.text.as_deref()) {
            ("mode", Some(b"linear")) => linear = true,
            // They differ where one pixel comes out.
            ("coordinate_transformation_mode", Some(b"half_pixel" | b"pytorch_half_pixel")) => {
                centered = true
            }
            // Of other modes.
            ("cubic_coeff_a" | "nearest_mode" | "extrapolation_value", _) => {}
            ("antialias" | "exclude_outside", _) if attribute.number.unwrap_or(0) == 0 => {}
            _ => return None,
        }
    }
    match *numbers(&view.reals(graph, scales)?)? {
        [1.0, 1.0, 2.0, 2.0] if linear && centered => Some(false),
        [1.0, 1.0, 0.5, 0.5] if linear && centered => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use prost::bytes::Bytes;

    use super::super::understood;
    use super::*;
    use crate::inference::graph::{Graph as Writer, Number};

    const HALF: (&str, &str) = ("coordinate_transformation_mode", "half_pixel");

    /// Whether a Resize by these scales and of these words is replaced, and halves.
    fn halved(scales: [f32; 4], words: &[(&str, &str)]) -> Option<bool> {
        let bytes = Writer::new()
            .input("x", Number::F32, &[1, 2, 8, 8])
            .weights("scales", &[4], &scales)
            .node_of_words("Resize", &["x", "", "scales"], "y", words)
            .output("y", Number::F32, &[1, 2, 16, 16])
            .bytes();
        let mut graph = understood(Bytes::from(bytes)).unwrap().graph.unwrap();
        let count = replace(&mut graph);
        let node = &graph.nodes[0];
        assert_eq!(count, usize::from(node.operator.as_deref() == Some(resize::NAME)));
        assert_eq!(graph.nodes.len(), 1);
        let attribute = Attribute::decode(node.attributes.first()?.clone()).unwrap();
        (count == 1).then_some(attribute.number == Some(1))
    }

    #[test]
    fn those_of_two_and_a_half_are_replaced() {
        let linear = ("mode", "linear");
        let torch = (HALF.0, "pytorch_half_pixel");
        assert_eq!(halved([1.0, 1.0, 2.0, 2.0], &[HALF, linear]), Some(false));
        let words = [("nearest_mode", "floor"), linear, torch];
        assert_eq!(halved([1.0, 1.0, 0.5, 0.5], &words), Some(true));
    }

    #[test]
    fn others_stay() {
        let linear = ("mode", "linear");
        let double = [1.0, 1.0, 2.0, 2.0];
        for scales in [[1.0, 1.0, 2.0, 1.0], [1.0, 2.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]] {
            assert_eq!(halved(scales, &[HALF, linear]), None, "{scales:?}");
        }
        for words in [
            // Nearest pixels, where it is not said how; corners that stay where they are.
            &[HALF][..],
            &[linear],
            &[HALF, ("mode", "cubic")],
            &[(HALF.0, "align_corners"), linear],
            &[HALF, linear, ("keep_aspect_ratio_policy", "not_larger")],
        ] {
            assert_eq!(halved(double, words), None, "{words:?}");
        }
    }
}
