//! What the rules read and write of the ONNX format (`onnx.proto`); all else is carried as bytes.

use prost::Message;
use prost::bytes::Bytes;

use crate::inference::operators::DOMAIN;

/// `ModelProto`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Model {
    #[prost(int64, optional, tag = "1")]
    pub format: Option<i64>,
    #[prost(string, optional, tag = "2")]
    producer: Option<String>,
    #[prost(string, optional, tag = "3")]
    producer_version: Option<String>,
    #[prost(string, optional, tag = "4")]
    domain: Option<String>,
    #[prost(int64, optional, tag = "5")]
    version: Option<i64>,
    #[prost(string, optional, tag = "6")]
    documentation: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub operators: Vec<OperatorSet>,
    #[prost(bytes = "bytes", repeated, tag = "14")]
    metadata: Vec<Bytes>,
}

/// `OperatorSetIdProto`
#[derive(Clone, PartialEq, Message)]
pub(super) struct OperatorSet {
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    #[prost(int64, optional, tag = "2")]
    pub version: Option<i64>,
}

/// `GraphProto`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
    #[prost(string, optional, tag = "2")]
    name: Option<String>,
    /// `TensorProto`
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub initializers: Vec<Bytes>,
    #[prost(string, optional, tag = "10")]
    documentation: Option<String>,
    #[prost(bytes = "bytes", repeated, tag = "11")]
    inputs: Vec<Bytes>,
    /// `ValueInfoProto`
    #[prost(bytes = "bytes", repeated, tag = "12")]
    pub outputs: Vec<Bytes>,
    /// `ValueInfoProto`
    #[prost(bytes = "bytes", repeated, tag = "13")]
    pub values: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "16")]
    metadata: Vec<Bytes>,
}

/// `NodeProto`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub inputs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub outputs: Vec<String>,
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub operator: Option<String>,
    /// `AttributeProto`
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub attributes: Vec<Bytes>,
    #[prost(string, optional, tag = "6")]
    documentation: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub domain: Option<String>,
    #[prost(bytes = "bytes", repeated, tag = "9")]
    metadata: Vec<Bytes>,
}

impl Node {
    /// A node of the plain operators.
    pub fn new(operator: &str, inputs: &[&str], output: &str) -> Node {
        Node {
            inputs: inputs.iter().map(|&name| name.to_owned()).collect(),
            outputs: vec![output.to_owned()],
            operator: Some(operator.to_owned()),
            ..Node::default()
        }
    }

    /// A node of our own operators ([`crate::inference::operators`]).
    pub fn ours(operator: &str, inputs: &[&str], output: &str) -> Node {
        Node { domain: Some(DOMAIN.to_owned()), ..Node::new(operator, inputs, output) }
    }

    /// With a whole number as an attribute.
    pub fn with(mut self, name: &str, value: i64) -> Node {
        let attribute = Attribute {
            name: name.to_owned(),
            number: Some(value),
            kind: Kind::INT,
            ..Attribute::default()
        };
        self.attributes.push(attribute.encode_to_vec().into());
        self
    }

    /// With whole numbers as an attribute.
    pub fn with_all(mut self, name: &str, values: &[i64]) -> Node {
        let attribute = Attribute {
            name: name.to_owned(),
            numbers: values.to_vec(),
            kind: Kind::INTS,
            ..Attribute::default()
        };
        self.attributes.push(attribute.encode_to_vec().into());
        self
    }

    /// With a number as an attribute.
    pub fn with_real(mut self, name: &str, value: f32) -> Node {
        let attribute = Attribute {
            name: name.to_owned(),
            real: Some(value),
            kind: Kind::FLOAT,
            ..Attribute::default()
        };
        self.attributes.push(attribute.encode_to_vec().into());
        self
    }

    /// What a Relu, or a leaky one, multiplies negative numbers by.
    pub fn slope(&self) -> Option<f32> {
        if self.is("Relu") {
            return Some(0.0);
        }
        if !self.is("LeakyRelu") {
            return None;
        }
        let mut slope = 0.01;
        for attribute in &self.attributes {
            let attribute = Attribute::decode(attribute.clone()).ok()?;
            if attribute.name != "alpha" {
                return None;
            }
            slope = attribute.real?;
        }
        Some(slope)
    }

    /// Whether it is this one of the plain operators.
    pub fn is(&self, operator: &str) -> bool {
        self.operator.as_deref() == Some(operator)
            && self.domain.as_deref().is_none_or(str::is_empty)
    }
}

/// What the rules read of an `AttributeProto`, and all that they write.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, optional, tag = "2")]
    pub real: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub number: Option<i64>,
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub text: Option<Bytes>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub numbers: Vec<i64>,
    #[prost(int32, tag = "20")]
    pub kind: i32,
}

/// `AttributeProto.AttributeType`
pub(super) struct Kind;

impl Kind {
    const FLOAT: i32 = 1;
    const INT: i32 = 2;
    const INTS: i32 = 7;
    pub const GRAPH: i32 = 5;
    pub const GRAPHS: i32 = 10;
}

/// `ValueInfoProto`: the name of a tensor.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// The head of a `TensorProto`, or all of a small one.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub shape: Vec<i64>,
    /// `TensorProto.DataType`
    #[prost(int32, optional, tag = "2")]
    pub kind: Option<i32>,
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub data: Option<Bytes>,
}

/// `TensorProto.DataType`
pub(super) const FLOAT: i32 = 1;
/// `TensorProto.DataType`
pub(super) const FLOAT16: i32 = 10;
/// `TensorProto.DataType`
pub(super) const INT64: i32 = 7;
